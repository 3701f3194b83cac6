using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;

namespace Waypost.Rescue.Library;

/// <summary>One package of a stream: read, or why it could not be.</summary>
/// <param name="Number">Its place in the stream, from 1.</param>
/// <param name="Package">The package; null when it could not be read.</param>
/// <param name="Name">Its name or id, as far as that could be read.</param>
/// <param name="Problem">Why it could not be read.</param>
sealed record SentPackage(long Number, CkanPackage? Package, string? Name = null, string? Problem = null);

/// <summary>Reads packages out of a body as it comes, never holding more than one of them and what has just arrived.
/// </summary>
static class PackageStream
{
    /// <summary>The largest package, in bytes.</summary>
    public const int LargestPackage = 8 << 20;

    const int DepthOfPackages = 3;

    static readonly string[] Names = ["name", "id"];

    /// <summary>The packages of one <c>package_search</c> page or of many, one after the other.</summary>
    /// <exception cref="Refused">There is no such page in the body.</exception>
    public static async IAsyncEnumerable<SentPackage> Pages(
        PipeReader body, [EnumeratorCancellation] CancellationToken ct)
    {
        var scan = new PageScan();
        var found = new List<ReadOnlyMemory<byte>?>();
        var number = 0L;
        while (true)
        {
            var read = await body.ReadAsync(ct);
            string? broken = null;
            var consumed = read.Buffer.Start;
            try
            {
                consumed = scan.Feed(read.Buffer, read.IsCompleted, found);
            }
            catch (JsonException error)
            {
                broken = "The stream is not well-formed JSON from here on"
                    + (error.LineNumber is { } line ? $" (line {line + 1})." : ".");
            }
            // The reader is at rest before anything is handed on: whoever asks for no more leaves it so.
            body.AdvanceTo(broken is null ? consumed : read.Buffer.End, read.Buffer.End);
            foreach (var bytes in found)
                yield return bytes is { } whole ? Read(++number, whole)
                    : new SentPackage(++number, null, null, $"The package is larger than {LargestPackage >> 20} MiB.");
            found.Clear();
            if (broken is not null)
            {
                if (!scan.HasPages) throw NoPage(broken);
                yield return new SentPackage(++number, null, null, broken);
                yield break;
            }
            if (!read.IsCompleted) continue;
            if (!scan.HasPages) throw NoPage("There is no result.results in it.");
            yield break;
        }
    }

    /// <summary>A package a line (NDJSON); a whole page on a line is taken too.</summary>
    public static async IAsyncEnumerable<SentPackage> Lines(
        PipeReader body, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in BulkBodies.Lines(body, ct))
        {
            if (line.Problem is { } problem) yield return new SentPackage(line.Line, null, null, problem.Detail);
            else if (line.Utf8.Length > LargestPackage)
                yield return new SentPackage(
                    line.Line, null, null, $"The line is longer than {LargestPackage >> 20} MiB.");
            else yield return Read(line.Line, line.Utf8);
        }
    }

    static SentPackage Read(long number, ReadOnlyMemory<byte> utf8)
    {
        string? name = null;
        try
        {
            using var document = JsonDocument.Parse(utf8);
            name = NameOf(document.RootElement);
            return new SentPackage(number, CkanPackage.Read(document.RootElement), name);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            return new SentPackage(number, null, name, error is FormatException ? error.Message
                : "It is not well-formed JSON.");
        }
    }

    static string? NameOf(JsonElement package) => package.ValueKind != JsonValueKind.Object ? null
        : Names.Select(member =>
            package.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString() : null).FirstOrDefault(text => text is { Length: > 0 and < 300 });

    static Refused NoPage(string why) => Refused.Bad(
        "INVALID_BODY", "The body is no page of CKAN's package_search: " + why,
        "Send the answers of package_search one after the other, or a package a line as application/x-ndjson.");

    /// <summary>Finds the elements of <c>result.results</c> in pages that come in pieces.</summary>
    sealed class PageScan
    {
        JsonReaderState state = new(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 128 });
        bool inResult;
        bool inResults;
        bool isSkipping;
        bool began;

        /// <summary>Whether a page has been seen.</summary>
        public bool HasPages { get; private set; }

        /// <summary>Reads what has come; null stands for a package that was too large to be held.</summary>
        /// <returns>As far as it need not come again.</returns>
        public SequencePosition Feed(ReadOnlySequence<byte> buffer, bool isLast, List<ReadOnlyMemory<byte>?> found)
        {
            buffer = WithoutMark(buffer);
            var reader = new Utf8JsonReader(buffer, isLast, state);
            var consumed = buffer.Start;
            while (true)
            {
                var before = reader;
                if (!reader.Read()) break;
                if (IsPackage(reader) && !isSkipping)
                {
                    var from = reader.TokenStartIndex;
                    var ahead = reader;
                    if (ahead.TrySkip())
                    {
                        found.Add(buffer.Slice(from, ahead.BytesConsumed - from).ToArray());
                        reader = ahead;
                    }
                    else if (buffer.Length - from <= LargestPackage)
                    {
                        // The rest of it has still to come.
                        state = before.CurrentState;
                        return before.Position;
                    }
                    else
                    {
                        isSkipping = true;
                        found.Add(null);
                    }
                }
                else Note(reader);
                consumed = reader.Position;
            }
            state = reader.CurrentState;
            return reader.BytesConsumed == 0 ? consumed : reader.Position;
        }

        ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> buffer)
        {
            if (began || buffer.Length < 3) return buffer;
            began = true;
            Span<byte> start = stackalloc byte[3];
            buffer.Slice(0, 3).CopyTo(start);
            return start.SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? buffer.Slice(3) : buffer;
        }

        bool IsPackage(in Utf8JsonReader reader) => inResults && reader.CurrentDepth == DepthOfPackages
            && reader.TokenType is JsonTokenType.StartObject;

        void Note(in Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                    inResult = reader.ValueTextEquals("result"u8);
                    break;
                case JsonTokenType.PropertyName when reader.CurrentDepth == 2:
                    inResults = inResult && reader.ValueTextEquals("results"u8);
                    break;
                case JsonTokenType.StartArray when reader.CurrentDepth == 2 && inResults:
                    HasPages = true;
                    break;
                case JsonTokenType.EndArray when reader.CurrentDepth == 2:
                    inResults = false;
                    break;
                case JsonTokenType.EndObject when reader.CurrentDepth == DepthOfPackages:
                    isSkipping = false;
                    break;
            }
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>Reads the items out of a body as it comes, never holding more than one of them and what has just arrived.
/// </summary>
public static class BulkBodies
{
    /// <summary>The largest body that has to be read whole, in bytes: one that says how it is meant at its end.
    /// </summary>
    const int LargestWhole = 32 << 20;

    static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>An item a line (NDJSON); blank lines count and are passed over.</summary>
    /// <param name="body">The body.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async IAsyncEnumerable<BulkLine> Lines(
        PipeReader body, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(body);
        var line = 1L;
        var (tooLong, looked) = (false, 0L);
        // Handed on only when the reader is at rest: whoever asks for no more leaves it so.
        var found = new List<BulkLine>();
        while (true)
        {
            var read = await body.ReadAsync(ct);
            var rest = read.Buffer;
            while (rest.Slice(looked).PositionOf((byte)'\n') is { } end)
            {
                if (LineOf(rest.Slice(0, end), line++, tooLong) is { } whole) found.Add(whole);
                rest = rest.Slice(rest.GetPosition(1, end));
                (tooLong, looked) = (false, 0);
            }
            looked = rest.Length;
            if (looked > BulkWriting.LargestItem)
            {
                // Nobody holds on to what is not taken anyway; the line is told of when it ends.
                rest = rest.Slice(rest.End);
                (tooLong, looked) = (true, 0);
            }
            if (read.IsCompleted && LineOf(rest, line, tooLong) is { } last) found.Add(last);
            body.AdvanceTo(read.IsCompleted ? rest.End : rest.Start, rest.End);
            foreach (var one in found) yield return one;
            found.Clear();
            if (read.IsCompleted) yield break;
        }
    }

    /// <summary>The features of a GeoJSON FeatureCollection, counted from 1.</summary>
    /// <param name="body">The body.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="Refused">It does not begin as a JSON object.</exception>
    public static async IAsyncEnumerable<BulkLine> Features(
        PipeReader body, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(body);
        var scan = new FeatureScan(BulkWriting.LargestItem);
        var found = new List<BulkLine>();
        while (true)
        {
            var read = await body.ReadAsync(ct);
            try
            {
                foreach (var piece in read.Buffer) scan.Feed(piece.Span, found);
            }
            finally
            {
                // However it ends: the server reads on where we stop, to see to the next request.
                body.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted) scan.End(found);
            foreach (var feature in found) yield return feature;
            found.Clear();
            if (read.IsCompleted || scan.IsBroken) yield break;
        }
    }

    /// <summary>A body of the shape <c>{"items": {id: item}, "method": "insert"}</c>, as other STAC servers take it;
    /// read whole, since what it says of the method may come last.</summary>
    /// <exception cref="Refused">It is not of this shape, or too large to be read whole.</exception>
    internal static async Task<(IReadOnlyList<BulkLine> Items, string? Method)> Whole(
        PipeReader body, CancellationToken ct)
    {
        byte[]? bytes = null;
        while (bytes is null)
        {
            var read = await body.ReadAsync(ct);
            var isTooLarge = read.Buffer.Length > LargestWhole;
            if (read.IsCompleted && !isTooLarge) bytes = read.Buffer.ToArray();
            body.AdvanceTo(isTooLarge || read.IsCompleted ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (isTooLarge) throw TooLarge();
        }
        var document = StoredDocument.Parse(bytes, "body");
        if (!document.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Object)
            throw Refused.Bad("INVALID_BODY", "The body has no object items in it.",
                "Send {\"items\": {id: item}}, a FeatureCollection, or an item a line.");
        var line = 0L;
        return (
            [.. items.EnumerateObject().Select(item => new BulkLine(
                ++line, SentDocument.Bytes(item.Value), ProblemOf(item)))],
            StacChecks.Text(document, "method"));
    }

    static BulkProblem? ProblemOf(JsonProperty item) => item.Value.ValueKind == JsonValueKind.Object
        && StacChecks.Text(item.Value, "id") is { } id && id != item.Name
        ? new BulkProblem("ID_MISMATCH", $"The item {item.Name} says that its id is {id}.") : null;

    static BulkLine? LineOf(ReadOnlySequence<byte> bytes, long line, bool tooLong)
    {
        if (tooLong || bytes.Length > BulkWriting.LargestItem)
            return new BulkLine(line, default, new BulkProblem(
                "ITEM_TOO_LARGE", $"The line is longer than {BulkWriting.LargestItem >> 20} MiB."));
        ReadOnlyMemory<byte> text = bytes.ToArray();
        if (line == 1 && text.Span.StartsWith(ByteOrderMark)) text = text[ByteOrderMark.Length..];
        return text.Span.Trim(" \t\r"u8).IsEmpty ? null : new BulkLine(line, text);
    }

    static Refused TooLarge() => new(413, "BODY_TOO_LARGE",
        $"A body of this shape is read whole, and may have {LargestWhole >> 20} MiB.",
        "Send an item a line as application/x-ndjson: of any length.");
}

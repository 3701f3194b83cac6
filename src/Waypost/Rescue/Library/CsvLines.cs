using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Waypost.Access;
using Waypost.Catalogue;

namespace Waypost.Rescue.Library;

/// <summary>A line of a CSV file.</summary>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Fields">Its fields, without their quotes; null when it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
readonly record struct CsvLine(long Number, IReadOnlyList<string>? Fields, string? Problem);

/// <summary>Reads comma-separated values (RFC 4180) line by line as they come; a line break within quotes is not
/// taken.</summary>
static class CsvLines
{
    /// <summary>The longest line, in bytes.</summary>
    public const int LongestLine = 32 << 10;

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The lines of a body; empty ones are passed over.</summary>
    public static async IAsyncEnumerable<CsvLine> Of(PipeReader body, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in BulkBodies.Lines(body, ct))
            yield return line.Problem is not null || line.Utf8.Length > LongestLine
                ? new CsvLine(line.Line, null, $"The line is longer than {LongestLine >> 10} KiB.")
                : Read(line.Line, line.Utf8.Span);
    }

    /// <summary>Splits a line into its fields.</summary>
    public static CsvLine Read(long number, ReadOnlySpan<byte> utf8)
    {
        string text;
        try
        {
            text = Strict.GetString(utf8).TrimEnd('\r');
        }
        catch (DecoderFallbackException)
        {
            return new CsvLine(number, null, "The line is not UTF-8.");
        }
        if (text.Contains('\0', StringComparison.Ordinal))
            return new CsvLine(number, null, "The line has the character U+0000 in it.");
        var fields = new List<string>();
        for (var at = 0; ;)
        {
            if (at < text.Length && text[at] == '"')
            {
                if (Quoted(text, ref at) is not { } field)
                    return new CsvLine(number, null, "A quote is not closed, or something follows it.");
                fields.Add(field);
            }
            else
            {
                var end = text.IndexOf(',', at);
                fields.Add((end < 0 ? text[at..] : text[at..end]).Trim());
                at = end < 0 ? text.Length : end;
            }
            if (at >= text.Length) return new CsvLine(number, fields, null);
            at++;
        }
    }

    // Leaves `at` on the comma behind it, or on the end.
    static string? Quoted(string text, ref int at)
    {
        var field = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"') field.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"') field.Append(text[++at]);
            else return ++at == text.Length || text[at] == ',' ? field.ToString() : null;
        }
        return null;
    }
}

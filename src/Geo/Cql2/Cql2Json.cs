using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Waypost.Geo.Cql2;

/// <summary>CQL2 JSON (OGC 21-065r2, clause 8.3), both ways.</summary>
public static class Cql2Json
{
    /// <summary>Objects and arrays within one another: an expression takes three for each step inwards.</summary>
    const int JsonDepth = 4 * Cql2Limits.Depth;

    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads an expression. Beyond the standard it takes what clients send: operators in any case, and the forms of
    /// its drafts (<c>{"casei": …}</c>, <c>{"function": {"name": …, "args": […]}}</c>, the bounds of <c>between</c>
    /// in an array, the operand of <c>isNull</c> without one).
    /// </summary>
    /// <exception cref="BadCql2Exception">With a JSON pointer, what was found and what was expected.</exception>
    public static Cql2Expression Read(JsonElement json)
    {
        Cql2Expression expression;
        try
        {
            expression = new Cql2JsonReader().Read(json, "");
        }
        catch (InvalidOperationException)
        {
            // The only thing a parsed document still refuses: the name of a member that is not Unicode.
            throw new BadCql2Exception("", "half a character in a name", "Unicode text was expected");
        }
        Cql2Limits.Check(expression);
        return expression;
    }

    /// <summary>Reads an expression from JSON text.</summary>
    /// <exception cref="BadCql2Exception">
    /// With a JSON pointer, what was found and what was expected; also when the text is not JSON.
    /// </exception>
    public static Cql2Expression Read(string json)
    {
        if (json.Length > Cql2Limits.Characters)
            throw Cql2Limits.Passed("", "characters", Cql2Limits.Characters);
        if (Cql2Tokens.WhatIsUnstorable(json) is { } found)
            throw new BadCql2Exception("", found, "Unicode text without it was expected");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonDepth });
            return Read(document.RootElement);
        }
        catch (JsonException broken)
        {
            var line = FormattableString.Invariant(
                $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}");
            throw new BadCql2Exception(line, "text that is not JSON", "an expression of CQL2 JSON was expected");
        }
    }

    /// <summary>Writes an expression; reading it back gives an equal one.</summary>
    public static void Write(Utf8JsonWriter json, Cql2Expression expression) =>
        new Cql2JsonWriter(json).Write(expression);

    /// <summary>The expression as JSON text.</summary>
    public static string Write(Cql2Expression expression)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
            Write(json, expression);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

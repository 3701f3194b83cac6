using System.Text.Json;

namespace Waypost.Geo.Cql2;

/// <summary>JSON pointers (RFC 6901) and the words for what stands at them.</summary>
static class JsonPlaces
{
    public static string Below(string place, string member) => $"{place}/{member}";

    public static string Below(string place, int index) => FormattableString.Invariant($"{place}/{index}");

    public static string Below(string place, string member, int index) => Below(Below(place, member), index);

    public static string Described(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the text '{Shortened(Text(json, ""))}'",
        JsonValueKind.Number => $"the number {Shortened(json.GetRawText())}",
        JsonValueKind.Null => "null",
        _ => $"the boolean {json.GetRawText()}",
    };

    /// <summary>A finite number.</summary>
    public static double Number(JsonElement json, string place) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number) ? number
            : throw new BadCql2Exception(place, Described(json), "a number was expected");

    /// <summary>A text that can be stored; a half of a character in an escape cannot be read at all.</summary>
    public static string Text(JsonElement json, string place)
    {
        string text;
        try
        {
            text = json.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            throw new BadCql2Exception(place, "half a character in a text", "Unicode text was expected");
        }
        return Cql2Tokens.WhatIsUnstorable(text) is { } found
            ? throw new BadCql2Exception(place, found, "Unicode text without it was expected") : text;
    }

    static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

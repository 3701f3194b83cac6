using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Waypost.Access;

namespace Waypost.Work;

/// <summary>Where a page ended, as an opaque word.</summary>
static class PageToken
{
    public static string Of(string first, string second) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{first} {second}"));

    /// <summary>The parts of a token over time and id.</summary>
    public static (DateTimeOffset At, string Id) Time(string token)
    {
        var (first, second) = Parts(token);
        return DateTimeOffset.TryParse(first, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? (at.ToUniversalTime(), second) : throw Wrong();
    }

    /// <summary>The parts of a token over two numbers.</summary>
    public static (int First, int Second) Numbers(string token)
    {
        var (first, second) = Parts(token);
        return int.TryParse(first, CultureInfo.InvariantCulture, out var a)
            && int.TryParse(second, CultureInfo.InvariantCulture, out var b) ? (a, b) : throw Wrong();
    }

    /// <summary>A state by its name on the wire.</summary>
    public static T State<T>(string parameter, string name) where T : struct, Enum
    {
        foreach (var state in Enum.GetValues<T>())
            if (System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()) == name)
                return state;
        var known = Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName);
        throw Refused.Bad("INVALID_PARAMETER",
            $"The query parameter {parameter} is {name}, which is none of its values.",
            $"It is one of: {string.Join(", ", known)}.");
    }

    static (string First, string Second) Parts(string token)
    {
        if (!Base64Url.IsValid(token)) throw Wrong();
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split(' ');
        return parts.Length == 2 && !parts[1].Contains('\0', StringComparison.Ordinal)
            ? (parts[0], parts[1]) : throw Wrong();
    }

    static Refused Wrong() => Refused.Bad("INVALID_TOKEN", "This token was not made by a page of this list.",
        "Send the next_token of the page before, unchanged.");
}

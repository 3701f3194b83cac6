using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waypost.Catalogue;

/// <summary>A language as STAC's language extension names it.</summary>
/// <param name="Code">Its tag (RFC 5646).</param>
/// <param name="Name">What it calls itself.</param>
public sealed record Language(string Code, string Name);

/// <summary>Says in which language an answer is (STAC API, Language).</summary>
/// <remarks>
/// What this server says itself is in English, whatever <c>Accept-Language</c> prefers. A document is in the language
/// that it names, and is kept in that one only; its translations are documents of their own, to which its links with
/// <c>hreflang</c> lead. A list mixes what it is made of, and says nothing for all.
/// </remarks>
static partial class Languages
{
    /// <summary>The language of our own texts.</summary>
    public const string Ours = "en";

    /// <summary>Tells the caller the language of the whole answer; none where it is not known.</summary>
    public static void Say(HttpContext http, string? language)
    {
        if (language is not null) http.Response.Headers.ContentLanguage = language;
    }

    /// <summary>The language that a collection, or the properties of an item, name; null where there is none.</summary>
    /// <param name="stored">The document as the view shows it.</param>
    public static string? Of(string stored)
    {
        // Hardly any document names one, and answering does not parse.
        if (!stored.Contains("\"language\"", StringComparison.Ordinal)) return null;
        var document = JsonElement.Parse(stored);
        var speaker = document.TryGetProperty("properties", out var properties) ? properties : document;
        return speaker.ValueKind == JsonValueKind.Object && speaker.TryGetProperty("language", out var language)
            && language.ValueKind == JsonValueKind.Object && language.TryGetProperty("code", out var code)
            && code.ValueKind == JsonValueKind.String && Tag().IsMatch(code.GetString()!)
                ? code.GetString() : null;
    }

    [GeneratedRegex(@"\A[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}

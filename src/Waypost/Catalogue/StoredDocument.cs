using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A link of ours in a stored document.</summary>
/// <param name="Rel">What it leads to.</param>
/// <param name="Path">Where, below the landing page of the STAC API, as an address writes it.</param>
/// <param name="Type">The media type found there.</param>
readonly record struct StructuralLink(string Rel, string Path, string Type)
{
    /// <summary>The links as the members of a stored array.</summary>
    public static string Join(params ReadOnlySpan<StructuralLink> links)
    {
        var json = new StringBuilder(512);
        foreach (var (rel, path, type) in links)
            json.Append(json.Length > 0 ? "," : "").Append("{\"rel\":\"").Append(rel)
                .Append("\",\"href\":\"").Append(LinkRoots.Stac).Append(path)
                .Append("\",\"type\":\"").Append(type).Append("\"}");
        return json.ToString();
    }
}

/// <summary>An item or a collection in the forms in which it is kept and served.</summary>
/// <param name="Body">The document, our addresses in it as placeholders of <see cref="LinkRoots"/>.</param>
/// <param name="External">What the external view has of it; null when that is all of it.</param>
/// <param name="Hash">What changes when the content does: the beginning of the body's SHA-256.</param>
readonly record struct StoredDocument(string Body, string? External, string Hash)
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Roots that put back what a document was sent with.</summary>
    static readonly LinkRoots Sent = new("", null);

    /// <summary>A stored body with our addresses as they are sent to us: <c>/api/…</c>, <c>/tiles/…</c>.</summary>
    public static string AsSent(string body) => Sent.Expand(body);

    /// <summary>Parses a document that somebody wants to be kept.</summary>
    /// <exception cref="Refused">It is not a JSON object, or names one member twice.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8, string what)
    {
        if (!Utf8.IsValid(utf8.Span)) throw NotJson(what, "It is not in UTF-8.");
        try
        {
            if (utf8.Span.IndexOf("\\u"u8) >= 0 && !new Json(Encoding.UTF8.GetString(utf8.Span)).CanBeKept)
                throw NotJson(what, Json.CannotBeKept);
            var element = JsonElement.Parse(utf8.Span, Strict);
            if (OddNumbers.AreIn(utf8.Span)) throw NotJson(what, "A number in it is beyond what can be kept.");
            return element.ValueKind == JsonValueKind.Object
                ? element : throw Refused.Bad("NOT_JSON", $"The {what} is not a JSON object.");
        }
        catch (JsonException broken)
        {
            throw NotJson(what, broken.Message);
        }
    }

    static Refused NotJson(string what, string why) =>
        Refused.Bad("NOT_JSON", $"The {what} is not JSON that can be kept: {why}");
}

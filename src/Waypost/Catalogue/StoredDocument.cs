using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A link of ours in a stored document.</summary>
/// <param name="Rel">What it leads to.</param>
/// <param name="Path">Where, below the landing page of the STAC API.</param>
/// <param name="Type">The media type found there.</param>
readonly record struct StructuralLink(string Rel, string Path, string Type);

/// <summary>An item or a collection in the form in which it is kept and served.</summary>
/// <param name="Body">The document, our addresses in it as placeholders of <see cref="LinkRoots"/>.</param>
/// <param name="Hash">What changes when the content does: the beginning of the body's SHA-256.</param>
readonly record struct StoredDocument(string Body, string Hash)
{
    const int HashBytes = 16;

    /// <summary>Links that say where a document is, which is for us to say.</summary>
    static readonly string[] OurRels = ["self", "root", "parent", "collection", "items"];

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    static readonly JsonWriterOptions Relaxed = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Parses a document that somebody wants to be kept.</summary>
    /// <exception cref="Refused">It is not a JSON object, or names one member twice.</exception>
    public static JsonElement Parse(Json document, string what)
    {
        try
        {
            var element = JsonElement.Parse(document.Text, Strict);
            if (element.ValueKind == JsonValueKind.Object) return element;
        }
        catch (JsonException broken)
        {
            throw Refused.Bad("NOT_JSON", $"The {what} is not JSON that can be kept: {broken.Message}");
        }
        throw Refused.Bad("NOT_JSON", $"The {what} is not a JSON object.");
    }

    /// <summary>Writes the form in which a document is kept.</summary>
    /// <param name="document">The item or collection.</param>
    /// <param name="links">Our links; the document's own of these kinds are left out.</param>
    /// <param name="also">Members to add where the document does not have them.</param>
    public static StoredDocument Of(
        JsonElement document, IReadOnlyList<StructuralLink> links, IReadOnlyList<(string Name, string Json)> also)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(text, Relaxed))
        {
            json.WriteStartObject();
            foreach (var member in document.EnumerateObject())
                if (!member.NameEquals("links"))
                    WriteMember(json, member);
            foreach (var (name, value) in also)
                if (!document.TryGetProperty(name, out _))
                {
                    json.WritePropertyName(name);
                    json.WriteRawValue(value);
                }
            WriteLinks(json, document, links);
            json.WriteEndObject();
        }
        var hash = SHA256.HashData(text.WrittenSpan);
        return new StoredDocument(
            Encoding.UTF8.GetString(text.WrittenSpan), Convert.ToHexStringLower(hash.AsSpan(0, HashBytes)));
    }

    static void WriteMember(Utf8JsonWriter json, JsonProperty member)
    {
        json.WritePropertyName(member.Name);
        if (member.NameEquals("assets")) WriteWithHrefs(json, member.Value);
        else member.Value.WriteTo(json);
    }

    static void WriteLinks(Utf8JsonWriter json, JsonElement document, IReadOnlyList<StructuralLink> links)
    {
        json.WriteStartArray("links");
        foreach (var (rel, path, type) in links)
        {
            json.WriteStartObject();
            json.WriteString("rel", rel);
            json.WritePropertyName("href");
            LinkRoots.WriteHref(json, LinkRoots.Stac, path);
            json.WriteString("type", type);
            json.WriteEndObject();
        }
        if (document.TryGetProperty("links", out var own) && own.ValueKind == JsonValueKind.Array)
            foreach (var link in own.EnumerateArray())
                if (!IsOurs(link))
                    WriteWithHrefs(json, link);
        json.WriteEndArray();
    }

    static bool IsOurs(JsonElement link) =>
        link.ValueKind == JsonValueKind.Object && link.TryGetProperty("rel", out var rel)
        && rel.ValueKind == JsonValueKind.String && OurRels.Contains(rel.GetString());

    // Assets hold hrefs at any depth (alternate assets), so every member of that name is looked at.
    static void WriteWithHrefs(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    if (member.NameEquals("href") && member.Value.ValueKind == JsonValueKind.String
                        && LinkRoots.Split(member.Value.GetString()!) is var (root, rest))
                        LinkRoots.WriteHref(json, root, rest);
                    else
                        WriteWithHrefs(json, member.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var member in value.EnumerateArray()) WriteWithHrefs(json, member);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>A document in the body of a request: read, and made fit for the place it was sent to.</summary>
static class SentDocument
{
    /// <summary>The largest body of a route that takes one document or a list, in bytes; what is larger goes to the
    /// bulk routes.</summary>
    public const int LargestBody = 16 << 20;

    /// <summary>Reads a JSON object; our own addresses in it, as this view shows them, are turned back into what they
    /// are kept as.</summary>
    /// <exception cref="Refused">It is not a JSON object, or names one member twice.</exception>
    public static async Task<JsonElement> Read(HttpContext http, LinkRoots roots, string what, CancellationToken ct) =>
        Parse(await Bytes(http, ct), roots, what);

    /// <summary>The request's body, whole.</summary>
    public static async Task<ReadOnlyMemory<byte>> Bytes(HttpContext http, CancellationToken ct)
    {
        var body = new ArrayBufferWriter<byte>(8192);
        int read;
        while ((read = await http.Request.Body.ReadAsync(body.GetMemory(8192), ct)) > 0) body.Advance(read);
        return body.WrittenMemory;
    }

    /// <summary>As <see cref="Read"/>, of a body that has been read.</summary>
    /// <exception cref="Refused">It is not a JSON object, or names one member twice.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> body, LinkRoots roots, string what) =>
        Local(StoredDocument.Parse(body, what), roots);

    /// <summary>The document with this member; refused where it has another value there.</summary>
    public static JsonElement With(JsonElement document, string name, string value)
    {
        if (document.TryGetProperty(name, out var said))
        {
            if (said.ValueKind == JsonValueKind.String && said.ValueEquals(value)) return document;
            throw new Refused(400, "ID_MISMATCH",
                $"The document's {name} is {said.GetRawText()} and the address says {JsonSerializer.Serialize(value)}.",
                "Leave it out of the document, or send it to its own address.")
            {
                Details = new Dictionary<string, object?> { ["path"] = "/" + name },
            };
        }
        var text = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString(name, value);
            json.WriteEndObject();
        }
        return MergePatch.Apply(document, JsonElement.Parse(text.WrittenSpan));
    }

    /// <summary>The document's bytes.</summary>
    public static ReadOnlyMemory<byte> Bytes(JsonElement document) =>
        JsonMarshal.GetRawUtf8Value(document).ToArray();

    /// <summary>The document with our own addresses in it as they are kept: whoever changes what he has read sends them
    /// back as he saw them, which would be wrong for everybody who reaches the server under another name.</summary>
    public static JsonElement Local(JsonElement document, LinkRoots roots)
    {
        if (JsonMarshal.GetRawUtf8Value(document).IndexOf(Encoding.UTF8.GetBytes(roots.HostRoot)) < 0) return document;
        var text = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(text, AnswerWriter.Relaxed)) Copy(json, document, roots);
        return JsonElement.Parse(text.WrittenSpan);
    }

    static void Copy(Utf8JsonWriter json, JsonElement value, LinkRoots roots)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    if (member.Value.ValueKind == JsonValueKind.String && member.NameEquals("href"))
                        json.WriteStringValue(roots.AsSent(member.Value.GetString()!));
                    else Copy(json, member.Value, roots);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var member in value.EnumerateArray()) Copy(json, member, roots);
                json.WriteEndArray();
                break;
            default:
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
                break;
        }
    }
}

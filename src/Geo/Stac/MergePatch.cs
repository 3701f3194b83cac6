using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>Changes a JSON document by another that looks like it: JSON Merge Patch (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>The document with the patch applied: members of the patch take the place of the document's, objects
    /// are merged, null takes a member out, anything else replaces.</summary>
    /// <param name="target">The document.</param>
    /// <param name="patch">The patch.</param>
    /// <returns>The document, its members in the order in which it had them, new ones after them.</returns>
    public static JsonElement Apply(JsonElement target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return patch;
        var text = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { SkipValidation = true }))
            Merge(json, target, patch);
        return JsonElement.Parse(text.WrittenSpan);
    }

    static void Merge(Utf8JsonWriter json, JsonElement target, JsonElement patch)
    {
        json.WriteStartObject();
        var isObject = target.ValueKind == JsonValueKind.Object;
        if (isObject)
        {
            foreach (var member in target.EnumerateObject())
            {
                if (!patch.TryGetProperty(member.Name, out var change))
                    Write(json, member.Name, member.Value);
                else if (change.ValueKind != JsonValueKind.Null)
                    Change(json, member.Name, member.Value, change);
            }
        }
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null
                && !(isObject && target.TryGetProperty(member.Name, out _)))
                Change(json, member.Name, default, member.Value);
        }
        json.WriteEndObject();
    }

    static void Change(Utf8JsonWriter json, string name, JsonElement old, JsonElement change)
    {
        if (change.ValueKind != JsonValueKind.Object)
        {
            Write(json, name, change);
            return;
        }
        json.WritePropertyName(name);
        Merge(json, old, change);
    }

    static void Write(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}

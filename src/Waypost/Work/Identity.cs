using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Ids that follow from what a job and a task are, so that the same again is the same one.</summary>
public static class Identity
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>SHA-256 over the kind, its parameters in canonical form and the key of their content; 64 hex.</summary>
    public static string JobId(string kind, Json parameters, string? contentKey = null) =>
        Hex(kind + Canonical(parameters) + contentKey);

    /// <summary>The first 16 hex of SHA-256 over <c>job|s{stage}|unit</c>; stages count from 1.</summary>
    public static string TaskId(string jobId, int stage, string unit) => Hex($"{jobId}|s{stage}|{unit}")[..16];

    /// <summary>The document with sorted keys, without <c>_</c>-keys at the top, numbers in one spelling.</summary>
    internal static string Canonical(Json parameters)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plain)) Write(writer, parameters.Element, top: true);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Moves the <c>_</c>-keys of the parameters to what the job carries along.</summary>
    internal static (Json Parameters, Json Internal) Part(Json parameters, Json carried)
    {
        var all = JsonNode.Parse(parameters.Text)!.AsObject();
        var own = all.Select(p => p.Key).Where(key => key.StartsWith('_')).ToList();
        if (own.Count == 0) return (parameters, carried);

        var kept = JsonNode.Parse(carried.Text)!.AsObject();
        foreach (var key in own)
        {
            kept[key] = all[key]?.DeepClone();
            all.Remove(key);
        }
        return (Json.Of(all), Json.Of(kept));
    }

    static void Write(Utf8JsonWriter writer, JsonElement value, bool top)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value, top);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item, top: false);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(value));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    static void WriteObject(Utf8JsonWriter writer, JsonElement value, bool top)
    {
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
            if (!top || !member.Name.StartsWith('_'))
                members[member.Name] = member.Value;
        writer.WriteStartObject();
        foreach (var (name, member) in members)
        {
            writer.WritePropertyName(name);
            Write(writer, member, top: false);
        }
        writer.WriteEndObject();
    }

    // 1, 1.0 and 1e0 are one number; an integer too long for a double keeps its digits.
    static string Number(JsonElement value)
    {
        var text = value.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0) return text == "-0" ? "0" : text;
        var number = value.GetDouble();
        if (!double.IsFinite(number)) return text;
        return number is > -1e15 and < 1e15 && number == Math.Floor(number)
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
    }

    static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

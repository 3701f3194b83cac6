using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waypost.Geo.Tests.Stac;

/// <summary>
/// The part of JSON Schema draft 7 that the STAC schemas use, to compare our own rules with the official ones. It is
/// written from the schemas' point of view and shares no code with those rules.
/// </summary>
sealed class JsonSchema
{
    readonly Dictionary<string, JsonElement> files = new(StringComparer.Ordinal);
    readonly string entry;

    JsonSchema(string entry) => this.entry = entry;

    /// <summary>Reads the official schemas of a folder; its <c>stac_version</c> is the release candidate's.</summary>
    public static JsonSchema Load(string folder, string entry)
    {
        var schema = new JsonSchema(entry);
        var geojson = Path.Combine(Path.GetDirectoryName(folder)!, "geojson");
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
            schema.Add(Path.GetFileName(file), file);
        schema.Add("https://geojson.org/schema/Feature.json", Path.Combine(geojson, "Feature.json"));
        schema.Add("https://geojson.org/schema/Geometry.json", Path.Combine(geojson, "Geometry.json"));
        return schema;
    }

    public bool IsValid(JsonElement json) => Check(files[entry], entry, json);

    void Add(string name, string path) => files[name] = JsonDocument.Parse(
        File.ReadAllText(path)
            .Replace("\"const\": \"1.1.0-beta.1\"", "\"const\": \"1.1.0\"", StringComparison.Ordinal)).RootElement;

    bool Check(JsonElement schema, string file, JsonElement json)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return schema.ValueKind == JsonValueKind.True;
        if (schema.TryGetProperty("$ref", out var reference))
            return Follow(reference.GetString()!, file, json);
        return Combined(schema, file, json) && schema.EnumerateObject().All(rule => Rule(rule, schema, file, json));
    }

    bool Follow(string reference, string file, JsonElement json)
    {
        // The schema of schemas is not at hand; what is summarised with one is not checked further.
        if (reference.StartsWith("http://json-schema.org", StringComparison.Ordinal))
            return true;
        var parts = reference.Split('#');
        var target = parts[0].Length == 0 ? file
            : parts[0].StartsWith("https://", StringComparison.Ordinal) ? parts[0] : parts[0].Split('/')[^1];
        var schema = files[target];
        foreach (var step in parts.Length > 1 ? parts[1].Split('/', StringSplitOptions.RemoveEmptyEntries) : [])
            schema = schema.GetProperty(step);
        return Check(schema, target, json);
    }

    bool Combined(JsonElement schema, string file, JsonElement json)
    {
        if (schema.TryGetProperty("allOf", out var all) && !all.EnumerateArray().All(one => Check(one, file, json)))
            return false;
        if (schema.TryGetProperty("anyOf", out var any) && !any.EnumerateArray().Any(one => Check(one, file, json)))
            return false;
        if (schema.TryGetProperty("oneOf", out var some)
            && some.EnumerateArray().Count(one => Check(one, file, json)) != 1)
            return false;
        if (schema.TryGetProperty("not", out var not) && Check(not, file, json))
            return false;
        if (!schema.TryGetProperty("if", out var condition))
            return true;
        var branch = Check(condition, file, json) ? "then" : "else";
        return !schema.TryGetProperty(branch, out var then) || Check(then, file, json);
    }

    bool Rule(JsonProperty rule, JsonElement schema, string file, JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => OfObject(rule, schema, file, json) && OfAny(rule, json),
        JsonValueKind.Array => OfArray(rule, file, json) && OfAny(rule, json),
        JsonValueKind.String => OfString(rule, json.GetString()!) && OfAny(rule, json),
        JsonValueKind.Number => OfNumber(rule, json.GetDouble()) && OfAny(rule, json),
        _ => OfAny(rule, json),
    };

    static bool OfAny(JsonProperty rule, JsonElement json) => rule.Name switch
    {
        "type" when rule.Value.ValueKind == JsonValueKind.Array =>
            rule.Value.EnumerateArray().Any(type => IsType(json, type.GetString()!)),
        "type" => IsType(json, rule.Value.GetString()!),
        "const" => JsonElement.DeepEquals(rule.Value, json),
        "enum" => rule.Value.EnumerateArray().Any(value => JsonElement.DeepEquals(value, json)),
        _ => true,
    };

    static bool IsType(JsonElement json, string type) => type switch
    {
        "object" => json.ValueKind == JsonValueKind.Object,
        "array" => json.ValueKind == JsonValueKind.Array,
        "string" => json.ValueKind == JsonValueKind.String,
        "null" => json.ValueKind == JsonValueKind.Null,
        "number" => json.ValueKind == JsonValueKind.Number,
        "integer" => json.ValueKind == JsonValueKind.Number && json.GetDouble() == Math.Floor(json.GetDouble()),
        _ => throw new NotSupportedException(type),
    };

    bool OfObject(JsonProperty rule, JsonElement schema, string file, JsonElement json) => rule.Name switch
    {
        "required" => rule.Value.EnumerateArray().All(name => json.TryGetProperty(name.GetString()!, out _)),
        "minProperties" => json.EnumerateObject().Count() >= rule.Value.GetInt32(),
        "properties" => rule.Value.EnumerateObject().All(member =>
            !json.TryGetProperty(member.Name, out var value) || Check(member.Value, file, value)),
        "additionalProperties" => json.EnumerateObject().All(member =>
            (schema.TryGetProperty("properties", out var named) && named.TryGetProperty(member.Name, out _))
            || Check(rule.Value, file, member.Value)),
        "dependencies" => rule.Value.EnumerateObject().All(member => !json.TryGetProperty(member.Name, out _)
            || Check(member.Value, file, json)),
        _ => true,
    };

    bool OfArray(JsonProperty rule, string file, JsonElement json) => rule.Name switch
    {
        "items" => json.EnumerateArray().All(item => Check(rule.Value, file, item)),
        "contains" => json.EnumerateArray().Any(item => Check(rule.Value, file, item)),
        "minItems" => json.GetArrayLength() >= rule.Value.GetInt32(),
        "maxItems" => json.GetArrayLength() <= rule.Value.GetInt32(),
        "uniqueItems" =>
            json.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() == json.GetArrayLength(),
        _ => true,
    };

    static bool OfString(JsonProperty rule, string text) => rule.Name switch
    {
        "minLength" => text.Length >= rule.Value.GetInt32(),
        "pattern" => Regex.IsMatch(text, rule.Value.GetString()!, RegexOptions.ECMAScript),
        "format" => rule.Value.GetString() switch
        {
            "date-time" => text.Length >= 20 && "Tt".Contains(text[10]) && DateTimeOffset.TryParse(text,
                CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "iri" => Uri.TryCreate(text, UriKind.Absolute, out var uri)
                && text.StartsWith(uri.Scheme, StringComparison.OrdinalIgnoreCase),
            _ => true,
        },
        _ => true,
    };

    static bool OfNumber(JsonProperty rule, double number) => rule.Name switch
    {
        "minimum" => number >= rule.Value.GetDouble(),
        "maximum" => number <= rule.Value.GetDouble(),
        "exclusiveMinimum" => number > rule.Value.GetDouble(),
        _ => true,
    };
}

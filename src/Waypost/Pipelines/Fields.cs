using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>A JSON object read field by field, each refusal naming the field; what nobody read is refused as unknown.
/// </summary>
/// <param name="body">The object.</param>
/// <param name="where">What a person calls it: <c>the body</c>, <c>processing_options</c>.</param>
/// <param name="prefix">Stands before a field's name in a refusal: <c>processing_options.</c></param>
sealed class Fields(JsonElement body, string where, string prefix = "")
{
    const int LongestText = 4000;
    const int MostTexts = 100;

    readonly JsonElement body = body.ValueKind == JsonValueKind.Object ? body : throw Refused.Bad(
        "NOT_AN_OBJECT", $"{where} must be a JSON object, not {Kind(body)}.").At(prefix.TrimEnd('.'));
    readonly List<string> known = [];

    /// <summary>A text; null when it is absent or null.</summary>
    public string? Text(string name, int longest = LongestText)
    {
        if (Value(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String || !Whole(value)) throw Wrong(name, "a text", value);
        var text = value.GetString()!;
        return text.Length <= longest ? text : throw Refused.Bad(
            "FIELD_TOO_LONG", $"{prefix}{name} has {text.Length} characters; {longest} are accepted.")
                .At(prefix + name);
    }

    /// <summary>One of these words, whatever its case; null when it is absent or null.</summary>
    public string? Word(string name, params string[] words)
    {
        if (Text(name) is not { } text) return null;
        return words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw Refused.Bad("INVALID_VALUE",
                $"{prefix}{name} is not one of the values that are accepted: {string.Join(", ", words)}.")
                    .At(prefix + name);
    }

    /// <summary>True or false; null when it is absent or null.</summary>
    public bool? Flag(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Wrong(name, "true or false", value),
    };

    /// <summary>A whole number between these; null when it is absent or null.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Value(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
            throw Wrong(name, "a whole number", value);
        return number >= least && number <= most ? number : throw Refused.Bad(
            "INVALID_VALUE", $"{prefix}{name} is {number}; {least} to {most} is accepted.").At(prefix + name);
    }

    /// <summary>A list of texts; empty when it is absent or null.</summary>
    public IReadOnlyList<string> Texts(string name, int longest = LongestText)
    {
        if (Value(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "a list of texts", value);
        if (value.GetArrayLength() > MostTexts)
            throw Refused.Bad("FIELD_TOO_LONG", $"{prefix}{name} has more than {MostTexts} members.").At(prefix + name);
        return [.. value.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String && Whole(one)
            && one.GetString() is { } text && text.Length <= longest ? text
                : throw Wrong(name, "a list of texts", one))];
    }

    /// <summary>Whatever stands there; null when it is absent or null.</summary>
    public JsonElement? Value(string name)
    {
        known.Add(name);
        return body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A field that cannot be left out.</summary>
    public Refused Missing(string name) =>
        Refused.Bad("MISSING_FIELD", $"{where} has no {name}.", $"Send {prefix}{name}.").At(prefix + name);

    /// <summary>Refuses the fields that were not read, by name.</summary>
    /// <param name="code">The code of the refusal.</param>
    public void RefuseOthers(string code)
    {
        var unknown = body.EnumerateObject().Select(field => field.Name).Except(known, StringComparer.Ordinal)
            .ToArray();
        if (unknown.Length == 0) return;
        throw new Refused(400, code,
            $"{where} has {(unknown.Length == 1 ? "a field that is" : "fields that are")} not known: "
            + $"{string.Join(", ", unknown.Take(20))}.", $"Known are: {string.Join(", ", known)}.")
        {
            Details = new Dictionary<string, object?>
            {
                ["field"] = prefix + unknown[0],
                ["unknown"] = unknown.Take(20).ToArray(),
                ["allowed"] = known,
            },
        };
    }

    Refused Wrong(string name, string expected, JsonElement found) => Refused.Bad(
        "INVALID_VALUE", $"{prefix}{name} must be {expected}, not {Kind(found)}.").At(prefix + name);

    static bool Whole(JsonElement text) => new Json(text.GetRawText()).CanBeKept;

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when !Whole(value) => "one with U+0000 or half of a surrogate pair",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}

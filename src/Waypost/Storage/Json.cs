using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waypost.Storage;

/// <summary>A document kept whole: jsonb in PostgreSQL, text in SQLite, itself in a response.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct Json(string Text)
{
    /// <summary>How everything we store and send is written: snake_case names, enums by snake_case name.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An object with nothing in it.</summary>
    public static readonly Json EmptyObject = new("{}");

    /// <summary>Writes a value as a document.</summary>
    public static Json Of<T>(T value) => new(JsonSerializer.Serialize(value, Options));

    /// <summary>Reads the document as a value; throws <see cref="JsonException"/> when it is not one.</summary>
    public T To<T>() => JsonSerializer.Deserialize<T>(Text, Options)
        ?? throw new JsonException($"The document is null where a {typeof(T).Name} was expected.");

    /// <summary>The document as a tree to look into.</summary>
    [JsonIgnore]
    public JsonElement Element => JsonElement.Parse(Text);

    /// <summary>What the reader says of a document that <see cref="CanBeKept"/> denies.</summary>
    public const string CannotBeKept = "A text in it has U+0000 or half of a surrogate pair, which cannot be kept.";

    /// <summary>False when a text in the document has U+0000 or half of a surrogate pair: PostgreSQL keeps neither, and
    /// what one database refuses the other must not take.</summary>
    public bool CanBeKept
    {
        get
        {
            for (var at = Text.IndexOf('\\'); at >= 0 && at + 1 < Text.Length; at = Text.IndexOf('\\', at))
            {
                if (Text[at + 1] != 'u')
                {
                    at += 2;
                    continue;
                }
                if (Escaped(at) is not (> 0 and var first) || char.IsLowSurrogate((char)first)) return false;
                at += 6;
                if (!char.IsHighSurrogate((char)first)) continue;
                if (Escaped(at) is not { } second || !char.IsLowSurrogate((char)second)) return false;
                at += 6;
            }
            return true;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // The code unit that is written as an escape here; null when there is none.
    int? Escaped(int at) =>
        at + 6 <= Text.Length && Text[at] == '\\' && Text[at + 1] == 'u'
        && int.TryParse(
            Text.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? unit : null;

    sealed class Converter : JsonConverter<Json>
    {
        public override Json Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var json = new Json(JsonElement.ParseValue(ref reader).GetRawText());
            return json.CanBeKept ? json : throw new JsonException(CannotBeKept);
        }

        public override void Write(Utf8JsonWriter writer, Json value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text);
    }
}

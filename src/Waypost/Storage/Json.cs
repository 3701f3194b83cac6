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

    /// <inheritdoc/>
    public override string ToString() => Text;

    sealed class Converter : JsonConverter<Json>
    {
        public override Json Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonElement.ParseValue(ref reader).GetRawText());

        public override void Write(Utf8JsonWriter writer, Json value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text);
    }
}

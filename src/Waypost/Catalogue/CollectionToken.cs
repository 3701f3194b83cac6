using System.Buffers.Text;
using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The collection after which a page goes on: its id and the values that it is sorted by, so that it need not
/// be there any more.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Keys">Its values of the keys that were asked for; null where it has none.</param>
sealed record CollectionToken(string Id, IReadOnlyList<JsonElement?> Keys)
{
    const int LongestToken = 8_000;
    const int LongestKey = 200;

    /// <summary>The values that a collection is sorted by; of long texts the beginning.</summary>
    public static IReadOnlyList<JsonElement?> KeysOf(FoundCollection one, IReadOnlyList<SortWish> sort) =>
        [.. sort.Select(key => Key(one.ValueOf(key.Name)))];

    /// <summary>As it stands in links.</summary>
    public string Text(SearchWish wish) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes<object?[]>([Order(wish), Id, .. Keys.Select(key => (object?)key)]));

    /// <summary>Reads the token of a search; null where none was given.</summary>
    /// <exception cref="Access.Refused">400: it is not one of ours, or of a search in another order.</exception>
    public static CollectionToken? Read(SearchWish wish)
    {
        if (string.IsNullOrEmpty(wish.Token)) return null;
        if (wish.Token.Length <= LongestToken && Base64Url.IsValid(wish.Token)
            && Parse(Base64Url.DecodeFromChars(wish.Token)) is { ValueKind: JsonValueKind.Array } parts
            && parts.GetArrayLength() == 2 + wish.Sort.Count
            && parts.EnumerateArray().All(IsPart)
            && parts[0].ValueKind == JsonValueKind.String && parts[0].GetString() == Order(wish)
            && parts[1].ValueKind == JsonValueKind.String)
            return new CollectionToken(parts[1].GetString()!, [.. parts.EnumerateArray().Skip(2).Select(part =>
                part.ValueKind == JsonValueKind.Null ? (JsonElement?)null : part)]);
        throw SearchWish.Bad(
            "token", "token is not one that this server gave out for this order; take it from a next link.");
    }

    static string Order(SearchWish wish) =>
        string.Join(',', wish.Sort.Select(key => (key.Descending ? "-" : "+") + key.Name));

    static JsonElement? Key(object? value) => value switch
    {
        string text => Json.Of(text.Length <= LongestKey ? text : text[..LongestKey]).Element,
        double or bool => Json.Of(value).Element,
        _ => null,
    };

    static bool IsPart(JsonElement part) => part.ValueKind is JsonValueKind.String or JsonValueKind.Number
        or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null;

    static JsonElement? Parse(byte[] json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

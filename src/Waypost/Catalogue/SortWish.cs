using System.Text.Json;

namespace Waypost.Catalogue;

/// <summary>A key that items are to be sorted by (STAC API 1.1, Sort).</summary>
/// <param name="Name">The name without <c>properties.</c>.</param>
/// <param name="Descending">The greatest first; what has no value comes last either way.</param>
sealed record SortWish(string Name, bool Descending)
{
    const string Prefix = "properties.";

    public const int MostKeys = 10;

    /// <summary>Reads a query parameter: names with commas between them, each with <c>+</c> or <c>-</c> before it or
    /// nothing. A plus that was not escaped arrives as a blank.</summary>
    public static IReadOnlyList<SortWish> Parse(string? text)
    {
        if (text is null) return [];
        return Checked([.. text.Split(',').Select(name => name switch
        {
            ['-', .. var rest] => Of(rest, true),
            ['+' or ' ', .. var rest] => Of(rest, false),
            _ => Of(name, false),
        })]);
    }

    /// <summary>Reads the member <c>sortby</c> of a body: an array of objects, or a text as above.</summary>
    public static IReadOnlyList<SortWish> Read(JsonElement sortby) => sortby.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.String => Parse(sortby.GetString()),
        JsonValueKind.Array => Checked([.. sortby.EnumerateArray().Select(Key)]),
        _ => throw Odd("it is neither an array nor a text"),
    };

    static SortWish Key(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || !key.TryGetProperty("field", out var field)
            || field.ValueKind != JsonValueKind.String)
            throw Odd("an entry is not an object with a text as its field");
        foreach (var member in key.EnumerateObject())
            if (member.Name is not ("field" or "direction"))
                throw Odd($"an entry has the member {SearchWish.Shorten(member.Name)}");
        var direction = key.TryGetProperty("direction", out var given) ? given.ToString() : "asc";
        return Of(field.GetString()!, direction switch
        {
            "asc" => false,
            "desc" => true,
            _ => throw Odd($"a direction is '{SearchWish.Shorten(direction)}', not asc or desc"),
        });
    }

    static SortWish Of(string name, bool descending)
    {
        name = name.Trim();
        if (name.StartsWith(Prefix, StringComparison.Ordinal)) name = name[Prefix.Length..];
        return name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)
            ? new SortWish(name, descending)
            : throw Odd("a name is empty or has the character U+0000");
    }

    static IReadOnlyList<SortWish> Checked(SortWish[] keys)
    {
        if (keys.Length > MostKeys) throw Odd($"it has {keys.Length} keys; at most {MostKeys} can be asked for");
        // What is named again no longer decides anything.
        return [.. keys.DistinctBy(key => key.Name)];
    }

    static Access.Refused Odd(string what) => SearchWish.Bad(
        "sortby", $"sortby cannot be read: {what}. Names with + or - were expected (-datetime,id), or in a body "
        + "[{\"field\":\"datetime\",\"direction\":\"desc\"}].");
}

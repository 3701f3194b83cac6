using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>
/// Puts items of a pgSTAC 0.9 database together again. What an item shares with its collection's base item is not
/// stored with it; what the base item has and the item has not is marked.
/// </summary>
public static class PgstacItems
{
    /// <summary>Stands where the base item has something and the item has nothing.</summary>
    public const string NotThere = "𒍟※";

    /// <summary>The whole item.</summary>
    /// <param name="id">Column <c>id</c>.</param>
    /// <param name="collection">Column <c>collection</c>.</param>
    /// <param name="geometry">Column <c>geometry</c> as GeoJSON.</param>
    /// <param name="content">Column <c>content</c>.</param>
    /// <param name="baseItem">The collection's <c>base_item</c>; null: none.</param>
    public static JsonObject Whole(
        string id, string collection, JsonNode? geometry, JsonObject content, JsonObject? baseItem)
    {
        var stored = new JsonObject
        {
            ["id"] = id,
            ["geometry"] = geometry?.DeepClone(),
            ["collection"] = collection,
            ["type"] = "Feature",
        };
        foreach (var (name, value) in content) stored[name] = value?.DeepClone();
        var whole = Merged(stored, baseItem ?? []);
        // A base item of a collection without item_assets, or of STAC's past, has nothing to give for these.
        foreach (var name in (ReadOnlySpan<string>)["stac_version", "assets"])
            if (whole[name] is null) whole.Remove(name);
        whole.TryAdd("stac_version", StacJson.Version);
        whole.TryAdd("assets", new JsonObject());
        return whole;
    }

    static JsonObject Merged(JsonObject item, JsonObject shared)
    {
        var whole = new JsonObject();
        foreach (var (name, value) in item)
            if (!IsMark(value)) whole[name] = Merged(value, shared[name]);
        foreach (var (name, value) in shared)
            if (!item.ContainsKey(name)) whole[name] = value?.DeepClone();
        return whole;
    }

    // A null is an element that equals the base item's, and otherwise a null that somebody wrote.
    static JsonNode? Merged(JsonNode? item, JsonNode? shared) => (item, shared) switch
    {
        (null, _) => shared?.DeepClone(),
        (JsonObject one, JsonObject other) => Merged(one, other),
        (JsonArray some, JsonArray others) when some.Count == others.Count =>
            new JsonArray([.. some.Zip(others, (one, other) => IsMark(one) ? null : Merged(one, other))]),
        _ => item.DeepClone(),
    };

    static bool IsMark(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text == NotThere;
}

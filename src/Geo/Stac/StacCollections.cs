using System.Text.Json.Nodes;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>What a collection says of itself.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What a person reads first.</param>
/// <param name="Description">What a person reads next; never empty.</param>
/// <param name="License">An SPDX identifier; anything else becomes "other".</param>
/// <param name="Box">Around all its items; the world while there is none.</param>
/// <param name="Start">The earliest time of its items; null when open.</param>
/// <param name="End">The latest time of its items; null when open.</param>
public sealed record StacCollectionSource(string Id, string Title, string Description, string? License,
    GeoBox? Box, DateTimeOffset? Start, DateTimeOffset? End)
{
    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Its links.</summary>
    public IReadOnlyList<StacLink> Links { get; init; } = [];

    /// <summary>
    /// What its items have in a field: an array of values, or an object with minimum and maximum. Members whose array
    /// is empty are left out, as the schema asks for at least one value.
    /// </summary>
    public JsonObject? Summaries { get; init; }
}

/// <summary>
/// Writes STAC 1.1.0 Collections
/// (https://github.com/radiantearth/stac-spec/blob/v1.1.0/collection-spec/collection-spec.md).
/// </summary>
public static class StacCollections
{
    /// <summary>The collection as JSON.</summary>
    public static JsonObject Build(StacCollectionSource source)
    {
        var interval = new JsonArray(Time(source.Start), Time(source.End));
        var json = new JsonObject
        {
            ["type"] = "Collection",
            ["stac_version"] = StacJson.Version,
            ["id"] = source.Id,
            ["title"] = source.Title,
            ["description"] = source.Description.Length > 0 ? source.Description : source.Title,
        };
        if (source.Keywords.Count > 0)
            json["keywords"] = StacJson.Texts(source.Keywords);
        json["license"] = StacLicense.Of(source.License);
        json["extent"] = new JsonObject
        {
            ["spatial"] = new JsonObject
            {
                ["bbox"] = new JsonArray(StacJson.Numbers((source.Box ?? GeoBox.World).ToArray())),
            },
            ["temporal"] = new JsonObject { ["interval"] = new JsonArray(interval) },
        };
        if (Summaries(source.Summaries) is { Count: > 0 } summaries)
            json["summaries"] = summaries;
        json["links"] = StacJson.Links(source.Links);
        return json;
    }

    /// <summary>The collection of submitted rasters while it has no items.</summary>
    public static StacCollectionSource Rasters { get; } = new(StacItems.RasterCollection, "Rasters",
        "Rasters that were submitted, each validated and served as a cloud-optimised GeoTIFF.", "other", null,
        null, null)
    {
        Keywords = ["raster", "cog"],
    };

    /// <summary>The collection of submitted vector data while it has no items.</summary>
    public static StacCollectionSource Vectors { get; } = new(StacItems.VectorCollection, "Vector data",
        "Vector data that was submitted, each validated, repaired and served as features.", "other", null, null, null)
    {
        Keywords = ["vector", "features"],
    };

    static JsonNode? Time(DateTimeOffset? time) => time is { } known ? StacTime.Text(known) : null;

    static JsonObject? Summaries(JsonObject? summaries) => summaries is null ? null : new JsonObject(summaries
        .Where(summary => summary.Value is JsonArray { Count: > 0 } or JsonObject { Count: > 0 })
        .Select(summary => KeyValuePair.Create(summary.Key, summary.Value?.DeepClone())));
}

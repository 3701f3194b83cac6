using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>The parts that items and collections share, as JSON.</summary>
internal static class StacJson
{
    public const string Version = "1.1.0";

    /// <summary>
    /// Version 1.2.0 of the projection extension is the one that has both <c>proj:code</c> and the older
    /// <c>proj:epsg</c>, which the platform contract promises; 2.0.0 forbids the latter.
    /// </summary>
    public const string Projection = "https://stac-extensions.github.io/projection/v1.2.0/schema.json";

    public const string Raster = "https://stac-extensions.github.io/raster/v2.0.0/schema.json";
    public const string Table = "https://stac-extensions.github.io/table/v1.2.0/schema.json";
    public const string File = "https://stac-extensions.github.io/file/v2.1.0/schema.json";

    /// <summary>Multihash prefix of a SHA-256: its code (0x12) and length (0x20).</summary>
    const string Sha256Prefix = "1220";

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    public static JsonArray Numbers(IEnumerable<double> numbers) => [.. numbers.Select(number => (JsonNode)number)];

    /// <summary>Adds a member unless its value is null.</summary>
    public static void Put(JsonObject into, string name, JsonNode? value)
    {
        if (value is not null)
            into[name] = value;
    }

    public static JsonArray Links(IEnumerable<StacLink> links)
    {
        var all = new JsonArray();
        foreach (var link in links)
        {
            var json = new JsonObject { ["rel"] = link.Rel, ["href"] = link.Href };
            Put(json, "type", link.Type);
            Put(json, "title", link.Title);
            all.Add((JsonNode)json);
        }
        return all;
    }

    public static JsonObject Asset(StacAsset asset)
    {
        var json = new JsonObject { ["href"] = asset.Href };
        Put(json, "type", asset.Type);
        Put(json, "title", asset.Title);
        if (asset.Roles.Count > 0)
            json["roles"] = Texts(asset.Roles);
        Put(json, "file:size", asset.Size);
        if (asset.Sha256 is { } sha256)
            json["file:checksum"] = Sha256Prefix + sha256.ToLowerInvariant();
        if (asset.Bands is { Count: > 0 } bands)
            json["bands"] = new JsonArray([.. bands.Select(Band)]);
        return json;
    }

    static JsonObject Band(StacBand band)
    {
        var json = new JsonObject { ["name"] = band.Name, ["data_type"] = band.DataType };
        Put(json, "description", string.IsNullOrEmpty(band.Description) ? null : band.Description);
        Put(json, "nodata", band.NoData is { } value ? NoData(value) : null);
        Put(json, "unit", band.Unit);
        Put(json, "raster:scale", band.Scale);
        Put(json, "raster:offset", band.Offset);
        if (band.Statistics is { } statistics && Statistics(statistics) is { Count: > 0 } found)
            json["statistics"] = found;
        return json;
    }

    /// <summary>JSON has no NaN: STAC writes the values that are not finite as words.</summary>
    static JsonValue NoData(double value) => double.IsNaN(value) ? JsonValue.Create("nan")
        : double.IsInfinity(value) ? JsonValue.Create(value > 0 ? "inf" : "-inf")
        : JsonValue.Create(value);

    static JsonObject Statistics(StacStatistics statistics)
    {
        var json = new JsonObject();
        Put(json, "minimum", Finite(statistics.Minimum));
        Put(json, "maximum", Finite(statistics.Maximum));
        Put(json, "mean", Finite(statistics.Mean));
        Put(json, "stddev", Finite(statistics.StandardDeviation));
        Put(json, "valid_percent", Finite(statistics.ValidPercent));
        return json;
    }

    static JsonValue? Finite(double? number) => number is { } value && double.IsFinite(value)
        ? JsonValue.Create(value) : null;

    /// <summary>A geometry as a node, its numbers as exact as they are.</summary>
    public static JsonNode Geometry(NetTopologySuite.Geometries.Geometry geometry) =>
        JsonNode.Parse(Geo.Geometry.GeoJsonGeometry.ToText(geometry))!;
}

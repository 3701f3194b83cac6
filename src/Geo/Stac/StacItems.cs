using System.Globalization;
using System.Text.Json.Nodes;
using NetTopologySuite.Geometries;
using Waypost.Geo.Vector;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>What an item says of a raster.</summary>
/// <param name="Epsg">EPSG code of its coordinate system; null when it has none.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Transform">
/// Six numbers from column and row to coordinates, row by row: x per column, x per row, x of the corner, then the same
/// for y.
/// </param>
public sealed record StacRaster(int? Epsg, int Width, int Height, IReadOnlyList<double> Transform);

/// <summary>What an item says of a feature table.</summary>
/// <param name="FeatureCount">Features in it.</param>
/// <param name="Columns">Its properties.</param>
/// <param name="GeometryTypes">The geometry types in it.</param>
public sealed record StacVector(
    long FeatureCount, IReadOnlyList<VectorColumn> Columns, IReadOnlyList<string> GeometryTypes);

/// <summary>
/// Writes STAC 1.1.0 Items (https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md) of what the
/// pipelines made. Nothing is invented: a field that is not known is absent.
/// </summary>
public static class StacItems
{
    /// <summary>The collection of every raster that was submitted.</summary>
    public const string RasterCollection = "ddh_rasters";

    /// <summary>The collection of every vector data set that was submitted.</summary>
    public const string VectorCollection = "ddh_vectors";

    /// <summary>The item of a raster.</summary>
    public static JsonObject Raster(StacItemSource source, StacRaster raster)
    {
        var properties = Properties(source);
        Project(properties, raster.Epsg);
        properties["proj:shape"] = new JsonArray(raster.Height, raster.Width);
        properties["proj:transform"] = StacJson.Numbers(raster.Transform);
        return Item(source, RasterCollection, properties, [StacJson.Projection, StacJson.Raster]);
    }

    /// <summary>The item of a vector data set, which is always in EPSG:4326.</summary>
    public static JsonObject Vector(StacItemSource source, StacVector vector)
    {
        var properties = Properties(source);
        Project(properties, 4326);
        properties["vector:feature_count"] = vector.FeatureCount;
        properties["vector:geometry_types"] = StacJson.Texts(vector.GeometryTypes);
        properties["table:row_count"] = vector.FeatureCount;
        properties["table:primary_geometry"] = "geometry";
        properties["table:columns"] = new JsonArray(
        [
            new JsonObject { ["name"] = "geometry", ["type"] = "geometry" },
            .. vector.Columns.Select(Column),
        ]);
        return Item(source, VectorCollection, properties, [StacJson.Projection, StacJson.Table]);
    }

    static JsonNode Column(VectorColumn column) => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = column.Types.Count == 0 ? "null" : string.Join('|', column.Types),
    };

    static void Project(JsonObject properties, int? epsg)
    {
        if (epsg is null)
            return;
        properties["proj:code"] = string.Create(CultureInfo.InvariantCulture, $"EPSG:{epsg}");
        properties["proj:epsg"] = epsg;
    }

    static JsonObject Properties(StacItemSource source)
    {
        var time = source.Time;
        var properties = new JsonObject
        {
            ["datetime"] = time.Instant is { } instant ? StacTime.Text(instant) : null,
        };
        if (time.Start is { } start && time.End is { } end)
        {
            properties["start_datetime"] = StacTime.Text(start);
            properties["end_datetime"] = StacTime.Text(end);
        }
        properties["title"] = string.IsNullOrEmpty(source.Title)
            ? $"{source.Identity.DatasetId} {source.Identity.ResourceId} {source.Identity.VersionId}"
            : source.Title;
        StacJson.Put(properties, "description", string.IsNullOrEmpty(source.Description) ? null : source.Description);
        if (source.Tags.Count > 0)
            properties["keywords"] = StacJson.Texts(source.Tags);
        if (!string.IsNullOrEmpty(source.License))
            properties["license"] = StacLicense.Of(source.License);
        properties["created"] = StacTime.Text(source.Created);
        properties["updated"] = StacTime.Text(source.Updated);
        properties["ddh:dataset_id"] = source.Identity.DatasetId;
        properties["ddh:resource_id"] = source.Identity.ResourceId;
        properties["ddh:version_id"] = source.Identity.VersionId;
        return properties;
    }

    /// <summary>
    /// An item's geometry may be of any type but a collection of mixed ones: then the box stands for it.
    /// </summary>
    static NtsGeometry Footprint(StacItemSource source) =>
        source.Footprint is { IsEmpty: false } footprint
            && footprint.OgcGeometryType != OgcGeometryType.GeometryCollection
            ? footprint
            : source.Box.ToGeometry();

    static JsonObject Item(StacItemSource source, string collection, JsonObject properties, List<string> extensions)
    {
        if (source.Assets.Values.Any(asset => asset.Size is not null || asset.Sha256 is not null))
            extensions.Add(StacJson.File);
        var links = source.Links.Any(link => link.Rel == "collection")
            ? source.Links
            : [.. source.Links, new StacLink("collection", $"../../{collection}", "application/json")];
        var assets = new JsonObject();
        foreach (var (key, asset) in source.Assets)
            assets[key] = StacJson.Asset(asset);
        return new JsonObject
        {
            ["type"] = "Feature",
            ["stac_version"] = StacJson.Version,
            ["stac_extensions"] = StacJson.Texts(extensions),
            ["id"] = source.Identity.ItemId,
            ["collection"] = collection,
            ["bbox"] = StacJson.Numbers(source.Box.ToArray()),
            ["geometry"] = StacJson.Geometry(Footprint(source)),
            ["properties"] = properties,
            ["links"] = StacJson.Links(links),
            ["assets"] = assets,
        };
    }
}

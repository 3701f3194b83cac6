using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using Waypost.Geo;
using Waypost.Geo.Geometry;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>An item checked and taken apart: the document as it is kept, and what it is searched by.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Document">As it is kept.</param>
/// <param name="Time">When it is.</param>
/// <param name="Place">Where it is; null where it has no place.</param>
/// <param name="Bbox">Its box as it states it.</param>
sealed record PreparedItem(
    string Collection, string Id, StoredDocument Document, TimeSpanOfItem Time, PlaceOfItem? Place, double[]? Bbox)
{
    static readonly (string, string)[] Additions = [("assets", "{}")];

    /// <summary>Checks an item and takes it apart.</summary>
    /// <exception cref="Access.Refused">It is not a STAC item; the sentence says why.</exception>
    public static PreparedItem Of(Json item)
    {
        var element = StoredDocument.Parse(item, "item");
        var (id, collection) = StacChecks.Item(element);
        var document = StoredDocument.Of(element, LinksOf(collection, id), Additions);
        StacChecks.Served("item", id, document);
        return new PreparedItem(
            collection, id, document, TimeSpanOfItem.Of(id, element.GetProperty("properties")),
            PlaceOfItem.Of(id, element.GetProperty("geometry")), BboxOf(element));
    }

    static StructuralLink[] LinksOf(string collection, string id)
    {
        var path = "/collections/" + Uri.EscapeDataString(collection);
        return
        [
            new("self", $"{path}/items/{Uri.EscapeDataString(id)}", Media.GeoJson),
            new("parent", path, Media.Json),
            new("collection", path, Media.Json),
            new("root", "", Media.Json),
        ];
    }

    static double[]? BboxOf(JsonElement item) =>
        item.TryGetProperty("bbox", out var bbox) && GeoBox.TryRead(bbox, out var box, out _) ? box.ToArray() : null;
}

/// <summary>When an item is, in microseconds since 1970, both ends included.</summary>
/// <param name="Starts">Its <c>start_datetime</c>, or else its <c>datetime</c>; items are ordered by it.</param>
/// <param name="Ends">Its <c>end_datetime</c>, or else its <c>datetime</c>.</param>
readonly record struct TimeSpanOfItem(long Starts, long Ends)
{
    /// <summary>Reads the times of an item's properties.</summary>
    public static TimeSpanOfItem Of(string id, JsonElement properties)
    {
        var moment = Read(id, properties, "datetime");
        var starts = Read(id, properties, "start_datetime");
        var ends = Read(id, properties, "end_datetime");
        if ((starts is null) != (ends is null))
            throw StacChecks.Invalid("item", id, "start_datetime and end_datetime go together");
        if ((starts ?? moment) is not { } first || (ends ?? moment) is not { } last)
            throw StacChecks.Invalid("item", id, "without datetime it needs start_datetime and end_datetime");
        if (last < first) throw StacChecks.Invalid("item", id, "its end_datetime is before its start_datetime");
        return new TimeSpanOfItem(first, last);
    }

    static long? Read(string id, JsonElement properties, string name)
    {
        if (!properties.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String && Moments.TryParse(value.GetString(), out var microseconds)
            ? microseconds
            : throw StacChecks.Invalid("item", id, $"{name} is not a moment in RFC 3339 (2024-02-29T12:00:00Z)");
    }
}

/// <summary>Where an item is, as searches compare it.</summary>
/// <param name="Ewkb">The geometry with its SRID.</param>
/// <param name="IsBox">The geometry is nothing but its box.</param>
/// <param name="Box">The box around the geometry.</param>
sealed record PlaceOfItem(byte[] Ewkb, bool IsBox, Envelope Box)
{
    /// <summary>Reads a GeoJSON geometry; null where it is null or empty.</summary>
    public static PlaceOfItem? Of(string id, JsonElement geoJson)
    {
        try
        {
            return GeoJsonGeometry.Read(geoJson) is { IsEmpty: false } geometry ? Of(geometry) : null;
        }
        catch (BadGeodataException bad)
        {
            throw StacChecks.Invalid("item", id, $"its geometry cannot be used, {bad.Message.TrimEnd('.')}");
        }
    }

    // What is invalid is mended in the copy that is searched; the document keeps what it said.
    static PlaceOfItem Of(Geometry geometry)
    {
        if (!geometry.IsValid) geometry = GeometryFixer.Fix(geometry);
        return new PlaceOfItem(Wkb.WriteWithSrid(geometry), geometry.IsRectangle, geometry.EnvelopeInternal);
    }
}

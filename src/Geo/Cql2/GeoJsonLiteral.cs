using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Reads the GeoJSON geometries of CQL2 JSON as they stand: with heights, unrepaired, and with a pointer to what is
/// wrong, unlike the reader of whole files.
/// </summary>
sealed class GeoJsonLiteral
{
    readonly GeometryBuilding building = new();

    public NtsGeometry Read(JsonElement json, string place, int depth = 1)
    {
        if (depth > Cql2Limits.Depth)
            throw Cql2Limits.Passed(place, "expressions within one another", Cql2Limits.Depth);
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("type", out var type)
            || type.ValueKind != JsonValueKind.String)
            throw new BadCql2Exception(place, JsonPlaces.Described(json), "a GeoJSON geometry was expected");
        if (type.ValueEquals("GeometryCollection"))
        {
            var members = Member(json, "geometries", place);
            return GeoFactory.Wgs84.CreateGeometryCollection([.. members.EnumerateArray()
                .Select((member, i) => Read(member, JsonPlaces.Below(place, "geometries", i), depth + 1))]);
        }
        var coordinates = Member(json, "coordinates", place);
        var at = JsonPlaces.Below(place, "coordinates");
        return type.GetString() switch
        {
            "Point" => ReadPoint(coordinates, at),
            "LineString" => ReadLine(coordinates, at),
            "Polygon" => ReadPolygon(coordinates, at),
            "MultiPoint" => GeoFactory.Wgs84.CreateMultiPoint([.. All(coordinates, at, ReadPoint)]),
            "MultiLineString" => GeoFactory.Wgs84.CreateMultiLineString([.. All(coordinates, at, ReadLine)]),
            "MultiPolygon" => GeoFactory.Wgs84.CreateMultiPolygon([.. All(coordinates, at, ReadPolygon)]),
            _ => throw new BadCql2Exception(JsonPlaces.Below(place, "type"), JsonPlaces.Described(type),
                "a type of GeoJSON geometry was expected"),
        };
    }

    static JsonElement Member(JsonElement json, string name, string place) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? member
            : throw new BadCql2Exception(place, $"a geometry without an array of {name}", "GeoJSON needs it");

    Point ReadPoint(JsonElement json, string place) => GeometryBuilding.Point(
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 0 ? [] : [ReadPosition(json, place)]);

    LineString ReadLine(JsonElement json, string place) =>
        GeometryBuilding.Line(All(json, place, ReadPosition), place);

    Polygon ReadPolygon(JsonElement json, string place) => GeometryBuilding.Polygon(All(json, place,
        (ring, at) => GeometryBuilding.Ring(All(ring, at, ReadPosition), at)), place);

    Coordinate ReadPosition(JsonElement json, string place)
    {
        building.Count(place);
        var numbers = All(json, place, JsonPlaces.Number);
        return numbers.Count switch
        {
            2 => new Coordinate(numbers[0], numbers[1]),
            3 => new CoordinateZ(numbers[0], numbers[1], numbers[2]),
            _ => throw new BadCql2Exception(place,
                FormattableString.Invariant($"a position of {numbers.Count} numbers"), "two or three were expected"),
        };
    }

    static List<T> All<T>(JsonElement json, string place, Func<JsonElement, string, T> read)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw new BadCql2Exception(place, JsonPlaces.Described(json), "an array was expected");
        return [.. json.EnumerateArray().Select((member, i) => read(member, JsonPlaces.Below(place, i)))];
    }
}

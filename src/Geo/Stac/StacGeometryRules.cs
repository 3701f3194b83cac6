using System.Text.Json;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>
/// The structure of an item's geometry as RFC 7946 section 3.1 has it, which STAC 1.1 names for it. (Its official
/// schema leaves GeometryCollection out, which its text does not.) Where its numbers lie is not looked at.
/// </summary>
internal static class StacGeometryRules
{
    public static void Check(JsonElement geometry, string path, StacFindings findings)
    {
        if (!findings.IsObject(geometry, path))
            return;
        var type = geometry.TryGetProperty("type", out var named) && named.ValueKind == JsonValueKind.String
            ? named.GetString()! : "";
        if (!GeometryType.IsKnown(type))
        {
            findings.Add(path, geometry, "one of the seven types of GeoJSON geometry");
            return;
        }
        if (type == GeometryType.Collection)
        {
            if (findings.Need(geometry, path, "geometries", JsonValueKind.Array) is { } members)
                findings.Each(members, path + "/geometries", (member, at) => Check(member, at, findings));
            return;
        }
        if (geometry.TryGetProperty("bbox", out var box) && !(box.ValueKind == JsonValueKind.Array
            && box.GetArrayLength() >= 4
                && box.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number)))
            findings.Add(path + "/bbox", box, "an array of at least four numbers");
        if (findings.Need(geometry, path, "coordinates", JsonValueKind.Array) is { } coordinates
            && !IsSound(coordinates, type))
            findings.Add(path + "/coordinates", coordinates, $"the coordinates of a {type}");
    }

    static bool IsSound(JsonElement coordinates, string type) => type switch
    {
        "Point" => IsPosition(coordinates),
        "MultiPoint" => All(coordinates, 0, IsPosition),
        "LineString" => All(coordinates, 2, IsPosition),
        "MultiLineString" => All(coordinates, 0, line => All(line, 2, IsPosition)),
        "Polygon" => All(coordinates, 0, ring => All(ring, 4, IsPosition)),
        _ => All(coordinates, 0, polygon => All(polygon, 0, ring => All(ring, 4, IsPosition))),
    };

    static bool IsPosition(JsonElement json) => json.ValueKind == JsonValueKind.Array && json.GetArrayLength() >= 2
        && All(json, 2, number => number.ValueKind == JsonValueKind.Number);

    static bool All(JsonElement array, int least, Func<JsonElement, bool> sound)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() < least)
            return false;
        foreach (var member in array.EnumerateArray())
        {
            if (!sound(member))
                return false;
        }
        return true;
    }
}

using System.Text.Json;

namespace Waypost.Geo.Geometry;

/// <summary>The seven geometry types of RFC 7946 section 1.4, by name.</summary>
internal static class GeometryType
{
    /// <summary>The one type that has geometries instead of coordinates.</summary>
    public const string Collection = "GeometryCollection";

    static readonly string[] Names =
        ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", Collection];

    /// <summary>The type that the string token names, or null.</summary>
    public static string? Known(ref Utf8JsonReader reader)
    {
        foreach (var name in Names)
        {
            if (reader.ValueTextEquals(name))
                return name;
        }
        return null;
    }

    /// <summary>True when the name is one of the seven.</summary>
    public static bool IsKnown(string name) => Names.Contains(name);

    /// <summary>How many arrays lie around a number of the type's coordinates.</summary>
    public static int PositionDepth(string type) => type switch
    {
        "Point" => 1,
        "MultiPoint" or "LineString" => 2,
        "MultiLineString" or "Polygon" => 3,
        _ => 4,
    };
}

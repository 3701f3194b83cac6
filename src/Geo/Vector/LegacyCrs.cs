using System.Text.Json;

namespace Waypost.Geo.Vector;

/// <summary>
/// The "crs" member that GeoJSON had before RFC 7946 and that many tools still write: longitude and latitude in WGS 84
/// are accepted under their many names, everything else is refused by name instead of being put in the wrong place.
/// </summary>
internal static class LegacyCrs
{
    static readonly string[] Same =
    [
        "CRS84", "EPSG:4326", "4326", "EPSG::4326", "OGC:CRS84", "WGS84",
        "URN:OGC:DEF:CRS:OGC:1.3:CRS84", "URN:OGC:DEF:CRS:OGC::CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84H",
        "URN:OGC:DEF:CRS:EPSG::4326", "URN:OGC:DEF:CRS:EPSG:6.6:4326", "URN:X-OGC:DEF:CRS:EPSG:4326",
        "HTTP://WWW.OPENGIS.NET/DEF/CRS/OGC/1.3/CRS84", "HTTP://WWW.OPENGIS.NET/DEF/CRS/EPSG/0/4326",
        "HTTPS://WWW.OPENGIS.NET/DEF/CRS/OGC/1.3/CRS84", "HTTPS://WWW.OPENGIS.NET/DEF/CRS/EPSG/0/4326",
    ];

    /// <summary>
    /// The name of a CRS that is not WGS 84 longitude and latitude; null when the member is harmless.
    /// </summary>
    public static string? Foreign(JsonElement crs)
    {
        var name = Name(crs);
        return name is null || Same.Contains(name.Trim().ToUpperInvariant()) ? null : name;
    }

    static string? Name(JsonElement crs) => crs.ValueKind switch
    {
        JsonValueKind.String => crs.GetString(),
        JsonValueKind.Object when crs.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object =>
            Text(properties, "name") ?? Text(properties, "code") ?? Text(properties, "href"),
        JsonValueKind.Object => Text(crs, "name"),
        _ => null,
    };

    static string? Text(JsonElement json, string member) => json.TryGetProperty(member, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => "EPSG:" + value.GetRawText(),
            _ => null,
        }
        : null;
}

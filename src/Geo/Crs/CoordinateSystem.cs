using System.Globalization;

namespace Waypost.Geo.Crs;

/// <summary>
/// A coordinate reference system of the Earth, with the way to longitude and latitude (WGS 84, degrees) and back.
/// </summary>
/// <remarks>
/// Datums within about two metres of WGS 84 (NAD83, ETRS89, GDA94, JGD2000) count as WGS 84; others are refused.
/// </remarks>
public sealed class CoordinateSystem
{
    const double Degree = Math.PI / 180;

    readonly IProjection _projection;
    readonly double _unit;

    /// <summary>
    /// A system that is not in the EPSG table here, such as one that a file defines by its parameters.
    /// </summary>
    /// <param name="epsg">Its EPSG code; null when it has none.</param>
    /// <param name="name">For a person.</param>
    /// <param name="projection">The way to the plane; angles in radians, metres.</param>
    /// <param name="unitMetres">Length of one unit of the plane in metres.</param>
    public CoordinateSystem(int? epsg, string name, IProjection projection, double unitMetres = 1)
    {
        (Epsg, Name, _projection) = (epsg, name, projection);
        IsGeographic = projection is PlateCarree;
        _unit = IsGeographic ? Degree : unitMetres;
    }

    /// <summary>EPSG:4326 with x the longitude and y the latitude, as GeoTIFF and GeoJSON have it.</summary>
    public static CoordinateSystem Wgs84 { get; } = new(4326, "WGS 84", new PlateCarree());

    /// <summary>EPSG:3857, of web maps.</summary>
    public static CoordinateSystem WebMercator { get; } = new(3857, "WGS 84 / Pseudo-Mercator", new WebMercator());

    /// <summary>The EPSG code, or null for a system defined by its parameters only.</summary>
    public int? Epsg { get; }

    /// <summary>Its name, for a person.</summary>
    public string Name { get; }

    /// <summary>True when coordinates are degrees of longitude and latitude.</summary>
    public bool IsGeographic { get; }

    /// <summary>Code or, without one, name; such as <c>EPSG:32618</c>.</summary>
    public override string ToString() => Epsg is { } code ? $"EPSG:{code}" : Name;

    /// <summary>The system with an EPSG code.</summary>
    /// <exception cref="BadGeodataException"><c>UNSUPPORTED_CRS</c>, with the way to reproject the data.</exception>
    public static CoordinateSystem FromEpsg(int code) =>
        TryFromEpsg(code) ?? throw new BadGeodataException(CrsFaults.Unsupported($"EPSG:{code}"));

    /// <summary>The system with an EPSG code, or null when it is not supported.</summary>
    public static CoordinateSystem? TryFromEpsg(int code) => EpsgTable.Find(code);

    /// <summary>
    /// The system of a name: <c>EPSG:4326</c>, <c>urn:ogc:def:crs:EPSG::4326</c>, the OGC's URIs, <c>CRS84</c>.
    /// </summary>
    /// <exception cref="BadGeodataException"><c>UNSUPPORTED_CRS</c>.</exception>
    public static CoordinateSystem FromName(string name)
    {
        var text = name.Trim();
        if (text.EndsWith("CRS84", StringComparison.OrdinalIgnoreCase))
            return Wgs84;
        var last = text.LastIndexOfAny([':', '/']);
        var isEpsg = last < 0 || text.Contains("EPSG", StringComparison.OrdinalIgnoreCase);
        return isEpsg && int.TryParse(text.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var code)
            ? FromEpsg(code)
            : throw new BadGeodataException(CrsFaults.Unsupported(text));
    }

    /// <summary>
    /// Longitude (-180 to 180) and latitude in degrees of a place in this system. Not finite where there is none.
    /// </summary>
    public (double Lon, double Lat) ToLonLat(double x, double y)
    {
        if (IsGeographic)
            return (OnCircle(x), y);
        var (longitude, latitude) = _projection.Inverse(x * _unit, y * _unit);
        return (OnCircle(longitude / Degree), latitude / Degree);
    }

    // A rounding error at the antimeridian must not throw a place to the other edge of the map.
    static double OnCircle(double degrees) => Math.Abs(degrees) <= 180 + 1e-9
        ? Math.Clamp(degrees, -180, 180) : Math.IEEERemainder(degrees, 360);

    /// <summary>The place in this system of a longitude and latitude in degrees.</summary>
    public (double X, double Y) FromLonLat(double lon, double lat)
    {
        if (IsGeographic)
            return (lon, lat);
        var (x, y) = _projection.Forward(lon * Degree, lat * Degree);
        return (x / _unit, y / _unit);
    }
}

/// <summary>What is said about coordinate systems that cannot be used.</summary>
static class CrsFaults
{
    public static GeodataFault Unsupported(string name) => new(
        "UNSUPPORTED_CRS", GeodataCategory.DataIncompatible,
        $"The coordinate reference system {name} is not supported.",
        "Reproject the data to EPSG:4326, EPSG:3857 or a UTM zone, for example with "
        + "`gdalwarp -t_srs EPSG:3857 in.tif out.tif` or `ogr2ogr -t_srs EPSG:4326 out.geojson in.shp`.");
}

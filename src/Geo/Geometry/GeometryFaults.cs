namespace Waypost.Geo.Geometry;

/// <summary>
/// The faults of a single geometry, in one place so that their codes and advice stay the same everywhere.
/// </summary>
internal static class GeometryFaults
{
    public static BadGeodataException Invalid(string where, string what) => new(new GeodataFault(
        "COORDINATES_INVALID", GeodataCategory.DataQuality, $"{Capital(where)} {what}.",
        "Each position must be an array of two finite numbers, longitude then latitude, nested as its geometry type "
        + "asks (RFC 7946 section 3.1). Remove or correct the feature and export the file again."));

    public static BadGeodataException NotGeometry(string where, string what) => new(new GeodataFault(
        "NOT_GEOJSON", GeodataCategory.DataQuality, $"{Capital(where)} {what}.",
        "A geometry is an object with a type (Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon or "
        + "GeometryCollection) and its coordinates, or null (RFC 7946 section 3.1)."));

    public static BadGeodataException OutOfRange(string where, double x, double y)
    {
        var (guess, advice) = (Math.Abs(x), Math.Abs(y)) switch
        {
            ( > 1000, _) or (_, > 1000) => ("It looks like projected metres, not degrees",
                "Reproject to longitude and latitude first, for example with: "
                + "ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson"),
            ( <= 90, > 90 and <= 180) => ("Latitude and longitude look swapped",
                "GeoJSON has longitude first, then latitude. Swap them and export the file again."),
            _ => ("Longitude must lie within -180..180 and latitude within -90..90",
                "Correct the coordinates; GeoJSON has longitude first, then latitude, in WGS 84 degrees."),
        };
        return new BadGeodataException(new GeodataFault("COORDINATES_OUT_OF_RANGE", GeodataCategory.DataQuality,
            FormattableString.Invariant($"{Capital(where)} has a position at [{x}, {y}], which is not on Earth. ")
            + $"{guess}.", advice));
    }

    public static BadGeodataException TooComplex(string where, string what) => new(new GeodataFault(
        "GEOMETRY_TOO_COMPLEX", GeodataCategory.DataIncompatible,
        $"{Capital(where)} {what}: too much to check and repair.",
        "Simplify it, or split it into several features; check that its positions are in the order of its outline."));

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

namespace Waypost.Geo.Vector;

/// <summary>
/// The faults of a vector file, in one place so that their codes and advice stay the same everywhere.
/// </summary>
internal static class VectorFaults
{
    const string Supported =
        "GeoJSON (RFC 7946) is read here: a FeatureCollection, one feature or geometry, or one feature on each line";

    public static BadGeodataException Empty() => Fault("FILE_EMPTY", GeodataCategory.DataMissing,
        "The file is empty.", "Export it again; the transfer may have stopped before the first byte.");

    public static BadGeodataException NoFeatures(string what) => Fault("VECTOR_EMPTY", GeodataCategory.DataMissing,
        what, "Check the query or filter of the export: a data set needs at least one feature with a geometry.");

    public static BadGeodataException NotJson(string where, string what) =>
        Fault("NOT_JSON", GeodataCategory.DataQuality,
        $"The file is not JSON at {where}: {what}.",
            "Export it again with a tool that writes JSON (RFC 8259) in UTF-8.");

    public static BadGeodataException Truncated(long bytes, long features) => Fault("JSON_TRUNCATED",
        GeodataCategory.DataQuality,
        FormattableString.Invariant($"The file stops in the middle, at byte {bytes} after {features} whole features."),
        "The upload or export stopped early. Send the whole file again.");

    public static BadGeodataException NotGeoJson(string where, string what, string? remediation = null) => Fault(
        "NOT_GEOJSON", GeodataCategory.DataIncompatible, $"The file is JSON and not GeoJSON: {where} {what}.",
        remediation ?? Supported + ".");

    public static BadGeodataException TooLarge(string where, int limit) => Fault("FEATURE_TOO_LARGE",
        GeodataCategory.DataIncompatible,
        FormattableString.Invariant($"{where} is larger than {limit >> 20} MB, the most that one feature may take."),
        "Simplify it, or split it into several features.");

    public static BadGeodataException TooDeep(string where, int limit) => Fault("NESTING_TOO_DEEP",
        GeodataCategory.DataIncompatible,
        FormattableString.Invariant($"The file nests objects and arrays more than {limit} deep at {where}."),
        "Flatten the properties of its features.");

    public static BadGeodataException NotFinite(string where, string literal) => Fault("COORDINATES_INVALID",
        GeodataCategory.DataQuality, $"The geometry at {where} has {literal} where a coordinate should be.",
        "JSON has no NaN or Infinity. Remove the feature or give it a null geometry, and export the file again.");

    public static BadGeodataException UnsupportedFormat(string format, string how) => Fault("UNSUPPORTED_FORMAT",
        GeodataCategory.DataIncompatible, $"The file is {format}, which is not read here.", $"{Supported}. {how}");

    public static BadGeodataException UnsupportedCrs(string crs) => Fault("UNSUPPORTED_CRS",
        GeodataCategory.DataIncompatible,
        $"The file says that its coordinates are in {crs}; GeoJSON is read in WGS 84 "
        + "longitude and latitude (RFC 7946 section 4).",
        "Reproject it, for example with: ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson");

    static BadGeodataException Fault(string code, GeodataCategory category, string message, string remediation) =>
        new(new GeodataFault(code, category, message, remediation));
}

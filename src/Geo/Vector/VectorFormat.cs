using System.Text;

namespace Waypost.Geo.Vector;

/// <summary>
/// Recognises by its first bytes a file that is no JSON, to name it instead of complaining about its first
/// character.
/// </summary>
internal static class VectorFormat
{
    /// <summary>Bytes that suffice to tell.</summary>
    public const int HeadBytes = 64;

    /// <summary>Bytes of a byte order mark that may come before the JSON.</summary>
    public static int ByteOrderMark(ReadOnlySpan<byte> head) => head.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>The fault of a file that another format's mark begins; null when it may be JSON.</summary>
    public static BadGeodataException? Foreign(ReadOnlySpan<byte> head)
    {
        var fault = Binary(head);
        if (fault is not null)
            return fault;
        var text = head.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != (byte)'<')
            return null;
        var start = Encoding.ASCII.GetString(text).ToUpperInvariant();
        if (start.StartsWith("<!DOCTYPE HTML", StringComparison.Ordinal)
            || start.StartsWith("<HTML", StringComparison.Ordinal))
        {
            return VectorFaults.UnsupportedFormat("a web page (HTML)",
                "Perhaps a download gave an error page or a login form; open the file to see.");
        }
        return VectorFaults.UnsupportedFormat(
            start.Contains("KML", StringComparison.Ordinal) ? "KML" : "XML (KML, GML or GPX)", Convert("in.kml"));
    }

    static BadGeodataException? Binary(ReadOnlySpan<byte> head) => head switch
    {
        _ when head.StartsWith("fgb\u0003fgb"u8) => Named("FlatGeobuf", "in.fgb"),
        _ when head.StartsWith("SQLite format 3\0"u8) => Named("GeoPackage (SQLite)", "in.gpkg"),
        [0x00, 0x00, 0x27, 0x0A, ..] => Named("a shapefile", "in.shp"),
        _ when head.StartsWith("PK\u0003\u0004"u8) =>
            VectorFaults.UnsupportedFormat("a ZIP archive (perhaps a zipped shapefile or KMZ)", "Unpack it first."),
        [0x1F, 0x8B, ..] => VectorFaults.UnsupportedFormat("compressed with gzip", "Unpack it first: gunzip FILE"),
        _ when head.StartsWith("PAR1"u8) => Named("Parquet", "in.parquet"),
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] =>
            VectorFaults.UnsupportedFormat("a TIFF, which is a raster", "Submit it with request_type raster."),
        _ when head.StartsWith("%PDF"u8) => VectorFaults.UnsupportedFormat("a PDF", "Export the data itself."),
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => VectorFaults.NotJson("byte 0",
            "the text is UTF-16; JSON is UTF-8"),
        _ => null,
    };

    static BadGeodataException Named(string format, string file) =>
        VectorFaults.UnsupportedFormat(format, Convert(file));

    static string Convert(string file) => $"Convert it, for example with: ogr2ogr -t_srs EPSG:4326 out.geojson {file}";
}

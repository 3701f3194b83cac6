using System.Globalization;

namespace Waypost.Geo.Raster;

/// <summary>Every reason why a raster cannot be used, each with the way out.</summary>
static class RasterFaults
{
    const string Resend = "Check that the file opens with `gdalinfo -checksum`, then send it again.";

    public static BadGeodataException Empty() => Fault(
        "FILE_EMPTY", GeodataCategory.DataMissing, "The file holds no bytes.",
        "Send the file again; the copy is empty.");

    public static BadGeodataException NotATiff() => Fault(
        "NOT_A_TIFF", GeodataCategory.DataIncompatible,
        "The file does not start as a TIFF does, whatever its name says.",
        "Send a GeoTIFF; other formats convert with `gdal_translate -of GTiff in out.tif`.");

    public static BadGeodataException Truncated(string what, long length) => Fault(
        "RASTER_TRUNCATED", GeodataCategory.DataQuality,
        string.Create(CultureInfo.InvariantCulture,
            $"The file is cut off: {what} lies past its end at {length:N0} bytes."),
        "The copy was probably cut off; send the whole file again.");

    public static BadGeodataException Corrupt(string what) => Fault(
        "RASTER_CORRUPT", GeodataCategory.DataQuality, $"The file is damaged: {what}.", Resend);

    public static BadGeodataException TooLarge(string what) => Fault(
        "RASTER_TOO_LARGE", GeodataCategory.DataQuality,
        $"The header claims more than can be true or worked on: {what}.",
        "Check the size with `gdalinfo`; cut a raster that really is that large into parts.");

    public static BadGeodataException Compression(int scheme) => Fault(
        "UNSUPPORTED_COMPRESSION", GeodataCategory.DataIncompatible,
        $"Pixels are compressed with {TiffCompression.Name(scheme)}, which is not read here.",
        "Compress with DEFLATE, LZW, PackBits or not at all: `gdal_translate -co COMPRESS=DEFLATE in.tif out.tif`.");

    public static BadGeodataException Layout(string what, string remedy) => Fault(
        "UNSUPPORTED_LAYOUT", GeodataCategory.DataIncompatible, $"The pixel layout is not read here: {what}.", remedy);

    public static BadGeodataException BandCount(long bands) => Fault(
        "BAND_COUNT", GeodataCategory.DataIncompatible,
        $"The raster has {bands} bands; 1 to {RasterFile.MostBands} are accepted.",
        "Select the bands you need: `gdal_translate -b 1 -b 2 in.tif out.tif`.");

    public static BadGeodataException SixtyFourBit(string type) => Fault(
        "RASTER_64BIT", GeodataCategory.DataIncompatible,
        $"Samples are {type}; 64-bit samples are refused because they double the size and hardly ever carry more.",
        "Convert to 32 bits: `gdal_translate -ot Float32 in.tif out.tif`.");

    public static BadGeodataException CrsMissing() => Fault(
        "CRS_MISSING", GeodataCategory.DataMissing,
        "The raster does not say which coordinate reference system it is in.",
        "Name it in the request (input_crs), or write it into the file: "
        + "`gdal_translate -a_srs EPSG:32618 in.tif out.tif`.");

    public static BadGeodataException NotEarth(string name) => Fault(
        "CRS_NOT_EARTH", GeodataCategory.DataIncompatible,
        $"The coordinate reference system {name} is of another body than the Earth.",
        "Only data of the Earth is accepted. If the system is recorded wrongly, set it: "
        + "`gdal_edit.py -a_srs EPSG:4326 in.tif`.");

    public static BadGeodataException UnsupportedCrs(string name) => new(Crs.CrsFaults.Unsupported(name));

    public static BadGeodataException NoGeotransform(bool controlPoints) => Fault(
        "NO_GEOTRANSFORM", GeodataCategory.DataMissing,
        controlPoints
            ? "The raster has ground control points only, no transform from pixels to coordinates."
            : "The raster does not say where on the ground its pixels lie.",
        controlPoints
            ? "Warp it along its control points: `gdalwarp -t_srs EPSG:4326 in.tif out.tif`."
            : "Write its corners into the file: `gdal_translate -a_ullr WEST NORTH EAST SOUTH in.tif out.tif`.");

    public static BadGeodataException BadBounds(string what) => Fault(
        "BOUNDS_INVALID", GeodataCategory.DataQuality, $"The raster's corners are no place on the Earth: {what}.",
        "The coordinate reference system is probably not the one the coordinates are in; set the right one with "
        + "`gdal_edit.py -a_srs EPSG:... in.tif`.");

    public static BadGeodataException NoData(double share) => Fault(
        "RASTER_EMPTY", GeodataCategory.DataQuality,
        string.Create(CultureInfo.InvariantCulture, $"{share:P2} of the pixels are nodata."),
        "Check that the right file was sent and that its nodata value is the right one.");

    static BadGeodataException Fault(string code, GeodataCategory category, string message, string remediation) =>
        new(new GeodataFault(code, category, message, remediation));
}

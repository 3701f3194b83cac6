using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>What a raster shows, as far as its pixels tell: it decides how it is thinned out and drawn.</summary>
public enum RasterKind
{
    /// <summary>One band of measurements.</summary>
    Single,

    /// <summary>A picture in red, green and blue.</summary>
    Rgb,

    /// <summary>A picture with an alpha band.</summary>
    Rgba,

    /// <summary>Classes: values that are names, not amounts.</summary>
    Categorical,

    /// <summary>Heights.</summary>
    Dem,

    /// <summary>Several bands of measurements.</summary>
    Multispectral,
}

/// <summary>One band after one pass over its pixels. Numbers are null where no pixel is valid.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Min">Smallest valid value.</param>
/// <param name="Max">Largest valid value.</param>
/// <param name="Mean">Mean of the valid values.</param>
/// <param name="StandardDeviation">Population standard deviation of the valid values.</param>
/// <param name="Low">Value that 2 % of the valid ones do not exceed.</param>
/// <param name="High">Value that 98 % of the valid ones do not exceed.</param>
/// <param name="ValidCount">Pixels that are neither nodata nor NaN nor transparent.</param>
/// <param name="Sha256">Of the band's samples in rows from the top, little-endian, lower-case hex.</param>
public sealed record BandReport(
    int Index, double? Min, double? Max, double? Mean, double? StandardDeviation, double? Low, double? High,
    long ValidCount, string Sha256);

/// <summary>Everything that is known about a raster after validation. A plain value that serialises to JSON.</summary>
/// <param name="CrsName">Name of the coordinate reference system.</param>
/// <param name="Epsg">Its EPSG code; null for a system that the file defines by parameters.</param>
/// <param name="NativeBounds">In the raster's own coordinates.</param>
/// <param name="Wgs84Bounds">Longitude and latitude; west beyond east across the antimeridian.</param>
/// <param name="Footprint">The outline in longitude and latitude.</param>
/// <param name="Transform">Where pixels lie.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="BandCount">Bands, alpha included.</param>
/// <param name="AlphaBand">Index of the alpha band, or null.</param>
/// <param name="SampleType">Such as <c>uint16</c>.</param>
/// <param name="NoData">The nodata value; a NaN is told by <paramref name="NoDataIsNaN"/>.</param>
/// <param name="NoDataIsNaN">True when NaN is the nodata value, which JSON has no number for.</param>
/// <param name="Compression">Of the source.</param>
/// <param name="Bytes">Length of the source.</param>
/// <param name="Bands">By band.</param>
/// <param name="Kind">What it shows.</param>
/// <param name="KindConfidence">0 to 1.</param>
/// <param name="Evidence">Why it is thought to show that, in sentences.</param>
/// <param name="Warnings">What was found that did not stop the work.</param>
public sealed record RasterReport(
    string CrsName, int? Epsg, Extent NativeBounds, Extent Wgs84Bounds, Footprint Footprint, GeoTransform Transform,
    int Width, int Height, int BandCount, int? AlphaBand, string SampleType, double? NoData, bool NoDataIsNaN,
    string Compression, long Bytes, IReadOnlyList<BandReport> Bands, RasterKind Kind, double KindConfidence,
    IReadOnlyList<string> Evidence, IReadOnlyList<GeodataWarning> Warnings);

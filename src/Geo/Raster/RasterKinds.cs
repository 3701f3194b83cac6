using System.Globalization;

namespace Waypost.Geo.Raster;

/// <summary>Guesses what a raster shows and says why.</summary>
static class RasterKinds
{
    const int MostClasses = 64;
    const int HighestClass = 1000;
    const double DeepestMetres = -12_000;
    const double HighestMetres = 9_000;
    const double LeastRelief = 5;
    const double SmoothShare = 0.25;

    public static (RasterKind Kind, double Confidence, IReadOnlyList<string> Evidence) Guess(
        RasterFile raster, BandStatistics[] statistics)
    {
        var colours = raster.BandCount - (raster.AlphaBand is null ? 0 : 1);
        var name = raster.SampleType.Name();
        if (raster.Palette is not null)
            return (RasterKind.Categorical, 1, ["It has a palette."]);
        if (raster.IsRgb && colours == 3)
            return raster.AlphaBand is null
                ? (RasterKind.Rgb, 1, ["It declares its bands to be red, green and blue."])
                : (RasterKind.Rgba, 1, ["It declares its bands to be red, green, blue and alpha."]);
        if (raster.SampleType == SampleType.UInt8 && colours == 3)
            return raster.AlphaBand is null
                ? (RasterKind.Rgb, 0.8, ["It has three bands of uint8."])
                : (RasterKind.Rgba, 0.8, ["It has three bands of uint8 and an alpha band."]);
        if (colours > 1)
            return (RasterKind.Multispectral, 0.8, [$"It has {colours} bands of {name}."]);
        return Single(raster, statistics[raster.AlphaBand == 0 ? 1 : 0]);
    }

    static (RasterKind, double, IReadOnlyList<string>) Single(RasterFile raster, BandStatistics band)
    {
        var one = $"It has one band of {raster.SampleType.Name()}.";
        if (band.Distinct is { } distinct and <= MostClasses && band.Valid > 16 * distinct && band.Max <= HighestClass)
            return (RasterKind.Categorical, 0.7, [one, $"It has {distinct} different values only."]);
        var isSigned = raster.SampleType is SampleType.Int16 or SampleType.Int32 or SampleType.Float32;
        if (!isSigned)
            return (RasterKind.Single, 0.6, [one]);
        var range = string.Create(CultureInfo.InvariantCulture, $"Values go from {band.Min:G6} to {band.Max:G6}.");
        var looksLikeHeights = band.Min >= DeepestMetres && band.Max <= HighestMetres
            && band.Max - band.Min >= LeastRelief
            && band.Roughness < SmoothShare * band.StandardDeviation;
        return looksLikeHeights
            ? (RasterKind.Dem, 0.7, [one, range,
                "Neighbours differ little: it is a surface, within the heights of the Earth."])
            : (RasterKind.Single, 0.6, [one, range]);
    }
}

using Waypost.Geo.Raster;

namespace Waypost.Geo.Tiles;

/// <summary>How values become colours.</summary>
public enum RenderMode
{
    /// <summary>Three bands as red, green and blue, each stretched from its low to its high value.</summary>
    Colours,

    /// <summary>One band along a ramp of colours.</summary>
    Ramp,

    /// <summary>
    /// One band of classes by the raster's palette; without one, by colours that are easy to tell apart.
    /// </summary>
    Classes,
}

/// <summary>A ramp of colours from low to high.</summary>
public enum Ramp
{
    /// <summary>Black to white.</summary>
    Gray,

    /// <summary>Green lowlands to white peaks.</summary>
    Terrain,

    /// <summary>Matplotlib's viridis: even steps, also for colour-blind eyes.</summary>
    Viridis,
}

/// <summary>How a raster is drawn. A plain value: kept as JSON beside the raster.</summary>
/// <param name="Mode">How values become colours.</param>
/// <param name="Bands">Indexes from 0: three for colours, else one.</param>
/// <param name="Low">By band of <paramref name="Bands"/>: what is drawn darkest.</param>
/// <param name="High">By band of <paramref name="Bands"/>: what is drawn brightest.</param>
/// <param name="Ramp">Of a single band.</param>
/// <param name="Smooth">True when values between pixels make sense: bilinear instead of nearest.</param>
public sealed record RenderStyle(
    RenderMode Mode, IReadOnlyList<int> Bands, IReadOnlyList<double> Low, IReadOnlyList<double> High, Ramp Ramp,
        bool Smooth)
{
    /// <summary>The style that suits what validation found.</summary>
    public static RenderStyle For(RasterReport report)
    {
        var bands = report.Bands.Where(band => band.Index != report.AlphaBand).ToList();
        var isByte = report.SampleType == "uint8";
        switch (report.Kind)
        {
            case RasterKind.Categorical:
                return new(RenderMode.Classes, [bands[0].Index], [0], [255], Ramp.Gray, Smooth: false);
            case RasterKind.Rgb or RasterKind.Rgba when isByte:
                return new(RenderMode.Colours, [0, 1, 2], [0, 0, 0], [255, 255, 255], Ramp.Gray, Smooth: true);
            case RasterKind.Rgb or RasterKind.Rgba:
                return Stretched(RenderMode.Colours, bands.Take(3), Ramp.Gray);
            // Bands of a sensor go from short to long waves, so the third is the reddest of the first three.
            case RasterKind.Multispectral when bands.Count >= 3:
                return Stretched(RenderMode.Colours, bands.Take(3).Reverse(), Ramp.Gray);
            default:
                return Stretched(RenderMode.Ramp, bands.Take(1), report.Kind == RasterKind.Dem ? Ramp.Terrain
                    : Ramp.Gray);
        }
    }

    static RenderStyle Stretched(RenderMode mode, IEnumerable<BandReport> of, Ramp ramp)
    {
        var bands = of.ToList();
        return new(mode, [.. bands.Select(band => band.Index)], [.. bands.Select(band => band.Low ?? 0)],
            [.. bands.Select(Upper)], ramp, Smooth: true);
    }

    // A band of one value is drawn mid-way rather than divided by nothing.
    static double Upper(BandReport band) => band.High > band.Low ? band.High.Value : (band.Low ?? 0) + 1;
}

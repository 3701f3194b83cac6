using System.Globalization;
using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>Decides whether a raster may be taken in, and measures it, in one pass over its pixels.</summary>
public static class RasterValidation
{
    const double MostNoData = 0.99;
    const double WorldMetres = 20_037_508.342789244;

    /// <summary>Reads every pixel once.</summary>
    /// <exception cref="BadGeodataException">
    /// <c>RASTER_64BIT</c>, <c>RASTER_EMPTY</c>, <c>BOUNDS_INVALID</c>, <c>RASTER_CORRUPT</c>, <c>RASTER_TRUNCATED</c>,
    /// <c>RASTER_TOO_LARGE</c>.
    /// </exception>
    public static RasterReport Validate(RasterFile raster, IProgress<double>? progress, CancellationToken ct)
    {
        if (raster.SampleType == SampleType.Float64)
            throw RasterFaults.SixtyFourBit("float64");
        var (native, footprint) = Bounds(raster);
        var pixels = (long)raster.Width * raster.Height;
        var statistics = Enumerable.Range(0, raster.BandCount).Select(band => BandStatistics.For(
            raster.SampleType, band == raster.AlphaBand ? null : raster.NoData, pixels)).ToArray();
        var sums = Measure(raster, statistics, progress, ct);
        var seen = statistics.Where((_, band) => band != raster.AlphaBand).Max(one => one.Valid);
        if (pixels - seen >= MostNoData * pixels)
            throw RasterFaults.NoData(1 - (double)seen / pixels);
        var (kind, confidence, evidence) = RasterKinds.Guess(raster, statistics);
        return new(
            raster.Crs.Name, raster.Crs.Epsg, native, footprint.Bounds, footprint, raster.Transform, raster.Width,
            raster.Height, raster.BandCount, raster.AlphaBand, raster.SampleType.Name(),
            raster.NoData is { } value && double.IsNaN(value) ? null : raster.NoData,
            raster.NoData is { } number && double.IsNaN(number), raster.Compression, raster.Bytes,
            [.. statistics.Select((one, band) => Report(one, band, sums[band]))], kind, confidence, evidence,
            [.. raster.Warnings, .. DataWarnings(raster, statistics)]);
    }

    static IReadOnlyList<string> Measure(
        RasterFile raster, BandStatistics[] statistics, IProgress<double>? progress, CancellationToken ct)
    {
        using var sums = new BandChecksums(raster.BandCount);
        RowBands.Walk(raster, (_, rows, buffer) =>
        {
            Parallel.For(0, raster.BandCount, new ParallelOptions { CancellationToken = ct }, band =>
                MeasureBand(raster, band, rows, buffer, statistics[band], sums));
        }, progress, ct);
        foreach (var one in statistics)
            one.Finish();
        return sums.Finish();
    }

    static void MeasureBand(
        RasterFile raster, int band, int rows, byte[] buffer, BandStatistics statistics, BandChecksums sums)
    {
        var rowBytes = raster.Width * raster.PixelBytes;
        var sampleBytes = raster.SampleType.Bytes();
        var plane = raster.BandCount > 1 ? new byte[raster.Width * sampleBytes] : [];
        var isSeen = raster.AlphaBand is { } alpha && alpha != band ? new bool[raster.Width] : [];
        for (var row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> samples = buffer.AsSpan(row * rowBytes, rowBytes);
            for (var x = 0; x < isSeen.Length; x++)
                isSeen[x] = samples.Slice(x * raster.PixelBytes + raster.AlphaBand!.Value * sampleBytes, sampleBytes)
                    .ContainsAnyExcept((byte)0);
            if (raster.BandCount > 1)
            {
                BandChecksums.BandOf(samples, band, raster.BandCount, sampleBytes, plane);
                samples = plane;
            }
            sums.Append(band, samples);
            statistics.Append(samples, isSeen);
        }
    }

    static BandReport Report(BandStatistics of, int band, string sum) => of.Valid == 0
        ? new(band, null, null, null, null, null, null, 0, sum)
        : new(band, of.Min, of.Max, of.Mean, of.StandardDeviation, of.Quantile(0.02), of.Quantile(0.98), of.Valid, sum);

    static (Extent Native, Footprint Footprint) Bounds(RasterFile raster)
    {
        var place = raster.Transform;
        (double X, double Y)[] corners =
        [
            place.Apply(0, 0), place.Apply(0, raster.Height), place.Apply(raster.Width, raster.Height),
            place.Apply(raster.Width, 0),
        ];
        var native = new Extent(
            corners.Min(c => c.X), corners.Min(c => c.Y), corners.Max(c => c.X), corners.Max(c => c.Y));
        var told = string.Create(CultureInfo.InvariantCulture,
            $"x {native.West:G9} to {native.East:G9}, y {native.South:G9} to {native.North:G9} in {raster.Crs}");
        var isFarOut = raster.Crs.IsGeographic
            ? native.West < -361 || native.East > 541 || native.East - native.West > 361
            : raster.Crs.Epsg == 3857 && (native.West < -1.5 * WorldMetres || native.East > 1.5 * WorldMetres);
        if (isFarOut || Footprint.Of(raster.Crs, corners) is not { } footprint)
            throw RasterFaults.BadBounds(told);
        return (native, footprint);
    }

    static IEnumerable<GeodataWarning> DataWarnings(RasterFile raster, BandStatistics[] statistics)
    {
        var inside = statistics.Count(one => raster.NoData > one.Min && raster.NoData < one.Max);
        if (inside > 0)
            yield return new("NODATA_IN_DATA", string.Create(CultureInfo.InvariantCulture,
                $"The nodata value {raster.NoData} lies within the data; pixels that mean it are lost."), inside);
        var extremes = statistics.Sum(one => one.Extremes);
        if (extremes > 0)
            yield return new("EXTREME_VALUES",
                "Some values are beyond 1e38: most likely a nodata value that the file does not declare.", extremes);
        var empty = statistics.Where((one, band) => one.Valid == 0 && band != raster.AlphaBand).Count();
        if (empty > 0)
            yield return new("BAND_EMPTY", "Some bands hold no valid pixel.", empty);
    }
}

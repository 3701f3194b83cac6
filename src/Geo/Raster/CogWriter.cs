using System.Buffers;
using System.Buffers.Binary;

namespace Waypost.Geo.Raster;

/// <summary>
/// Writes a raster as a cloud-optimized GeoTIFF (OGC 21-026) in the layout of GDAL's COG driver, and proves that
/// nothing
/// was lost: tiles of 512, DEFLATE, overviews down to one tile, all directories before the pixels, the smallest
/// overview
/// first.
/// </summary>
/// <remarks>
/// Memory does not grow with the height of the raster: one row of tiles of each level is held, and compressed tiles
/// wait
/// in a scratch file. The caller publishes the result only if the receipt is sound.
/// </remarks>
public static class CogWriter
{
    const double ShareOfWriting = 0.8;

    /// <summary>Reads the source once, writes the file and reads it back.</summary>
    /// <param name="source">The raster; its pixels are kept bit by bit.</param>
    /// <param name="output">Empty, readable and seekable; it stays open.</param>
    /// <param name="options">How to write.</param>
    /// <param name="progress">From 0 to 1.</param>
    /// <param name="ct">Ends the work early; the output is then incomplete.</param>
    /// <exception cref="BadGeodataException">The source turned out to be damaged.</exception>
    public static CogReceipt Write(
        RasterFile source, Stream output, CogOptions options, IProgress<double>? progress, CancellationToken ct)
    {
        if (!output.CanSeek || !output.CanRead || output.Length != 0)
            throw new ArgumentException("A COG is written to an empty stream that can seek and be read back.",
                nameof(output));
        var sizes = CogPyramid.Sizes(source.Width, source.Height);
        // Classes repeat rather than drift: their differences compress worse than they do.
        var predictor = source.SampleType.IsFloat() ? Predictor.Float
            : source.Palette is not null || options.Resampling == Resampling.Mode ? Predictor.None
            : Predictor.Horizontal;
        using var spool = new CogSpool(options.ScratchFolder, sizes.Count);
        var sourceSums = MakeTiles(source, spool, sizes, predictor, options.Resampling, progress, ct);
        var directories = new CogDirectories(source, predictor, spool, sizes);
        output.Write(directories.Bytes());
        CopyTiles(spool, output, ct);
        output.Flush();

        output.Position = 0;
        var verdict = CogValidation.Check(output);
        var outputSums = ReadBack(output, progress, ct);
        return new(sourceSums, outputSums, verdict, source.Width, source.Height, [.. sizes.Skip(1)],
            CogPyramid.TileSize, TiffCompression.Name(TiffCompression.Deflate), predictor, options.Resampling,
            output.Length, directories.IsBig);
    }

    static IReadOnlyList<string> MakeTiles(
        RasterFile source, CogSpool spool, List<CogOverview> sizes, int predictor, Resampling resampling,
        IProgress<double>? progress, CancellationToken ct)
    {
        using var sums = new BandChecksums(source.BandCount);
        var thinning = new Thinning(source.Format, resampling, source.AlphaBand);
        var pyramid = new CogPyramid(source.Format, thinning, spool, predictor, sizes, ct);
        RowBands.Walk(source, (_, rows, buffer) =>
        {
            sums.AppendRows(buffer.AsMemory(0, rows * source.Width * source.PixelBytes), source.SampleType.Bytes(), ct);
            pyramid.Add(buffer, rows);
        }, Part(progress, 0, ShareOfWriting), ct);
        return sums.Finish();
    }

    // The smallest overview first; every tile between its size and its last four bytes once more.
    static void CopyTiles(CogSpool spool, Stream output, CancellationToken ct)
    {
        var longest = Enumerable.Range(0, spool.Levels).Max(level => spool.Tiles(level).Max(tile => tile.Length));
        var block = ArrayPool<byte>.Shared.Rent(longest + 8);
        for (var level = spool.Levels - 1; level >= 0; level--)
            foreach (var tile in spool.Tiles(level))
            {
                ct.ThrowIfCancellationRequested();
                BinaryPrimitives.WriteInt32LittleEndian(block, tile.Length);
                spool.Read(tile, block.AsSpan(4));
                block.AsSpan(tile.Length, 4).CopyTo(block.AsSpan(tile.Length + 4));
                output.Write(block, 0, tile.Length + 8);
            }
        ArrayPool<byte>.Shared.Return(block);
    }

    static IReadOnlyList<string> ReadBack(Stream output, IProgress<double>? progress, CancellationToken ct)
    {
        using var written = RasterFile.Open(output, new(LeaveOpen: true));
        using var sums = new BandChecksums(written.BandCount);
        RowBands.Walk(written, (_, rows, buffer) => sums.AppendRows(
                buffer.AsMemory(0, rows * written.Width * written.PixelBytes), written.SampleType.Bytes(), ct),
            Part(progress, ShareOfWriting, 1), ct);
        return sums.Finish();
    }

    static Portion? Part(IProgress<double>? whole, double from, double to) =>
        whole is null ? null : new(whole, from, to);

    sealed class Portion(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + value * (to - from));
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Waypost.Geo.Raster;

/// <summary>
/// Walks a raster from top to bottom in bands of full rows, decoding the blocks of each band on several cores.
/// </summary>
static class RowBands
{
    /// <summary>Rows of a band: those of a COG's tile.</summary>
    public const int Rows = 512;

    /// <summary>
    /// More bytes than this for one band of rows are refused: it bounds what the work costs in memory.
    /// </summary>
    const long MostBandBytes = 192 << 20;

    /// <summary>
    /// Calls <paramref name="see"/> with the rows of each band; the buffer is used again for the next.
    /// </summary>
    public static void Walk(
        RasterFile raster, Action<int, int, byte[]> see, IProgress<double>? progress, CancellationToken ct)
    {
        var height = raster.Height;
        var buffer = Buffer(raster);
        for (var y = 0; y < height; y += Rows)
        {
            ct.ThrowIfCancellationRequested();
            var rows = Math.Min(Rows, height - y);
            Read(raster, y, rows, buffer, ct);
            see(y, rows, buffer);
            progress?.Report((double)(y + rows) / height);
        }
    }

    static byte[] Buffer(RasterFile raster)
    {
        var bytes = (long)raster.Width * raster.PixelBytes * Math.Min(Rows, raster.Height);
        if (bytes > MostBandBytes)
            throw RasterFaults.TooLarge($"{Rows} rows of {raster.Width} pixels exceed {MostBandBytes >> 20} MB");
        return GC.AllocateUninitializedArray<byte>((int)bytes);
    }

    static void Read(RasterFile raster, int y, int rows, byte[] into, CancellationToken ct)
    {
        var level = raster.Levels[0];
        var firstRow = y / level.BlockHeight;
        var across = level.BlocksAcross;
        var blocks = ((y + rows - 1) / level.BlockHeight - firstRow + 1) * across;
        var faults = new ConcurrentDictionary<int, ExceptionDispatchInfo>();
        Parallel.For(0, blocks, new ParallelOptions { CancellationToken = ct }, (index, state) =>
        {
            try
            {
                ReadBlock(raster, (index % across, firstRow + index / across), (y, rows), into);
            }
            catch (Exception fault) when (fault is BadGeodataException or IOException)
            {
                faults[index] = ExceptionDispatchInfo.Capture(fault);
                state.Break();
            }
        });
        // Break lets all earlier blocks finish, so this is the first damaged one.
        if (!faults.IsEmpty)
            faults.MinBy(pair => pair.Key).Value.Throw();
    }

    static void ReadBlock(RasterFile raster, (int Column, int Row) at, (int Y, int Rows) band, byte[] into)
    {
        var level = raster.Levels[0];
        var window = (0, band.Y, level.Width, band.Rows);
        var top = at.Row * level.BlockHeight;
        var height = level.RowsOfBlock(at.Row);
        // A block that reaches into the next band is kept; the others are not worth a place in the cache.
        if (top < band.Y || top + height > band.Y + band.Rows && band.Y + band.Rows < level.Height)
        {
            raster.CopyPart(level, at, raster.Block(0, at.Column, at.Row), window, into);
            return;
        }
        var length = height * level.BlockWidth * raster.PixelBytes;
        if (!level.IsTiled)
        {
            level.Decode(at.Column, at.Row, into.AsSpan((top - band.Y) * level.Width * raster.PixelBytes, length));
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(length);
        level.Decode(at.Column, at.Row, rented.AsSpan(0, length));
        raster.CopyPart(level, at, rented.AsSpan(0, length), window, into);
        ArrayPool<byte>.Shared.Return(rented);
    }
}

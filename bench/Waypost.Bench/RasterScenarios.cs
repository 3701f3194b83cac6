using System.Buffers.Binary;
using Waypost.Geo.Raster;

namespace Waypost.Bench;

/// <summary>Writing a large COG; the peer is gdal_translate on the same file.</summary>
static class RasterScenarios
{
    const int Bands = 3;

    /// <summary>A large RGB GeoTIFF in uncompressed strips: gradients with noise, as a satellite image has both.</summary>
    public static async Task MakeSource(Arguments arguments, CancellationToken ct)
    {
        var size = arguments.Int("size", 10_000);
        await using var output = new FileStream(
            arguments.Text("out", "source.tif"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        await output.WriteAsync(Header(size), ct);
        var random = new Random(20261120);
        var row = new byte[size * Bands];
        for (var y = 0; y < size; y++)
        {
            random.NextBytes(row);
            for (var x = 0; x < size; x++)
            {
                var at = x * Bands;
                row[at] = (byte)((x / 40) + (row[at] & 7));
                row[at + 1] = (byte)((y / 40) + (row[at + 1] & 7));
                row[at + 2] = (byte)(((x + y) / 80) + (row[at + 2] & 3));
            }
            await output.WriteAsync(row, ct);
        }
    }

    /// <summary>Reads the source, writes the COG and proves it, as the pipeline does; time and memory are the whole
    /// process's, taken from outside.</summary>
    public static async Task WriteCog(Arguments arguments, CancellationToken ct)
    {
        await using var input = File.OpenRead(arguments.Text("in", "source.tif"));
        using var raster = RasterFile.Open(input);
        await using var output = new FileStream(
            arguments.Text("out", "cog.tif"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        var receipt = CogWriter.Write(raster, output, new CogOptions(Path.GetTempPath()), null, ct);
        if (!receipt.IsSound) throw new InvalidOperationException("The receipt says that the COG is not sound.");
    }

    /// <summary>Classic TIFF, one strip a row, EPSG:32633.</summary>
    static byte[] Header(int size)
    {
        const int entries = 14;
        var tables = 8 + 2 + entries * 12 + 4;
        var offsets = tables + 6 + 24 + 48 + 32;
        var counts = offsets + size * 4;
        var pixels = counts + size * 4;
        var header = new byte[pixels];
        var at = 8;
        "II*\0"u8.CopyTo(header);
        Int(4, 8);
        Short(at, entries);
        at += 2;
        Entry(256, 4, 1, size);
        Entry(257, 4, 1, size);
        Entry(258, 3, Bands, tables);
        Entry(259, 3, 1, 1);
        Entry(262, 3, 1, 2);
        Entry(273, 4, size, offsets);
        Entry(277, 3, 1, Bands);
        Entry(278, 4, 1, 1);
        Entry(279, 4, size, counts);
        Entry(284, 3, 1, 1);
        Entry(339, 3, 1, 1);
        Entry(33550, 12, 3, tables + 6);
        Entry(33922, 12, 6, tables + 30);
        Entry(34735, 3, 16, tables + 78);
        for (var band = 0; band < Bands; band++) Short(tables + band * 2, 8);
        foreach (var (i, value) in new[] { 10d, 10d, 0d, 0d, 0d, 0d, 500_000d, 5_000_000d, 0d }.Index())
            BinaryPrimitives.WriteDoubleLittleEndian(header.AsSpan(tables + 6 + i * 8), value);
        foreach (var (i, value) in new[] { 1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633 }.Index())
            Short(tables + 78 + i * 2, value);
        for (var y = 0; y < size; y++)
        {
            Int(offsets + y * 4, pixels + y * size * Bands);
            Int(counts + y * 4, size * Bands);
        }
        return header;

        void Entry(int tag, int type, int count, int value)
        {
            Short(at, tag);
            Short(at + 2, type);
            Int(at + 4, count);
            if (type == 3 && count == 1) Short(at + 8, value);
            else Int(at + 8, value);
            at += 12;
        }

        void Short(int offset, int value) =>
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(offset), (ushort)value);

        void Int(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(offset), value);
    }
}

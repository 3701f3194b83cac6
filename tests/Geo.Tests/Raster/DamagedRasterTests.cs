using Waypost.Geo.Raster;
using Xunit;

namespace Waypost.Geo.Tests.Raster;

/// <summary>
/// Whatever happens to the bytes of a file, the answer is a fault with a name or sound pixels; never anything else.
/// </summary>
public sealed class DamagedRasterTests(ITestOutputHelper output)
{
    const int Flips = 400;

    static readonly TestTiff[] Files =
    [
        new() { Width = 300, Height = 200, Bands = 3, Photometric = 2, NoData = "0" },
        new() { Width = 300, Height = 200, Compression = 8, Predictor = 2, Tile = (64, 64), Type = SampleType.UInt16 },
        new() { Width = 300, Height = 200, Compression = 5, BigEndian = true, Bands = 4, Planar = true },
        new() { Width = 300, Height = 200, Compression = 32773, BigTiff = true, Type = SampleType.Int16,
            NoData = "-1" },
        new() { Width = 300, Height = 200, Compression = 8, Predictor = 3, Type = SampleType.Float32 },
        new()
        {
            Width = 300, Height = 200, Compression = 5, Predictor = 2, Photometric = 3,
            Palette = [.. Enumerable.Range(0, 768).Select(i => (ushort)i)],
        },
    ];

    [Fact]
    public void A_file_cut_off_at_any_kilobyte_is_refused_by_name()
    {
        foreach (var tiff in Files)
        {
            var bytes = tiff.Bytes();
            for (var length = 0; length < bytes.Length; length += 1024)
                Assert.NotNull(CodeOf(bytes[..length]));
        }
    }

    [Fact]
    public void A_file_with_its_directory_first_that_is_cut_off_names_the_missing_block()
    {
        using var whole = RasterFile.Open(Files[0].Stream());
        using var cog = new MemoryStream();
        CogWriter.Write(whole, cog, new(Path.GetTempPath()), progress: null, TestContext.Current.CancellationToken);
        var bytes = cog.ToArray();
        for (var length = 2048; length < bytes.Length; length += 1024)
            Assert.Equal("RASTER_TRUNCATED", CodeOf(bytes[..length]));
    }

    [Fact]
    public void A_file_with_flipped_bytes_is_read_or_refused_by_name()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (var tiff in Files)
        {
            var whole = tiff.Bytes();
            var directory = tiff.BigTiff ? BitConverter.ToInt32(whole, 8) : FirstDirectory(whole);
            for (var round = 0; round < Flips; round++)
            {
                var bytes = (byte[])whole.Clone();
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                {
                    // Half of them hit the directory, where they hurt most.
                    var at = random.Next(2) == 0 ? random.Next(bytes.Length) : random.Next(directory, bytes.Length);
                    bytes[at] = (byte)random.Next(256);
                }
                CodeOf(bytes);
            }
        }
    }

    static int FirstDirectory(byte[] bytes)
    {
        var offset = bytes.AsSpan(4, 4).ToArray();
        if (bytes[0] == 'M')
            Array.Reverse(offset);
        return BitConverter.ToInt32(offset);
    }

    // The code of the fault, or null when the file was read to its end.
    static string? CodeOf(byte[] bytes)
    {
        try
        {
            using var raster = RasterFile.Open(new MemoryStream(bytes));
            RasterValidation.Validate(raster, progress: null, TestContext.Current.CancellationToken);
            CogValidation.Check(new MemoryStream(bytes));
            return null;
        }
        catch (BadGeodataException bad)
        {
            return bad.Fault.Code;
        }
    }
}

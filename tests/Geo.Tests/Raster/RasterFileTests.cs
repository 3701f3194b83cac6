using Waypost.Geo.Raster;
using Xunit;

namespace Waypost.Geo.Tests.Raster;

/// <summary>
/// Pixels come out as they were put in, whatever the layout; and what cannot be read is refused by name.
/// </summary>
public sealed class RasterFileTests
{
    static readonly SampleType[] Types = Enum.GetValues<SampleType>();
    static readonly int[] Schemes = [1, 5, 8, 32773, 32946];
    static readonly int[] Bands = [1, 3, 4];
    static readonly bool[] Either = [false, true];
    static readonly (int, int)?[] Tiles = [null, (32, 16)];

    [Fact]
    public void Every_layout_gives_the_pixels_that_were_written()
    {
        foreach (var tiff in Layouts())
        {
            using var raster = RasterFile.Open(tiff.Stream());
            var pixels = new byte[raster.Width * raster.Height * raster.PixelBytes];
            raster.Read(0, 0, 0, raster.Width, raster.Height, pixels);
            Assert.True(pixels.AsSpan().SequenceEqual(tiff.Pixels()), tiff.ToString());
        }
    }

    static IEnumerable<TestTiff> Layouts() =>
        from type in Types
        from compression in Schemes
        from predictor in (int[])[1, type.IsFloat() ? 3 : 2]
        where predictor == 1 || compression is 5 or 8 or 32946
        from bands in Bands
        from bigEndian in Either
        from tile in Tiles
        select new TestTiff
        {
            Type = type,
            Compression = compression,
            Predictor = predictor,
            Bands = bands,
            BigEndian = bigEndian,
            Tile = tile,
            Planar = bands == 4,
            BigTiff = bands == 3 && bigEndian,
        };

    [Fact]
    public void A_window_is_the_same_part_of_the_whole()
    {
        var tiff = new TestTiff { Bands = 3, Tile = (16, 32), Compression = 8, Type = SampleType.UInt16 };
        using var raster = RasterFile.Open(tiff.Stream());
        var all = tiff.Pixels();
        var window = new byte[21 * 33 * 6];
        raster.Read(0, 9, 11, 21, 33, window);
        for (var y = 0; y < 33; y++)
            Assert.True(window.AsSpan(y * 21 * 6, 21 * 6).SequenceEqual(all.AsSpan(((y + 11) * 70 + 9) * 6, 21 * 6)));
    }

    [Fact]
    public void A_long_uncompressed_strip_is_read_in_pieces()
    {
        var tiff = new TestTiff { Width = 1500, Height = 1100, RowsPerStrip = 1100, Bands = 3 };
        using var raster = RasterFile.Open(tiff.Stream());
        Assert.True(raster.Levels[0].BlockHeight < 300);
        var row = new byte[1500 * 3];
        raster.Read(0, 0, 1099, 1500, 1, row);
        Assert.True(row.AsSpan().SequenceEqual(tiff.Pixels().AsSpan(1099 * 4500)));
    }

    [Fact]
    public void A_point_raster_lies_half_a_pixel_up_and_left_of_its_tie_point()
    {
        var tiff = new TestTiff { GeoKeys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 32618] };
        using var raster = RasterFile.Open(tiff.Stream());
        Assert.Equal((500_000 - 15d, 4_000_000 + 15d), raster.Transform.Apply(0, 0));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "nothing", "FILE_EMPTY" }, { "text", "NOT_A_TIFF" }, { "two bytes", "NOT_A_TIFF" },
        { "jpeg", "UNSUPPORTED_COMPRESSION" }, { "zstd", "UNSUPPORTED_COMPRESSION" }, { "ycbcr", "UNSUPPORTED_LAYOUT" },
        { "no crs", "CRS_MISSING" }, { "swiss", "UNSUPPORTED_CRS" }, { "no place", "NO_GEOTRANSFORM" },
        { "control points", "NO_GEOTRANSFORM" }, { "huge", "RASTER_TOO_LARGE" }, { "bands", "BAND_COUNT" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_read_is_refused_by_name_with_a_way_out(string what, string code)
    {
        var bytes = what switch
        {
            "nothing" => [],
            "text" => "Dear sir or madam, this is a raster."u8.ToArray(),
            "two bytes" => "II"u8.ToArray(),
            "jpeg" => new TestTiff { Compression = 7, Photometric = 6 }.Bytes(),
            "zstd" => new TestTiff { Compression = 50000 }.Bytes(),
            "ycbcr" => new TestTiff { Photometric = 6, Bands = 3 }.Bytes(),
            "no crs" => new TestTiff { Epsg = null }.Bytes(),
            "swiss" => new TestTiff { Epsg = 2056 }.Bytes(),
            "no place" => new TestTiff { Scale = [], Tie = [] }.Bytes(),
            "control points" => new TestTiff { Scale = [], Tie = [0, 0, 0, 1, 1, 0, 5, 5, 0, 2, 2, 0] }.Bytes(),
            "huge" => Patched(new TestTiff(), (256, 400_000), (257, 300_000)),
            _ => Patched(new TestTiff(), (277, 101)),
        };
        var fault = Assert.Throws<BadGeodataException>(() => RasterFile.Open(new MemoryStream(bytes))).Fault;
        Assert.Equal(code, fault.Code);
        Assert.NotEmpty(fault.Remediation);
        Assert.True(fault.UserFixable);
    }

    [Fact]
    public void A_hundred_gigabytes_claimed_in_one_strip_are_refused_before_anything_is_allocated()
    {
        var bytes = Patched(new TestTiff { Compression = 8 }, (256, 400_000), (257, 300_000), (278, 300_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<BadGeodataException>(() => RasterFile.Open(new MemoryStream(bytes))).Fault;
        Assert.Equal("RASTER_TOO_LARGE", fault.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_damaged_block_is_named()
    {
        var tiff = new TestTiff { Compression = 8, RowsPerStrip = 10 };
        var bytes = tiff.Bytes();
        using var whole = RasterFile.Open(new MemoryStream(bytes));
        var third = (int)whole.Main.Numbers(TiffTag.StripOffsets, 5)[2];
        bytes.AsSpan(third, 8).Fill(0xEE);
        using var raster = RasterFile.Open(new MemoryStream(bytes));
        var fault = Assert.Throws<BadGeodataException>(() => raster.Read(0, 0, 0, 70, 50, new byte[3500])).Fault;
        Assert.Equal("RASTER_CORRUPT", fault.Code);
        Assert.Contains("block 3 of 5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_nodata_value_that_no_sample_can_have_is_ignored_with_a_warning()
    {
        using var raster = RasterFile.Open(new TestTiff { NoData = "-9999" }.Stream());
        Assert.Null(raster.NoData);
        Assert.Contains(raster.Warnings, warning => warning.Code == "NODATA_OUT_OF_RANGE");
    }

    /// <summary>
    /// The bytes with the value of some number fields replaced (the values are inline in these small files).
    /// </summary>
    static byte[] Patched(TestTiff tiff, params (ushort Tag, uint Value)[] changes)
    {
        var bytes = tiff.Bytes();
        var directory = BitConverter.ToInt32(bytes, 4);
        for (var i = 0; i < BitConverter.ToUInt16(bytes, directory); i++)
        {
            var entry = directory + 2 + i * 12;
            foreach (var (tag, value) in changes)
                if (BitConverter.ToUInt16(bytes, entry) == tag)
                    BitConverter.TryWriteBytes(bytes.AsSpan(entry + 8), value);
        }
        return bytes;
    }
}

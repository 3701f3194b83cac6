using Waypost.Geo.Raster;
using Xunit;

namespace Waypost.Geo.Tests.Raster;

/// <summary>A COG holds its source bit by bit, is valid, and keeps what makes it a map.</summary>
public sealed class CogWriterTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public static TheoryData<string> Sources => [.. Kinds.Keys];

    static readonly Dictionary<string, TestTiff> Kinds = new()
    {
        ["rgb strips"] = new() { Width = 1100, Height = 700, Bands = 3, Photometric = 2, NoData = "0" },
        ["rgba tiles"] = new()
        {
            Width = 600,
            Height = 1300,
            Bands = 4,
            Photometric = 2,
            ExtraSamples = [2],
            Tile = (64, 96),
            Compression = 8,
            Predictor = 2
        },
        ["uint16 big-endian"] = new()
        {
            Width = 513,
            Height = 1025,
            Type = SampleType.UInt16,
            BigEndian = true,
            Compression = 5,
            Value = (x, y, _) => x * y % 65536
        },
        ["float32"] = new()
        {
            Width = 530,
            Height = 520,
            Type = SampleType.Float32,
            Compression = 8,
            NoData = "nan",
            Value = (x, y, _) => x < 20 ? double.NaN : Math.Sin(x / 50d) * y
        },
        ["int16 planar"] = new()
        {
            Width = 700,
            Height = 300,
            Bands = 2,
            Type = SampleType.Int16,
            Planar = true,
            NoData = "-9999",
            Value = (x, y, b) => x < 9 ? -9999 : x - y - b
        },
        ["int32"] = new()
        {
            Width = 40,
            Height = 30,
            Type = SampleType.Int32,
            Value = (x, y, _) =>
            (x - y) * 1_000_000
        },
        ["palette"] = new()
        {
            Width = 600,
            Height = 600,
            Photometric = 3,
            Palette = [.. Enumerable.Range(0, 768).Select(i => (ushort)(i * 80))],
            Value = (x, y, _) => x / 40 + y / 40
        },
        ["one pixel"] = new() { Width = 1, Height = 1 },
        ["BigTIFF tall"] = new() { Width = 3, Height = 2100, BigTiff = true },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_cog_is_valid_and_without_loss(string kind)
    {
        var tiff = Kinds[kind];
        using var source = RasterFile.Open(tiff.Stream());
        using var output = new MemoryStream();
        var receipt = CogWriter.Write(source, output, new(Path.GetTempPath()), progress: null, Ct);

        Assert.Empty(receipt.Verdict.Problems);
        Assert.Equal(receipt.SourceSha256, receipt.OutputSha256);
        Assert.True(receipt.IsSound);
        using var cog = RasterFile.Open(output, new(LeaveOpen: true));
        var pixels = new byte[tiff.Width * tiff.Height * cog.PixelBytes];
        cog.Read(0, 0, 0, cog.Width, cog.Height, pixels);
        Assert.True(pixels.AsSpan().SequenceEqual(tiff.Pixels()));
        Assert.Equal((source.Transform, source.Crs.Epsg, source.NoData, source.AlphaBand, source.IsRgb),
            (cog.Transform, cog.Crs.Epsg, cog.NoData, cog.AlphaBand, cog.IsRgb));
        Assert.Equal(source.Palette, cog.Palette);
        Assert.Equal(cog.Levels.Skip(1).Select(level => new CogOverview(level.Width, level.Height)), receipt.Overviews);
        Assert.True(cog.Levels[^1] is { Width: <= 512, Height: <= 512 });
    }

    [Fact]
    public void Checksums_do_not_depend_on_the_layout_of_the_file()
    {
        TestTiff[] layouts =
        [
            new() { Bands = 3 }, new() { Bands = 3, Tile = (16, 16), Compression = 5, BigEndian = true },
            new() { Bands = 3, Planar = true, Compression = 8, Predictor = 2 },
        ];
        var sums = layouts.Select(tiff =>
        {
            using var raster = RasterFile.Open(tiff.Stream());
            return string.Join(' ', RasterValidation.Validate(raster, progress: null, Ct).Bands.Select(band =>
                band.Sha256));
        });
        Assert.Single(sums.Distinct());
    }

    [Fact]
    public void Overviews_leave_nodata_out_of_the_mean()
    {
        var tiff = new TestTiff { Width = 1024, Height = 2, NoData = "0", Value = (x, _, _) => x % 2 == 0 ? 0 : 80 };
        using var cog = Written(tiff, Resampling.Average);
        Assert.All(Row(cog, level: 1), value => Assert.Equal(80, value));
    }

    [Fact]
    public void Overviews_of_classes_hold_only_classes()
    {
        var tiff = new TestTiff { Width = 1024, Height = 2, Value = (x, y, _) => x % 2 == 0 || y == 0 ? 7 : 200 };
        using var cog = Written(tiff, Resampling.Mode);
        Assert.All(Row(cog, level: 1), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Transparent_pixels_do_not_darken_their_neighbours()
    {
        var tiff = new TestTiff
        {
            Width = 1024,
            Height = 2,
            Bands = 4,
            Photometric = 2,
            ExtraSamples = [2],
            Value = (x, _, band) => x % 2 == 0 ? 0 : band == 3 ? 255 : 90,
        };
        using var cog = Written(tiff, Resampling.Average);
        Assert.Equal([90, 90, 90, 128], Row(cog, level: 1)[..4]);
    }

    [Fact]
    public void A_cog_that_was_edited_is_told_apart()
    {
        using var whole = new MemoryStream();
        using (var source = RasterFile.Open(Kinds["rgb strips"].Stream()))
            CogWriter.Write(source, whole, new(Path.GetTempPath()), progress: null, Ct);
        var bytes = whole.ToArray();
        Assert.True(CogValidation.Check(new MemoryStream(bytes)).IsValid);

        var flag = bytes.AsSpan().IndexOf("EDITION=NO\n "u8);
        "EDITION=YES\n"u8.CopyTo(bytes.AsSpan(flag));
        Assert.False(CogValidation.Check(new MemoryStream(bytes)).IsValid);
        using var edited = RasterFile.Open(new MemoryStream(bytes));
        Assert.Contains(edited.Warnings, warning => warning.Code == "SOURCE_COG_INVALID");
    }

    [Fact]
    public void A_plain_tiff_is_no_cog() =>
        Assert.False(CogValidation.Check(Kinds["rgb strips"].Stream()).IsValid);

    [Fact]
    public void A_raster_without_a_system_gets_the_one_of_the_request()
    {
        var assumed = Waypost.Geo.Crs.CoordinateSystem.FromEpsg(32633);
        using var source = RasterFile.Open(new TestTiff { Epsg = null }.Stream(), new(assumed));
        using var output = new MemoryStream();
        CogWriter.Write(source, output, new(Path.GetTempPath()), progress: null, Ct);
        using var cog = RasterFile.Open(output);
        Assert.Equal(32633, cog.Crs.Epsg);
    }

    static RasterFile Written(TestTiff tiff, Resampling resampling)
    {
        using var source = RasterFile.Open(tiff.Stream());
        var output = new MemoryStream();
        CogWriter.Write(source, output, new(Path.GetTempPath(), resampling), progress: null, Ct);
        return RasterFile.Open(output);
    }

    static byte[] Row(RasterFile cog, int level)
    {
        var row = new byte[cog.Levels[level].Width * cog.PixelBytes];
        cog.Read(level, 0, 0, cog.Levels[level].Width, 1, row);
        return row;
    }
}

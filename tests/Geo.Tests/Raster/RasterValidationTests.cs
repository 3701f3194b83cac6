using Waypost.Geo.Raster;
using Xunit;

namespace Waypost.Geo.Tests.Raster;

/// <summary>What validation measures, guesses and refuses.</summary>
public sealed class RasterValidationTests
{
    static RasterReport Report(TestTiff tiff)
    {
        using var raster = RasterFile.Open(tiff.Stream());
        return RasterValidation.Validate(raster, progress: null, TestContext.Current.CancellationToken);
    }

    static string CodeOf(TestTiff tiff) => Assert.Throws<BadGeodataException>(() => Report(tiff)).Fault.Code;

    [Fact]
    public void Statistics_leave_nodata_out()
    {
        var report = Report(new() { Width = 10, Height = 10, NoData = "0", Value = (x, _, _) => x });
        var band = Assert.Single(report.Bands);
        Assert.Equal((1d, 9d, 5d, 90L), (band.Min, band.Max, band.Mean, band.ValidCount));
    }

    [Fact]
    public void Statistics_of_floats_leave_nan_out()
    {
        var report = Report(new()
        {
            Width = 100,
            Height = 10,
            Type = SampleType.Float32,
            Value = (x, y, _) => y == 0 ? double.NaN : 1000 + x,
        });
        var band = Assert.Single(report.Bands);
        Assert.Equal((1000d, 1099d, 900L), (band.Min, band.Max, band.ValidCount));
        Assert.Equal(1049.5, band.Mean!.Value, 6);
        Assert.Equal(28.866, band.StandardDeviation!.Value, 2);
        Assert.InRange(band.Low!.Value, 1000, 1004);
        Assert.InRange(band.High!.Value, 1095, 1099);
    }

    [Fact]
    public void Nothing_but_nodata_is_empty()
    {
        Assert.Equal("RASTER_EMPTY", CodeOf(new() { NoData = "0", Value = (_, _, _) => 0 }));
        Assert.Equal("RASTER_EMPTY", CodeOf(new()
        {
            NoData = "0",
            Bands = 4,
            Planar = true,
            Value = (x, y, _) =>
            x + y == 0 ? 1 : 0
        }));
        Assert.Equal("RASTER_EMPTY", CodeOf(new() { Type = SampleType.Float32, Value = (_, _, _) => double.NaN }));
        Assert.Equal("RASTER_EMPTY", CodeOf(new()
        {
            Bands = 4,
            Photometric = 2,
            ExtraSamples = [2],
            Value = (_, _, band) => band == 3 ? 0 : 200,
        }));
    }

    [Fact]
    public void Sixty_four_bits_are_refused_by_policy() =>
        Assert.Equal("RASTER_64BIT", CodeOf(new() { Type = SampleType.Float64 }));

    [Fact]
    public void Degrees_that_are_no_place_on_the_Earth_are_refused() =>
        Assert.Equal("BOUNDS_INVALID", CodeOf(new() { Epsg = 4326 }));

    [Fact]
    public void Bounds_that_cross_the_antimeridian_have_a_west_beyond_the_east()
    {
        var report = Report(new()
        {
            Epsg = 32660,
            Scale = [10_000, 10_000, 0],
            Tie = [0, 0, 0, 600_000, 5_800_000, 0]
        });
        Assert.True(report.Wgs84Bounds.CrossesAntimeridian);
        Assert.InRange(report.Wgs84Bounds.West, 177, 179);
        Assert.InRange(report.Wgs84Bounds.East, -175, -170);
        Assert.Equal(2, report.Footprint.Polygons.Count);
        Assert.All(report.Footprint.Polygons.SelectMany(ring => ring), place => Assert.InRange(place[0], -180, 180));
        Assert.True(report.Footprint.ToGeometry().IsValid);
    }

    [Fact]
    public void Longitudes_from_0_to_360_are_the_whole_world()
    {
        var report = Report(new()
        {
            Width = 360,
            Height = 180,
            Epsg = 4326,
            Scale = [1, 1, 0],
            Tie = [0, 0, 0, 0, 90, 0],
        });
        Assert.Equal([-180, -90, 180, 90], report.Wgs84Bounds.ToArray());
    }

    [Fact]
    public void A_polar_raster_reaches_every_longitude()
    {
        var report = Report(new()
        {
            Width = 100,
            Height = 100,
            Epsg = 3413,
            Scale = [10_000, 10_000, 0],
            Tie = [0, 0, 0, -500_000, 500_000, 0],
        });
        Assert.Equal((-180d, 180d, 90d), (report.Wgs84Bounds.West, report.Wgs84Bounds.East, report.Wgs84Bounds.North));
        Assert.True(report.Footprint.ToGeometry().IsValid);
    }

    [Fact]
    public void What_a_raster_shows_is_guessed_with_evidence()
    {
        Assert.Equal(RasterKind.Rgb, Report(new() { Bands = 3, Photometric = 2 }).Kind);
        Assert.Equal(RasterKind.Rgba, Report(new()
        {
            Bands = 4,
            Photometric = 2,
            ExtraSamples = [2],
            Value = (x, _, band) => band == 3 ? 255 : x,
        }).Kind);
        Assert.Equal(RasterKind.Multispectral, Report(new() { Bands = 5, Type = SampleType.UInt16 }).Kind);
        Assert.Equal(RasterKind.Categorical, Report(new() { Value = (x, y, _) => x / 20 + y / 20 }).Kind);
        var heights = Report(new() { Type = SampleType.Float32, Value = (x, y, _) => 800 + 20 * x + 3 * y });
        Assert.Equal(RasterKind.Dem, heights.Kind);
        Assert.NotEmpty(heights.Evidence);
        Assert.Equal(RasterKind.Single, Report(new() { Type = SampleType.UInt16, Value = (x, y, _) => x * y }).Kind);
    }

    [Fact]
    public void Undeclared_nodata_and_nodata_within_the_data_are_told()
    {
        var extreme = Report(new() { Type = SampleType.Float32, Value = (x, y, _) => x == 0 ? -3.4e38 : y });
        Assert.Contains(extreme.Warnings, warning => warning.Code == "EXTREME_VALUES" && warning.Count == 50);
        var within = Report(new() { NoData = "100" });
        Assert.Contains(within.Warnings, warning => warning.Code == "NODATA_IN_DATA");
    }

    [Fact]
    public void Progress_ends_at_one()
    {
        var told = new List<double>();
        using var raster = RasterFile.Open(new TestTiff { Height = 1200 }.Stream());
        RasterValidation.Validate(raster, new Told(told), TestContext.Current.CancellationToken);
        Assert.Equal(3, told.Count);
        Assert.Equal(1, told[^1]);
    }

    sealed class Told(List<double> told) : IProgress<double>
    {
        public void Report(double value) => told.Add(value);
    }
}

using Waypost.Geo.Raster;
using Xunit;

namespace Waypost.Geo.Tests.Raster;

/// <summary>Real files from elsewhere, where they are at hand.</summary>
public sealed class SampleRasterTests
{
    static readonly Dictionary<string, string> Bad = new()
    {
        ["bad/corrupt.tif"] = "UNSUPPORTED_COMPRESSION",
        ["bad/gcps_no_geotransform.tif"] = "NO_GEOTRANSFORM",
        ["bad/non_earth_crs.tif"] = "CRS_NOT_EARTH",
        ["raster/dem.tif"] = "UNSUPPORTED_CRS",
        ["raster/dataset_3d.nc"] = "NOT_A_TIFF",
    };

    static readonly string[] Good =
    [
        "raster/cog_cmap.tif", "raster/cog_dateline.tif", "raster/cog_rgba.tif", "raster/cog_uint16_utm.tif",
        "raster/float_extra_nodata.tif", "raster/landsat7_rgb_utm18.tif", "raster/mosaic_value_1.tif",
        "raster/mosaic_value_2.tif", "raster/sentinel2_b01.tif", "raster/sentinel2_b09.tif", "raster/sentinel2_tci.tif",
        "raster/world_byte_4326.tif", "bad/cog_broken_by_update.tif", "bad/cog_external_ovr_claim.tif",
    ];

    [Fact]
    public void A_bad_file_gets_the_answer_of_its_row()
    {
        foreach (var file in Samples(Bad.Keys))
        {
            using var stream = File.OpenRead(SharedData.File(file)!);
            var fault = Assert.Throws<BadGeodataException>(() => RasterFile.Open(stream)).Fault;
            Assert.Equal((file, Bad[file]), (file, fault.Code));
        }
    }

    [Fact]
    public void A_sound_file_becomes_a_cog_without_loss()
    {
        foreach (var file in Samples(Good))
        {
            using var raster = RasterFile.Open(File.OpenRead(SharedData.File(file)!));
            var report = RasterValidation.Validate(raster, progress: null, TestContext.Current.CancellationToken);
            using var output = new MemoryStream();
            var receipt = CogWriter.Write(raster, output, CogOptions.For(report, Path.GetTempPath()), progress: null,
                TestContext.Current.CancellationToken);
            Assert.Empty(receipt.Verdict.Problems);
            Assert.Equal(report.Bands.Select(band => band.Sha256), receipt.OutputSha256);
        }
    }

    [Fact]
    public void Pixels_decide_where_the_header_is_in_order()
    {
        Dictionary<string, string> refused = new()
        {
            ["bad/all_nodata.tif"] = "RASTER_EMPTY",
            ["raster/image_nan_float.tif"] = "RASTER_64BIT",
        };
        foreach (var file in Samples(refused.Keys))
        {
            using var raster = RasterFile.Open(File.OpenRead(SharedData.File(file)!));
            var fault = Assert.Throws<BadGeodataException>(
                () => RasterValidation.Validate(raster, progress: null, TestContext.Current.CancellationToken)).Fault;
            Assert.Equal((file, refused[file]), (file, fault.Code));
        }
    }

    [Fact]
    public void A_cog_edited_in_place_is_told()
    {
        foreach (var file in Samples("bad/cog_broken_by_update.tif"))
        {
            using var raster = RasterFile.Open(File.OpenRead(SharedData.File(file)!));
            Assert.Contains(raster.Warnings, warning => warning.Code == "SOURCE_COG_INVALID");
        }
    }

    static IEnumerable<string> Samples(params IEnumerable<string> names)
    {
        var present = SharedData.Present(names).ToList();
        Assert.SkipWhen(present.Count == 0, "The samples are not beside this checkout.");
        return present;
    }
}

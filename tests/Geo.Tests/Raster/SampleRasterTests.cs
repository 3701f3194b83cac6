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
        "raster/world_byte_4326.tif", "bad/all_nodata.tif", "bad/cog_broken_by_update.tif", "bad/cog_external_ovr_claim.tif",
    ];

    [Fact]
    public void A_bad_file_gets_the_answer_of_its_row()
    {
        foreach (var file in SharedData.Present(Bad.Keys))
        {
            using var stream = File.OpenRead(SharedData.File(file)!);
            var fault = Assert.Throws<BadGeodataException>(() => RasterFile.Open(stream)).Fault;
            Assert.Equal((file, Bad[file]), (file, fault.Code));
        }
    }

    [Fact]
    public void A_sound_file_is_read_to_its_last_pixel()
    {
        foreach (var file in SharedData.Present(Good))
        {
            using var raster = RasterFile.Open(File.OpenRead(SharedData.File(file)!));
            var row = new byte[raster.Width * raster.PixelBytes];
            for (var y = 0; y < raster.Height; y++)
                raster.Read(0, 0, y, raster.Width, 1, row);
        }
    }
}

using Waypost.Geo.Geometry;
using Waypost.Geo.Raster;
using Waypost.Geo.Vector;

namespace Waypost.Bench;

/// <summary>Writing a large COG; the peer is gdal_translate on the same file.</summary>
static class RasterScenarios
{
    const int Bands = 3;

    /// <summary>A large RGB GeoTIFF in uncompressed strips: gradients with noise, as a satellite image has
    /// both.</summary>
    public static async Task MakeSource(Arguments arguments, CancellationToken ct)
    {
        var size = arguments.Int("size", 10_000);
        var rgb = new byte[size * size * Bands];
        new Random(20261120).NextBytes(rgb);
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
            {
                var at = (y * size + x) * Bands;
                rgb[at] = (byte)((x / 40) + (rgb[at] & 7));
                rgb[at + 1] = (byte)((y / 40) + (rgb[at + 1] & 7));
                rgb[at + 2] = (byte)(((x + y) / 80) + (rgb[at + 2] & 3));
            }
        await using var output = File.Create(arguments.Text("out", "source.tif"));
        SampleTiff.Write(output, rgb, size, size, GeoBox.World);
        await output.FlushAsync(ct);
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
}

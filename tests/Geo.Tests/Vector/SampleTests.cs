using Waypost.Geo.Geometry;
using Waypost.Geo.Vector;
using Xunit;
using static Waypost.Geo.Tests.Vector.VectorFiles;

namespace Waypost.Geo.Tests.Vector;

public class SampleTests
{
    const string Square =
        """
        {"type":"Polygon","coordinates":[
        [[0,0],[90,0],[90,45],[0,45],[0,0]],[[30,15],[30,30],[60,30],[60,15],[30,15]]]}
        """;

    [Fact]
    public async Task A_polygon_is_painted_where_it_lies_and_its_hole_is_sea()
    {
        var (features, _) = await Mend(Feature(Square));
        var pixels = Rasterize.World([.. features.Select(feature => feature.Geometry)], 24, 12);
        string Map(int row) => string.Concat(Enumerable.Range(0, 24).Select(column =>
            pixels[3 * (row * 24 + column)] > pixels[3 * (row * 24 + column) + 2] ? '#' : '.'));
        Assert.Equal("............######......", Map(3));
        Assert.Equal("............##..##......", Map(4));
        Assert.Equal("............######......", Map(5));
        Assert.Equal(new string('.', 24), Map(2));
        Assert.Equal(new string('.', 24), Map(6));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 33)]
    [InlineData(40, 64)]
    public void The_file_is_a_TIFF_whose_pixels_begin_where_it_says(int width, int height)
    {
        var rgb = new byte[3 * width * height];
        new Random(1).NextBytes(rgb);
        using var stream = new MemoryStream();
        SampleTiff.Write(stream, rgb, width, height, GeoBox.World);
        var bytes = stream.ToArray();
        Assert.Equal("II*\0"u8, bytes.AsSpan(0, 4));
        Assert.Equal(rgb, bytes[^rgb.Length..]);
        Assert.Throws<ArgumentException>(() => SampleTiff.Write(stream, rgb, width + 1, height, GeoBox.World));
    }
}

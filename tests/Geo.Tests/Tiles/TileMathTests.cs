using Waypost.Geo.Crs;
using Waypost.Geo.Tiles;
using Xunit;

namespace Waypost.Geo.Tests.Tiles;

/// <summary>The grid of web maps.</summary>
public sealed class TileMathTests
{
    [Fact]
    public void Known_places_are_on_known_tiles()
    {
        Assert.Equal((0, 0), TileMath.At(0, 13.4, 52.5));
        Assert.Equal((8802, 5373), TileMath.At(14, 13.4050, 52.5200));
        Assert.Equal((0, 0), TileMath.At(5, -180, 90));
        Assert.Equal((31, 31), TileMath.At(5, 180, -90));
    }

    [Fact]
    public void A_tile_holds_its_own_centre()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var z = random.Next(0, 25);
            var (x, y) = (random.Next(1 << z), random.Next(1 << z));
            var bounds = TileMath.LonLat(z, x, y);
            Assert.Equal((x, y), TileMath.At(z, (bounds.West + bounds.East) / 2, (bounds.South + bounds.North) / 2));
        }
    }

    [Fact]
    public void Only_tiles_of_the_grid_exist()
    {
        Assert.True(TileMath.Exists(3, 7, 7));
        Assert.False(TileMath.Exists(3, 8, 0));
        Assert.False(TileMath.Exists(31, 0, 0));
        Assert.False(TileMath.Exists(2, -1, 0));
    }

    [Fact]
    public void Zooms_go_from_one_tile_to_one_pixel()
    {
        Assert.Equal((0, 4), TileMath.Zooms(new Extent(-180, -75, 180, 75), 2880, 1200));
        var bounds = TileMath.LonLat(9, 250, 180);
        Assert.Equal((9, 12), TileMath.Zooms(bounds, 2048, 2048));
    }
}

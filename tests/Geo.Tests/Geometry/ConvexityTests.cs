using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Xunit;

namespace Waypost.Geo.Tests.Geometry;

public class ConvexityTests
{
    static Polygon Ring(params (double X, double Y)[] corners) => GeoFactory.Wgs84.CreatePolygon(
        [.. corners.Append(corners[0]).Select(corner => new Coordinate(corner.X, corner.Y))]);

    [Fact]
    public void Boxes_and_circles_are_convex_and_stars_are_not()
    {
        Assert.True(Convexity.IsConvex(Ring((0, 0), (1, 0), (1, 1), (0, 1))));
        Assert.True(Convexity.IsConvex(Ring((0, 0), (0, 1), (1, 1), (1, 0))));
        (double, double) At(int i) => (Math.Cos(i * Math.PI * 2 / 5), Math.Sin(i * Math.PI * 2 / 5));
        Assert.True(Convexity.IsConvex(Ring([.. Enumerable.Range(0, 5).Select(At)])));
        // Every corner turns left, but twice around.
        Assert.False(Convexity.IsConvex(Ring([.. Enumerable.Range(0, 5).Select(i => At(2 * i))])));
        Assert.False(Convexity.IsConvex(Ring((0, 0), (1, 1), (1, 0), (0, 1))));
        Assert.False(Convexity.IsConvex(Ring((0, 0), (1, 0), (2, 0))));
        Assert.False(Convexity.IsConvex(GeoFactory.Wgs84.CreatePolygon()));
    }

    [Fact]
    public void What_is_called_convex_is_valid()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var convex = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var polygon = Ring([.. Enumerable.Range(0, random.Next(3, 6))
                .Select(_ => ((double)random.Next(5), (double)random.Next(5)))]);
            if (!Convexity.IsConvex(polygon))
                continue;
            convex++;
            Assert.True(polygon.IsValid, $"seed {seed}: {polygon}");
        }
        Assert.True(convex > 500, $"seed {seed}: {convex}");
    }
}

using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Xunit;

namespace Waypost.Geo.Tests.Geometry;

public class GeoBoxTests
{
    [Theory]
    [InlineData("1,2,3,4", 1, 2, 3, 4)]
    [InlineData(" -180 , -90,180,90.0", -180, -90, 180, 90)]
    [InlineData("170,-10,-170,10", 170, -10, -170, 10)]
    [InlineData("1,2,-5,3,4,100", 1, 2, 3, 4)]
    [InlineData("1,2,1,2", 1, 2, 1, 2)]
    public void Four_or_six_numbers_make_a_box(string text, double west, double south, double east, double north)
    {
        Assert.True(GeoBox.TryParse(text, out var box, out var problem), problem);
        Assert.Equal((west, south, east, north), (box.West, box.South, box.East, box.North));
        Assert.Equal(box, GeoBox.Parse(box.ToString()));
        using var json = JsonDocument.Parse($"[{text}]");
        Assert.True(GeoBox.TryRead(json.RootElement, out var read, out _));
        Assert.Equal(box, read);
    }

    [Theory]
    [InlineData("", "number")]
    [InlineData("1,2,3", "3 numbers")]
    [InlineData("1,2,3,4,5", "5 numbers")]
    [InlineData("1,2,x,4", "'x'")]
    [InlineData("1,5,3,4", "above")]
    [InlineData("1,-91,3,4", "latitude")]
    [InlineData("1,2,181,4", "longitude")]
    [InlineData("1,2,NaN,4", "finite")]
    [InlineData("1,2,9,3,4,8", "height")]
    public void What_is_no_box_is_refused_saying_why(string text, string said)
    {
        Assert.False(GeoBox.TryParse(text, out _, out var problem));
        Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.Equal("BBOX_INVALID", Assert.Throws<BadGeodataException>(() => GeoBox.Parse(text)).Fault.Code);
    }

    [Theory]
    [InlineData("[1,2,3,\"4\"]")]
    [InlineData("{}")]
    [InlineData("[1,2,3,4,5,6,7]")]
    public void JSON_that_is_no_box_is_refused(string text)
    {
        using var json = JsonDocument.Parse(text);
        Assert.False(GeoBox.TryRead(json.RootElement, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("170,-10,-170,10", "175,0,176,1", true)]
    [InlineData("170,-10,-170,10", "-175,0,-174,1", true)]
    [InlineData("170,-10,-170,10", "0,0,1,1", false)]
    [InlineData("170,-10,-170,10", "160,-10,-160,10", true)]
    [InlineData("170,-10,180,10", "-180,0,-170,1", true)]
    [InlineData("0,0,1,1", "1,1,2,2", true)]
    [InlineData("0,0,1,1", "1.1,0,2,1", false)]
    public void Boxes_meet_across_the_antimeridian_and_at_their_edges(string one, string other, bool meet)
    {
        Assert.Equal(meet, GeoBox.Parse(one).Intersects(GeoBox.Parse(other)));
        Assert.Equal(meet, GeoBox.Parse(other).Intersects(GeoBox.Parse(one)));
    }

    [Fact]
    public void A_box_across_the_antimeridian_is_two_valid_polygons()
    {
        var box = GeoBox.Parse("170,-10,-160,10");
        Assert.Equal(30, box.Width);
        var geometry = Assert.IsType<MultiPolygon>(box.ToGeometry());
        Assert.True(geometry.IsValid);
        Assert.Equal(600, geometry.Area);
        Assert.Equal([new Envelope(170, 180, -10, 10), new Envelope(-180, -160, -10, 10)], box.ToEnvelopes());
        Assert.IsType<Point>(GeoBox.Parse("1,2,1,2").ToGeometry());
        Assert.Equal(1, GeoBox.World.ShareOfWorld);
    }
}

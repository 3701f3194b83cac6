using NetTopologySuite.Geometries;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>Trees compare by what they say, and dates meet timestamps by stated rules.</summary>
public sealed class TreeTests
{
    [Fact]
    public void Equal_trees_are_equal_wherever_they_were_read()
    {
        Assert.Equal(Tree("column 3"), Tree("/args/0"));
        Assert.Equal(Tree("column 3").GetHashCode(), Tree("/args/0").GetHashCode());
        Assert.NotEqual(Tree(""), new Not(Tree("")));

        static Cql2Expression Tree(string place) => new And([
            new Like(new PropertyReference("name") { Place = place }, new TextLiteral("a%")),
            new SpatialPredicate(SpatialRelation.Intersects, new PropertyReference("geometry"),
                new GeometryLiteral(GeoFactory.Wgs84.CreatePoint(new Coordinate(1, 2))) { Place = place }),
        ])
        { Place = place };
    }

    [Fact]
    public void A_timestamp_equals_the_date_of_its_day()
    {
        var day = Cql2Instant.Of("2020-01-31")!.Value;
        var noon = Cql2Instant.Of("2020-01-31T12:00:00Z")!.Value;
        Assert.True(noon.Compares(ComparisonOperator.Equal, day));
        Assert.True(noon.Compares(ComparisonOperator.LessOrEqual, day));
        Assert.True(day.Compares(ComparisonOperator.LessOrEqual, noon));
        Assert.False(noon.Compares(ComparisonOperator.Greater, day));
        Assert.False(noon.Compares(ComparisonOperator.NotEqual, day));
        Assert.True(Cql2Instant.Of("2020-02-01T00:00:00Z")!.Value.Compares(ComparisonOperator.Greater, day));
    }

    [Theory]
    [InlineData("2020-01-31T12:00:00.1234567Z", "2020-01-31T12:00:00.123456Z")]
    [InlineData("2020-01-31t12:00:00z", "2020-01-31T12:00:00Z")]
    [InlineData("2020-01-31T12:00:00+02:00", "2020-01-31T10:00:00Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    public void Timestamps_are_read_as_clients_write_them(string text, string written)
    {
        Assert.True(Cql2Instants.TryReadTimestamp(text, out var timestamp));
        Assert.Equal(written, Cql2Instants.Write(timestamp));
    }

    [Theory]
    [InlineData("2020-01-31")]
    [InlineData("2020-01-31T12:00Z")]
    [InlineData("2020-02-30T12:00:00Z")]
    [InlineData("2020-01-31T24:00:00Z")]
    [InlineData("2020-01-31T12:00:00")]
    [InlineData("2020-01-31T12:00:00.Z")]
    [InlineData("0001-01-01T00:00:00+02:00")]
    [InlineData("")]
    public void What_is_no_timestamp_is_not_read_as_one(string text) =>
        Assert.False(Cql2Instants.TryReadTimestamp(text, out _));
}

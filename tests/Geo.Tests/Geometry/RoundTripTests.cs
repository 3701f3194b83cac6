using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Waypost.Geo.Geometry;
using Xunit;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Tests.Geometry;

public class RoundTripTests
{
    [Fact]
    public void Any_geometry_is_the_same_after_GeoJSON_and_after_well_known_binary()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var geometry = Any(random, 3);
            using var json = JsonDocument.Parse(GeoJsonGeometry.ToText(geometry));
            var read = GeoJsonGeometry.Read(json.RootElement)!;
            Assert.True(geometry.EqualsExact(read), $"{geometry} became {read}");
            Assert.True(geometry.EqualsExact(Wkb.Read(Wkb.Write(geometry))));
            var withSrid = Wkb.Read(Wkb.WriteWithSrid(geometry));
            Assert.True(geometry.EqualsExact(withSrid));
            Assert.Equal(4326, withSrid.SRID);
            Assert.True(geometry.EqualsExact(Wkb.Read(new WKBWriter(ByteOrder.BigEndian).Write(geometry))));
        }
    }

    [Fact]
    public void Rounding_keeps_the_decimals_asked_for_and_no_negative_zero()
    {
        var line = new WKTReader().Read("LINESTRING (1.23456 -0.0001, 2.5 3)");
        Assert.Equal("""{"type":"LineString","coordinates":[[1.23,0],[2.5,3]]}""", GeoJsonGeometry.ToText(line, 2));
        Assert.Equal("null", GeoJsonGeometry.ToText(null));
    }

    [Fact]
    public void Damaged_binary_is_refused_whatever_its_counts_claim()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = Wkb.Write(Any(random, 2));
            if (random.Next(3) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Wkb.Read(bytes);
            }
            catch (BadGeodataException bad)
            {
                Assert.Equal("WKB_INVALID", bad.Fault.Code);
            }
        }
    }

    [Fact]
    public void A_geometry_that_is_no_JSON_is_a_fault_and_null_is_null()
    {
        Assert.Equal("NOT_JSON", Assert.Throws<BadGeodataException>(
            () => GeoJsonGeometry.Read("""{"type":"Point","coordinates":[1,"""u8, out _)).Fault.Code);
        Assert.Null(GeoJsonGeometry.Read("null"u8, out _));
    }

    static NtsGeometry Any(Random random, int depth)
    {
        var factory = GeoFactory.Wgs84;
        return random.Next(depth > 0 ? 7 : 6) switch
        {
            0 => factory.CreatePoint(At(random)),
            1 => factory.CreateLineString(Many(random, 2)),
            2 => Box(random),
            3 => factory.CreateMultiPointFromCoords(Many(random, 1)),
            4 => factory.CreateMultiLineString([factory.CreateLineString(Many(random, 2)), factory.CreateLineString()]),
            5 => factory.CreateMultiPolygon([Box(random), Box(random)]),
            _ => factory.CreateGeometryCollection([Any(random, depth - 1), Any(random, depth - 1)]),
        };
    }

    static Coordinate At(Random random) => new(random.NextDouble() * 360 - 180, random.NextDouble() * 180 - 90);

    static Coordinate[] Many(Random random, int least) =>
        [.. Enumerable.Range(0, least + random.Next(6)).Select(_ => At(random))];

    static Polygon Box(Random random)
    {
        var (x, y) = (random.NextDouble() * 100, random.NextDouble() * 50);
        var hole = GeoFactory.Wgs84
            .CreateLinearRing([new(x + 1, y + 1), new(x + 1, y + 2), new(x + 2, y + 2), new(x + 1, y + 1)]);
        return GeoFactory.Wgs84.CreatePolygon(GeoFactory.Wgs84.CreateLinearRing(
            [new(x, y), new(x + 9, y), new(x + 9, y + 9), new(x, y + 9), new(x, y)]), random.Next(2) == 0 ? []
                : [hole]);
    }
}

using Waypost.Geo.Crs;
using Xunit;

namespace Waypost.Geo.Tests.Crs;

/// <summary>Places come out where PROJ has them, and go there and back.</summary>
public sealed class CoordinateSystemTests
{
    // Computed with PROJ 9 from the system's own datum.
    public static TheoryData<int, double, double, double, double> Known => new()
    {
        { 32618, -75, 40, 500000.000000, 4427757.218738 },
        { 32618, -78.95864997, 25.55087376, 102133.133592, 2831881.982724 },
        { 32633, 9.1, 60.25, 173691.222360, 6693859.319259 },
        { 32733, 18.4, -33.9, 814420.330951, 6243724.840075 },
        { 32660, -178.5, 52.7, 804002.723323, 5848403.842526 },
        { 3857, 13.405, 52.52, 1492237.774084, 6894699.801282 },
        { 3857, -179.9, -84.9, -20026376.393710, -19845401.335496 },
        { 3035, 2.35, 48.85, 3760536.822902, 2888771.020950 },
        { 5070, -120.5, 37.25, -2128944.915368, 1854725.950543 },
        { 2154, 2.35, 48.85, 652301.564831, 6861302.725900 },
        { 3413, 100.5, 80.25, 599622.831099, 872456.633047 },
        { 3031, -60.5, -75.1, -1416711.400948, 801536.745204 },
        { 3395, 13.405, 52.52, 1492237.774084, 6860768.653298 },
        { 3577, 151.2, -33.87, 1760115.357779, -3828753.558068 },
        { 25832, 6.95, 50.94, 355973.176536, 5645153.764669 },
        { 26913, -104.99, 39.74, 500856.825606, 4398900.458476 },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void A_place_has_the_coordinates_that_proj_gives_it(int epsg, double lon, double lat, double x, double y)
    {
        var crs = CoordinateSystem.FromEpsg(epsg);
        var place = crs.FromLonLat(lon, lat);
        Assert.InRange(place.X, x - 1e-5, x + 1e-5);
        Assert.InRange(place.Y, y - 1e-5, y + 1e-5);
        var back = crs.ToLonLat(x, y);
        Assert.Equal(lon, back.Lon, 9);
        Assert.Equal(lat, back.Lat, 9);
    }

    [Fact]
    public void Any_place_goes_there_and_back()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        (int Epsg, double West, double South, double East, double North)[] areas =
        [
            (3857, -180, -85, 180, 85), (4326, -180, -90, 180, 90), (32633, 0, -10, 30, 84), (32733, 0, -80, 30, 10),
            (3035, -20, 30, 45, 75), (5070, -130, 20, -60, 55), (2154, -8, 40, 12, 52), (3413, -180, 40, 180, 89.9),
            (3031, -180, -89.9, 180, -40), (3395, -180, -80, 180, 80), (32660, 170, 0, 180, 80),
                (3577, 110, -45, 155, -9),
        ];
        foreach (var area in areas)
        {
            var crs = CoordinateSystem.FromEpsg(area.Epsg);
            for (var i = 0; i < 500; i++)
            {
                var lon = area.West + random.NextDouble() * (area.East - area.West);
                var lat = area.South + random.NextDouble() * (area.North - area.South);
                var (x, y) = crs.FromLonLat(lon, lat);
                var back = crs.ToLonLat(x, y);
                Assert.Equal(0, Math.IEEERemainder(back.Lon - lon, 360), 8);
                Assert.Equal(lat, back.Lat, 8);
            }
        }
    }

    [Theory]
    [InlineData("EPSG:32618", 32618)]
    [InlineData("epsg:4326", 4326)]
    [InlineData("3857", 3857)]
    [InlineData("urn:ogc:def:crs:EPSG::25832", 25832)]
    [InlineData("http://www.opengis.net/def/crs/EPSG/0/26913", 26913)]
    [InlineData("urn:ogc:def:crs:OGC:1.3:CRS84", 4326)]
    [InlineData("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326)]
    public void A_system_is_known_by_its_names(string name, int epsg) =>
        Assert.Equal(epsg, CoordinateSystem.FromName(name).Epsg);

    [Theory]
    [InlineData("EPSG:2056")]
    [InlineData("EPSG:999999")]
    [InlineData("IAU:30100")]
    [InlineData("")]
    public void An_unknown_system_is_refused_with_the_way_to_reproject(string name)
    {
        var fault = Assert.Throws<BadGeodataException>(() => CoordinateSystem.FromName(name)).Fault;
        Assert.Equal("UNSUPPORTED_CRS", fault.Code);
        Assert.Contains("gdalwarp", fault.Remediation, StringComparison.Ordinal);
    }
}

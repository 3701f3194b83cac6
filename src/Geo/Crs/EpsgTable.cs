using System.Globalization;

namespace Waypost.Geo.Crs;

/// <summary>
/// The EPSG codes that are understood: geographic systems near WGS 84, UTM, and national grids of large areas.
/// </summary>
static class EpsgTable
{
    const double Degree = Math.PI / 180;

    /// <summary>Datums that differ from WGS 84 by more than rounding but less than about two metres.</summary>
    static readonly Dictionary<int, string> Geographic = new()
    {
        [4326] = "WGS 84",
        [4269] = "NAD83",
        [4258] = "ETRS89",
        [4283] = "GDA94",
        [7844] = "GDA2020",
        [4167] = "NZGD2000",
        [4617] = "NAD83(CSRS)",
        [6318] = "NAD83(2011)",
        [4612] = "JGD2000",
        [6668] = "JGD2011",
        [4674] = "SIRGAS 2000",
        [4171] = "RGF93",
        [4148] = "Hartebeesthoek94",
        [4490] = "CGCS2000",
        [4979] = "WGS 84 (3D)",
    };

    public static CoordinateSystem? Find(int code) => code switch
    {
        4326 => CoordinateSystem.Wgs84,
        3857 or 900913 or 3785 or 102100 or 102113 => CoordinateSystem.WebMercator,
        _ when Geographic.TryGetValue(code, out var name) => new(code, name, new PlateCarree()),
        >= 32601 and <= 32660 => Utm(code, "WGS 84", Ellipsoid.Wgs84, code - 32600, south: false),
        >= 32701 and <= 32760 => Utm(code, "WGS 84", Ellipsoid.Wgs84, code - 32700, south: true),
        >= 26901 and <= 26923 => Utm(code, "NAD83", Ellipsoid.Grs80, code - 26900, south: false),
        >= 25828 and <= 25838 => Utm(code, "ETRS89", Ellipsoid.Grs80, code - 25800, south: false),
        >= 31965 and <= 31976 => Utm(code, "SIRGAS 2000", Ellipsoid.Grs80, code - 31954, south: false),
        >= 31978 and <= 31985 => Utm(code, "SIRGAS 2000", Ellipsoid.Grs80, code - 31960, south: true),
        >= 28348 and <= 28358 => Utm(code, "GDA94", Ellipsoid.Grs80, code - 28300, south: true),
        >= 7846 and <= 7859 => Utm(code, "GDA2020", Ellipsoid.Grs80, code - 7800, south: true),
        _ => Other(code),
    };

    /// <summary>True when a geographic EPSG code names a datum that counts as WGS 84.</summary>
    public static bool IsNearWgs84(int code) => Geographic.ContainsKey(code);

    static CoordinateSystem Utm(int code, string datum, Ellipsoid on, int zone, bool south) => new(
        code, string.Create(CultureInfo.InvariantCulture, $"{datum} / UTM zone {zone}{(south ? 'S' : 'N')}"),
        UtmZone(on, zone, south));

    /// <summary>A zone of the Universal Transverse Mercator.</summary>
    public static IProjection UtmZone(Ellipsoid on, int zone, bool south) =>
        new TransverseMercator(on, (zone * 6 - 183) * Degree, 0, 0.9996, 500_000, south ? 10_000_000 : 0);

    static CoordinateSystem? Other(int code) => code switch
    {
        3395 => new(code, "WGS 84 / World Mercator", new Mercator(Ellipsoid.Wgs84, 0, 1, 0, 0)),
        3035 => new(code, "ETRS89-extended / LAEA Europe", new LambertAzimuthalEqualArea(
            Ellipsoid.Grs80, 10 * Degree, 52 * Degree, 4_321_000, 3_210_000)),
        3034 => new(code, "ETRS89-extended / LCC Europe", new LambertConformalConic(
            Ellipsoid.Grs80, 10 * Degree, 52 * Degree, 35 * Degree, 65 * Degree, 1, 4_000_000, 2_800_000)),
        2154 => new(code, "RGF93 v1 / Lambert-93", new LambertConformalConic(
            Ellipsoid.Grs80, 3 * Degree, 46.5 * Degree, 49 * Degree, 44 * Degree, 1, 700_000, 6_600_000)),
        5070 => new(code, "NAD83 / Conus Albers", new AlbersEqualArea(
            Ellipsoid.Grs80, -96 * Degree, 23 * Degree, 29.5 * Degree, 45.5 * Degree, 0, 0)),
        3978 => new(code, "NAD83 / Canada Atlas Lambert", new LambertConformalConic(
            Ellipsoid.Grs80, -95 * Degree, 49 * Degree, 49 * Degree, 77 * Degree, 1, 0, 0)),
        3577 => new(code, "GDA94 / Australian Albers", new AlbersEqualArea(
            Ellipsoid.Grs80, 132 * Degree, 0, -18 * Degree, -36 * Degree, 0, 0)),
        2193 => new(code, "NZGD2000 / New Zealand Transverse Mercator 2000", new TransverseMercator(
            Ellipsoid.Grs80, 173 * Degree, 0, 0.9996, 1_600_000, 10_000_000)),
        3031 => Polar(code, "WGS 84 / Antarctic Polar Stereographic", 0, -71),
        3413 => Polar(code, "WGS 84 / NSIDC Sea Ice Polar Stereographic North", -45, 70),
        3976 => Polar(code, "WGS 84 / NSIDC Sea Ice Polar Stereographic South", 0, -70),
        3995 => Polar(code, "WGS 84 / Arctic Polar Stereographic", 0, 71),
        _ => null,
    };

    static CoordinateSystem Polar(int code, string name, double meridian, double trueScale) => new(
        code, name, new PolarStereographic(Ellipsoid.Wgs84, meridian * Degree, trueScale * Degree, 1, 0, 0));
}

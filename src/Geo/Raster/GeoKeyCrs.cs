using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>
/// Reads the coordinate reference system out of GeoKeys: by EPSG code, else by the parameters of the projection.
/// </summary>
static class GeoKeyCrs
{
    const double Degree = Math.PI / 180;

    static readonly string[] OtherBodies =
    [
        "MOON", "MARS", "MERCURY", "VENUS", "EUROPA", "IO", "GANYMEDE", "CALLISTO", "TITAN", "ENCELADUS", "JUPITER",
        "SATURN", "URANUS", "NEPTUNE", "PLUTO", "CHARON", "CERES", "VESTA", "PHOBOS", "DEIMOS", "TRITON", "IAU",
    ];

    /// <summary>Refuses systems of other planets and moons, by the size of the ellipsoid or by name.</summary>
    public static void RefuseOtherBodies(GeoKeys keys)
    {
        var isElsewhere = keys.Figure() is { IsEarth: false } || (keys.Figure() is null && NamesAnotherBody(keys));
        if (isElsewhere)
            throw RasterFaults.NotEarth(keys.Name);
    }

    /// <summary>The system, or null when the file names none.</summary>
    public static CoordinateSystem? Find(GeoKeys keys)
    {
        if (!keys.Any)
            return null;
        var model = keys.Number(GeoKeys.ModelType);
        var projected = keys.Number(GeoKeys.ProjectedType);
        var geographic = keys.Number(GeoKeys.GeographicType);
        if (model is not (1 or 2 or 3) && projected is null && geographic is null)
            return null;
        if (model == 3)
            throw RasterFaults.UnsupportedCrs(keys.Name);
        var isProjected = model == 1 || (model is null && projected is not null);
        var code = isProjected ? projected : geographic;
        if (code is > 0 and not GeoKeys.UserDefined)
            return CoordinateSystem.TryFromEpsg(code.Value) ?? throw RasterFaults.UnsupportedCrs(keys.Name);
        if (!HasDatumNearWgs84(keys))
            throw RasterFaults.UnsupportedCrs(keys.Name);
        return isProjected ? Projected(keys) : Geographic(keys);
    }

    static bool NamesAnotherBody(GeoKeys keys)
    {
        var words = string.Join(' ', keys.Text(GeoKeys.Citation), keys.Text(GeoKeys.GeogCitation),
            keys.Text(GeoKeys.ProjectedCitation)).ToUpperInvariant()
            .Split([' ', '_', '|', '=', '/', ':', ',', '(', ')', '"'], StringSplitOptions.RemoveEmptyEntries);
        return words.Intersect(OtherBodies).Any();
    }

    static bool HasDatumNearWgs84(GeoKeys keys)
    {
        if (keys.Number(GeoKeys.PrimeMeridian) is not (null or 8901 or GeoKeys.UserDefined)
            || keys.Double(2061) is > 0 or < 0)
            return false;
        if (keys.Number(GeoKeys.GeographicType) is { } code and > 0 and not GeoKeys.UserDefined)
            return EpsgTable.IsNearWgs84(code);
        // A datum without a name on the ellipsoid of WGS 84 or GRS 1980 is taken for WGS 84, as PROJ does.
        return keys.Figure() is { } figure
            && Math.Abs(figure.SemiMajorMetres - Ellipsoid.Wgs84.SemiMajorMetres) < 1
            && (figure.Flattening == 0 || Math.Abs(figure.Flattening - Ellipsoid.Wgs84.Flattening) < 1e-8);
    }

    static CoordinateSystem Geographic(GeoKeys keys) =>
        keys.Number(GeoKeys.AngularUnits) is null or 9102
            ? new(null, keys.Name, new PlateCarree())
            : throw RasterFaults.UnsupportedCrs(keys.Name);

    static CoordinateSystem Projected(GeoKeys keys)
    {
        var figure = keys.Figure() ?? Ellipsoid.Wgs84;
        var unit = keys.Number(GeoKeys.LinearUnits) switch
        {
            null or 9001 => 1,
            9002 => 0.3048,
            9003 => 1200 / 3937d,
            GeoKeys.UserDefined => keys.FirstOf(0, 3077),
            _ => 0,
        };
        // Projection codes 16001 to 16060 and 16101 to 16160 are the zones of UTM.
        IProjection? projection = keys.Number(GeoKeys.Projection) switch
        {
            >= 16001 and <= 16060 and var code => EpsgTable.UtmZone(figure, code - 16000, south: false),
            >= 16101 and <= 16160 and var code => EpsgTable.UtmZone(figure, code - 16100, south: true),
            _ => unit > 0 ? ByParameters(keys, figure, unit) : null,
        };
        if (projection is null || unit <= 0)
            throw RasterFaults.UnsupportedCrs(keys.Name);
        return new(KnownUtm(keys), keys.Name, projection, unit);
    }

    // A zone of UTM that is spelled out on WGS 84 has an EPSG code after all.
    static int? KnownUtm(GeoKeys keys) => (keys.Number(GeoKeys.GeographicType), keys.Number(GeoKeys.Projection)) switch
    {
        (4326, >= 16001 and <= 16060 and var code) => code + 16600,
        (4326, >= 16101 and <= 16160 and var code) => code + 16600,
        _ => null,
    };

    static IProjection? ByParameters(GeoKeys keys, Ellipsoid figure, double unit)
    {
        var meridian = keys.FirstOf(0, 3080, 3084, 3088, 3095) * Degree;
        var latitude = keys.FirstOf(0, 3081, 3085, 3089) * Degree;
        var parallel1 = keys.FirstOf(0, 3078) * Degree;
        var parallel2 = keys.FirstOf(0, 3079) * Degree;
        var scale = keys.FirstOf(1, 3092, 3093);
        var east = keys.FirstOf(0, 3082, 3086, 3090) * unit;
        var north = keys.FirstOf(0, 3083, 3087, 3091) * unit;
        return keys.Number(GeoKeys.ProjectionMethod) switch
        {
            1 => new TransverseMercator(figure, meridian, latitude, scale, east, north),
            7 when latitude == 0 => new Mercator(figure, meridian, scale * MercatorScale(figure, parallel1), east,
                north),
            8 when parallel1 + parallel2 != 0 =>
                new LambertConformalConic(figure, meridian, latitude, parallel1, parallel2, 1, east, north),
            9 when latitude != 0 => new LambertConformalConic(figure, meridian, latitude, latitude, latitude, scale,
                east, north),
            10 => new LambertAzimuthalEqualArea(figure, meridian, latitude, east, north),
            11 when parallel1 + parallel2 != 0 =>
                new AlbersEqualArea(figure, meridian, latitude, parallel1, parallel2, east, north),
            15 => new PolarStereographic(figure, keys.FirstOf(0, 3095, 3080) * Degree, latitude, scale, east, north),
            _ => null,
        };
    }

    static double MercatorScale(Ellipsoid figure, double parallel) =>
        Snyder.ParallelRadius(parallel, figure.EccentricitySquared);
}

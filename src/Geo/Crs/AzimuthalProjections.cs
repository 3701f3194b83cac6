using static System.Math;

namespace Waypost.Geo.Crs;

/// <summary>Lambert azimuthal equal area, oblique aspect (EPSG method 9820; Snyder 24).</summary>
sealed class LambertAzimuthalEqualArea : IProjection
{
    readonly double _e;
    readonly double _polarArea;
    readonly double _authalicRadius;
    readonly double _stretch;
    readonly double _sinOrigin;
    readonly double _cosOrigin;
    readonly double _centralMeridian;
    readonly double _falseEasting;
    readonly double _falseNorthing;

    public LambertAzimuthalEqualArea(
        Ellipsoid on, double centralMeridian, double latitudeOfOrigin, double falseEasting, double falseNorthing)
    {
        _e = on.Eccentricity;
        (_centralMeridian, _falseEasting, _falseNorthing) = (centralMeridian, falseEasting, falseNorthing);
        _polarArea = Snyder.ZoneArea(PI / 2, _e);
        _authalicRadius = on.SemiMajorMetres * Sqrt(_polarArea / 2);
        (_sinOrigin, _cosOrigin) = SinCos(Authalic(latitudeOfOrigin));
        _stretch = on.SemiMajorMetres * Snyder.ParallelRadius(latitudeOfOrigin, on.EccentricitySquared)
            / (_authalicRadius * _cosOrigin);
    }

    public (double X, double Y) Forward(double longitude, double latitude)
    {
        var (sinBeta, cosBeta) = SinCos(Authalic(latitude));
        var (sin, cos) = SinCos(Snyder.Wrap(longitude - _centralMeridian));
        var denominator = Max(1 + _sinOrigin * sinBeta + _cosOrigin * cosBeta * cos, 1e-12);
        var b = _authalicRadius * Sqrt(2 / denominator);
        return (_falseEasting + b * _stretch * cosBeta * sin,
            _falseNorthing + b / _stretch * (_cosOrigin * sinBeta - _sinOrigin * cosBeta * cos));
    }

    public (double Longitude, double Latitude) Inverse(double x, double y)
    {
        var east = (x - _falseEasting) / _stretch;
        var north = (y - _falseNorthing) * _stretch;
        var rho = Sqrt(east * east + north * north);
        if (rho < 1e-9)
            return (_centralMeridian, Snyder.LatitudeOfArea(_polarArea * _sinOrigin, _e));
        var (sin, cos) = SinCos(2 * Asin(Clamp(rho / (2 * _authalicRadius), -1, 1)));
        var q = _polarArea * (cos * _sinOrigin + north * sin * _cosOrigin / rho);
        var longitude = Atan2(east * sin, rho * _cosOrigin * cos - north * _sinOrigin * sin);
        return (Snyder.Wrap(_centralMeridian + longitude), Snyder.LatitudeOfArea(q, _e));
    }

    double Authalic(double latitude) => Asin(Clamp(Snyder.ZoneArea(latitude, _e) / _polarArea, -1, 1));
}

/// <summary>Polar stereographic (EPSG methods 9810 and 9829; Snyder 21).</summary>
sealed class PolarStereographic : IProjection
{
    readonly double _e;
    readonly double _radius;
    readonly int _pole;
    readonly double _meridian;
    readonly double _falseEasting;
    readonly double _falseNorthing;

    /// <summary>
    /// By the latitude of true scale: 90 or -90 degrees there means the pole, with <paramref name="scale"/>.
    /// </summary>
    public PolarStereographic(
        Ellipsoid on, double meridian, double trueScaleLatitude, double scale, double falseEasting,
        double falseNorthing)
    {
        _e = on.Eccentricity;
        _pole = trueScaleLatitude < 0 ? -1 : 1;
        (_meridian, _falseEasting, _falseNorthing) = (meridian, falseEasting, falseNorthing);
        var parallel = Abs(trueScaleLatitude);
        _radius = PI / 2 - parallel < 1e-9
            ? 2 * on.SemiMajorMetres * scale / Sqrt(Pow(1 + _e, 1 + _e) * Pow(1 - _e, 1 - _e))
            : scale * on.SemiMajorMetres * Snyder.ParallelRadius(parallel, on.EccentricitySquared)
                / Snyder.ConformalT(parallel, _e);
    }

    public (double X, double Y) Forward(double longitude, double latitude)
    {
        var rho = _radius * Snyder.ConformalT(_pole * latitude, _e);
        var theta = Snyder.Wrap(longitude - _meridian);
        return (_falseEasting + rho * Sin(theta), _falseNorthing - _pole * rho * Cos(theta));
    }

    public (double Longitude, double Latitude) Inverse(double x, double y)
    {
        var east = x - _falseEasting;
        var north = -_pole * (y - _falseNorthing);
        var rho = Sqrt(east * east + north * north);
        var longitude = rho < 1e-9 ? _meridian : _meridian + Atan2(east, north);
        return (Snyder.Wrap(longitude), _pole * Snyder.LatitudeOfT(rho / _radius, _e));
    }
}

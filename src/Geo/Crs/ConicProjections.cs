using static System.Math;

namespace Waypost.Geo.Crs;

/// <summary>
/// Lambert conformal conic with one or two standard parallels (EPSG methods 9801 and 9802; Snyder 15).
/// </summary>
sealed class LambertConformalConic : IProjection
{
    readonly double _e;
    readonly double _n;
    readonly double _radius;
    readonly double _originRadius;
    readonly double _centralMeridian;
    readonly double _falseEasting;
    readonly double _falseNorthing;

    public LambertConformalConic(
        Ellipsoid on, double centralMeridian, double latitudeOfOrigin, double parallel1, double parallel2, double scale,
        double falseEasting, double falseNorthing)
    {
        _e = on.Eccentricity;
        (_centralMeridian, _falseEasting, _falseNorthing) = (centralMeridian, falseEasting, falseNorthing);
        var m1 = Snyder.ParallelRadius(parallel1, on.EccentricitySquared);
        var t1 = Snyder.ConformalT(parallel1, _e);
        _n = Sin(parallel1);
        if (Abs(parallel1 - parallel2) > 1e-10)
            _n = Log(m1 / Snyder.ParallelRadius(parallel2, on.EccentricitySquared))
                / Log(t1 / Snyder.ConformalT(parallel2, _e));
        _radius = scale * on.SemiMajorMetres * m1 / (_n * Pow(t1, _n));
        _originRadius = Radius(latitudeOfOrigin);
    }

    public (double X, double Y) Forward(double longitude, double latitude)
    {
        var rho = Radius(latitude);
        var theta = _n * Snyder.Wrap(longitude - _centralMeridian);
        return (_falseEasting + rho * Sin(theta), _falseNorthing + _originRadius - rho * Cos(theta));
    }

    public (double Longitude, double Latitude) Inverse(double x, double y)
    {
        var east = (x - _falseEasting) * Sign(_n);
        var north = (_originRadius - (y - _falseNorthing)) * Sign(_n);
        var rho = Sqrt(east * east + north * north) * Sign(_n);
        var latitude = Snyder.LatitudeOfT(Pow(Max(rho / _radius, 0), 1 / _n), _e);
        return (Snyder.Wrap(_centralMeridian + Atan2(east, north) / _n), latitude);
    }

    double Radius(double latitude) => _radius * Pow(Max(Snyder.ConformalT(latitude, _e), 0), _n);
}

/// <summary>Albers equal area (EPSG method 9822; Snyder 14).</summary>
sealed class AlbersEqualArea : IProjection
{
    readonly double _e;
    readonly double _n;
    readonly double _c;
    readonly double _semiMajor;
    readonly double _originRadius;
    readonly double _centralMeridian;
    readonly double _falseEasting;
    readonly double _falseNorthing;

    public AlbersEqualArea(
        Ellipsoid on, double centralMeridian, double latitudeOfOrigin, double parallel1, double parallel2,
        double falseEasting, double falseNorthing)
    {
        _e = on.Eccentricity;
        _semiMajor = on.SemiMajorMetres;
        (_centralMeridian, _falseEasting, _falseNorthing) = (centralMeridian, falseEasting, falseNorthing);
        var m1 = Snyder.ParallelRadius(parallel1, on.EccentricitySquared);
        var q1 = Snyder.ZoneArea(parallel1, _e);
        _n = Sin(parallel1);
        if (Abs(parallel1 - parallel2) > 1e-10)
        {
            var m2 = Snyder.ParallelRadius(parallel2, on.EccentricitySquared);
            _n = (m1 * m1 - m2 * m2) / (Snyder.ZoneArea(parallel2, _e) - q1);
        }
        _c = m1 * m1 + _n * q1;
        _originRadius = Radius(latitudeOfOrigin);
    }

    public (double X, double Y) Forward(double longitude, double latitude)
    {
        var rho = Radius(latitude);
        var theta = _n * Snyder.Wrap(longitude - _centralMeridian);
        return (_falseEasting + rho * Sin(theta), _falseNorthing + _originRadius - rho * Cos(theta));
    }

    public (double Longitude, double Latitude) Inverse(double x, double y)
    {
        var east = (x - _falseEasting) * Sign(_n);
        var north = (_originRadius - (y - _falseNorthing)) * Sign(_n);
        var rho = Sqrt(east * east + north * north) * _n / _semiMajor;
        return (Snyder.Wrap(_centralMeridian + Atan2(east, north) / _n),
            Snyder.LatitudeOfArea((_c - rho * rho) / _n, _e));
    }

    double Radius(double latitude) => _semiMajor * Sqrt(Max(_c - _n * Snyder.ZoneArea(latitude, _e), 0)) / _n;
}

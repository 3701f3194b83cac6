using static System.Math;

namespace Waypost.Geo.Crs;

/// <summary>Turns longitude and latitude into a plane and back. Angles are radians, lengths metres.</summary>
public interface IProjection
{
    /// <summary>From longitude and latitude to easting and northing.</summary>
    (double X, double Y) Forward(double longitude, double latitude);

    /// <summary>From easting and northing to longitude and latitude.</summary>
    (double Longitude, double Latitude) Inverse(double x, double y);
}

/// <summary>What the projections of an ellipsoid have in common (Snyder 1987, chapters 3 and 14 to 24).</summary>
static class Snyder
{
    const int MostRounds = 30;
    const double Enough = 1e-13;

    /// <summary>m of equation 14-15: the radius of a parallel over the semi-major axis.</summary>
    public static double ParallelRadius(double latitude, double e2)
    {
        var sin = Sin(latitude);
        return Cos(latitude) / Sqrt(1 - e2 * sin * sin);
    }

    /// <summary>t of equation 15-9: tan(pi/4 - chi/2), chi the conformal latitude.</summary>
    public static double ConformalT(double latitude, double e)
    {
        var sin = e * Sin(latitude);
        return Tan(PI / 4 - latitude / 2) / Pow((1 - sin) / (1 + sin), e / 2);
    }

    /// <summary>The latitude of a given t (equation 7-9, iterated).</summary>
    public static double LatitudeOfT(double t, double e)
    {
        var latitude = PI / 2 - 2 * Atan(t);
        for (var round = 0; round < MostRounds; round++)
        {
            var sin = e * Sin(latitude);
            var next = PI / 2 - 2 * Atan(t * Pow((1 - sin) / (1 + sin), e / 2));
            if (Abs(next - latitude) < Enough)
                return next;
            latitude = next;
        }
        return latitude;
    }

    /// <summary>q of equation 3-12: the area of the zone from the equator, for equal-area projections.</summary>
    public static double ZoneArea(double latitude, double e)
    {
        var sin = Sin(latitude);
        if (e < 1e-9)
            return 2 * sin;
        var es = e * sin;
        return (1 - e * e) * (sin / (1 - es * es) - Log((1 - es) / (1 + es)) / (2 * e));
    }

    /// <summary>The latitude of a given q (equation 3-16, iterated).</summary>
    public static double LatitudeOfArea(double q, double e)
    {
        var latitude = Asin(Clamp(q / 2, -1, 1));
        if (Abs(Abs(q) - ZoneArea(PI / 2, e)) < 1e-12)
            return CopySign(PI / 2, q);
        for (var round = 0; round < MostRounds; round++)
        {
            var sin = Sin(latitude);
            var inner = 1 - e * e * sin * sin;
            var step = inner * inner / (2 * Max(Cos(latitude), 1e-12)) * ((q - ZoneArea(latitude, e)) / (1 - e * e));
            latitude = Clamp(latitude + step, -PI / 2, PI / 2);
            if (Abs(step) < Enough)
                break;
        }
        return latitude;
    }

    /// <summary>An angle brought into -pi to pi.</summary>
    public static double Wrap(double angle) => IEEERemainder(angle, 2 * PI);
}

/// <summary>Longitude and latitude as they are: the plane of a geographic system, in radians.</summary>
sealed class PlateCarree : IProjection
{
    public (double X, double Y) Forward(double longitude, double latitude) => (longitude, latitude);
    public (double Longitude, double Latitude) Inverse(double x, double y) => (x, y);
}

/// <summary>
/// The spherical Mercator of web maps (EPSG method 1024), which takes latitudes of the ellipsoid as they are.
/// </summary>
sealed class WebMercator : IProjection
{
    const double Radius = 6378137;

    // The pole is infinitely far away: nothing nearer to it than about 6 mm is told apart.
    const double MostLatitude = PI / 2 - 1e-9;

    public (double X, double Y) Forward(double longitude, double latitude) =>
        (Radius * longitude, Radius * Asinh(Tan(Clamp(latitude, -MostLatitude, MostLatitude))));

    public (double Longitude, double Latitude) Inverse(double x, double y) => (x / Radius, Atan(Sinh(y / Radius)));
}

/// <summary>Mercator on the ellipsoid (EPSG methods 9804 and 9805).</summary>
sealed class Mercator(Ellipsoid on, double centralMeridian, double scale, double falseEasting, double falseNorthing)
    : IProjection
{
    readonly double _e = on.Eccentricity;
    readonly double _radius = on.SemiMajorMetres * scale;

    public (double X, double Y) Forward(double longitude, double latitude) =>
        (falseEasting + _radius * Snyder.Wrap(longitude - centralMeridian),
         falseNorthing - _radius * Log(Max(Snyder.ConformalT(latitude, _e), 1e-12)));

    public (double Longitude, double Latitude) Inverse(double x, double y) =>
        (centralMeridian + (x - falseEasting) / _radius,
         Snyder.LatitudeOfT(Exp((falseNorthing - y) / _radius), _e));
}

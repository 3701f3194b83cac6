using static System.Math;

namespace Waypost.Geo.Crs;

/// <summary>
/// Transverse Mercator by Krüger's series to the sixth order: 5 nm within 35 degrees of the central meridian.
/// </summary>
/// <remarks>
/// C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", 2011, equations 7 to 37.
/// </remarks>
sealed class TransverseMercator : IProjection
{
    const int Order = 6;
    const int MostRounds = 8;

    readonly double _e;
    readonly double _e2;
    readonly double _centralMeridian;
    readonly double _falseEasting;
    readonly double _originNorthing;
    readonly double _radius;
    readonly double[] _alpha;
    readonly double[] _beta;

    public TransverseMercator(
        Ellipsoid on, double centralMeridian, double latitudeOfOrigin, double scale, double falseEasting,
        double falseNorthing)
    {
        _e = on.Eccentricity;
        _e2 = on.EccentricitySquared;
        _centralMeridian = centralMeridian;
        _falseEasting = falseEasting;
        var n = on.Flattening / (2 - on.Flattening);
        var n2 = n * n;
        _radius = scale * on.SemiMajorMetres / (1 + n) * (1 + n2 * (1 / 4d + n2 * (1 / 64d + n2 / 256)));
        _alpha = Series(n,
            [1 / 2d, -2 / 3d, 5 / 16d, 41 / 180d, -127 / 288d, 7891 / 37800d],
            [13 / 48d, -3 / 5d, 557 / 1440d, 281 / 630d, -1983433 / 1935360d],
            [61 / 240d, -103 / 140d, 15061 / 26880d, 167603 / 181440d],
            [49561 / 161280d, -179 / 168d, 6601661 / 7257600d],
            [34729 / 80640d, -3418889 / 1995840d],
            [212378941 / 319334400d]);
        _beta = Series(n,
            [1 / 2d, -2 / 3d, 37 / 96d, -1 / 360d, -81 / 512d, 96199 / 604800d],
            [1 / 48d, 1 / 15d, -437 / 1440d, 46 / 105d, -1118711 / 3870720d],
            [17 / 480d, -37 / 840d, -209 / 4480d, 5569 / 90720d],
            [4397 / 161280d, -11 / 504d, -830251 / 7257600d],
            [4583 / 161280d, -108847 / 3991680d],
            [20648693 / 638668800d]);
        _originNorthing = 0;
        _originNorthing = falseNorthing - Forward(centralMeridian, latitudeOfOrigin).Y;
    }

    public (double X, double Y) Forward(double longitude, double latitude)
    {
        var lambda = Snyder.Wrap(longitude - _centralMeridian);
        var tau = Conformal(Tan(latitude));
        var cos = Cos(lambda);
        var xi0 = Atan2(tau, cos);
        var eta0 = Asinh(Sin(lambda) / Sqrt(tau * tau + cos * cos));
        var (xi, eta) = (xi0, eta0);
        for (var j = 1; j <= Order; j++)
        {
            xi += _alpha[j] * Sin(2 * j * xi0) * Cosh(2 * j * eta0);
            eta += _alpha[j] * Cos(2 * j * xi0) * Sinh(2 * j * eta0);
        }
        return (_falseEasting + _radius * eta, _originNorthing + _radius * xi);
    }

    public (double Longitude, double Latitude) Inverse(double x, double y)
    {
        var xi0 = (y - _originNorthing) / _radius;
        var eta0 = (x - _falseEasting) / _radius;
        var (xi, eta) = (xi0, eta0);
        for (var j = 1; j <= Order; j++)
        {
            xi -= _beta[j] * Sin(2 * j * xi0) * Cosh(2 * j * eta0);
            eta -= _beta[j] * Cos(2 * j * xi0) * Sinh(2 * j * eta0);
        }
        var sinh = Sinh(eta);
        var cos = Cos(xi);
        var conformal = Sin(xi) / Sqrt(sinh * sinh + cos * cos);
        return (Snyder.Wrap(_centralMeridian + Atan2(sinh, cos)), Atan(Geographic(conformal)));
    }

    // The tangent of the conformal latitude (equations 7 to 9).
    double Conformal(double tau)
    {
        var secant = Sqrt(1 + tau * tau);
        var sigma = Sinh(_e * Atanh(_e * tau / secant));
        return tau * Sqrt(1 + sigma * sigma) - sigma * secant;
    }

    // Its inverse by Newton's method (equations 19 to 21); three rounds are enough for the Earth.
    double Geographic(double conformal)
    {
        var tau = conformal / (1 - _e2);
        for (var round = 0; round < MostRounds; round++)
        {
            var now = Conformal(tau);
            var step = (conformal - now) / Sqrt(1 + now * now)
                * (1 + (1 - _e2) * tau * tau) / ((1 - _e2) * Sqrt(1 + tau * tau));
            tau += step;
            if (Abs(step) < 1e-14 * Max(1, Abs(tau)))
                break;
        }
        return tau;
    }

    // Row j of the table starts at n to the power of j.
    static double[] Series(double n, params double[][] rows)
    {
        var sums = new double[Order + 1];
        for (var j = 1; j <= Order; j++)
            for (var k = 0; k < rows[j - 1].Length; k++)
                sums[j] += rows[j - 1][k] * Pow(n, j + k);
        return sums;
    }
}

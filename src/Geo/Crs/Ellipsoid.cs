namespace Waypost.Geo.Crs;

/// <summary>The figure of the Earth a projection is computed on.</summary>
/// <param name="SemiMajorMetres">Equatorial radius in metres.</param>
/// <param name="Flattening">(a - b) / a; 0 for a sphere.</param>
public readonly record struct Ellipsoid(double SemiMajorMetres, double Flattening)
{
    /// <summary>WGS 84.</summary>
    public static readonly Ellipsoid Wgs84 = new(6378137, 1 / 298.257223563);

    /// <summary>GRS 1980, of NAD83 and ETRS89: within 0.1 mm of WGS 84.</summary>
    public static readonly Ellipsoid Grs80 = new(6378137, 1 / 298.257222101);

    /// <summary>First eccentricity squared.</summary>
    public double EccentricitySquared => Flattening * (2 - Flattening);

    /// <summary>First eccentricity.</summary>
    public double Eccentricity => Math.Sqrt(EccentricitySquared);

    /// <summary>
    /// True when the size is that of the Earth: every ellipsoid in use for it lies within 10 km of WGS 84.
    /// </summary>
    public bool IsEarth => Math.Abs(SemiMajorMetres - Wgs84.SemiMajorMetres) < 10_000;
}

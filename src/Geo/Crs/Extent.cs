namespace Waypost.Geo.Crs;

/// <summary>
/// A box. In longitude and latitude a west beyond the east means that it crosses the antimeridian (RFC 7946, 5.2).
/// </summary>
public readonly record struct Extent(double West, double South, double East, double North)
{
    /// <summary>True when the box crosses the antimeridian.</summary>
    public bool CrossesAntimeridian => West > East;

    /// <summary>As an array in the order of GeoJSON's and STAC's bbox.</summary>
    public double[] ToArray() => [West, South, East, North];
}

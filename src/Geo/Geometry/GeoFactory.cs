using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Implementation;

namespace Waypost.Geo.Geometry;

/// <summary>
/// Makes the geometries of this project: WGS 84 longitude and latitude, two dimensions, coordinates in one flat
/// array.
/// </summary>
public static class GeoFactory
{
    /// <summary>
    /// SRID 4326. Coordinates are kept as one array of doubles: a quarter of the memory of an object for each.
    /// </summary>
    public static GeometryFactory Wgs84 { get; } =
        new(new PrecisionModel(), 4326, PackedCoordinateSequenceFactory.DoubleFactory);
}

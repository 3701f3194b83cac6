using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>Whether two geometries are written the same: kind, parts and every number with its height.</summary>
static class ExactGeometry
{
    public static bool Same(NtsGeometry one, NtsGeometry other)
    {
        if (ReferenceEquals(one, other))
            return true;
        if (one.OgcGeometryType != other.OgcGeometryType || one.NumGeometries != other.NumGeometries)
            return false;
        return (one, other) switch
        {
            (Point a, Point b) => Same(a.CoordinateSequence, b.CoordinateSequence),
            (LineString a, LineString b) => Same(a.CoordinateSequence, b.CoordinateSequence),
            (Polygon a, Polygon b) => Same(a.ExteriorRing, b.ExteriorRing)
                && a.NumInteriorRings == b.NumInteriorRings
                && a.InteriorRings.Zip(b.InteriorRings).All(pair => Same(pair.First, pair.Second)),
            (GeometryCollection a, GeometryCollection b) =>
                a.Geometries.Zip(b.Geometries).All(pair => Same(pair.First, pair.Second)),
            _ => false,
        };
    }

    public static int Hash(NtsGeometry geometry) =>
        HashCode.Combine(geometry.OgcGeometryType, geometry.NumPoints, geometry.EnvelopeInternal);

    static bool Same(CoordinateSequence one, CoordinateSequence other)
    {
        if (one.Count != other.Count)
            return false;
        for (var i = 0; i < one.Count; i++)
        {
            if (!one.GetX(i).Equals(other.GetX(i)) || !one.GetY(i).Equals(other.GetY(i))
                || !one.GetZ(i).Equals(other.GetZ(i)))
                return false;
        }
        return true;
    }
}

using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// The direction of polygon rings: outer ones counter-clockwise, holes clockwise (RFC 7946 section 3.1.6).
/// </summary>
internal static class Winding
{
    /// <summary>The geometry with its rings turned where needed; the same object when none had to be.</summary>
    public static NtsGeometry RightHanded(NtsGeometry geometry, out bool changed)
    {
        changed = false;
        switch (geometry)
        {
            case Polygon polygon when !polygon.IsEmpty:
                return OfPolygon(polygon, ref changed);
            case MultiPolygon many:
                var polygons = new Polygon[many.NumGeometries];
                for (var i = 0; i < polygons.Length; i++)
                    polygons[i] = OfPolygon((Polygon)many.GetGeometryN(i), ref changed);
                return changed ? GeoFactory.Wgs84.CreateMultiPolygon(polygons) : geometry;
            case GeometryCollection and not (MultiPoint or MultiLineString):
                var members = new NtsGeometry[geometry.NumGeometries];
                for (var i = 0; i < members.Length; i++)
                {
                    members[i] = RightHanded(geometry.GetGeometryN(i), out var one);
                    changed |= one;
                }
                return changed ? GeoFactory.Wgs84.CreateGeometryCollection(members) : geometry;
            default:
                return geometry;
        }
    }

    static Polygon OfPolygon(Polygon polygon, ref bool changed)
    {
        if (polygon.IsEmpty)
            return polygon;
        var turned = false;
        var shell = Turned((LinearRing)polygon.ExteriorRing, counterClockwise: true, ref turned);
        var holes = new LinearRing[polygon.NumInteriorRings];
        for (var i = 0; i < holes.Length; i++)
            holes[i] = Turned((LinearRing)polygon.GetInteriorRingN(i), counterClockwise: false, ref turned);
        changed |= turned;
        return turned ? GeoFactory.Wgs84.CreatePolygon(shell, holes) : polygon;
    }

    static LinearRing Turned(LinearRing ring, bool counterClockwise, ref bool turned)
    {
        if (ring.IsEmpty || Orientation.IsCCW(ring.CoordinateSequence) == counterClockwise)
            return ring;
        turned = true;
        return (LinearRing)ring.Reverse();
    }
}

using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Geometry;

/// <summary>Tells polygons that are valid beyond doubt, as most footprints are, at a fraction of the cost.</summary>
internal static class Convexity
{
    /// <summary>The sine of the least turn that is told from going straight on.</summary>
    const double Straight = 1e-9;

    /// <summary>
    /// True for a polygon without holes that turns the same way at every corner and around itself once. False also
    /// when that is not clear.
    /// </summary>
    public static bool IsConvex(NtsGeometry geometry)
    {
        if (geometry is not Polygon { NumInteriorRings: 0, IsEmpty: false } polygon)
            return false;
        var ring = polygon.ExteriorRing.CoordinateSequence;
        var last = ring.Count - 1;
        var (turn, changes, before) = (0, 0, 0);
        for (var i = 0; i < last; i++)
        {
            var (ax, ay) = Step(ring, i);
            var (bx, by) = Step(ring, i + 1 < last ? i + 1 : 0);
            var cross = ax * by - ay * bx;
            if (!(Math.Abs(cross) > Straight * (Math.Abs(ax) + Math.Abs(ay)) * (Math.Abs(bx) + Math.Abs(by))))
                return false;
            var sign = Math.Sign(cross);
            if (turn == -sign)
                return false;
            turn = sign;
            // Going once around, the way east turns to the way west once, and back once.
            var east = Math.Sign(ax);
            if (east != 0 && east != before)
            {
                changes += before != 0 ? 1 : 0;
                before = east;
            }
        }
        return changes <= 2 && last >= 3;
    }

    static (double X, double Y) Step(CoordinateSequence ring, int i) =>
        (ring.GetX(i + 1) - ring.GetX(i), ring.GetY(i + 1) - ring.GetY(i));
}

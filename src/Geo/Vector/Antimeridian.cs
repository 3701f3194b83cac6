using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Shapes at the ±180° line: cut there as RFC 7946 section 3.1.9 asks, or recognised as written the wrong way round.
/// </summary>
internal static class Antimeridian
{
    /// <summary>True when a part lies beyond ±180°.</summary>
    public static bool IsBeyond(NtsGeometry geometry)
    {
        var box = geometry.EnvelopeInternal;
        return !box.IsNull && (box.MinX < -180 || box.MaxX > 180);
    }

    /// <summary>The geometry cut at ±180°, each part moved to where it belongs; multi-part when it was cut.</summary>
    /// <param name="geometry">A valid geometry within ±360°.</param>
    public static NtsGeometry Split(NtsGeometry geometry)
    {
        if (geometry is GeometryCollection and not (MultiPolygon or MultiLineString or MultiPoint))
        {
            var members = ((GeometryCollection)geometry).Geometries.Select(Split).ToArray();
            return GeoFactory.Wgs84.CreateGeometryCollection(members);
        }
        if (geometry is Point or MultiPoint)
            return GeoFactory.Wgs84.BuildGeometry([.. Pieces(geometry).Select(Wrapped)]);
        var parts = new List<NtsGeometry>();
        foreach (var turn in (ReadOnlySpan<int>)[0, -360, 360])
        {
            var slab = GeoFactory.Wgs84.ToGeometry(new Envelope(turn - 180, turn + 180, -91, 91));
            var part = slab.Intersection(geometry);
            if (part.IsEmpty || part.Dimension < geometry.Dimension)
                continue;
            parts.Add(turn == 0 ? part : AffineTransformation.TranslationInstance(-turn, 0).Transform(part));
        }
        var pieces = parts.SelectMany(Pieces).Where(piece => piece.Dimension == geometry.Dimension).ToArray();
        return geometry.Dimension == Dimension.Surface && pieces.Length > 1
            ? NetTopologySuite.Operation.Union.UnaryUnionOp.Union(pieces)
            : GeoFactory.Wgs84.BuildGeometry(pieces);
    }

    /// <summary>
    /// True when an edge jumps more than half around the world away from the poles: a shape that crosses the
    /// antimeridian, written without being cut there, covers the wrong side of the Earth.
    /// </summary>
    public static bool LooksUncut(NtsGeometry geometry)
    {
        if (geometry.EnvelopeInternal.Width <= 180)
            return false;
        if (geometry is GeometryCollection many)
            return many.Geometries.Any(LooksUncut);
        return geometry switch
        {
            LineString line => HasJump(line.CoordinateSequence),
            Polygon polygon => HasJump(polygon.ExteriorRing.CoordinateSequence),
            _ => false,
        };
    }

    static NtsGeometry Wrapped(NtsGeometry point)
    {
        var at = point.Coordinate;
        var turns = at.X > 180 ? -360 : at.X < -180 ? 360 : 0;
        return turns == 0 ? point : GeoFactory.Wgs84.CreatePoint(new Coordinate(at.X + turns, at.Y));
    }

    static bool HasJump(CoordinateSequence positions)
    {
        for (var i = 1; i < positions.Count; i++)
        {
            var jump = Math.Abs(positions.GetX(i) - positions.GetX(i - 1));
            // Exactly all around is how polar shapes run along the edge of the map.
            if (jump is > 180 and < 359.9 && Math.Abs(positions.GetY(i)) < 89)
                return true;
        }
        return false;
    }

    static IEnumerable<NtsGeometry> Pieces(NtsGeometry geometry) => geometry is GeometryCollection many
        ? many.Geometries.SelectMany(Pieces)
        : [geometry];
}

using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Union;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// The eight spatial relations in the plane of longitude and latitude: 181° is not -179°, a line between two
/// positions is straight on the map, and heights are ignored. Invalid geometries are repaired first.
/// </summary>
public static class SpatialRelations
{
    /// <summary>
    /// The geometry as it is compared: valid, without empty parts, and a collection of one kind as the multi-geometry
    /// of that kind. The same instance when nothing had to be done.
    /// </summary>
    public static NtsGeometry Comparable(NtsGeometry geometry)
    {
        if (IsCollection(geometry))
        {
            var members = Flattened(geometry).Select(Comparable).Where(member => !member.IsEmpty).ToList();
            return members.Select(member => member.Dimension).Distinct().Count() <= 1
                ? UnaryUnionOp.Union(members, GeoFactory.Wgs84)
                : GeoFactory.Wgs84.CreateGeometryCollection([.. members]);
        }
        var whole = geometry is GeometryCollection multi && multi.Geometries.Any(part => part.IsEmpty)
            ? GeoFactory.Wgs84.BuildGeometry(multi.Geometries.Where(part => !part.IsEmpty)) : geometry;
        return whole.IsValid ? whole : GeometryFixer.Fix(whole);
    }

    /// <summary>
    /// The box as it is compared. Across the antimeridian it is two boxes, each unbroken: one runs on beyond 180°,
    /// the other beyond -180°, so that shapes which end at the line and those which run on over it are both met.
    /// </summary>
    public static NtsGeometry Comparable(GeoBox box)
    {
        if (!box.CrossesAntimeridian)
            return box.ToGeometry();
        var east = (box with { East = box.East + 360 }).ToGeometry();
        var west = (box with { West = box.West - 360 }).ToGeometry();
        return (east, west) switch
        {
            (Polygon one, Polygon other) => GeoFactory.Wgs84.CreateMultiPolygon([one, other]),
            (LineString one, LineString other) => GeoFactory.Wgs84.CreateMultiLineString([one, other]),
            _ => GeoFactory.Wgs84.BuildGeometry([east, west]),
        };
    }

    /// <summary>
    /// Whether a relation holds between two comparable geometries. An empty geometry is disjoint from all and equals
    /// another empty one. A collection that mixes points, lines and areas can intersect and be disjoint; its other
    /// relations are unknown (null), as no database has them.
    /// </summary>
    public static bool? Holds(SpatialRelation relation, NtsGeometry a, NtsGeometry b)
    {
        if (a.IsEmpty || b.IsEmpty)
        {
            return relation == SpatialRelation.Disjoint
                || (relation == SpatialRelation.Equals && a.IsEmpty && b.IsEmpty);
        }
        if (IsCollection(a) || IsCollection(b))
        {
            return relation switch
            {
                SpatialRelation.Intersects => AnyMeet(a, b),
                SpatialRelation.Disjoint => !AnyMeet(a, b),
                _ => null,
            };
        }
        return relation switch
        {
            SpatialRelation.Intersects => a.Intersects(b),
            SpatialRelation.Disjoint => a.Disjoint(b),
            SpatialRelation.Equals => a.EqualsTopologically(b),
            SpatialRelation.Touches => a.Touches(b),
            SpatialRelation.Within => a.Within(b),
            SpatialRelation.Overlaps => a.Overlaps(b),
            SpatialRelation.Crosses => a.Crosses(b),
            _ => a.Contains(b),
        };
    }

    static bool AnyMeet(NtsGeometry a, NtsGeometry b) =>
        Flattened(a).Any(one => Flattened(b).Any(other => one.Intersects(other)));

    static bool IsCollection(NtsGeometry geometry) =>
        geometry is GeometryCollection and not (MultiPoint or MultiLineString or MultiPolygon);

    static IEnumerable<NtsGeometry> Flattened(NtsGeometry geometry) => IsCollection(geometry)
        ? ((GeometryCollection)geometry).Geometries.SelectMany(Flattened) : [geometry];
}

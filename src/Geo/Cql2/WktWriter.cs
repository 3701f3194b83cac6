using System.Text;
using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>Writes geometries as well-known text, heights as <c>Z</c>.</summary>
static class WktWriter
{
    public static void Write(StringBuilder text, NtsGeometry geometry)
    {
        text.Append(geometry is LinearRing ? "LINESTRING" : geometry.GeometryType.ToUpperInvariant());
        Body(text.Append(geometry is not GeometryCollection && HasHeights(geometry) ? " Z " : " "), geometry);
    }

    static bool HasHeights(NtsGeometry geometry) => geometry.Coordinates.Any(position => !double.IsNaN(position.Z));

    static void Body(StringBuilder text, NtsGeometry geometry)
    {
        switch (geometry)
        {
            case GeometryCollection { NumGeometries: 0 }:
            case not GeometryCollection when geometry.IsEmpty:
                text.Append("EMPTY");
                break;
            case Point point:
                Positions(text, point.CoordinateSequence);
                break;
            case LineString line:
                Positions(text, line.CoordinateSequence);
                break;
            case Polygon polygon:
                Members(text, [polygon.ExteriorRing, .. polygon.InteriorRings], Body);
                break;
            case MultiPoint or MultiLineString or MultiPolygon:
                Members(text, ((GeometryCollection)geometry).Geometries, Body);
                break;
            case GeometryCollection collection:
                Members(text, collection.Geometries, Write);
                break;
        }
    }

    static void Members(
        StringBuilder text, IReadOnlyList<NtsGeometry> members, Action<StringBuilder, NtsGeometry> write)
    {
        text.Append('(');
        for (var i = 0; i < members.Count; i++)
            write(i == 0 ? text : text.Append(", "), members[i]);
        text.Append(')');
    }

    static void Positions(StringBuilder text, CoordinateSequence positions)
    {
        text.Append('(');
        for (var i = 0; i < positions.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(Cql2TextWriter.Number(positions.GetX(i)));
            text.Append(' ').Append(Cql2TextWriter.Number(positions.GetY(i)));
            if (!double.IsNaN(positions.GetZ(i)))
                text.Append(' ').Append(Cql2TextWriter.Number(positions.GetZ(i)));
        }
        text.Append(')');
    }
}

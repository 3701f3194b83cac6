using System.Collections.Frozen;
using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Reads well-known text off the tokens (rule <c>spatialInstance</c>), with or without <c>Z</c>, also
/// <c>EMPTY</c>, points of a multi-point without parentheses, and collections within collections.
/// </summary>
sealed class WktReader(TokenCursor cursor, GeometryBuilding building)
{
    static readonly FrozenSet<string> Words = new[]
    {
        "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True when a geometry starts at the current token: its word alone could be a property.</summary>
    public bool StartsHere => cursor.Current.Kind == TokenKind.Name && Words.Contains(cursor.Current.Value)
        && (cursor.FollowedBySign('(')
            || (cursor.Following.Kind == TokenKind.Name
                && cursor.Following.Value.ToUpperInvariant() is "Z" or "EMPTY"));

    public NtsGeometry Read(int depth)
    {
        if (!StartsHere)
            throw cursor.Unexpected("a geometry");
        if (depth > Cql2Limits.Depth)
            throw Cql2Limits.Passed(cursor.Current.Place, "expressions within one another", Cql2Limits.Depth);
        var word = cursor.Take();
        cursor.TakeWord("Z");
        return word.Value.ToUpperInvariant() switch
        {
            "POINT" => ReadPoint(),
            "LINESTRING" => ReadLine(),
            "POLYGON" => ReadPolygon(),
            "MULTIPOINT" => GeoFactory.Wgs84.CreateMultiPoint([.. List(ReadMember)]),
            "MULTILINESTRING" => GeoFactory.Wgs84.CreateMultiLineString([.. List(ReadLine)]),
            "MULTIPOLYGON" => GeoFactory.Wgs84.CreateMultiPolygon([.. List(ReadPolygon)]),
            _ => GeoFactory.Wgs84.CreateGeometryCollection([.. List(() => Read(depth + 1))]),
        };
    }

    /// <summary><c>BBOX(west, south, [lowest,] east, north [, greatest])</c>, its word already taken.</summary>
    public GeoBox ReadBox(string place)
    {
        return GeometryBuilding.Box(List(cursor.ExpectNumber), place);
    }

    Point ReadPoint()
    {
        if (cursor.TakeWord("EMPTY"))
            return GeometryBuilding.Point([]);
        cursor.ExpectSign('(');
        var position = ReadPosition();
        cursor.ExpectSign(')');
        return GeometryBuilding.Point([position]);
    }

    Point ReadMember() =>
        cursor.IsSign('(') || cursor.IsWord("EMPTY") ? ReadPoint() : GeometryBuilding.Point([ReadPosition()]);

    LineString ReadLine()
    {
        var place = cursor.Current.Place;
        return GeometryBuilding.Line(List(ReadPosition), place);
    }

    Polygon ReadPolygon()
    {
        var place = cursor.Current.Place;
        return GeometryBuilding.Polygon(List(ReadRing), place);
    }

    LinearRing ReadRing()
    {
        var place = cursor.Current.Place;
        return GeometryBuilding.Ring(List(ReadPosition), place);
    }

    Coordinate ReadPosition()
    {
        building.Count(cursor.Current.Place);
        var x = cursor.ExpectNumber();
        var y = cursor.ExpectNumber();
        return cursor.IsSign(',') || cursor.IsSign(')')
            ? new Coordinate(x, y) : new CoordinateZ(x, y, cursor.ExpectNumber());
    }

    /// <summary>Members in parentheses with commas between them, or <c>EMPTY</c>.</summary>
    List<T> List<T>(Func<T> read)
    {
        if (cursor.TakeWord("EMPTY"))
            return [];
        cursor.ExpectSign('(');
        var members = new List<T> { read() };
        while (cursor.TakeSign(','))
            members.Add(read());
        cursor.ExpectSign(')');
        return members;
    }
}

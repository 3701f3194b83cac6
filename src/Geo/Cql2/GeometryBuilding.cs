using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Implementation;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Makes the geometries of literals out of positions, and counts the positions. Coordinates may lie beyond 180
/// degrees, as shapes across the antimeridian are written unbroken; they only have to be finite.
/// </summary>
sealed class GeometryBuilding
{
    int positions;

    /// <summary>Counts one position.</summary>
    public void Count(string place)
    {
        if (++positions > Cql2Limits.Positions)
            throw Cql2Limits.Passed(place, "positions in geometries", Cql2Limits.Positions);
    }

    public static Point Point(List<Coordinate> position) => position.Count == 0
        ? GeoFactory.Wgs84.CreatePoint() : GeoFactory.Wgs84.CreatePoint(Sequence(position));

    public static LineString Line(List<Coordinate> positions, string place) => positions.Count != 1
        ? GeoFactory.Wgs84.CreateLineString(Sequence(positions))
        : throw new BadCql2Exception(place, "a line of one position", "two or more were expected");

    public static LinearRing Ring(List<Coordinate> positions, string place)
    {
        if (positions.Count is > 0 and < 4)
        {
            throw new BadCql2Exception(place,
                FormattableString.Invariant($"a ring of {positions.Count} positions"),
                "four or more were expected, the last the same as the first");
        }
        if (positions.Count > 0 && !positions[0].Equals2D(positions[^1]))
        {
            throw new BadCql2Exception(place, "a ring that is not closed",
                "its last position must be the same as its first");
        }
        return GeoFactory.Wgs84.CreateLinearRing(Sequence(positions));
    }

    public static Polygon Polygon(List<LinearRing> rings, string place)
    {
        if (rings.Count == 0)
            return GeoFactory.Wgs84.CreatePolygon();
        if (rings[0].IsEmpty && rings.Count > 1)
            throw new BadCql2Exception(place, "a hole in an empty polygon", "an outer ring was expected");
        return GeoFactory.Wgs84.CreatePolygon(rings[0], [.. rings.Skip(1)]);
    }

    /// <summary>A box of four or six numbers; whether they lie on the earth is asked when it is compared.</summary>
    public static GeoBox Box(List<double> numbers, string place) => numbers.Count switch
    {
        4 => new GeoBox(numbers[0], numbers[1], numbers[2], numbers[3]),
        6 => new GeoBox(numbers[0], numbers[1], numbers[3], numbers[4], numbers[2], numbers[5]),
        _ => throw new BadCql2Exception(place, FormattableString.Invariant($"a bbox of {numbers.Count} numbers"),
            "four or six were expected: west, south, [lowest,] east, north[, greatest]"),
    };

    static PackedDoubleCoordinateSequence Sequence(List<Coordinate> positions)
    {
        var dimension = positions.Exists(position => !double.IsNaN(position.Z)) ? 3 : 2;
        var flat = new double[positions.Count * dimension];
        for (var i = 0; i < positions.Count; i++)
        {
            flat[i * dimension] = positions[i].X;
            flat[i * dimension + 1] = positions[i].Y;
            if (dimension == 3)
                flat[i * dimension + 2] = positions[i].Z;
        }
        return new PackedDoubleCoordinateSequence(flat, dimension, 0);
    }
}

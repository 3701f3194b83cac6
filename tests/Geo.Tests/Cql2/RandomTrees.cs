using NetTopologySuite.Geometries;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>
/// Random trees of every kind of node, whether they make sense or not: what can be written must be read back. Free of
/// any test framework.
/// </summary>
public sealed class RandomTrees(int seed)
{
    static readonly string[] Names =
    [
        "name", "eo:cloud_cover", "properties.datetime", "date", "IN", "with space", "quo\"te", "Größe", "_x", "a-b",
        "1st", ":x", "名前", "null", "point", "𐐀", "tab\there",
    ];

    static readonly string[] Texts =
    [
        "", "a", "it's", "back\\slash", "ends\\", "ends\\\\", "\\'", "\\\\'x", "'", "''", "%_\\%", "Größe", "日本",
        "𐐀", "line\nbreak", "..", "2020-01-01", "e\u0301",
    ];

    static readonly double[] Numbers = [0, 1, -1, 0.1, -2.5, 1e300, 1e-300, 123456789012, -0.0, 1.0 / 3, 5e-324];

    readonly Random random = new(seed);

    /// <summary>A tree of at most this many levels.</summary>
    public Cql2Expression Tree(int depth) => depth <= 1 ? Leaf() : random.Next(20) switch
    {
        0 => new And(Several(depth, 2)),
        1 => new Or(Several(depth, 2)),
        2 => new Not(Tree(depth - 1)),
        3 or 4 => new Comparison(Any<ComparisonOperator>(), Tree(depth - 1), Tree(depth - 1)),
        5 => new Like(Tree(depth - 1), Pattern(depth - 1)),
        6 => new Between(Tree(depth - 1), Tree(depth - 1), Tree(depth - 1)),
        7 => new In(Tree(depth - 1), Several(depth, 0)),
        8 => new IsNull(Tree(depth - 1)),
        9 => new SpatialPredicate(Any<SpatialRelation>(), Tree(depth - 1), Tree(depth - 1)),
        10 => new TemporalPredicate(Any<TemporalRelation>(), Tree(depth - 1), Tree(depth - 1)),
        11 => new ArrayPredicate(Any<ArrayRelation>(), Element(depth - 1), Element(depth - 1)),
        12 or 13 or 14 => new Arithmetic(Any<ArithmeticOperator>(), Tree(depth - 1), Tree(depth - 1)),
        15 => new CaseFolded(Tree(depth - 1)),
        16 => new AccentFolded(Tree(depth - 1)),
        17 => new FunctionCall(Pick(["f", "Buffer", "odd name", "x:y"]), Elements(depth)),
        18 => new Interval(End(depth - 1), End(depth - 1)),
        _ => Leaf(),
    };

    /// <summary>A geometry of any type, with or without heights, perhaps empty.</summary>
    public NtsGeometry Geometry(int depth = 2)
    {
        var heights = random.Next(3) == 0;
        return random.Next(depth > 0 ? 8 : 7) switch
        {
            0 or 1 => Point(heights),
            2 => Line(heights),
            3 => Polygon(heights),
            4 => GeoFactory.Wgs84.CreateMultiPoint([.. Some(() => Point(heights))]),
            5 => GeoFactory.Wgs84.CreateMultiLineString([.. Some(() => Line(heights))]),
            6 => GeoFactory.Wgs84.CreateMultiPolygon([.. Some(() => Polygon(heights))]),
            _ => GeoFactory.Wgs84.CreateGeometryCollection([.. Some(() => Geometry(depth - 1))]),
        };
    }

    Cql2Expression Leaf() => random.Next(10) switch
    {
        0 or 1 or 2 => new PropertyReference(Pick(Names)),
        3 => new TextLiteral(Pick(Texts)),
        4 => new NumberLiteral(Pick(Numbers)),
        5 => new BooleanLiteral(random.Next(2) == 0),
        6 => Timestamp(),
        7 => Date(),
        8 => new BoxLiteral(random.Next(2) == 0
            ? new GeoBox(170, -10.5, -170, 20) : new GeoBox(-1, -2, 3, 4.25, random.Next(10), 100)),
        _ => new GeometryLiteral(Geometry()),
    };

    Cql2Expression? End(int depth) => random.Next(6) switch
    {
        0 => null,
        1 => Date(),
        2 => Timestamp(),
        3 => new FunctionCall("f", Elements(depth)),
        _ => new PropertyReference(Pick(Names)),
    };

    Cql2Expression Pattern(int depth) => depth <= 1 ? new TextLiteral(Pick(Texts)) : random.Next(4) switch
    {
        0 => new CaseFolded(Pattern(depth - 1)),
        1 => new AccentFolded(Pattern(depth - 1)),
        _ => new TextLiteral(Pick(Texts)),
    };

    TimestampLiteral Timestamp() => new(DateTimeOffset.UnixEpoch.AddTicks(
        random.NextInt64(-60_000_000_000_000_000, 60_000_000_000_000_000) * 10 * (random.Next(2) == 0 ? 1 : 0)));

    DateLiteral Date() => new(DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)));

    Cql2List<Cql2Expression> Several(int depth, int least) =>
        Enumerable.Range(0, random.Next(least, least + 3)).Select(_ => Tree(depth - 1)).ToCql2List();

    Cql2List<Cql2Expression> Elements(int depth) =>
        Enumerable.Range(0, random.Next(3)).Select(_ => Element(depth - 1)).ToCql2List();

    /// <summary>What may stand where arrays may.</summary>
    Cql2Expression Element(int depth) =>
        random.Next(3) == 0 ? new ArrayExpression(depth > 1 ? Elements(depth) : []) : Tree(depth);

    T[] Some<T>(Func<T> make) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => make())];

    Point Point(bool heights) => random.Next(8) == 0
        ? GeoFactory.Wgs84.CreatePoint() : GeoFactory.Wgs84.CreatePoint(Position(heights));

    LineString Line(bool heights) => GeoFactory.Wgs84.CreateLineString(
        random.Next(8) == 0 ? [] : [Position(heights), Position(heights), Position(heights)]);

    Polygon Polygon(bool heights)
    {
        if (random.Next(8) == 0)
            return GeoFactory.Wgs84.CreatePolygon();
        var rings = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Ring(heights)).ToArray();
        return GeoFactory.Wgs84.CreatePolygon(rings[0], rings[1..]);
    }

    LinearRing Ring(bool heights)
    {
        var first = Position(heights);
        return GeoFactory.Wgs84.CreateLinearRing([first, Position(heights), Position(heights), first]);
    }

    Coordinate Position(bool heights)
    {
        var (x, y) = (random.Next(-2000, 2000) / 10.0, Math.Round(random.NextDouble() * 180 - 90, random.Next(16)));
        return heights ? new CoordinateZ(x, y, random.Next(-100, 9000) / 8.0) : new Coordinate(x, y);
    }

    T Pick<T>(T[] from) => from[random.Next(from.Length)];

    T Any<T>()
        where T : struct, Enum => Pick(Enum.GetValues<T>());
}

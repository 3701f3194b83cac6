using System.Text.Json.Nodes;
using NetTopologySuite.Geometries;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>
/// Random filters that pass the check, and records they can be tested on, out of few values, so that filters match
/// some and not others. What evaluates filters otherwise (in SQL) is held to <see cref="Cql2Evaluation"/> with it.
/// Free of any test framework; say the seed when something fails.
/// </summary>
public sealed class RandomFilters(int seed)
{
    /// <summary>The geometry's name; the others are properties.</summary>
    public const string Geometry = "geometry";

    /// <summary>
    /// The declared types: two undeclared (Any), of which <c>loose</c> holds texts, numbers, booleans, arrays, objects
    /// and nulls as it comes, and <c>rough</c> numbers.
    /// </summary>
    public static IReadOnlyDictionary<string, Cql2Type> Declared { get; } = new Dictionary<string, Cql2Type>
    {
        ["name"] = Cql2Type.Text,
        ["eo:platform"] = Cql2Type.Text,
        ["count"] = Cql2Type.Number,
        ["eo:cloud_cover"] = Cql2Type.Number,
        ["flag"] = Cql2Type.Boolean,
        ["day"] = Cql2Type.Date,
        ["start_datetime"] = Cql2Type.Timestamp,
        ["end_datetime"] = Cql2Type.Timestamp,
        ["tags"] = Cql2Type.Array,
        ["levels"] = Cql2Type.Array,
        ["loose"] = Cql2Type.Any,
        ["rough"] = Cql2Type.Any,
        [Geometry] = Cql2Type.Geometry,
    };

    static readonly string[] Texts =
    [
        "Köln", "koln", "KÖLN", "Straße", "STRASSE", "strasse", "a%b", "a_b", "a\\b", "", "it's", "Ærø", "aero", "日本",
        "𐐀x", "\uFF21", "item 1", "item 2", "été", "e\u0301te\u0301", "ΟΔΟΣ", "οδος", "2020-01-02", "new\nline",
    ];

    static readonly string[] Patterns =
    [
        "%", "_%", "", "a%", "%b", "a\\%b", "a_b", "K_ln", "%e%", "item _", "_", "__", "%ß%", "a\\\\b", "%\n%", "日%",
    ];

    static readonly double[] Numbers = [-3, -1, -0.5, 0, 0.25, 0.5, 1, 2, 3, 7, 10, 10.25, 50, 99.5, 100, 1_000_000];

    static readonly string[] Days = ["2019-12-31", "2020-01-01", "2020-01-02", "2020-01-03", "2020-02-29"];

    static readonly string[] Clocks = ["T00:00:00Z", "T12:00:00Z", "T12:00:00.000001Z", "T23:59:59.999999Z"];

    static readonly double[] Grid = [-20, -10, -5, 0, 5, 10, 20];

    readonly Random random = new(seed);

    /// <summary>A record's properties as JSON and its geometry; any of them may be missing or null.</summary>
    public (JsonObject Properties, NtsGeometry? Geometry) Record()
    {
        var properties = new JsonObject();
        foreach (var (name, type) in Declared)
        {
            if (name == Geometry || random.Next(6) == 0)
                continue;
            properties[name] = random.Next(8) == 0 ? null : name switch
            {
                "tags" => Array(() => Pick(Texts)),
                "levels" => Array(() => Pick(Numbers)),
                "rough" => Pick(Numbers),
                "loose" => Loose(),
                _ => ValueOf(type),
            };
        }
        return (properties, random.Next(8) == 0 ? null : Shape());
    }

    /// <summary>The properties of a record as <see cref="Cql2Evaluation"/> asks for them.</summary>
    public static Func<string, object?> Lookup((JsonObject Properties, NtsGeometry? Geometry) record)
    {
        using var json = System.Text.Json.JsonDocument.Parse(record.Properties.ToJsonString());
        var values = json.RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => Cql2Values.Of(member.Value));
        values[Geometry] = record.Geometry;
        return name => values.GetValueOrDefault(name);
    }

    /// <summary>A boolean expression of at most about this many levels.</summary>
    public Cql2Expression Filter(int depth)
    {
        if (depth <= 1)
            return random.Next(6) == 0 ? new BooleanLiteral(Coin()) : Property(Cql2Type.Boolean);
        return random.Next(13) switch
        {
            0 or 1 => new And(Several(2, () => Filter(depth - 1))),
            2 or 3 => new Or(Several(2, () => Filter(depth - 1))),
            4 => new Not(Filter(depth - 1)),
            5 or 6 => Compared(depth - 1),
            7 => new Like(Text(depth - 1), Pattern()),
            8 => Listed(depth - 1),
            9 => new IsNull(Coin() ? new PropertyReference(Pick([.. Declared.Keys])) : Scalar(AnyScalar(), depth - 1)),
            10 => new SpatialPredicate(Any<SpatialRelation>(), Space(), Space()),
            11 => new TemporalPredicate(Any<TemporalRelation>(), Time(), Time()),
            _ => new ArrayPredicate(Any<ArrayRelation>(), Collection(depth - 1), Collection(depth - 1)),
        };
    }

    /// <summary>A small shape on a coarse grid, so that shapes touch, cross and coincide.</summary>
    public NtsGeometry Shape()
    {
        var (x, y) = (Pick(Grid), Pick(Grid));
        var (width, height) = (Pick([5.0, 10, 15]), Pick([5.0, 10]));
        return random.Next(7) switch
        {
            0 or 1 => GeoFactory.Wgs84.CreatePoint(new Coordinate(x, y)),
            2 => GeoFactory.Wgs84.CreateLineString([new(x, y), new(x + width, y + height)]),
            3 => GeoFactory.Wgs84.CreateMultiPointFromCoords([new(x, y), new(x + width, y)]),
            4 => GeoFactory.Wgs84.CreatePolygon([new(x, y), new(x + width, y), new(x, y + height), new(x, y)]),
            _ => GeoFactory.Wgs84.ToGeometry(new Envelope(x, x + width, y, y + height)),
        };
    }

    Comparison Compared(int depth)
    {
        var type = AnyScalar();
        return new Comparison(Any<ComparisonOperator>(), Scalar(type, depth), Scalar(type, depth));
    }

    Cql2Expression Listed(int depth)
    {
        var type = AnyScalar();
        return type == Cql2Type.Number && Coin()
            ? new Between(Number(depth), Number(depth), Number(depth))
            : new In(Scalar(type, depth), Several(1, () => Scalar(type, depth)));
    }

    Cql2Type AnyScalar() => Pick([Cql2Type.Text, Cql2Type.Number, Cql2Type.Boolean, Cql2Type.Date, Cql2Type.Timestamp]);

    Cql2Expression Scalar(Cql2Type type, int depth) => type switch
    {
        Cql2Type.Text => Text(depth),
        Cql2Type.Number => Number(depth),
        Cql2Type.Boolean => depth > 1 && random.Next(4) == 0 ? Filter(depth - 1) : Filter(1),
        _ => Instant(),
    };

    Cql2Expression Text(int depth) => random.Next(depth > 1 ? 8 : 5) switch
    {
        0 or 1 => new TextLiteral(Pick(Texts)),
        2 or 3 or 4 => Property(Cql2Type.Text),
        5 => new CaseFolded(Text(depth - 1)),
        6 => new AccentFolded(Text(depth - 1)),
        _ => new FunctionCall(Pick(["lower", "upper", "trim", "concat"]), [Text(depth - 1)]),
    };

    Cql2Expression Number(int depth) => random.Next(depth > 1 ? 8 : 5) switch
    {
        0 or 1 => new NumberLiteral(Pick(Numbers)),
        2 or 3 or 4 => Property(Cql2Type.Number),
        5 or 6 => new Arithmetic(Any<ArithmeticOperator>(), Number(depth - 1), Number(depth - 1)),
        _ => random.Next(4) switch
        {
            0 => new FunctionCall("length", [Text(depth - 1)]),
            1 => new FunctionCall(Pick(["min", "max"]), Several(1, () => Number(depth - 1))),
            2 => new FunctionCall(Pick(["year", "month", "day", "hour"]), [Instant()]),
            _ => new FunctionCall(Pick(["abs", "floor", "ceil"]), [Number(depth - 1)]),
        },
    };

    Cql2Expression Instant()
    {
        Cql2Instants.TryReadTimestamp(Pick(Days) + Pick(Clocks), out var moment);
        return random.Next(4) switch
        {
            0 => new DateLiteral(DateOnly.FromDateTime(moment.UtcDateTime)),
            1 => new TimestampLiteral(moment),
            2 => Property(Cql2Type.Date),
            _ => Property(Cql2Type.Timestamp),
        };
    }

    Cql2Expression Time() => Coin() ? Instant() : new Interval(End(), End());

    Cql2Expression? End() => random.Next(5) == 0 ? null : Instant();

    Cql2Expression Space() => random.Next(5) switch
    {
        0 => new BoxLiteral(Coin() ? new GeoBox(-10, -10, 10, 10) : new GeoBox(5, -20, -5, 20)),
        1 => new GeometryLiteral(Shape()),
        _ => new PropertyReference(Geometry),
    };

    Cql2Expression Collection(int depth) => random.Next(4) switch
    {
        0 => new PropertyReference("tags"),
        1 => new PropertyReference("levels"),
        2 => new ArrayExpression(Several(0, () => new TextLiteral(Pick(Texts)))),
        _ => new ArrayExpression(Several(0, () => Number(depth))),
    };

    Cql2Expression Pattern()
    {
        Cql2Expression pattern = new TextLiteral(Pick(Patterns));
        return random.Next(4) switch
        {
            0 => new CaseFolded(pattern),
            1 => new AccentFolded(new CaseFolded(pattern)),
            _ => pattern,
        };
    }

    /// <summary>A property declared of the type, or one that is undeclared.</summary>
    PropertyReference Property(Cql2Type type) => new(random.Next(8) == 0 ? "loose"
        : type == Cql2Type.Number && random.Next(4) == 0 ? "rough"
        : Pick([.. Declared.Where(property => property.Value == type).Select(property => property.Key)]));

    JsonNode? Loose() => random.Next(7) switch
    {
        0 => new JsonObject { ["href"] = "x" },
        1 => Array(() => Pick(Texts)),
        2 => ValueOf(Cql2Type.Number),
        3 => ValueOf(Cql2Type.Boolean),
        4 => ValueOf(Cql2Type.Timestamp),
        _ => ValueOf(Cql2Type.Text),
    };

    JsonNode? ValueOf(Cql2Type type) => type switch
    {
        Cql2Type.Text => Pick(Texts),
        Cql2Type.Number => Pick(Numbers),
        Cql2Type.Boolean => Coin(),
        Cql2Type.Date => Pick(Days),
        _ => Pick(Days) + Pick(Clocks),
    };

    JsonArray Array<T>(Func<T> item) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => (JsonNode?)JsonValue.Create(item()))];

    Cql2List<Cql2Expression> Several(int least, Func<Cql2Expression> make) =>
        Enumerable.Range(0, least + random.Next(3)).Select(_ => make()).ToCql2List();

    bool Coin() => random.Next(2) == 0;

    T Pick<T>(T[] from) => from[random.Next(from.Length)];

    T Any<T>()
        where T : struct, Enum => Pick(Enum.GetValues<T>());
}

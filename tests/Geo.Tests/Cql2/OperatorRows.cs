using Waypost.Geo.Cql2;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>Rows of every type, and filters with the rows that each must find, reckoned by hand from the standard:
/// every kind of predicate that its fourteen conformance classes have.</summary>
/// <param name="Key">The property that numbers the rows.</param>
/// <param name="Place">The property that says where a row is.</param>
/// <param name="Rows">The rows, as JSON objects.</param>
/// <param name="Declared">The types of the properties.</param>
/// <param name="Expected">Filters as text, each with the numbers of its rows.</param>
sealed record OperatorRows(
    string Key, string Place, IReadOnlyList<string> Rows, IReadOnlyDictionary<string, Cql2Type> Declared,
    IReadOnlyList<(string Filter, string Rows)> Expected)
{
    /// <summary>The rows made here, and the 112 that lie beside some checkouts.</summary>
    public static IEnumerable<OperatorRows> All()
    {
        yield return Made;
        var lines = StandardExamples.Lines("operators_expected.txt");
        if (lines.Length > 0)
            yield return new OperatorRows("intfield", "geom", StandardExamples.Lines("cql2testdata.ndjson"), Beside,
                [.. Enumerable.Range(0, lines.Length / 2).Select(at => (lines[2 * at], lines[2 * at + 1]))]);
    }

    static readonly Dictionary<string, Cql2Type> Beside = new()
    {
        ["intfield"] = Cql2Type.Number,
        ["floatfield"] = Cql2Type.Number,
        ["textfield"] = Cql2Type.Text,
        ["boolfield"] = Cql2Type.Boolean,
        ["nfield"] = Cql2Type.Boolean,
        ["datefield"] = Cql2Type.Date,
        ["ts_start"] = Cql2Type.Timestamp,
        ["ts_end"] = Cql2Type.Timestamp,
        ["intarrayfield"] = Cql2Type.Array,
        ["geom"] = Cql2Type.Geometry,
    };

    static OperatorRows Made { get; } = new("n", "at",
        [
            """
            {"n":1,"name":"Ålesund","ascii":"Alesund","people":50000,"height":4.5,"coastal":true,"day":"2021-04-16",
             "opens":"2021-04-16T10:00:00Z","closes":"2021-04-16T12:00:00Z","tags":["fjord","art"],"marks":[1,2,3],
             "at":{"type":"Point","coordinates":[6.15,62.47]} }
            """,
            """
            {"n":2,"name":"Straße","ascii":"Strasse","people":1200,"height":0,"coastal":false,"day":"2022-01-01",
             "opens":"2022-01-01T00:00:00Z","closes":"2022-12-31T23:59:59Z","tags":["road"],"marks":[],
             "at":{"type":"LineString","coordinates":[[0,0],[10,10]]} }
            """,
            """
            {"n":3,"name":"strasse","ascii":"strasse","people":1200,"height":-3.25,"coastal":false,"day":"2022-06-30",
             "opens":"2022-06-30T06:00:00Z","closes":"2022-07-01T06:00:00Z","tags":["road","fjord"],"marks":[3],
             "at":{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]} }
            """,
            """
            {"n":4,"name":"100%_sure","ascii":"100%_sure","people":7,"height":100,"coastal":true,
             "opens":"2022-01-01T00:00:00Z","closes":"2022-01-01T00:00:00Z","tags":["x"],"marks":[1,2],
             "at":{"type":"MultiPoint","coordinates":[[5,5],[20,20]]} }
            """,
            """
            {"n":5,"name":"Fiji","ascii":"Fiji","people":900000,"height":1324,"coastal":true,"day":"2022-01-02",
             "opens":"2023-01-01T00:00:00Z","closes":"2024-01-01T00:00:00Z","tags":null,"marks":[4,5],
             "at":{"type":"MultiPolygon","coordinates":[
              [[[179,-18],[180,-18],[180,-17],[179,-17],[179,-18]]],
              [[[-180,-18],[-179,-18],[-179,-17],[-180,-17],[-180,-18]]]]} }
            """,
            """
            {"n":6,"name":"","ascii":null,"people":null,"tags":[],"marks":null}
            """,
            """
            {"n":7,"name":"Æro","ascii":"AEro","people":6000,"height":68,"coastal":true,"day":"1999-12-31",
             "opens":"1999-12-31T23:59:59.5Z","closes":"2000-01-01T00:00:00Z","tags":["island"],"marks":[1],
             "at":{"type":"MultiLineString","coordinates":[[[0,5],[10,5]],[[30,30],[40,40]]]} }
            """,
            """
            {"n":8,"name":"naïve","ascii":"naive","people":8,"height":2,"coastal":false,"day":"2024-02-29",
             "opens":"2024-02-29T00:00:00Z","tags":["x","y"],"marks":[2,1],
             "at":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[10,10]},
              {"type":"LineString","coordinates":[[50,50],[60,60]]}]} }
            """,
        ],
        new Dictionary<string, Cql2Type>
        {
            ["n"] = Cql2Type.Number,
            ["name"] = Cql2Type.Text,
            ["ascii"] = Cql2Type.Text,
            ["people"] = Cql2Type.Number,
            ["height"] = Cql2Type.Number,
            ["coastal"] = Cql2Type.Boolean,
            ["day"] = Cql2Type.Date,
            ["opens"] = Cql2Type.Timestamp,
            ["closes"] = Cql2Type.Timestamp,
            ["tags"] = Cql2Type.Array,
            ["marks"] = Cql2Type.Array,
            ["at"] = Cql2Type.Geometry,
        },
        [
            .. Comparisons(), .. AdvancedComparisons(), .. Foldings(), .. Places(), .. PlacesAmongThemselves(),
            .. Times(), .. Arrays(), .. PropertiesAndFunctions(), .. Arithmetic(),
        ]);

    static (string, string)[] Comparisons() =>
    [
        ("people = 1200", "2 3"), ("people <> 1200", "1 4 5 7 8"), ("people < 1200", "4 8"),
        ("people <= 1200", "2 3 4 8"), ("people > 1200", "1 5 7"), ("people >= 6000", "1 5 7"), ("height < 0", "3"),
        ("height = 0.0", "2"), ("name = 'Straße'", "2"), ("name = 'straße'", ""), ("name > 'a'", "1 3 7 8"),
        ("name <= 'Fiji'", "4 5 6"), ("coastal = true", "1 4 5 7"), ("coastal", "1 4 5 7"), ("NOT coastal", "2 3 8"),
        ("coastal <> true", "2 3 8"), ("true", "1 2 3 4 5 6 7 8"), ("false", ""), ("day = DATE('2022-01-01')", "2"),
        ("day < DATE('2022-01-01')", "1 7"), ("day >= DATE('2022-06-30')", "3 8"),
        ("opens = TIMESTAMP('2022-01-01T00:00:00Z')", "2 4"), ("opens > TIMESTAMP('2022-01-01T00:00:00Z')", "3 5 8"),
        ("opens >= TIMESTAMP('1999-12-31T23:59:59.500Z')", "1 2 3 4 5 7 8"), ("opens < DATE('2022-01-01')", "1 7"),
        ("opens = DATE('2024-02-29')", "8"), ("people IS NULL", "6"), ("ascii IS NOT NULL", "1 2 3 4 5 7 8"),
        ("tags is null", "5"), ("closes is null", "6 8"), ("name is null", ""), ("at is null", "6"),
        ("coastal AND people > 1000", "1 5 7"), ("coastal OR people = 8", "1 4 5 7 8"), ("NOT (people > 1000)", "4 8"),
        ("NOT (people > 1000 OR coastal)", "8"), ("people > 1000 or coastal IS NULL", "1 2 3 5 6 7"),
    ];

    static (string, string)[] AdvancedComparisons() =>
    [
        ("name LIKE 'stra%'", "3"), ("name LIKE 'Stra_e'", "2"), ("name NOT LIKE '%s%'", "2 5 6 7 8"),
        (@"name LIKE '100\%\_%'", "4"), (@"name LIKE '%\%%'", "4"), ("name LIKE ''", "6"), ("name LIKE '_____'", "8"),
        ("name like '%%'", "1 2 3 4 5 6 7 8"), ("people BETWEEN 8 AND 6000", "2 3 7 8"),
        ("people NOT BETWEEN 8 AND 6000", "1 4 5"), ("people between 6000 and 8", ""),
        ("height between -3.25 and 0", "2 3"), ("people IN (7, 8, 9)", "4 8"), ("people not in (7, 8, 9)", "1 2 3 5 7"),
        ("name in ('Fiji','fiji','')", "5 6"), ("day in (DATE('2022-01-01'), DATE('2024-02-29'))", "2 8"),
        ("opens not in (TIMESTAMP('2022-01-01T00:00:00Z'))", "1 3 5 7 8"), ("coastal in (false)", "2 3 8"),
    ];

    static (string, string)[] Foldings() =>
    [
        ("CASEI(name) = casei('STRASSE')", "2 3"), ("CASEI(name) = 'fiji'", "5"),
        ("CASEI(name) LIKE casei('ÅL%')", "1"),
        ("CASEI(name) IN (casei('FIJI'), casei('ærø'))", "5"), ("ACCENTI(name) = 'Alesund'", "1"),
        ("ACCENTI(name) = ACCENTI('naive')", "8"), ("ACCENTI(name) LIKE 'AE%'", "7"),
        ("ACCENTI(CASEI(name)) = accenti(casei('ÆRÖ'))", "7"), ("casei(accenti(name)) = 'aero'", "7"),
        ("casei(accenti(name)) in ('alesund', 'NAIVE', 'strasse')", "1 2 3"),
    ];

    static (string, string)[] Places() =>
    [
        ("S_INTERSECTS(at, POINT(5 5))", "2 3 4 7"), ("S_INTERSECTS(at, BBOX(15,15,25,25))", "4"),
        ("S_INTERSECTS(at, BBOX(170,-20,-170,-10))", "5"), ("S_INTERSECTS(at, LINESTRING(10 0, 10 20))", "2 3 7 8"),
        ("S_INTERSECTS(at, MULTIPOINT((6.15 62.47),(55 55)))", "1 8"),
        ("S_INTERSECTS(at, MULTIPOINT(6.15 62.47, 55 55))", "1 8"),
        ("S_INTERSECTS(at, MULTILINESTRING((0 60, 10 65),(35 35, 36 36)))", "7"),
        ("S_INTERSECTS(at, POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,3 1,3 3,1 3,1 1)))", "2 3"),
        ("S_INTERSECTS(at, MULTIPOLYGON(((6 62,7 62,7 63,6 63,6 62)),((19 19,21 19,21 21,19 21,19 19))))", "1 4"),
        ("S_INTERSECTS(at, GEOMETRYCOLLECTION(POINT(20 20), LINESTRING(179.5 -19, 179.5 -16)))", "4 5"),
        ("S_INTERSECTS(at, BBOX(0,0,1,1)) and not S_INTERSECTS(at, POINT(9 1))", "2"),
    ];

    static (string, string)[] PlacesAmongThemselves() =>
    [
        ("S_DISJOINT(at, BBOX(-1,-1,11,11))", "1 5"), ("NOT S_DISJOINT(at, POINT(5 5))", "2 3 4 7"),
        ("S_EQUALS(at, POINT(6.15 62.47))", "1"), ("S_EQUALS(at, POLYGON((10 10,0 10,0 0,10 0,10 10)))", "3"),
        ("S_EQUALS(at, MULTIPOINT((20 20),(5 5)))", "4"), ("S_TOUCHES(at, POINT(10 10))", "2 3"),
        ("S_TOUCHES(at, LINESTRING(10 2, 20 2))", "3"), ("S_CROSSES(at, LINESTRING(0 10, 10 0))", "2 4 7"),
        ("S_CROSSES(at, BBOX(8,8,12,12))", "2"), ("S_WITHIN(at, BBOX(-1,-1,11,11))", "2 3"),
        ("S_WITHIN(at, BBOX(0,0,20,20))", "2 3 4"), ("S_CONTAINS(at, POINT(5 5))", "2 3 4 7"),
        ("S_CONTAINS(at, LINESTRING(1 1, 2 2))", "2 3"), ("S_OVERLAPS(at, BBOX(5,5,15,15))", "3"),
        ("S_OVERLAPS(at, LINESTRING(5 5, 15 15))", "2"), ("S_OVERLAPS(at, MULTIPOINT((5 5),(7 7)))", "4"),
        ("S_CONTAINS(BBOX(-1,-1,11,11), at)", "2 3"), ("S_WITHIN(POINT(5 5), at)", "2 3 4 7"),
    ];

    static (string, string)[] Times() =>
    [
        ("T_AFTER(opens, TIMESTAMP('2022-01-01T00:00:00Z'))", "3 5 8"),
        ("T_BEFORE(opens, INTERVAL('2022-01-01T00:00:00Z','..'))", "1 7"),
        ("T_AFTER(opens, INTERVAL('..','2022-12-31T23:59:59Z'))", "5 8"), ("T_AFTER(DATE('2022-01-01'), day)", "1 7"),
        ("T_EQUALS(day, INTERVAL('2022-06-30','2022-06-30'))", "3"), ("T_BEFORE(day, DATE('2021-04-16'))", "7"),
        ("T_INTERSECTS(day, INTERVAL('2022-01-01','2022-06-30'))", "2 3 5"),
        ("T_DISJOINT(day, DATE('2022-01-01'))", "1 3 5 7 8"),
        ("T_DURING(INTERVAL(opens, closes), INTERVAL('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", "3"),
        ("T_INTERSECTS(INTERVAL(opens, closes), INTERVAL('2022-01-01','2022-06-30'))", "2 3 4"),
        ("T_DISJOINT(INTERVAL(opens, closes), INTERVAL('2022-01-01T00:00:00Z','..'))", "1 7"),
        ("T_EQUALS(INTERVAL(opens, closes), INTERVAL('2023-01-01T00:00:00Z','2024-01-01T00:00:00Z'))", "5"),
        ("T_CONTAINS(INTERVAL(opens, closes), INTERVAL('2022-06-30T00:00:00Z','2022-07-02T00:00:00Z'))", "2"),
        ("T_MEETS(INTERVAL(opens, closes), INTERVAL('2024-01-01T00:00:00Z','..'))", "5"),
        ("T_METBY(INTERVAL(opens, closes), INTERVAL('..','2023-01-01T00:00:00Z'))", "5"),
        ("T_STARTS(INTERVAL(opens, closes), INTERVAL('2023-01-01T00:00:00Z','..'))", "5"),
        ("T_STARTEDBY(INTERVAL(opens, closes), INTERVAL('2022-01-01T00:00:00Z','2022-02-01T00:00:00Z'))", "2"),
        ("T_FINISHES(INTERVAL(opens, closes), INTERVAL('1900-01-01T00:00:00Z','2000-01-01T00:00:00Z'))", "7"),
        ("T_FINISHEDBY(INTERVAL(opens, closes), INTERVAL('2022-07-01T00:00:00Z','2022-12-31T23:59:59Z'))", "2"),
        ("T_OVERLAPS(INTERVAL(opens, closes), INTERVAL('2022-07-01T00:00:00Z','2023-06-01T00:00:00Z'))", "2 3"),
        ("T_OVERLAPPEDBY(INTERVAL(opens, closes), INTERVAL('2022-07-01T00:00:00Z','2023-06-01T00:00:00Z'))", "5"),
    ];

    static (string, string)[] Arrays() =>
    [
        ("A_CONTAINS(marks, (1, 2))", "1 4 8"), ("A_CONTAINEDBY(marks, (1, 2))", "2 4 7 8"),
        ("A_OVERLAPS(marks, (3, 4))", "1 3 5"), ("A_EQUALS(tags, ('road'))", "2"),
        ("A_CONTAINS(tags, ('fjord'))", "1 3"), ("A_OVERLAPS(tags, ('x','road'))", "2 3 4 8"),
        ("NOT A_CONTAINS(marks, (1))", "2 3 5"), ("A_CONTAINEDBY(tags, ('x','y','z'))", "4 6 8"),
    ];

    static (string, string)[] PropertiesAndFunctions() =>
    [
        ("1200 = people", "2 3"), ("'x' = 'x'", "1 2 3 4 5 6 7 8"), ("'Straße' LIKE 'Stra_e'", "1 2 3 4 5 6 7 8"),
        ("name = ascii", "3 4 5"), ("name <> ascii", "1 2 7 8"), ("people > height", "1 2 3 5 7 8"),
        ("opens < closes", "1 2 3 5 7"), ("people BETWEEN height AND 2000", "2 3 8"), ("height in (people, 2)", "8"),
        ("lower(name) = 'fiji'", "5"), ("length(name) = 5", "8"), ("abs(height) = 3.25", "3"),
        ("year(opens) = 2022", "2 3 4"), ("floor(height) = 4", "1"), ("max(people, height) = 100", "4"),
        ("geometry_type(at) = 'Point'", "1"), ("concat(name, '!') = 'Fiji!'", "5"),
    ];

    static (string, string)[] Arithmetic() =>
    [
        ("people + 1 = 8", "4"), ("people * 2 = 16", "8"), ("people / 2 = 600", "2 3"), ("people - height = 1200", "2"),
        ("people % 7 = 0", "4"), ("people div 7 = 1", "4 8"), ("height ^ 2 = 4", "8"), ("people / 0 = 1", ""),
        ("NOT (people / 0 = 1)", ""), ("(people + 1) * 2 = 18", "8"), ("-height = 3.25", "3"),
        ("people > 10 + 2 * 3 ^ 2", "1 2 3 5 7"), ("people between 4*2 and 12000/2", "2 3 7 8"),
        ("people in (1000+200, 2^3)", "2 3 8"),
    ];
}

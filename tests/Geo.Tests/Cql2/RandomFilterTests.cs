using System.Text;
using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>What holds for any filter on any record, and for any bytes at all.</summary>
public sealed class RandomFilterTests
{
    const int Filters = 800;
    const int RecordsEach = 5;
    const int Broken = 2_000;

    /// <summary>Characters that change what follows.</summary>
    const string Telling = "()'\",.[]{}:-+*0eE\\%\0\uD800 Z";

    static readonly string[] Seeds =
    [
        "a = 1 AND b <> 'x''y' OR NOT (c IS NULL) AND d NOT IN (1, 2.5E3, -3)",
        "CASEI(ACCENTI(\"na me\")) LIKE casei('%_\\%') AND x BETWEEN -1 + 2 * a ^ 2 AND 10 div 3 % 2",
        "S_INTERSECTS(geometry, POLYGON Z((0 0 1, 10 0 1, 10 10 1, 0 0 1))) OR S_WITHIN(g, BBOX(170,-10,-170,10))",
        "T_DURING(INTERVAL(a, '..'), INTERVAL('2020-01-01', '2020-01-31T00:00:00Z')) AND t = DATE('2020-01-31')",
        "A_OVERLAPS(tags, ('a', TRUE, (1, 2), TIMESTAMP('2020-01-31T00:00:00Z'))) AND f((1), max(a, 2)) = 1",
        "S_EQUALS(g, GEOMETRYCOLLECTION(POINT EMPTY, MULTIPOINT(1 2, (3 4)), LINESTRING(0 0, 1 1)))",
    ];

    [Fact]
    public void Laws_of_logic_hold_and_encodings_agree()
    {
        var seed = Environment.TickCount;
        for (var i = 0; i < Filters; i++)
        {
            var random = new RandomFilters(seed + i);
            var (first, second) = (Bound(random.Filter(4)), Bound(random.Filter(3)));
            var reread = Bound(Cql2Text.Read(Cql2Text.Write(first)));
            Assert.True(first.Equals(reread), $"seed {seed + i}: {first}");
            for (var record = 0; record < RecordsEach; record++)
            {
                var lookup = RandomFilters.Lookup(random.Record());
                var evaluation = new Cql2Evaluation(lookup, Cql2Functions.Standard);
                var (a, b) = (evaluation.Truth(first), evaluation.Truth(second));
                Holds(a, new Not(new Not(first)));
                Holds(a & b, new Not(new Or([new Not(first), new Not(second)])));
                Holds(a | b, new Not(new And([new Not(first), new Not(second)])));
                Holds(a is null, new IsNull(first));
                if (first is Comparison { Operator: ComparisonOperator.NotEqual } unequal)
                    Holds(!a, unequal with { Operator = ComparisonOperator.Equal });
                if (first is SpatialPredicate spatial)
                    Holds(a, Turned(spatial));

                void Holds(bool? truth, Cql2Expression same) => Assert.True(
                    truth == evaluation.Truth(same), $"seed {seed + i}: {first} and {same}");
            }
        }

        static Cql2Expression Bound(Cql2Expression filter) => Cql2Check.Bind(
            filter, name => RandomFilters.Declared[name], Cql2Functions.Standard);
    }

    [Fact]
    public void Filters_match_some_records_and_not_others()
    {
        var seed = Environment.TickCount;
        var counts = new int[3];
        for (var i = 0; i < Filters; i++)
        {
            var random = new RandomFilters(seed + i);
            var filter = Cql2Check.Bind(
                random.Filter(4), name => RandomFilters.Declared[name], Cql2Functions.Standard);
            var truth = new Cql2Evaluation(RandomFilters.Lookup(random.Record()), Cql2Functions.Standard).Truth(filter);
            counts[truth switch { true => 0, false => 1, null => 2 }]++;
        }
        Assert.All(counts, count => Assert.True(count > Filters / 10, $"seed {seed}: {string.Join(' ', counts)}"));
    }

    /// <summary>Unchecked trees too: of types that do not meet, of geometries that cross themselves.</summary>
    [Fact]
    public void Any_tree_can_be_evaluated()
    {
        var seed = Environment.TickCount;
        for (var i = 0; i < Filters; i++)
        {
            var random = new RandomTrees(seed + i);
            var tree = random.Tree(4);
            var relation = new SpatialPredicate((SpatialRelation)(i % 8),
                new GeometryLiteral(random.Geometry()), new GeometryLiteral(random.Geometry()));
            object?[] values = [null, "text", 1.5, true, random.Geometry(), Cql2Other.Value];
            var evaluation = new Cql2Evaluation(name => values[name.Length % values.Length], Cql2Functions.Standard);
            try
            {
                _ = evaluation.ValueOf(tree);
                _ = evaluation.Truth(relation);
            }
            catch (Exception any)
            {
                Assert.Fail($"seed {seed + i}: {tree} or {relation}: {any}");
            }
        }
    }

    [Fact]
    public void Broken_text_and_JSON_throw_our_own_error_and_no_other()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var texts = Seeds.Concat(StandardExamples.All().Select(example => example.Text)).ToArray();
        var jsons = Seeds.Select(text => Cql2Json.Write(Cql2Text.Read(text))).ToArray();
        for (var i = 0; i < Broken; i++)
        {
            Read(Cql2Text.Read, Mutated(texts[random.Next(texts.Length)], texts[random.Next(texts.Length)]));
            Read(Cql2Json.Read, Mutated(jsons[random.Next(jsons.Length)], jsons[random.Next(jsons.Length)]));
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            Read(Cql2Text.Read, Encoding.Latin1.GetString(bytes));
            Read(Cql2Json.Read, Encoding.Latin1.GetString(bytes));
        }

        void Read(Func<string, Cql2Expression> read, string input)
        {
            try
            {
                var tree = read(input);
                Assert.True(tree.Equals(Cql2Text.Read(Cql2Text.Write(tree))), $"seed {seed}: {input}");
                Assert.True(tree.Equals(Cql2Json.Read(Cql2Json.Write(tree))), $"seed {seed}: {input}");
                var bound = Cql2Check.Bind(tree, _ => Cql2Type.Any, Cql2Functions.Standard);
                _ = Cql2Evaluation.Matches(bound, _ => null);
            }
            catch (BadCql2Exception)
            {
                // Refused, as it should be.
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}: {input}: {other}");
            }
        }

        string Mutated(string one, string other)
        {
            var text = new StringBuilder(one);
            for (var change = random.Next(1, 4); change > 0 && text.Length > 0; change--)
            {
                var at = random.Next(text.Length);
                var length = random.Next(Math.Min(8, text.Length - at));
                switch (random.Next(4))
                {
                    case 0:
                        text.Remove(at, length);
                        break;
                    case 1:
                        text.Insert(at, other.AsSpan(random.Next(other.Length)));
                        break;
                    case 2:
                        text[at] = Telling[random.Next(Telling.Length)];
                        break;
                    default:
                        text.Insert(at, text.ToString(at, length));
                        break;
                }
            }
            return text.ToString();
        }
    }

    static SpatialPredicate Turned(SpatialPredicate spatial) => new(spatial.Relation switch
    {
        SpatialRelation.Within => SpatialRelation.Contains,
        SpatialRelation.Contains => SpatialRelation.Within,
        var symmetric => symmetric,
    }, spatial.Right, spatial.Left);
}

using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>What is written is read back as it was, in both encodings.</summary>
public sealed class RoundTripTests
{
    const int Trees = 1_500;

    [Fact]
    public void Any_tree_comes_back_from_text_and_from_JSON()
    {
        var seed = Environment.TickCount;
        for (var i = 0; i < Trees; i++)
        {
            var tree = new RandomTrees(seed + i).Tree(2 + i % 5);
            var text = Cql2Text.Write(tree);
            var json = Cql2Json.Write(tree);
            Assert.True(tree.Equals(Cql2Text.Read(text)), $"seed {seed + i}, {json}, text {text}");
            Assert.True(tree.Equals(Cql2Json.Read(json)), $"seed {seed + i}, JSON {json}");
        }
    }

    static readonly (string Text, string Json)[] Made =
    [
        ("vessel:speed >= 12.5", """{"op":">=","args":[{"property":"vessel:speed"},12.5]}"""),
        ("NOT afloat", """{"op":"not","args":[{"property":"afloat"}]}"""),
        ("name LIKE 'Al%' AND crew IS NOT NULL", """
            {"op":"and","args":[{"op":"like","args":[{"property":"name"},"Al%"]},
             {"op":"not","args":[{"op":"isNull","args":[{"property":"crew"}]}]}]}
            """),
        ("crew BETWEEN 2 AND 2 * 4", """
            {"op":"between","args":[{"property":"crew"},2,{"op":"*","args":[2,4]}]}
            """),
        ("port IN ('Oban','Tromsø')", """{"op":"in","args":[{"property":"port"},["Oban","Tromsø"]]}"""),
        ("ACCENTI(CASEI(port)) = 'tromso'", """
            {"op":"=","args":[{"op":"accenti","args":[{"op":"casei","args":[{"property":"port"}]}]},"tromso"]}
            """),
        ("launched > DATE('2001-02-03') OR launched = TIMESTAMP('2001-02-03T04:05:06Z')", """
            {"op":"or","args":[{"op":">","args":[{"property":"launched"},{"date":"2001-02-03"}]},
             {"op":"=","args":[{"property":"launched"},{"timestamp":"2001-02-03T04:05:06Z"}]}]}
            """),
        ("T_DURING(INTERVAL(sailed, moored), INTERVAL('2001-01-01', '..'))", """
            {"op":"t_during","args":[{"interval":[{"property":"sailed"},{"property":"moored"}]},
             {"interval":["2001-01-01",".."]}]}
            """),
        ("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))", """
            {"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[170,-10,-170,10]}]}
            """),
        ("S_WITHIN(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))", """
            {"op":"s_within","args":[{"property":"geometry"},
             {"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}
            """),
        ("A_OVERLAPS(cargo, ('coal', 'fish'))", """
            {"op":"a_overlaps","args":[{"property":"cargo"},["coal","fish"]]}
            """),
        ("length(name) ^ 2 > -crew", """
            {"op":">","args":[{"op":"^","args":[{"op":"length","args":[{"property":"name"}]},2]},
             {"op":"*","args":[-1,{"property":"crew"}]}]}
            """),
    ];

    /// <summary>Ours, and the standard's own when they are at hand: both encodings are one tree.</summary>
    [Fact]
    public void Examples_are_one_tree_in_both_encodings()
    {
        var made = Made.Select(pair => (pair.Text, pair.Text, (string?)pair.Json));
        foreach (var (name, text, json) in made.Concat(StandardExamples.All()))
        {
            var tree = Cql2Text.Read(text);
            if (json is not null)
                Assert.True(tree.Equals(Cql2Json.Read(json)), $"{name}: {tree} is not {Cql2Json.Read(json)}");
            Assert.True(tree.Equals(Cql2Text.Read(Cql2Text.Write(tree))), name);
            Assert.True(tree.Equals(Cql2Json.Read(Cql2Json.Write(tree))), name);
        }
    }
}

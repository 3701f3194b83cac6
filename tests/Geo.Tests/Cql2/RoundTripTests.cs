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

    /// <summary>The standard's examples, when they are at hand: both encodings are one tree.</summary>
    [Fact]
    public void The_examples_of_the_standard_are_one_tree_in_both_encodings()
    {
        foreach (var (name, text, json) in StandardExamples.All())
        {
            var tree = Cql2Text.Read(text);
            if (json is not null)
                Assert.True(tree.Equals(Cql2Json.Read(json)), $"{name}: {tree} is not {Cql2Json.Read(json)}");
            Assert.True(tree.Equals(Cql2Text.Read(Cql2Text.Write(tree))), name);
            Assert.True(tree.Equals(Cql2Json.Read(Cql2Json.Write(tree))), name);
        }
    }
}

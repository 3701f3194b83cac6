using System.Text.Json;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

/// <summary>RFC 7386.</summary>
public class MergePatchTests
{
    /// <summary>Appendix A of the RFC, row by row.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", """null""", """null""")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void The_table_of_the_standard_holds(string target, string patch, string result) =>
        Assert.Equal(result, MergePatch.Apply(JsonElement.Parse(target), JsonElement.Parse(patch)).GetRawText());

    /// <summary>The example of section 3.</summary>
    [Fact]
    public void The_example_of_the_standard_holds()
    {
        var target = JsonElement.Parse("""
            {"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],
             "content":"This will be unchanged"}
            """);
        var patch = JsonElement.Parse("""
            {"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}
            """);
        Assert.Equal("""{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"""
            + "\"content\":\"This will be unchanged\",\"phoneNumber\":\"+01-123-456-7890\"}",
            MergePatch.Apply(target, patch).GetRawText());
    }

    [Fact]
    public void Numbers_and_texts_stay_as_they_were_written()
    {
        var merged = MergePatch.Apply(
            JsonElement.Parse("""{"n":1.0e2,"t":"\u00e9/é","a\"b":1}"""), JsonElement.Parse("""{"m":0.10}"""));
        Assert.Contains("\"n\":1.0e2,\"t\":\"\\u00e9/é\"", merged.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("0.10", merged.GetProperty("m").GetRawText());
        Assert.Equal(1, merged.GetProperty("a\"b").GetInt32());
    }

    [Fact]
    public void A_patch_applied_twice_is_a_patch_applied_once()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 1000; round++)
        {
            var (target, patch) = (Any(random, 0), Any(random, 0));
            var once = MergePatch.Apply(target, patch);
            Assert.True(JsonElement.DeepEquals(once, MergePatch.Apply(once, patch)), $"seed {seed}: {target} {patch}");
        }
    }

    static JsonElement Any(Random random, int depth)
    {
        string Text(int level) => random.Next(level > 3 ? 3 : 6) switch
        {
            0 => "null",
            1 => random.Next(10).ToString(System.Globalization.CultureInfo.InvariantCulture),
            2 => "\"x\"",
            3 => $"[{Text(level + 1)}]",
            _ => "{" + string.Join(',', "abc".Where(_ => random.Next(2) == 0)
                .Select(name => $"\"{name}\":{Text(level + 1)}")) + "}",
        };
        return JsonElement.Parse(Text(depth));
    }
}

using Waypost.Geo.Text;
using Xunit;

namespace Waypost.Geo.Tests.Text;

/// <summary>Free text is read as the STAC API's extension says, basic and advanced.</summary>
public sealed class FreeTextTests
{
    [Theory]
    [InlineData("sentinel", "\"sentinel\"")]
    [InlineData("S2_MSI_L1C", "\"s2 msi l1c\"")]
    [InlineData("Élan,Earth Observation", "(\"elan\" OR \"earth observation\")")]
    [InlineData("climate model", "(\"climate\" OR \"model\")")]
    [InlineData("climate OR model", "(\"climate\" OR \"model\")")]
    [InlineData("climate AND model", "(\"climate\" AND \"model\")")]
    [InlineData("\"climate model\"", "\"climate model\"")]
    [InlineData("\"climate, model\"", "\"climate model\"")]
    [InlineData("(quick OR brown) AND fox", "((\"quick\" OR \"brown\") AND \"fox\")")]
    [InlineData("a AND b c", "((\"a\" AND \"b\") OR \"c\")")]
    [InlineData("quick +brown -fox", "(\"brown\" AND -\"fox\")")]
    [InlineData("quick -fox", "(\"quick\" AND -\"fox\")")]
    [InlineData("-fox", "-\"fox\"")]
    [InlineData("a AND -b", "(\"a\" AND -\"b\")")]
    [InlineData("and or ANDROID", "(\"and\" OR \"or\" OR \"android\")")]
    [InlineData("a(b)c", "(\"a\" OR \"b\" OR \"c\")")]
    public void A_text_means_what_the_extension_says(string text, string means) =>
        Assert.Equal(means, FreeText.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("***")]
    [InlineData("()")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("\"a")]
    [InlineData("\"\"")]
    [InlineData("a AND")]
    [InlineData("AND a")]
    [InlineData("OR a")]
    [InlineData("a OR")]
    [InlineData("+")]
    [InlineData("a - b")]
    [InlineData("a +-b")]
    public void What_is_no_search_is_refused(string text) =>
        Assert.Throws<FormatException>(() => FreeText.Parse(text));

    [Fact]
    public void Terms_depth_and_length_have_limits()
    {
        var many = string.Join(' ', Enumerable.Range(0, FreeText.MostTerms));
        Assert.NotNull(FreeText.Parse(many));
        Assert.Throws<FormatException>(() => FreeText.Parse(many + " x"));
        Assert.Throws<FormatException>(() => FreeText.OfTerms([.. Enumerable.Repeat("a", FreeText.MostTerms + 1)]));
        Assert.Throws<FormatException>(() => FreeText.Parse(new string('a', FreeText.LongestText + 1)));
        var deep = new string('(', FreeText.MostDepth) + "a" + new string(')', FreeText.MostDepth);
        Assert.NotNull(FreeText.Parse(deep));
        Assert.Throws<FormatException>(() => FreeText.Parse($"({deep})"));
    }

    [Fact]
    public void A_phrase_is_found_where_its_words_follow_each_other()
    {
        string[] words = ["the", "quick", "brown", "fox"];
        Assert.True(FreeText.Parse("\"quick brown\"").Matches(words));
        Assert.False(FreeText.Parse("\"quick fox\"").Matches(words));
        Assert.True(FreeText.Parse("red OR fox").Matches(words));
        Assert.False(FreeText.Parse("red AND fox").Matches(words));
        Assert.False(FreeText.Parse("quick -fox").Matches(words));
        Assert.True(FreeText.Parse("red +fox").Matches(words));
        Assert.True(FreeText.Parse("-red").Matches(words));
        Assert.True(FreeText.OfTerms(["lynx", "brown FÓX"]).Matches(words));
    }

    [Fact]
    public void Whatever_is_sent_is_read_or_refused_as_such()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] pieces = ["a", "b ", " ", "(", ")", "\"", "+", "-", "AND", " AND ", " OR ", ",", "é", "\u0301", "\t"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                var read = FreeText.Parse(text);
                Assert.True(read.ToString() == FreeText.Parse(read.ToString()).ToString(), $"seed {seed}: {text}");
            }
            catch (FormatException)
            {
                // Refused: as good an answer as any.
            }
        }
    }
}

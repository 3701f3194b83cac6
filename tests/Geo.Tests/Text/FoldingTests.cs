using Waypost.Geo.Text;
using Xunit;

namespace Waypost.Geo.Tests.Text;

/// <summary>One table folds case and accents, the same everywhere.</summary>
public sealed class FoldingTests
{
    [Theory]
    [InlineData("KØBENHAVN", "københavn")]
    [InlineData("Straße", "strasse")]
    [InlineData("STRASSE", "strasse")]
    [InlineData("ẞ", "ss")]
    [InlineData("ΟΔΟΣ", "οδοσ")]
    [InlineData("Οδος", "οδοσ")]
    [InlineData("ÄÖÜÉÁÍ", "äöüéáí")]
    [InlineData("КИЇВ", "київ")]
    [InlineData("ＡＢＣ", "ａｂｃ")]
    [InlineData("plain 123 %_\\", "plain 123 %_\\")]
    public void Case_folds_to_one_form(string text, string folded) => Assert.Equal(folded, Folding.Case(text));

    [Theory]
    [InlineData("København", "Kobenhavn")]
    [InlineData("débárquér", "debarquer")]
    [InlineData("Beyonce\u0301", "Beyonce")]
    [InlineData("äöüéáí ÄÖÜ", "aoueai AOU")]
    [InlineData("Łódź", "Lodz")]
    [InlineData("Αθήνα", "Αθηνα")]
    [InlineData("ὁδός", "οδος")]
    [InlineData("Ёлка", "Елка")]
    [InlineData("Æsir œuvre þing", "AEsir oeuvre thing")]
    [InlineData("Việt Nam", "Viet Nam")]
    [InlineData("日本ガ", "日本ガ")]
    public void Accents_vanish_and_letters_stay(string text, string folded) =>
        Assert.Equal(folded, Folding.Accents(text));

    [Fact]
    public void The_two_foldings_compose_in_any_order_and_hold_after_one_pass()
    {
        for (var code = 0; code < char.MaxValue; code++)
        {
            var text = ((char)code).ToString();
            Assert.Equal(Folding.Case(Folding.Accents(text)), Folding.Accents(Folding.Case(text)));
            Assert.Equal(Folding.Case(text), Folding.Case(Folding.Case(text)));
            Assert.Equal(Folding.Accents(text), Folding.Accents(Folding.Accents(text)));
        }
    }

    [Fact]
    public void The_table_as_data_folds_as_the_functions_do()
    {
        foreach (var (table, fold) in new (FoldingTable, Func<string, string>)[]
            { (Folding.CaseTable, Folding.Case), (Folding.AccentTable, Folding.Accents) })
        {
            Assert.Equal(table.From.Length, table.To.Length);
            Assert.Equal(table.From.Length, table.From.Distinct().Count());
            var everything = string.Concat(Enumerable.Range(1, 0xD7FE).Select(code => (char)code));
            Assert.Equal(fold(everything), Translated(table, everything));
        }
    }

    [Fact]
    public void A_text_without_anything_to_fold_is_not_copied()
    {
        const string text = "sentinel-2 l2a";
        Assert.Same(text, Folding.Accents(Folding.Case(text)));
    }

    [Theory]
    [InlineData("Sentinel-2 L2A", "sentinel 2 l2a")]
    [InlineData("  L'été à Nîmes… ", "l ete a nimes")]
    [InlineData("", "")]
    [InlineData("-- %", "")]
    [InlineData("हिन्दी भाषा", "हिन्दी भाषा")]
    [InlineData("𐐀x", "𐐀x")]
    public void Words_are_folded_runs_of_letters_and_digits(string text, string words) =>
        Assert.Equal(words, string.Join(' ', Folding.Words(text)));

    /// <summary>What PostgreSQL makes of the table: translate(), and replace() for what becomes two letters.</summary>
    static string Translated(FoldingTable table, string text)
    {
        var translated = string.Concat(text.Where(one => !table.Dropped.Contains(one, StringComparison.Ordinal))
            .Select(one => table.From.IndexOf(one, StringComparison.Ordinal) is >= 0 and var at ? table.To[at] : one));
        return table.Expansions.Aggregate(translated, (folded, expansion) =>
            folded.Replace(expansion.From.ToString(), expansion.To, StringComparison.Ordinal));
    }
}

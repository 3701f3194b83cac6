using System.Globalization;
using System.Text;

namespace Waypost.Geo.Text;

/// <summary>
/// Folds case and accents, by one table of our own: the process runs without the system's culture data, and a
/// database's idea of a letter depends on its locale. CQL2's <c>CASEI</c> and <c>ACCENTI</c> (OGC 21-065r2, clauses
/// 7.3 and 7.4), free-text search and both databases use this table and no other. Letters of Latin, Greek, Cyrillic,
/// Armenian, Georgian and a few smaller scripts; others have neither case nor accents, or keep theirs.
/// </summary>
public static class Folding
{
    /// <summary>
    /// Upper case to lower, and letters that differ from another only by case or place in a word: ß is ss, ς is σ.
    /// </summary>
    public static FoldingTable CaseTable { get; } = Table(FoldingPairs.Case, "", FoldingPairs.CaseExpansions);

    /// <summary>
    /// Letters to their bare letter (é is e, ø is o, æ is ae); combining marks of the European scripts vanish. Marks
    /// that are part of the letter in other scripts (Hebrew, Arabic, Indic, Japanese) stay.
    /// </summary>
    public static FoldingTable AccentTable { get; } =
        Table(FoldingPairs.Accents, FoldingPairs.Marks, FoldingPairs.AccentExpansions);

    /// <summary>The text without case. Folding accents before or after gives the same.</summary>
    public static string Case(string text) => CaseTable.Apply(text);

    /// <summary>The text without accents, its case kept.</summary>
    public static string Accents(string text) => AccentTable.Apply(text);

    /// <summary>
    /// The words of a text: runs of letters, digits and the marks on them, without case and accents, in their order.
    /// </summary>
    public static IEnumerable<string> Words(string text)
    {
        var folded = Case(Accents(text));
        var start = -1;
        var at = 0;
        foreach (var rune in folded.EnumerateRunes())
        {
            if (IsPartOfWord(rune))
            {
                if (start < 0)
                    start = at;
            }
            else if (start >= 0)
            {
                yield return folded[start..at];
                start = -1;
            }
            at += rune.Utf16SequenceLength;
        }
        if (start >= 0)
            yield return folded[start..];
    }

    static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    static FoldingTable Table(string pairs, string ranges, string expansions)
    {
        var from = new StringBuilder(pairs.Length / 2);
        var to = new StringBuilder(pairs.Length / 2);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            from.Append(pairs[i]);
            to.Append(pairs[i + 1]);
        }
        var dropped = new StringBuilder();
        foreach (var range in ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var last = Hexadecimal(range[^4..]);
            for (var code = Hexadecimal(range[..4]); code <= last; code++)
                dropped.Append((char)code);
        }
        var expanded = expansions.Split(' ').Select(expansion => (expansion[0], expansion[1..]));
        return new FoldingTable(from.ToString(), to.ToString(), dropped.ToString(), [.. expanded]);
    }

    static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

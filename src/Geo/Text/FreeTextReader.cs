namespace Waypost.Geo.Text;

/// <summary>Reads the advanced form of a free-text search.</summary>
/// <remarks>
/// <c>AND</c> binds closer than <c>OR</c>; a blank means <c>OR</c>. Where terms with <c>+</c> stand beside others,
/// the others no longer decide, as they would only rank; <c>-</c> always leaves out.
/// </remarks>
sealed class FreeTextReader(string text)
{
    int at;
    int terms;

    public FreeText Read()
    {
        var read = Run(0);
        SkipBlanks();
        return at == text.Length ? read : throw Wrong("a parenthesis is closed that was not opened");
    }

    FreeText Run(int depth)
    {
        if (depth > FreeText.MostDepth)
            throw new FormatException($"its parentheses stand more than {FreeText.MostDepth} deep");
        var (must, may, not) = (new List<FreeText>(), new List<FreeText>(), new List<FreeText>());
        while (true)
        {
            SkipBlanks();
            if (at == text.Length || text[at] == ')') break;
            if (must.Count + may.Count + not.Count > 0 && Takes("OR")) SkipBlanks();
            var (sign, term) = Chain(depth);
            (sign switch { '+' => must, '-' => not, _ => may }).Add(term);
        }
        var without = not.Select(part => (FreeText)new Lacking(part));
        if (must.Count > 0) return AllOf.And([.. must, .. without]);
        if (may.Count > 0) return AllOf.And([AnyOf.Or(may), .. without]);
        return not.Count > 0 ? AllOf.And([.. without]) : throw Wrong("a term was expected");
    }

    // One term, or some with AND between them; the sign of a single one is for its run to judge.
    (char Sign, FreeText Term) Chain(int depth)
    {
        var (sign, first) = Signed(depth);
        var parts = new List<FreeText> { sign == '-' ? new Lacking(first) : first };
        while (true)
        {
            SkipBlanks();
            if (!Takes("AND")) break;
            var (next, term) = Signed(depth);
            parts.Add(next == '-' ? new Lacking(term) : term);
        }
        return parts.Count == 1 ? (sign, first) : ('\0', new AllOf(parts));
    }

    (char Sign, FreeText Term) Signed(int depth)
    {
        SkipBlanks();
        if (at == text.Length) throw Wrong("a term was expected");
        var sign = '\0';
        if (text[at] is '+' or '-') sign = text[at++];
        if (at == text.Length || text[at] is ' ' or ')' or '+' or '-') throw Wrong("a term was expected");
        return (sign, Term(depth));
    }

    FreeText Term(int depth)
    {
        if (text[at] == '(')
        {
            at++;
            var inner = Run(depth + 1);
            if (at == text.Length) throw Wrong("a parenthesis is not closed");
            at++;
            return inner;
        }
        if (++terms > FreeText.MostTerms) throw FreeText.TooMany();
        if (text[at] == '"')
        {
            var end = text.IndexOf('"', at + 1);
            if (end < 0) throw Wrong("a quote is not closed");
            var quoted = text[(at + 1)..end];
            at = end + 1;
            return Phrase.Of(quoted);
        }
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('(' or ')' or '"')) at++;
        var word = text[start..at];
        return word is "AND" or "OR" ? throw Wrong($"{word} stands where a term was expected") : Phrase.Of(word);
    }

    bool Takes(string word)
    {
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) return false;
        var end = at + word.Length;
        if (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('(' or '"')) return false;
        at = end;
        return true;
    }

    void SkipBlanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    FormatException Wrong(string what) => new($"at character {at + 1}: {what}");
}

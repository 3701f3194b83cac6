namespace Waypost.Geo.Text;

/// <summary>What a free-text search looks for, in words as <see cref="Folding.Words"/> makes them: without case and
/// accents.</summary>
public abstract record FreeText
{
    private protected FreeText()
    {
    }

    /// <summary>Terms of a search, each counted however deep it stands.</summary>
    public const int MostTerms = 50;

    /// <summary>How deep parentheses may stand in each other.</summary>
    public const int MostDepth = 20;

    /// <summary>Characters of the text of a search.</summary>
    public const int LongestText = 2_000;

    /// <summary>True when words in this order are what is looked for.</summary>
    public abstract bool Matches(IReadOnlyList<string> words);

    /// <summary>The search in its advanced form; the same for two that look for the same in the same order.</summary>
    public sealed override string ToString() => this switch
    {
        Phrase phrase => $"\"{string.Join(' ', phrase.Words)}\"",
        AllOf all => $"({string.Join(" AND ", all.Parts)})",
        // Beside others a minus alone would leave out what any of them found.
        AnyOf any => $"({string.Join(" OR ", any.Parts.Select(part => part is Lacking ? $"({part})" : $"{part}"))})",
        _ => $"-{((Lacking)this).Part}",
    };

    /// <summary>Any of the terms, each taken as it is: its words one right after the other (STAC API free text,
    /// basic).</summary>
    /// <exception cref="FormatException">A term has no word, or there are too many; the sentence says which.
    /// </exception>
    public static FreeText OfTerms(IReadOnlyCollection<string> terms)
    {
        if (terms.Count > MostTerms) throw TooMany();
        if (terms.Sum(term => term.Length) > LongestText) throw TooLong();
        var phrases = terms.Select(Phrase.Of).ToList();
        return phrases.Count == 0 ? throw new FormatException("it has no term") : AnyOf.Or(phrases);
    }

    /// <summary>Reads a text: terms with commas between them are <see cref="OfTerms"/>; without a comma outside of
    /// quotes it is an expression of <c>AND</c>, <c>OR</c> (also meant by a blank), parentheses, <c>+must</c>,
    /// <c>-not</c> and <c>"a phrase"</c> (STAC API free text, basic and advanced).</summary>
    /// <exception cref="FormatException">It is not one of them; the sentence says where.</exception>
    public static FreeText Parse(string text)
    {
        if (text.Length > LongestText) throw TooLong();
        return HasComma(text)
            ? OfTerms(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            : new FreeTextReader(text).Read();
    }

    internal static FormatException TooMany() => new($"it has more than {MostTerms} terms");

    static FormatException TooLong() => new($"it has more than {LongestText} characters");

    static bool HasComma(string text)
    {
        var quoted = false;
        foreach (var letter in text)
        {
            if (letter == '"') quoted = !quoted;
            else if (letter == ',' && !quoted) return true;
        }
        return false;
    }
}

/// <summary>Words one right after the other.</summary>
/// <param name="Words">One or more.</param>
public sealed record Phrase(IReadOnlyList<string> Words) : FreeText
{
    /// <summary>The words of a text.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public static Phrase Of(string text)
    {
        var words = Folding.Words(text).ToList();
        return words.Count > 0 ? new Phrase(words) : throw new FormatException($"'{text}' has no letter or digit");
    }

    /// <inheritdoc/>
    public override bool Matches(IReadOnlyList<string> words)
    {
        for (var at = 0; at + Words.Count <= words.Count; at++)
        {
            var same = 0;
            while (same < Words.Count && words[at + same] == Words[same]) same++;
            if (same == Words.Count) return true;
        }
        return false;
    }
}

/// <summary>All of them.</summary>
/// <param name="Parts">Two or more.</param>
public sealed record AllOf(IReadOnlyList<FreeText> Parts) : FreeText
{
    /// <inheritdoc/>
    public override bool Matches(IReadOnlyList<string> words) => Parts.All(part => part.Matches(words));

    internal static FreeText And(IReadOnlyList<FreeText> parts) => parts.Count == 1 ? parts[0] : new AllOf(parts);
}

/// <summary>At least one of them.</summary>
/// <param name="Parts">Two or more.</param>
public sealed record AnyOf(IReadOnlyList<FreeText> Parts) : FreeText
{
    /// <inheritdoc/>
    public override bool Matches(IReadOnlyList<string> words) => Parts.Any(part => part.Matches(words));

    internal static FreeText Or(IReadOnlyList<FreeText> parts) => parts.Count == 1 ? parts[0] : new AnyOf(parts);
}

/// <summary>What it is without.</summary>
/// <param name="Part">What must not be there.</param>
public sealed record Lacking(FreeText Part) : FreeText
{
    /// <inheritdoc/>
    public override bool Matches(IReadOnlyList<string> words) => !Part.Matches(words);
}

namespace Waypost.Geo.Text;

/// <summary>
/// One way of folding text as data, so that a database's function can be made of the same table: replace each
/// character of <see cref="From"/> by the one at the same place in <see cref="To"/>, drop those of
/// <see cref="Dropped"/>, and replace those of <see cref="Expansions"/> by two or more. No replacement holds a
/// character that the table replaces, so the order does not matter and folding twice is folding once. In PostgreSQL:
/// <c>translate(text, From || Dropped, To)</c> and a <c>replace</c> for each expansion.
/// </summary>
/// <param name="From">Characters of the basic plane that become one other; none appears twice.</param>
/// <param name="To">What they become, place by place.</param>
/// <param name="Dropped">Characters that vanish.</param>
/// <param name="Expansions">Characters that become two or three others.</param>
public sealed record FoldingTable(
    string From, string To, string Dropped, IReadOnlyList<(char From, string To)> Expansions)
{
    readonly string?[]?[] pages = Pages(From, To, Dropped, Expansions);

    /// <summary>The text with each character replaced; the same instance when none was.</summary>
    public string Apply(string text)
    {
        var first = 0;
        while (first < text.Length && Find(text[first]) is null)
            first++;
        if (first == text.Length)
            return text;
        var folded = new System.Text.StringBuilder(text.Length + 8).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            if (Find(text[i]) is { } replacement)
                folded.Append(replacement);
            else
                folded.Append(text[i]);
        }
        return folded.ToString();
    }

    string? Find(char character) => pages[character >> 8]?[character & 0xFF];

    static string?[]?[] Pages(
        string from, string to, string dropped, IReadOnlyList<(char From, string To)> expansions)
    {
        var pages = new string?[]?[256];
        for (var i = 0; i < from.Length; i++)
            Put(from[i], to[i].ToString());
        foreach (var character in dropped)
            Put(character, "");
        foreach (var (character, replacement) in expansions)
            Put(character, replacement);
        return pages;

        void Put(char character, string replacement) =>
            (pages[character >> 8] ??= new string?[256])[character & 0xFF] = replacement;
    }
}

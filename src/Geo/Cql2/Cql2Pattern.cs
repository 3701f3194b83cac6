using System.Text;
using Waypost.Geo.Text;

namespace Waypost.Geo.Cql2;

/// <summary>
/// A pattern of LIKE: <c>%</c> stands for any run of characters, the empty one too, <c>_</c> for exactly one (a code
/// point). A backslash takes the <c>%</c>, <c>_</c> or backslash after it as it is; any other stands for itself.
/// </summary>
public sealed class Cql2Pattern
{
    const int AnyRun = -1;
    const int AnyOne = -2;

    readonly int[] parts;

    /// <summary>Reads a pattern; there is none that is wrong.</summary>
    public Cql2Pattern(string pattern)
    {
        var read = new List<int>(pattern.Length);
        var runes = pattern.EnumerateRunes().Select(rune => rune.Value).ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            if (runes[i] == '\\' && i + 1 < runes.Length && runes[i + 1] is '%' or '_' or '\\')
                read.Add(runes[++i]);
            else if (runes[i] == '%')
                read.Add(AnyRun);
            else
                read.Add(runes[i] == '_' ? AnyOne : runes[i]);
        }
        parts = [.. read];
        var prefix = new StringBuilder();
        foreach (var part in parts.TakeWhile(part => part >= 0))
            prefix.Append(new Rune(part));
        Prefix = prefix.ToString();
    }

    /// <summary>The characters before the first wildcard; what matches starts with them.</summary>
    public string Prefix { get; }

    /// <summary>True when there is no wildcard: only <see cref="Prefix"/> itself matches.</summary>
    public bool IsExact => parts.All(part => part >= 0);

    /// <summary>True when a text matches from its first character to its last.</summary>
    public bool Matches(string text)
    {
        var characters = text.EnumerateRunes().Select(rune => rune.Value).ToArray();
        // At a mismatch the last run takes one character more: earlier runs need never be tried again.
        var (at, part, lastRun, resume) = (0, 0, -1, 0);
        while (at < characters.Length)
        {
            if (part < parts.Length && (parts[part] == AnyOne || parts[part] == characters[at]))
            {
                at++;
                part++;
            }
            else if (part < parts.Length && parts[part] == AnyRun)
            {
                lastRun = part++;
                resume = at;
            }
            else if (lastRun >= 0)
            {
                part = lastRun + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (part < parts.Length && parts[part] == AnyRun)
            part++;
        return part == parts.Length;
    }

    /// <summary>The pattern that stands right of LIKE, folded as CASEI and ACCENTI around it say.</summary>
    public static string TextOf(Cql2Expression pattern) => pattern switch
    {
        TextLiteral text => text.Value,
        CaseFolded folded => Folding.Case(TextOf(folded.Operand)),
        AccentFolded folded => Folding.Accents(TextOf(folded.Operand)),
        _ => throw NoPattern(pattern),
    };

    /// <summary>The same node when it is a pattern by rule <c>patternExpression</c>.</summary>
    internal static Cql2Expression Checked(Cql2Expression pattern)
    {
        var inner = pattern;
        while (inner is CaseFolded or AccentFolded)
            inner = inner.Children.First();
        return inner is TextLiteral ? pattern : throw NoPattern(inner);
    }

    static BadCql2Exception NoPattern(Cql2Expression pattern) => new(pattern.Place, "a pattern that is no text",
        "LIKE takes a text in single quotes, which CASEI and ACCENTI may be around");
}

using System.Buffers;
using System.Globalization;

namespace Waypost.Geo.Stac;

/// <summary>
/// Tells texts that say where something lies inside from texts that anybody may read: local paths, Windows and UNC
/// paths, and URIs of schemes that are not allowed, anywhere in the text and however they are dressed up. When in
/// doubt, a text is hidden.
/// </summary>
internal static class HiddenText
{
    /// <summary>Layers of escapes that are taken off before what is still wrapped is called hidden.</summary>
    const int LayerLimit = 6;

    static readonly SearchValues<char> HostEnds = SearchValues.Create("/?#\\ \t\r\n)>\"'");

    /// <summary>Characters of an address in which its host ends; so many of a data URI tell it from a word.</summary>
    const int FarthestHost = 512, LongestMediaType = 256;

    /// <summary>True when a text must not be seen from outside.</summary>
    public static bool IsHidden(ReadOnlySpan<char> text, StacSchemes schemes)
    {
        if (Reveals(text, schemes))
            return true;
        for (var layer = 0; TextLayers.Next(text) is { } inner; layer++)
        {
            if (layer == LayerLimit || Reveals(inner, schemes))
                return true;
            text = inner;
        }
        return false;
    }

    /// <summary>True when the name of a member must not be seen from outside. The names of STAC's file extension
    /// are names, not addresses; but its <c>file:local_path</c> is what it says.</summary>
    public static bool IsHiddenName(ReadOnlySpan<char> name, StacSchemes schemes) =>
        name is not ("file:size" or "file:checksum" or "file:header_size" or "file:byte_order" or "file:values"
            or "file:data_type" or "file:bits_per_sample" or "file:nodata" or "file:unit")
        && IsHidden(name, schemes);

    /// <summary>True when an address may be seen from outside: a scheme that is allowed, and nothing hidden in the
    /// rest.</summary>
    public static bool IsVisibleHref(ReadOnlySpan<char> href, StacSchemes schemes)
    {
        var colon = href.IndexOf(':');
        return colon > 0 && schemes.Allows(href[..colon]) && IsWhole(href, colon) && !IsHidden(href, schemes);
    }

    static bool Reveals(ReadOnlySpan<char> text, StacSchemes schemes)
    {
        if (text.IndexOfAny(":/\\") < 0)
            return false;
        if (text.TrimStart() is [var first, ..] && IsSlash(first) || NamesVirtualFiles(text))
            return true;
        // Whether a path could begin here: nothing of a word was read yet.
        var fresh = true;
        var backslashes = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == ':')
            {
                if (IsAddress(text, i, schemes, out var allowed))
                    return true;
                fresh = !allowed;
                // The slashes of an address that is allowed begin no path.
                i += allowed ? 2 : 0;
                backslashes = 0;
            }
            else if (IsSlash(letter))
            {
                if (letter == '/' ? BeginsPath(text, i, fresh) : !Escapes(text, i, ref backslashes))
                    return true;
                fresh = false;
            }
            else if (letter == '<' && ClosingTag(text[i..]) is > 0 and var length)
            {
                (i, fresh) = (i + length - 1, true);
            }
            else if (Separates(letter))
            {
                fresh = true;
                backslashes = char.IsWhiteSpace(letter) ? 0 : backslashes;
            }
            else if (letter is not ('_' or '~' or '.' or '-' or '@' or '!' or '%'))
            {
                fresh = false;
            }
        }
        return false;
    }

    static bool IsSlash(char letter) => letter is '/' or '\\';

    /// <summary>Looks at a colon: true when what stands before it makes an address that is hidden.</summary>
    static bool IsAddress(ReadOnlySpan<char> text, int colon, StacSchemes schemes, out bool allowed)
    {
        allowed = false;
        var start = colon;
        while (start > 0 && IsOfScheme(text[start - 1]))
            start--;
        var scheme = text[start..colon];
        if (colon + 1 < text.Length && IsSlash(text[colon + 1]))
        {
            allowed = schemes.Allows(scheme) && IsWhole(text[start..], colon - start);
            return !allowed;
        }
        // Of a chain such as jar+file: the last counts.
        var last = scheme[(scheme.LastIndexOf('+') + 1)..];
        return last.Equals("file", StringComparison.OrdinalIgnoreCase) && !schemes.Allows("file")
            || last.Equals("arn", StringComparison.OrdinalIgnoreCase) && colon + 1 < text.Length
                && !char.IsWhiteSpace(text[colon + 1])
            || last.Equals("data", StringComparison.OrdinalIgnoreCase) && !schemes.Allows("data")
                && IsDataUri(text[(colon + 1)..]);
    }

    /// <summary>http and https have a host, and nobody's password before it; what other schemes need is theirs to
    /// say.</summary>
    static bool IsWhole(ReadOnlySpan<char> address, int colon)
    {
        if (!address[..colon].StartsWith("http", StringComparison.OrdinalIgnoreCase))
            return true;
        var rest = address[(colon + 1)..];
        if (!rest.StartsWith("//", StringComparison.Ordinal) || rest.Length < 3
            || !(char.IsLetterOrDigit(rest[2]) || rest[2] is '[' or '{'))
            return false;
        rest = rest[2..Math.Min(rest.Length, 2 + FarthestHost)];
        var end = rest.IndexOfAny(HostEnds);
        return !(end < 0 ? rest : rest[..end]).Contains('@');
    }

    static bool IsDataUri(ReadOnlySpan<char> rest)
    {
        // A word that is so long is no word: what follows the colon need not be read to its end.
        if (rest.Length > LongestMediaType && rest[..LongestMediaType].IndexOfAny(" \t\r\n") < 0)
            return true;
        var end = rest.IndexOfAny(" \t\r\n");
        return (end < 0 ? rest : rest[..end]).Contains(',');
    }

    static bool IsOfScheme(char letter) =>
        char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) || letter is '+' or '-' or '.';

    /// <summary>Slashes where a word begins, with something of a name after them.</summary>
    static bool BeginsPath(ReadOnlySpan<char> text, int at, bool fresh)
    {
        if (!fresh)
            return false;
        while (at < text.Length && IsSlash(text[at]))
            at++;
        return at < text.Length
            && (char.IsLetterOrDigit(text[at]) || char.IsSurrogate(text[at]) || ".~_-%$@{<#?".Contains(text[at]));
    }

    /// <summary>A backslash that only takes the meaning off a character, as Markdown has it, or that stands alone as
    /// LaTeX has it; a second one with a name after it in the same word makes a path.</summary>
    static bool Escapes(ReadOnlySpan<char> text, int at, ref int backslashes)
    {
        if (at + 1 >= text.Length)
            return true;
        if (text[at + 1] == '\\')
            return false;
        return !char.IsLetterOrDigit(text[at + 1]) || ++backslashes < 2;
    }

    /// <summary>GDAL's virtual file systems, wherever they stand: <c>/vsicurl/</c>, <c>/vsis3/</c>.</summary>
    static bool NamesVirtualFiles(ReadOnlySpan<char> text)
    {
        for (var from = 0; text[from..].IndexOf("/vsi", StringComparison.OrdinalIgnoreCase) is >= 0 and var at;)
        {
            from += at + "/vsi".Length;
            var rest = text[from..];
            var end = rest.IndexOfAny('/', '\\');
            if (end > 0 && rest[..end].IndexOfAnyExceptInRange('0', 'z') < 0)
                return true;
        }
        return false;
    }

    /// <summary>The length of <c>&lt;/b&gt;</c> at the beginning of a text, or 0.</summary>
    static int ClosingTag(ReadOnlySpan<char> text)
    {
        if (text.Length < 4 || text[1] != '/')
            return 0;
        var at = 2;
        while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
            at++;
        return at > 2 && at < text.Length && text[at] == '>' ? at + 1 : 0;
    }

    // What ends a name so that a slash after it is a fraction ("m²/s", "(w)/m", "10°/h"), a template's or a list's.
    static bool Separates(char letter) => letter switch
    {
        ')' or ']' or '}' or '%' or '°' or '′' or '″' or '#' or '!' or '@' => false,
        '_' or '~' or '.' or '-' or '+' => false,
        _ => !char.IsLetterOrDigit(letter) && !char.IsSurrogate(letter) && char.GetUnicodeCategory(letter) is not
            (UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark),
    };
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Waypost.Geo.Stac;

/// <summary>
/// Takes off a text what a program or a person would not see or would undo before following it: percent escapes,
/// character references of Markdown and HTML, characters without a width, and characters that look like others.
/// </summary>
internal static class TextLayers
{
    const string Colons = "\uFF1A\u2236\uA789\uFE30\uFE13\uFE55\u02D0\u02F8\u0589\u05C3\u205A";
    const string Slashes = "\uFF0F\u2044\u2215\u2571\u29F8\u27CB\u3033";
    const string Backslashes = "\uFF3C\uFE68\u2216\u29F5\u29F9\u27CD";

    // The letters of "file" as Greek, Cyrillic and others draw them.
    const string Drawn = "\u0456\u03B9\u0131\u2170\u04CF\u217C\u01C0\u0435\u212F\u212E\u017F\uA730\u0192";
    const string Meant = "iiiillleeefff";

    /// <summary>The text with one layer off; null when there is none.</summary>
    public static string? Next(ReadOnlySpan<char> text)
    {
        if (!Wrapped(text))
            return null;
        var inner = new StringBuilder(text.Length);
        var changed = false;
        for (var i = 0; i < text.Length; i++)
        {
            var taken = text[i] switch
            {
                '%' => Percent(text[i..], inner),
                '&' => Reference(text[i..], inner),
                '\\' => Escape(text[i..], inner),
                >= '\uD800' and < '\uDC00' => Styled(text[i..], inner),
                _ => 0,
            };
            if (taken > 0)
            {
                i += taken - 1;
                changed = true;
            }
            else if (Plain(text[i]) is { } plain)
            {
                inner.Append(plain);
                changed |= plain != text[i];
            }
            else
            {
                changed = true;
            }
        }
        return changed ? inner.ToString() : null;
    }

    static bool Wrapped(ReadOnlySpan<char> text) =>
        text.IndexOfAny('%', '&', '\\') >= 0 || text.IndexOfAnyExceptInRange(' ', '~') >= 0;

    /// <summary>Escaped bytes, one character each: what matters is ASCII, whatever the rest would be.</summary>
    static int Percent(ReadOnlySpan<char> text, StringBuilder inner)
    {
        if (Hex(text, 1, 2) is not { } value)
        {
            // As some browsers once had it: %u002F.
            if (text.Length > 1 && text[1] is 'u' or 'U' && Hex(text, 2, 4) is { } unit)
            {
                inner.Append((char)unit);
                return 6;
            }
            return 0;
        }
        // A character written in more bytes than it needs, as UTF-8 forbids: %C0%AF is a slash to careless readers.
        if (value is 0xC0 or 0xC1 && text.Length > 3 && text[3] == '%'
            && Hex(text, 4, 2) is >= 0x80 and < 0xC0 and var low)
        {
            inner.Append((char)(((value & 0x1F) << 6) | (low & 0x3F)));
            return 6;
        }
        if (value == 0xE0 && text.Length > 6 && text[3] == '%' && Hex(text, 4, 2) is 0x80 or 0x81 && text[6] == '%'
            && Hex(text, 7, 2) is >= 0x80 and < 0xC0 and var last)
        {
            inner.Append((char)(((Hex(text, 4, 2)!.Value & 1) << 6) | (last & 0x3F)));
            return 9;
        }
        return Utf8(text, inner) is > 0 and var taken ? taken : Byte(value, inner);
    }

    static int Byte(int value, StringBuilder inner)
    {
        inner.Append((char)value);
        return 3;
    }

    /// <summary>Escapes that are a character of more than one byte, so that look-alikes are seen through.</summary>
    static int Utf8(ReadOnlySpan<char> text, StringBuilder inner)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        while (count < 4 && text.Length > 3 * count && text[3 * count] == '%'
            && Hex(text, 3 * count + 1, 2) is { } value)
            bytes[count++] = (byte)value;
        if (count < 2 || Rune.DecodeFromUtf8(bytes[..count], out var rune, out var used) != OperationStatus.Done
            || used < 2)
            return 0;
        inner.Append(rune.ToString());
        return 3 * used;
    }

    /// <summary><c>&amp;#47;</c>, <c>&amp;#x2F;</c>, and the names of what addresses are made of.</summary>
    static int Reference(ReadOnlySpan<char> text, StringBuilder inner)
    {
        text = text[..Math.Min(text.Length, 16)];
        if (text.Length > 2 && text[1] == '#')
            return Number(text, inner);
        var end = text.IndexOf(';');
        if (end < 0)
            return 0;
        return text[1..end].ToString().ToUpperInvariant() switch
        {
            "SOL" => Character('/', end, inner),
            "COLON" => Character(':', end, inner),
            "BSOL" or "SETMINUS" => Character('\\', end, inner),
            "AMP" => Character('&', end, inner),
            "PERCNT" => Character('%', end, inner),
            "TAB" => Character('\t', end, inner),
            "NEWLINE" => Character('\n', end, inner),
            "NUM" => Character('#', end, inner),
            "PERIOD" => Character('.', end, inner),
            "QUOT" or "APOS" or "LPAR" or "LT" or "GT" or "NBSP" or "EQUALS" => Character(' ', end, inner),
            _ => 0,
        };
    }

    /// <summary>A character by its number; HTML does without the semicolon.</summary>
    static int Number(ReadOnlySpan<char> text, StringBuilder inner)
    {
        var isHex = text[2] is 'x' or 'X';
        var digits = text[(isHex ? 3 : 2)..];
        var count = 0;
        while (count < digits.Length
            && (isHex ? char.IsAsciiHexDigit(digits[count]) : char.IsAsciiDigit(digits[count])))
            count++;
        if (!int.TryParse(digits[..count], isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
                CultureInfo.InvariantCulture, out var code))
            return 0;
        var end = text.Length - digits.Length + count;
        return Character(code, end < text.Length && text[end] == ';' ? end : end - 1, inner);
    }

    /// <summary>A character as program texts escape it: <c>\u002F</c>, <c>\x2F</c>.</summary>
    static int Escape(ReadOnlySpan<char> text, StringBuilder inner)
    {
        var digits = text.Length < 2 ? 0 : text[1] switch { 'u' or 'U' => 4, 'x' or 'X' => 2, _ => 0 };
        if (digits == 0 || Hex(text, 2, digits) is not { } unit)
            return 0;
        inner.Append((char)unit);
        return 2 + digits;
    }

    /// <summary>Letters that mathematics writes in other styles.</summary>
    static int Styled(ReadOnlySpan<char> text, StringBuilder inner)
    {
        if (Rune.DecodeFromUtf16(text, out var rune, out var used) != OperationStatus.Done
            || rune.Value is < 0x1D400 or > 0x1D6A3)
            return 0;
        var letter = (rune.Value - 0x1D400) % 52;
        inner.Append((char)(letter < 26 ? 'A' + letter : 'a' + letter - 26));
        return used;
    }

    static int Character(int code, int end, StringBuilder inner)
    {
        if (!Rune.TryCreate(code, out var rune))
            return 0;
        inner.Append(rune.ToString());
        return end + 1;
    }

    /// <summary>What a character is read as; null for one that is not seen at all.</summary>
    static char? Plain(char letter)
    {
        if (letter is >= ' ' and <= '~')
            return letter;
        if (char.IsControl(letter) || letter is '\u00AD' or '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5'
            || char.GetUnicodeCategory(letter) == UnicodeCategory.Format || letter is >= '\uFE00' and <= '\uFE0F')
            return null;
        if (Colons.Contains(letter, StringComparison.Ordinal))
            return ':';
        if (Slashes.Contains(letter, StringComparison.Ordinal))
            return '/';
        if (Backslashes.Contains(letter, StringComparison.Ordinal))
            return '\\';
        if (letter is >= '\uFF01' and <= '\uFF5E')
            return (char)(letter - 0xFEE0);
        if (letter is >= '\u24B6' and <= '\u24E9')
            return (char)(letter < '\u24D0' ? letter - 0x24B6 + 'A' : letter - 0x24D0 + 'a');
        return Drawn.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at ? Meant[at] : letter;
    }

    static int? Hex(ReadOnlySpan<char> text, int from, int digits) => text.Length >= from + digits
        && int.TryParse(
            text.Slice(from, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
        ? value : null;
}

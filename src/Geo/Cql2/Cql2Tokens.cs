using System.Globalization;
using System.Text;

namespace Waypost.Geo.Cql2;

/// <summary>What a token of CQL2 text is.</summary>
enum TokenKind
{
    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A name in double quotes.</summary>
    QuotedName,

    /// <summary>A text in single quotes.</summary>
    Text,

    /// <summary>A number without its sign.</summary>
    Number,

    /// <summary>One of <c>( ) , + - * / % ^ = &lt; &gt;</c>.</summary>
    Sign,

    /// <summary>The end of the text.</summary>
    End,
}

/// <summary>A token: what it is, where it starts, and its characters without quotes and escapes.</summary>
readonly record struct Token(TokenKind Kind, int Start, string Value)
{
    public string Place => Cql2Tokens.PlaceOf(Start);

    /// <summary>The token in words, for a message.</summary>
    public string Described => Kind switch
    {
        TokenKind.End => "its end",
        TokenKind.Text => $"the text '{Shortened}'",
        TokenKind.QuotedName => $"the name \"{Shortened}\"",
        _ => $"'{Shortened}'",
    };

    string Shortened => Value.Length <= 40 ? Value : Value[..40] + "…";
}

/// <summary>Cuts CQL2 text into tokens, by the terminal rules of the BNF.</summary>
static class Cql2Tokens
{
    const string Signs = "(),+-*/%^=<>";

    public static string PlaceOf(int start) => FormattableString.Invariant($"column {start + 1}");

    public static List<Token> Of(string text)
    {
        if (text.Length > Cql2Limits.Characters)
            throw Cql2Limits.Passed("", "characters", Cql2Limits.Characters);
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
                break;
            tokens.Add(Next(text, ref at));
            if (tokens.Count > Cql2Limits.Tokens)
                throw Cql2Limits.Passed(PlaceOf(at), "words, numbers and signs", Cql2Limits.Tokens);
        }
        tokens.Add(new Token(TokenKind.End, text.Length, ""));
        return tokens;
    }

    static Token Next(string text, ref int at)
    {
        var start = at;
        var first = text[at];
        if (first == '\'')
            return new Token(TokenKind.Text, start, QuotedText(text, ref at));
        if (first == '"')
            return new Token(TokenKind.QuotedName, start, QuotedName(text, ref at));
        if (char.IsAsciiDigit(first) || (first == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            return new Token(TokenKind.Number, start, Number(text, ref at));
        if (Signs.Contains(first, StringComparison.Ordinal))
        {
            at++;
            return new Token(TokenKind.Sign, start, first.ToString());
        }
        if (Rune.TryGetRuneAt(text, at, out var rune) && Cql2Names.StartsName(rune.Value))
            return new Token(TokenKind.Name, start, Name(text, ref at));
        throw first == '!'
            ? new BadCql2Exception(PlaceOf(at), "'!'", "'<>' is written for not equal, and NOT for the opposite")
            : new BadCql2Exception(PlaceOf(at), $"the character {Shown(text, at)}",
                "a name, a number, a text in single quotes or a sign was expected");
    }

    static string Shown(string text, int at) => char.IsSurrogate(text[at]) || char.IsControl(text[at])
        ? FormattableString.Invariant($"U+{(int)text[at]:X4}") : $"'{text[at]}'";

    static string Name(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && Rune.TryGetRuneAt(text, at, out var rune) && Cql2Names.ContinuesName(rune.Value)
            && !Rune.IsWhiteSpace(rune))
            at += rune.Utf16SequenceLength;
        return text[start..at];
    }

    static string Number(string text, ref int at)
    {
        var start = at;
        Digits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            Digits(text, ref at);
        }
        // An E without digits after it is the start of a name, which the reader will not expect.
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                at = exponent;
                Digits(text, ref at);
            }
        }
        return text[start..at];
    }

    static void Digits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
    }

    /// <summary>
    /// A text in single quotes. A quote within is doubled or follows a backslash, and a backslash before one of
    /// <c>a b t n v f r</c> makes a control character (requirement cql2-text/escaping); two backslashes are one.
    /// Before any other character a backslash stands for itself, so that <c>\%</c> reaches LIKE.
    /// </summary>
    static string QuotedText(string text, ref int at)
    {
        var start = at++;
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var one = text[at++];
            if (one == '\'')
            {
                if (at == text.Length || text[at] != '\'')
                    return Storable(value.ToString(), start);
                at++;
            }
            else if (one == '\\' && at < text.Length && Escaped(text[at]) is { } meant)
            {
                one = meant;
                at++;
            }
            value.Append(one);
        }
        throw new BadCql2Exception(PlaceOf(start), "a text without its closing quote", "a single quote was expected");
    }

    static char? Escaped(char after) => after switch
    {
        '\'' or '\\' => after,
        'a' => '\a',
        'b' => '\b',
        't' => '\t',
        'n' => '\n',
        'v' => '\v',
        'f' => '\f',
        'r' => '\r',
        _ => null,
    };

    static string QuotedName(string text, ref int at)
    {
        var start = at++;
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var one = text[at++];
            if (one != '"')
            {
                value.Append(one);
            }
            else if (at < text.Length && text[at] == '"')
            {
                at++;
                value.Append('"');
            }
            else
            {
                return value.Length > 0 ? Storable(value.ToString(), start)
                    : throw new BadCql2Exception(PlaceOf(start), "an empty name", "a name was expected");
            }
        }
        throw new BadCql2Exception(PlaceOf(start), "a name without its closing quote", "a double quote was expected");
    }

    static string Storable(string value, int start) => WhatIsUnstorable(value) is { } found
        ? throw new BadCql2Exception(PlaceOf(start), found, "Unicode text without it was expected") : value;

    /// <summary>What no database stores as text: U+0000 and halves of a character; null when there is none.</summary>
    public static string? WhatIsUnstorable(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\0')
                return "the character U+0000";
            if (!char.IsSurrogate(value[i]))
                continue;
            if (!Rune.TryGetRuneAt(value, i, out _))
                return FormattableString.Invariant($"half a character, U+{(int)value[i]:X4}");
            i++;
        }
        return null;
    }

    /// <summary>The number of a token; infinite numbers are refused.</summary>
    public static double NumberOf(Token token) =>
        double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture) is var number
        && double.IsFinite(number) ? number
        : throw new BadCql2Exception(token.Place, $"the number {token.Described}", "numbers up to 1.7E308 can be had");
}

namespace Waypost.Geo.Cql2;

/// <summary>Stands on one token of a text and moves on.</summary>
sealed class TokenCursor(List<Token> tokens)
{
    int at;

    public Token Current => tokens[at];

    /// <summary>The token after the current one; the end after the last.</summary>
    public Token Following => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>Moves past the current token and returns it.</summary>
    public Token Take()
    {
        var taken = tokens[at];
        if (taken.Kind != TokenKind.End)
            at++;
        return taken;
    }

    public bool IsSign(char sign) => Current.Kind == TokenKind.Sign && Current.Value[0] == sign;

    public bool FollowedBySign(char sign) => Following.Kind == TokenKind.Sign && Following.Value[0] == sign;

    public bool IsWord(string word) => Current.Kind == TokenKind.Name
        && string.Equals(Current.Value, word, StringComparison.OrdinalIgnoreCase);

    public bool TakeSign(char sign)
    {
        var there = IsSign(sign);
        if (there)
            at++;
        return there;
    }

    public bool TakeWord(string word)
    {
        var there = IsWord(word);
        if (there)
            at++;
        return there;
    }

    public void ExpectSign(char sign)
    {
        if (!TakeSign(sign))
            throw Unexpected($"'{sign}'");
    }

    /// <summary>A number with its sign.</summary>
    public double ExpectNumber()
    {
        var negative = IsSign('-');
        if (negative || IsSign('+'))
            at++;
        if (Current.Kind != TokenKind.Number)
            throw Unexpected("a number");
        var number = Cql2Tokens.NumberOf(Take());
        return negative ? -number : number;
    }

    /// <summary>The error that the current token is not what belongs there.</summary>
    public BadCql2Exception Unexpected(string expected) =>
        new(Current.Place, Current.Described, $"{expected} was expected");
}

namespace Waypost.Geo.Cql2;

/// <summary>
/// Reads CQL2 text from the outside in: OR, AND, NOT, predicates, sums, products, powers, and what those are made of
/// (<see cref="Cql2OperandReader"/>). Words count in any case.
/// </summary>
sealed class Cql2TextReader
{
    /// <summary>Parentheses and calls within one another; a tree of the greatest depth needs no more.</summary>
    const int NestingLimit = 2 * Cql2Limits.Depth;

    readonly TokenCursor cursor;
    readonly Cql2OperandReader operands;
    int nesting;

    /// <summary>An operand already read, which the expression that goes on after it starts with.</summary>
    Cql2Expression? pending;

    public Cql2TextReader(string text)
    {
        cursor = new TokenCursor(Cql2Tokens.Of(text));
        operands = new Cql2OperandReader(cursor, this);
    }

    public Cql2Expression ReadAll()
    {
        if (cursor.Current.Kind == TokenKind.End)
            throw new BadCql2Exception("", "nothing in it", "an expression was expected");
        var expression = Read();
        if (cursor.Current.Kind != TokenKind.End)
            throw cursor.Unexpected("AND, OR, a comparison or the end");
        Cql2Limits.Check(expression);
        return expression;
    }

    /// <summary>Rule <c>booleanExpression</c>, and anything that may stand in its place.</summary>
    public Cql2Expression Read()
    {
        Enter();
        var place = cursor.Current.Place;
        var first = ReadTerm();
        if (cursor.IsWord("OR"))
            first = new Or(Chain("OR", first, ReadTerm)) { Place = place };
        Leave();
        return first;
    }

    /// <summary>Goes on with an expression whose first operand was read.</summary>
    public Cql2Expression ReadAfter(Cql2Expression first)
    {
        pending = first;
        return Read();
    }

    /// <summary>Counts a step inwards.</summary>
    public void Enter()
    {
        if (++nesting > NestingLimit)
            throw Cql2Limits.Passed(cursor.Current.Place, "expressions within one another", Cql2Limits.Depth);
    }

    /// <summary>Counts a step outwards.</summary>
    public void Leave() => nesting--;

    Cql2Expression ReadTerm()
    {
        var place = cursor.Current.Place;
        var first = ReadFactor();
        return cursor.IsWord("AND") ? new And(Chain("AND", first, ReadFactor)) { Place = place } : first;
    }

    Cql2List<Cql2Expression> Chain(string word, Cql2Expression first, Func<Cql2Expression> read)
    {
        var chain = new List<Cql2Expression> { first };
        while (cursor.TakeWord(word))
        {
            chain.Add(read());
            if (chain.Count > Cql2Limits.Items)
                throw Cql2Limits.Passed(cursor.Current.Place, $"operands of one {word}", Cql2Limits.Items);
        }
        return chain.ToCql2List();
    }

    Cql2Expression ReadFactor()
    {
        var place = cursor.Current.Place;
        if (pending is not null || !cursor.TakeWord("NOT"))
            return ReadPredicate();
        Enter();
        var negated = new Not(ReadFactor()) { Place = place };
        Leave();
        return negated;
    }

    Cql2Expression ReadPredicate()
    {
        var place = cursor.Current.Place;
        var left = ReadSum();
        if (TakeComparison() is { } comparison)
            return new Comparison(comparison, left, ReadSum()) { Place = place };
        if (cursor.TakeWord("IS"))
        {
            var isNot = cursor.TakeWord("NOT");
            if (!cursor.TakeWord("NULL"))
                throw cursor.Unexpected("NULL");
            return Negated(isNot, new IsNull(left) { Place = place });
        }
        var not = cursor.TakeWord("NOT");
        if (cursor.TakeWord("LIKE"))
            return Negated(not, new Like(left, Cql2Pattern.Checked(ReadSum())) { Place = place });
        if (cursor.TakeWord("IN"))
            return Negated(not, new In(left, operands.ReadItems()) { Place = place });
        if (cursor.TakeWord("BETWEEN"))
        {
            var lower = ReadSum();
            if (!cursor.TakeWord("AND"))
                throw cursor.Unexpected("AND and the upper bound");
            return Negated(not, new Between(left, lower, ReadSum()) { Place = place });
        }
        return not ? throw cursor.Unexpected("LIKE, IN or BETWEEN") : left;
    }

    static Cql2Expression Negated(bool not, Cql2Expression predicate) =>
        not ? new Not(predicate) { Place = predicate.Place } : predicate;

    ComparisonOperator? TakeComparison()
    {
        if (cursor.TakeSign('='))
            return ComparisonOperator.Equal;
        if (cursor.TakeSign('<'))
        {
            return cursor.TakeSign('>') ? ComparisonOperator.NotEqual
                : cursor.TakeSign('=') ? ComparisonOperator.LessOrEqual : ComparisonOperator.Less;
        }
        return !cursor.TakeSign('>') ? null
            : cursor.TakeSign('=') ? ComparisonOperator.GreaterOrEqual : ComparisonOperator.Greater;
    }

    /// <summary>Rule <c>arithmeticExpression</c>: from left to right.</summary>
    Cql2Expression ReadSum()
    {
        var place = cursor.Current.Place;
        var sum = ReadProduct();
        for (var count = 1; cursor.IsSign('+') || cursor.IsSign('-'); count++)
        {
            Limit(count);
            var sign = cursor.Take().Value == "+" ? ArithmeticOperator.Add : ArithmeticOperator.Subtract;
            sum = new Arithmetic(sign, sum, ReadProduct()) { Place = place };
        }
        return sum;
    }

    Cql2Expression ReadProduct()
    {
        var place = cursor.Current.Place;
        var product = ReadPower();
        for (var count = 1; TakeProductSign() is { } sign; count++)
        {
            Limit(count);
            product = new Arithmetic(sign, product, ReadPower()) { Place = place };
        }
        return product;
    }

    ArithmeticOperator? TakeProductSign() =>
        cursor.TakeSign('*') ? ArithmeticOperator.Multiply
        : cursor.TakeSign('/') ? ArithmeticOperator.Divide
        : cursor.TakeSign('%') ? ArithmeticOperator.Modulo
        : cursor.TakeWord("div") ? ArithmeticOperator.IntegerDivide
        : null;

    Cql2Expression ReadPower()
    {
        var place = cursor.Current.Place;
        var power = ReadSigned();
        if (!cursor.TakeSign('^'))
            return power;
        power = new Arithmetic(ArithmeticOperator.Power, power, ReadSigned()) { Place = place };
        return cursor.IsSign('^')
            ? throw new BadCql2Exception(cursor.Current.Place, "a second '^'",
                "parentheses must say which power is raised first")
            : power;
    }

    /// <summary>A minus binds closest; before anything but a number it is a multiplication by -1.</summary>
    Cql2Expression ReadSigned()
    {
        if (pending is { } read)
        {
            pending = null;
            return read;
        }
        var place = cursor.Current.Place;
        if (!cursor.IsSign('-') && !cursor.IsSign('+'))
            return operands.Read();
        if (cursor.Following.Kind == TokenKind.Number)
            return new NumberLiteral(cursor.ExpectNumber()) { Place = place };
        if (cursor.TakeSign('+'))
            throw cursor.Unexpected("a number");
        cursor.Take();
        Enter();
        var negated = new Arithmetic(
            ArithmeticOperator.Multiply, new NumberLiteral(-1) { Place = place }, ReadSigned())
        { Place = place };
        Leave();
        return negated;
    }

    /// <summary>A row of n signs makes a tree n deep.</summary>
    void Limit(int count)
    {
        if (count > Cql2Limits.Depth)
            throw Cql2Limits.Passed(cursor.Current.Place, "operations in a row", Cql2Limits.Depth);
    }
}

namespace Waypost.Geo.Cql2;

/// <summary>Reads the operands of CQL2 text: literals, properties, calls, groups and arrays.</summary>
sealed class Cql2OperandReader(TokenCursor cursor, Cql2TextReader reader)
{
    readonly WktReader wkt = new(cursor, new GeometryBuilding());

    public Cql2Expression Read()
    {
        var token = cursor.Current;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new TextLiteral(cursor.Take().Value) { Place = token.Place };
            case TokenKind.Number:
                return new NumberLiteral(Cql2Tokens.NumberOf(cursor.Take())) { Place = token.Place };
            case TokenKind.QuotedName:
                cursor.Take();
                return cursor.IsSign('(')
                    ? ReadCall(token) : new PropertyReference(token.Value) { Place = token.Place };
            case TokenKind.Name:
                return ReadName(token);
            default:
                if (!cursor.TakeSign('('))
                    throw cursor.Unexpected("a value, a property or a function");
                return ReadGroup(token.Place);
        }
    }

    /// <summary>The list after IN.</summary>
    public Cql2List<Cql2Expression> ReadItems()
    {
        cursor.ExpectSign('(');
        return Rest(reader.Read);
    }

    Cql2Expression ReadName(Token token)
    {
        if (wkt.StartsHere)
            return new GeometryLiteral(wkt.Read(1)) { Place = token.Place };
        var word = cursor.Take().Value;
        switch (word.ToUpperInvariant())
        {
            case "TRUE":
            case "FALSE":
                return new BooleanLiteral(word.Length == 4) { Place = token.Place };
            case "NULL":
                throw new BadCql2Exception(token.Place, "NULL", "IS NULL tests for a value that is missing");
            case "AND" or "OR" or "NOT" or "IS" or "DIV":
                throw new BadCql2Exception(token.Place, token.Described,
                    "a value, a property or a function was expected (a property of that name is written in quotes)");
        }
        // A word of the language that nothing follows is a property of that name.
        return cursor.IsSign('(') ? ReadKnownCall(token) : new PropertyReference(word) { Place = token.Place };
    }

    Cql2Expression ReadKnownCall(Token word)
    {
        if (Cql2Names.Spatial.TryGetValue(word.Value, out var spatial))
        {
            var (left, right) = Two(reader.Read);
            return new SpatialPredicate(spatial, left, right) { Place = word.Place };
        }
        if (Cql2Names.Temporal.TryGetValue(word.Value, out var temporal))
        {
            var (left, right) = Two(reader.Read);
            return new TemporalPredicate(temporal, left, right) { Place = word.Place };
        }
        if (Cql2Names.Arrays.TryGetValue(word.Value, out var array))
        {
            var (left, right) = Two(ReadArrayArgument);
            return new ArrayPredicate(array, left, right) { Place = word.Place };
        }
        return word.Value.ToUpperInvariant() switch
        {
            "CASEI" => new CaseFolded(One()) { Place = word.Place },
            "ACCENTI" => new AccentFolded(One()) { Place = word.Place },
            "DATE" => ReadDate(word.Place),
            "TIMESTAMP" => ReadTimestamp(word.Place),
            "INTERVAL" => ReadInterval(word.Place),
            "BBOX" => new BoxLiteral(wkt.ReadBox(word.Place)) { Place = word.Place },
            "IN" => ReadInCall(word.Place),
            "LIKE" => ReadLikeCall(word.Place),
            "BETWEEN" => ReadBetweenCall(word.Place),
            "ISNULL" => new IsNull(One()) { Place = word.Place },
            _ => ReadCall(word),
        };
    }

    FunctionCall ReadCall(Token name)
    {
        cursor.ExpectSign('(');
        return new FunctionCall(name.Value, cursor.TakeSign(')') ? [] : Rest(ReadElement)) { Place = name.Place };
    }

    // The function forms of IN, LIKE and BETWEEN are no part of the standard, but clients send them.
    In ReadInCall(string place)
    {
        cursor.ExpectSign('(');
        var operand = reader.Read();
        cursor.ExpectSign(',');
        if (!cursor.IsSign('('))
            return new In(operand, Rest(reader.Read)) { Place = place };
        cursor.Take();
        var items = cursor.TakeSign(')') ? [] : Rest(reader.Read);
        cursor.ExpectSign(')');
        return new In(operand, items) { Place = place };
    }

    Like ReadLikeCall(string place)
    {
        var (operand, pattern) = Two(reader.Read);
        return new Like(operand, Cql2Pattern.Checked(pattern)) { Place = place };
    }

    Between ReadBetweenCall(string place)
    {
        cursor.ExpectSign('(');
        var bounds = Rest(reader.Read);
        return bounds.Count == 3 ? new Between(bounds[0], bounds[1], bounds[2]) { Place = place }
            : throw new BadCql2Exception(place, "BETWEEN with other than three arguments",
                "a number and its two bounds were expected");
    }

    DateLiteral ReadDate(string place)
    {
        var text = OneText();
        return Cql2Instants.TryReadDate(text.Value, out var date) ? new DateLiteral(date) { Place = place }
            : throw new BadCql2Exception(text.Place, text.Described, "a date such as '2020-01-31' was expected");
    }

    TimestampLiteral ReadTimestamp(string place)
    {
        var text = OneText();
        return Cql2Instants.TryReadTimestamp(text.Value, out var timestamp)
            ? new TimestampLiteral(timestamp) { Place = place }
            : throw new BadCql2Exception(
                text.Place, text.Described, "a timestamp such as '2020-01-31T12:00:00Z' was expected");
    }

    Token OneText()
    {
        cursor.ExpectSign('(');
        if (cursor.Current.Kind != TokenKind.Text)
            throw cursor.Unexpected("a text in single quotes");
        var text = cursor.Take();
        cursor.ExpectSign(')');
        return text;
    }

    Interval ReadInterval(string place)
    {
        cursor.ExpectSign('(');
        var start = ReadEnd();
        cursor.ExpectSign(',');
        var end = ReadEnd();
        cursor.ExpectSign(')');
        return new Interval(start, end) { Place = place };
    }

    Cql2Expression? ReadEnd() => Cql2Instants.EndOf(reader.Read());

    Cql2Expression One()
    {
        cursor.ExpectSign('(');
        var argument = reader.Read();
        cursor.ExpectSign(')');
        return argument;
    }

    (Cql2Expression Left, Cql2Expression Right) Two(Func<Cql2Expression> read)
    {
        cursor.ExpectSign('(');
        var left = read();
        cursor.ExpectSign(',');
        var right = read();
        cursor.ExpectSign(')');
        return (left, right);
    }

    /// <summary>Members with commas between them, up to the closing parenthesis.</summary>
    Cql2List<Cql2Expression> Rest(Func<Cql2Expression> read, Cql2Expression? first = null)
    {
        var members = new List<Cql2Expression> { first ?? read() };
        while (cursor.TakeSign(','))
        {
            members.Add(read());
            if (members.Count > Cql2Limits.Items)
                throw Cql2Limits.Passed(cursor.Current.Place, "items in one list", Cql2Limits.Items);
        }
        cursor.ExpectSign(')');
        return members.ToCql2List();
    }

    /// <summary>After an opening parenthesis: an array when commas follow, otherwise what stands in it.</summary>
    Cql2Expression ReadGroup(string place)
    {
        if (cursor.TakeSign(')'))
            return new ArrayExpression([]) { Place = place };
        var first = reader.Read();
        if (cursor.IsSign(','))
            return new ArrayExpression(Rest(ReadElement, first)) { Place = place };
        cursor.ExpectSign(')');
        return first;
    }

    /// <summary>An argument of an array function, where even an operation in parentheses is an array.</summary>
    Cql2Expression ReadArrayArgument()
    {
        var place = cursor.Current.Place;
        var argument = ReadElement(out var grouped);
        return grouped ? new ArrayExpression([argument]) { Place = place } : argument;
    }

    Cql2Expression ReadElement() => ReadElement(out _);

    /// <summary>
    /// An element of an array or an argument. The BNF lets <c>(x)</c> be an array of one as well as a group: it is a
    /// group when an operation stands in it or goes on after it, and an array otherwise.
    /// </summary>
    Cql2Expression ReadElement(out bool grouped)
    {
        grouped = false;
        var place = cursor.Current.Place;
        if (!cursor.TakeSign('('))
            return reader.Read();
        if (cursor.TakeSign(')'))
            return new ArrayExpression([]) { Place = place };
        reader.Enter();
        var first = ReadElement(out var innerGrouped);
        reader.Leave();
        if (cursor.IsSign(','))
            return new ArrayExpression(Rest(ReadElement, first)) { Place = place };
        cursor.ExpectSign(')');
        if (cursor.Current.Kind != TokenKind.End && !cursor.IsSign(',') && !cursor.IsSign(')'))
            return reader.ReadAfter(first);
        grouped = Cql2Tree.IsOperation(first) && !innerGrouped;
        return grouped ? first : new ArrayExpression([first]) { Place = place };
    }
}

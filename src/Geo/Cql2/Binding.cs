namespace Waypost.Geo.Cql2;

/// <summary>One pass of <see cref="Cql2Check.Bind"/> over a tree.</summary>
sealed class Binding(Func<string, Cql2Type> typeOf, Cql2Functions functions, Func<string, bool> isKnown)
{
    /// <summary>The node bound, its value of the type that is wanted; <c>Any</c> wants nothing.</summary>
    public Cql2Expression As(Cql2Expression node, Cql2Type wanted)
    {
        if (node is PropertyReference property)
            return Read(property, wanted);
        if (node is TextLiteral text && IsInstant(wanted))
            return Instant(text);
        var bound = Bind(node);
        var type = Cql2Check.TypeOf(bound, functions);
        return wanted == Cql2Type.Any || type == wanted || (IsInstant(type) && IsInstant(wanted)) ? bound
            : throw new BadCql2Exception(node.Place, Cql2Check.Named(type), $"{Cql2Check.Named(wanted)} was expected");
    }

    Cql2Expression Bind(Cql2Expression node)
    {
        switch (node)
        {
            case And and:
                return and with { Operands = All(and.Operands, Cql2Type.Boolean) };
            case Or or:
                return or with { Operands = All(or.Operands, Cql2Type.Boolean) };
            case Not not:
                return not with { Operand = As(not.Operand, Cql2Type.Boolean) };
            case Comparison comparison:
                var (left, right) = Pair(comparison.Left, comparison.Right);
                return comparison with { Left = left, Right = right };
            case Like like:
                return like with { Operand = As(like.Operand, Cql2Type.Text) };
            case Between between:
                var scalars = Scalars([between.Operand, between.Lower, between.Upper]);
                return between with { Operand = scalars[0], Lower = scalars[1], Upper = scalars[2] };
            case In within:
                var items = Scalars([within.Operand, .. within.Items]);
                return within with { Operand = items[0], Items = items.Skip(1).ToCql2List() };
            case IsNull isNull:
                return isNull with { Operand = As(isNull.Operand, Cql2Type.Any) };
            case Arithmetic sum:
                return sum with { Left = As(sum.Left, Cql2Type.Number), Right = As(sum.Right, Cql2Type.Number) };
            case CaseFolded folded:
                return folded with { Operand = As(folded.Operand, Cql2Type.Text) };
            case AccentFolded folded:
                return folded with { Operand = As(folded.Operand, Cql2Type.Text) };
            default:
                return BindRelation(node);
        }
    }

    Cql2Expression BindRelation(Cql2Expression node)
    {
        switch (node)
        {
            case SpatialPredicate spatial:
                return spatial with
                {
                    Left = As(spatial.Left, Cql2Type.Geometry),
                    Right = As(spatial.Right, Cql2Type.Geometry),
                };
            case TemporalPredicate temporal:
                return temporal with { Left = Time(temporal.Left), Right = Time(temporal.Right) };
            case Interval interval:
                return interval with
                {
                    Start = interval.Start is null ? null : As(interval.Start, Cql2Type.Timestamp),
                    End = interval.End is null ? null : As(interval.End, Cql2Type.Timestamp),
                };
            case ArrayPredicate array:
                return array with { Left = As(array.Left, Cql2Type.Array), Right = As(array.Right, Cql2Type.Array) };
            case ArrayExpression array:
                return array with { Items = array.Items.Select(Element).ToCql2List() };
            case FunctionCall call:
                return Call(call);
            default:
                Cql2Check.Place(node);
                return node;
        }
    }

    Cql2List<Cql2Expression> All(Cql2List<Cql2Expression> nodes, Cql2Type wanted) =>
        nodes.Select(node => As(node, wanted)).ToCql2List();

    PropertyReference Read(PropertyReference property, Cql2Type wanted)
    {
        var declared = typeOf(property.Name);
        if (declared == Cql2Type.Any || (declared == Cql2Type.Text && IsInstant(wanted)))
            return property with { Type = wanted };
        return wanted == Cql2Type.Any || declared == wanted || (IsInstant(declared) && IsInstant(wanted))
            ? property with { Type = declared }
            : throw new BadCql2Exception(property.Place,
                $"{property.Name}, which is {Cql2Check.Named(declared)}", $"{Cql2Check.Named(wanted)} was expected");
    }

    (Cql2Expression Left, Cql2Expression Right) Pair(Cql2Expression left, Cql2Expression right)
    {
        var both = Scalars([left, right]);
        return (both[0], both[1]);
    }

    /// <summary>
    /// Scalars that are compared with each other take the first type known of any of them; instants win over texts,
    /// which are read as instants then.
    /// </summary>
    Cql2Expression[] Scalars(IReadOnlyList<Cql2Expression> nodes)
    {
        var types = nodes.Select(Known).ToList();
        var wanted = types.Exists(IsInstant) ? types.Find(IsInstant) : types.Find(type => type != Cql2Type.Any);
        if (wanted is Cql2Type.Geometry or Cql2Type.Interval or Cql2Type.Array)
        {
            throw new BadCql2Exception(nodes[types.IndexOf(wanted)].Place, Cql2Check.Named(wanted),
                "comparisons are of texts, numbers, booleans, dates and timestamps");
        }
        return [.. nodes.Select(node => As(node, wanted))];
    }

    /// <summary>The type of a node that has not been bound yet.</summary>
    Cql2Type Known(Cql2Expression node) =>
        node is PropertyReference property ? typeOf(property.Name) : Cql2Check.TypeOf(node, functions);

    Cql2Expression Time(Cql2Expression node) =>
        node is Interval ? Bind(node) : As(node, Cql2Type.Timestamp);

    // Arrays hold literals. Many write their texts in double quotes, as the standard's own tests do: what then names no
    // property is meant as a text.
    Cql2Expression Element(Cql2Expression node) => node is PropertyReference name && !isKnown(name.Name)
        ? new TextLiteral(name.Name) { Place = name.Place }
        : As(node, Cql2Type.Any) is var bound
        && Cql2Check.TypeOf(bound, functions) is Cql2Type.Geometry or Cql2Type.Interval
            ? throw new BadCql2Exception(node.Place, $"{Cql2Check.Named(Known(node))} in an array",
                "texts, numbers, booleans, dates, timestamps and arrays are compared in arrays")
            : bound;

    FunctionCall Call(FunctionCall call)
    {
        if (functions.Find(call.Name) is not { } function)
        {
            throw new BadCql2Exception(call.Place, $"the function {call.Name}, which is not known here",
                $"there are {string.Join(", ", functions.All.Select(known => known.Name))}");
        }
        var parameters = function.Parameters;
        if (function.Repeats ? call.Arguments.Count < parameters.Count : call.Arguments.Count != parameters.Count)
        {
            throw new BadCql2Exception(call.Place,
                FormattableString.Invariant($"{call.Name} with {call.Arguments.Count} arguments"),
                $"{function.Name}({string.Join(", ", parameters.Select(Cql2Check.Named))}"
                + $"{(function.Repeats ? ", …" : "")}) was expected");
        }
        return call with
        {
            Arguments = call.Arguments.Select((argument, i) =>
                As(argument, parameters[Math.Min(i, parameters.Count - 1)])).ToCql2List(),
        };
    }

    static bool IsInstant(Cql2Type type) => type is Cql2Type.Date or Cql2Type.Timestamp;

    static Cql2Expression Instant(TextLiteral text) =>
        Cql2Instants.TryReadDate(text.Value, out var date) ? new DateLiteral(date) { Place = text.Place }
        : Cql2Instants.TryReadTimestamp(text.Value, out var timestamp)
            ? new TimestampLiteral(timestamp) { Place = text.Place }
        : throw new BadCql2Exception(text.Place, $"'{text.Value}'", "a date or a timestamp was expected");
}

using System.Globalization;
using System.Text;
using NetTopologySuite.Geometries;

namespace Waypost.Geo.Cql2;

/// <summary>Writes an expression by the BNF of CQL2 text, with as few parentheses as reading it back needs.</summary>
sealed class Cql2TextWriter(StringBuilder text)
{
    /// <summary>Writes a node that may stand anywhere without parentheses around it.</summary>
    public void Write(Cql2Expression node)
    {
        switch (node)
        {
            case And and:
                Join(and.Operands, " AND ", operand => Grouped(operand, operand is And or Or));
                break;
            case Or or:
                Join(or.Operands, " OR ", operand => Grouped(operand, operand is Or));
                break;
            case Not not:
                text.Append("NOT ");
                Grouped(not.Operand, not.Operand is And or Or or Not);
                break;
            case Comparison or Like or Between or In or IsNull:
                Predicate(node);
                break;
            case SpatialPredicate spatial:
                Call(Cql2Names.Of(spatial.Relation).ToUpperInvariant(), [spatial.Left, spatial.Right]);
                break;
            case TemporalPredicate temporal:
                Call(Cql2Names.Of(temporal.Relation).ToUpperInvariant(), [temporal.Left, temporal.Right]);
                break;
            case ArrayPredicate array:
                Call(Cql2Names.Of(array.Relation).ToUpperInvariant(), [array.Left, array.Right]);
                break;
            case Arithmetic arithmetic:
                Operate(arithmetic);
                break;
            default:
                Operand(node);
                break;
        }
    }

    void Operand(Cql2Expression node)
    {
        switch (node)
        {
            case CaseFolded folded:
                Call("CASEI", [folded.Operand]);
                break;
            case AccentFolded folded:
                Call("ACCENTI", [folded.Operand]);
                break;
            case FunctionCall call:
                Call(Named(call.Name), call.Arguments);
                break;
            case PropertyReference property:
                text.Append(Named(property.Name));
                break;
            case Interval interval:
                text.Append("INTERVAL(");
                End(interval.Start);
                text.Append(", ");
                End(interval.End);
                text.Append(')');
                break;
            case ArrayExpression array:
                List(array.Items);
                break;
            default:
                Literal(node);
                break;
        }
    }

    void Literal(Cql2Expression node)
    {
        switch (node)
        {
            case TextLiteral literal:
                Quoted(literal.Value);
                break;
            case NumberLiteral literal:
                text.Append(Number(literal.Value));
                break;
            case BooleanLiteral literal:
                text.Append(literal.Value ? "TRUE" : "FALSE");
                break;
            case DateLiteral literal:
                text.Append("DATE('").Append(Cql2Instants.Write(literal.Value)).Append("')");
                break;
            case TimestampLiteral literal:
                text.Append("TIMESTAMP('").Append(Cql2Instants.Write(literal.Value)).Append("')");
                break;
            case BoxLiteral literal:
                text.Append("BBOX(").AppendJoin(", ", literal.Value.ToArray().Select(Number)).Append(')');
                break;
            case GeometryLiteral literal:
                WktWriter.Write(text, literal.Value);
                break;
            default:
                throw new NotSupportedException($"{node.GetType().Name} has no form as text.");
        }
    }

    void Predicate(Cql2Expression node)
    {
        switch (node)
        {
            case Comparison comparison:
                Scalar(comparison.Left);
                text.Append(' ').Append(Cql2Names.Of(comparison.Operator)).Append(' ');
                Scalar(comparison.Right);
                break;
            case Like like:
                Scalar(like.Operand);
                text.Append(" LIKE ");
                Scalar(like.Pattern);
                break;
            case Between between:
                Scalar(between.Operand);
                text.Append(" BETWEEN ");
                Scalar(between.Lower);
                text.Append(" AND ");
                Scalar(between.Upper);
                break;
            case In { Items.Count: 0 } within:
                // The BNF has no empty list after IN; the function form, which we read too, has.
                text.Append("IN(");
                Write(within.Operand);
                text.Append(", ())");
                break;
            case In within:
                Scalar(within.Operand);
                text.Append(" IN (");
                Join(within.Items, ", ", Scalar);
                text.Append(')');
                break;
            case IsNull isNull:
                Scalar(isNull.Operand);
                text.Append(" IS NULL");
                break;
        }
    }

    /// <summary>An operand of a predicate: a predicate in that place needs parentheses, arithmetic does not.</summary>
    void Scalar(Cql2Expression node) =>
        Grouped(node, Cql2Tree.IsPredicate(node));

    void Operate(Arithmetic arithmetic)
    {
        var own = Rank(arithmetic.Operator);
        Grouped(arithmetic.Left, Needs(arithmetic.Left, own == 3 ? 4 : own));
        text.Append(' ').Append(Cql2Names.Of(arithmetic.Operator)).Append(' ');
        Grouped(arithmetic.Right, Needs(arithmetic.Right, own + 1));

        static bool Needs(Cql2Expression side, int least) => side is Arithmetic inner
            ? Rank(inner.Operator) < least
            : Cql2Tree.IsPredicate(side);
    }

    static int Rank(ArithmeticOperator arithmetic) => arithmetic switch
    {
        ArithmeticOperator.Add or ArithmeticOperator.Subtract => 1,
        ArithmeticOperator.Power => 3,
        _ => 2,
    };

    void Grouped(Cql2Expression node, bool needed)
    {
        if (needed)
            text.Append('(');
        Write(node);
        if (needed)
            text.Append(')');
    }

    void Call(string name, IReadOnlyList<Cql2Expression> arguments)
    {
        text.Append(name).Append('(');
        Join(arguments, ", ", Write);
        text.Append(')');
    }

    void List(IReadOnlyList<Cql2Expression> items)
    {
        text.Append('(');
        // One operation in parentheses would be read as a group: the second pair says that it is an array.
        Join(items, ", ", item => Grouped(item, items.Count == 1 && Cql2Tree.IsOperation(item)));
        text.Append(')');
    }

    void Join(IReadOnlyList<Cql2Expression> nodes, string between, Action<Cql2Expression> write)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (i > 0)
                text.Append(between);
            write(nodes[i]);
        }
    }

    void End(Cql2Expression? end)
    {
        switch (end)
        {
            case null:
                text.Append("'..'");
                break;
            case DateLiteral date:
                text.Append('\'').Append(Cql2Instants.Write(date.Value)).Append('\'');
                break;
            case TimestampLiteral timestamp:
                text.Append('\'').Append(Cql2Instants.Write(timestamp.Value)).Append('\'');
                break;
            default:
                Write(end);
                break;
        }
    }

    /// <summary>Quotes and backslashes are doubled; all else stands as it is.</summary>
    void Quoted(string value) => text.Append('\'')
        .Append(value.Replace("'", "''", StringComparison.Ordinal).Replace(@"\", @"\\", StringComparison.Ordinal))
        .Append('\'');

    static string Named(string name) => Cql2Names.IsPlain(name)
        ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    internal static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}

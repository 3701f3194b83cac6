using System.Text;
using System.Text.Json;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using Waypost.Geo.Text;
using Waypost.Storage;

namespace Waypost.Catalogue;

// The values that conditions compare. A property is read by the type that the filter's check found for it.
sealed partial class Cql2Sql
{
    /// <summary>Elements of an array that is not all constants: a function takes no more than a hundred arguments.
    /// </summary>
    const int MostMixedElements = 50;

    Sql Properties
    {
        get
        {
            needsProperties = true;
            return view.IsExternal ? $"coalesce(props.external, props.properties)" : (Sql)$"props.properties";
        }
    }

    Sql Read(Sql function, string name) => $"{function}({Properties}, {name})";

    /// <summary>The column that holds exactly what this view shows of a property. What outsiders see of it may be
    /// less than what the column holds.</summary>
    Slot? Promoted(Queryable queryable) => view.IsExternal ? null : queryable.Slot;

    Sql Number(Cql2Expression node) => node switch
    {
        NumberLiteral number => $"{number.Value}",
        PropertyReference property => queryables.Find(property.Name, Parameter) is var queryable
            && Promoted(queryable) is { IsText: false } slot && queryable.Type == Cql2Type.Number
                ? $"items.{slot.Column}"
                : Read($"cql_number", queryable.Name),
        Arithmetic sum => $"{FunctionOf(sum.Operator)}({Number(sum.Left)}, {Number(sum.Right)})",
        FunctionCall call => Called(call),
        _ => throw Odd(node),
    };

    static Sql FunctionOf(ArithmeticOperator arithmetic) => arithmetic switch
    {
        ArithmeticOperator.Add => $"cql_add",
        ArithmeticOperator.Subtract => $"cql_subtract",
        ArithmeticOperator.Multiply => $"cql_multiply",
        ArithmeticOperator.Divide => $"cql_divide",
        ArithmeticOperator.Modulo => $"cql_modulo",
        ArithmeticOperator.IntegerDivide => $"cql_div",
        _ => $"cql_power",
    };

    Sql Text(Cql2Expression node)
    {
        if (Folded(node) is string constant) return $"{constant}";
        return node switch
        {
            PropertyReference property => queryables.Find(property.Name, Parameter) switch
            {
                { Place: QueryablePlace.Id } => $"items.id",
                { Place: QueryablePlace.Collection } => $"items.collection",
                var queryable => $"""({Read($"cql_text", queryable.Name)} collate "C")""",
            },
            // Folded twice is folded once, in either order.
            CaseFolded { Operand: CaseFolded twice } => Text(twice),
            AccentFolded { Operand: AccentFolded twice } => Text(twice),
            CaseFolded folded => $"""(cql_casei({Text(folded.Operand)}) collate "C")""",
            AccentFolded folded => $"""(cql_accenti({Text(folded.Operand)}) collate "C")""",
            FunctionCall call => $"""({Called(call)} collate "C")""",
            _ => throw Odd(node),
        };
    }

    static string? Folded(Cql2Expression node) => node switch
    {
        TextLiteral text => text.Value,
        CaseFolded folded => Folded(folded.Operand) is { } text ? Folding.Case(text) : null,
        AccentFolded folded => Folded(folded.Operand) is { } text ? Folding.Accents(text) : null,
        _ => null,
    };

    /// <summary>The column of a promoted text, where it decides the comparison with a text this short.</summary>
    Sql? ShortColumn(Cql2Expression node, Cql2Expression other) =>
        node is PropertyReference property && IsShort(other)
        && queryables.Find(property.Name, Parameter) is { Type: Cql2Type.Text } queryable
        && Promoted(queryable) is { IsText: true } slot
            ? (Sql)$"items.{slot.Column}"
            : null;

    static bool IsShort(Cql2Expression node) =>
        Folded(node) is { } text && text.Length < PromotedSlots.LongestText;

    InstantSql Instant(Cql2Expression node)
    {
        switch (node)
        {
            case DateLiteral date: return InstantSql.Of(Cql2Instant.Of(date.Value));
            case TimestampLiteral timestamp: return InstantSql.Of(Cql2Instant.Of(timestamp.Value));
            case PropertyReference property:
                var queryable = queryables.Find(property.Name, Parameter);
                return queryable.Place == QueryablePlace.Moment
                    ? new InstantSql($"items.moment", $"items.moment", true)
                    : new InstantSql(Read($"cql_first", queryable.Name), Read($"cql_last", queryable.Name), false);
            default: throw Odd(node);
        }
    }

    Sql Geometry(Cql2Expression node) => node switch
    {
        GeometryLiteral or BoxLiteral => $"st_geomfromewkb({Wkb.WriteWithSrid(ShapeOf(node)!)})",
        PropertyReference property => queryables.Find(property.Name, Parameter) switch
        {
            { Place: QueryablePlace.Geometry } => $"items.geometry",
            var queryable => Read($"cql_geometry", queryable.Name),
        },
        _ => throw Odd(node),
    };

    /// <summary>The shape of a literal as it is compared; null for any other expression.</summary>
    internal static NetTopologySuite.Geometries.Geometry? ShapeOf(Cql2Expression node) => node switch
    {
        GeometryLiteral literal => SpatialRelations.Comparable(literal.Value),
        BoxLiteral box => SpatialRelations.Comparable(box.Value),
        _ => null,
    };

    Sql Json(Cql2Expression node) => node switch
    {
        PropertyReference property => Read($"cql_member", queryables.Find(property.Name, Parameter).Name),
        _ => throw Odd(node),
    };

    Sql Array(Cql2Expression node)
    {
        switch (node)
        {
            case PropertyReference property:
                return Read($"cql_array", queryables.Find(property.Name, Parameter).Name);
            case ArrayExpression array when array.Items.All(IsWritten):
                return $"{Written(array)}";
            case ArrayExpression { Items.Count: > MostMixedElements } array:
                throw SearchWish.Bad(Parameter,
                    $"The filter at {array.Place} has an array of {array.Items.Count} elements, not all of them "
                    + $"constants; {MostMixedElements} is the limit.");
            case ArrayExpression array:
                return $"cql_list({Sql.Join($", ", array.Items.Select(Element))})";
            default:
                throw Odd(node);
        }
    }

    Sql Element(Cql2Expression node) => node switch
    {
        ArrayExpression array => Array(array),
        _ when IsWritten(node) => $"{Written(node)}",
        PropertyReference => Json(node),
        _ => TypeOf(node) switch
        {
            Cql2Type.Number => $"cql_json({Number(node)})",
            Cql2Type.Text => $"cql_json({Text(node)})",
            _ => $"cql_json_boolean({Truth(node)})",
        },
    };

    static bool IsWritten(Cql2Expression node) =>
        IsConstant(node) || node is ArrayExpression array && array.Items.All(IsWritten);

    static Json Written(Cql2Expression node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, node);
        return new Json(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    // In an array, dates and timestamps are the texts that JSON has for them.
    static void Write(Utf8JsonWriter json, Cql2Expression node)
    {
        switch (node)
        {
            case NumberLiteral number: json.WriteNumberValue(number.Value); break;
            case TextLiteral text: json.WriteStringValue(text.Value); break;
            case BooleanLiteral boolean: json.WriteBooleanValue(boolean.Value); break;
            case DateLiteral date: json.WriteStringValue(Cql2Instants.Write(date.Value)); break;
            case TimestampLiteral timestamp: json.WriteStringValue(Cql2Instants.Write(timestamp.Value)); break;
            case ArrayExpression array:
                json.WriteStartArray();
                foreach (var item in array.Items) Write(json, item);
                json.WriteEndArray();
                break;
            default: throw Odd(node);
        }
    }

    // The check before has refused whatever does not fit; what comes here nevertheless is a fault of ours.
    static InvalidOperationException Odd(Cql2Expression node) =>
        new($"{node.GetType().Name} stands where it cannot: {node}");
}

/// <summary>A date or a timestamp by its first and its last microsecond (see <see cref="Cql2Instant"/>).</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
/// <param name="IsPoint">They are the same.</param>
readonly record struct InstantSql(Sql First, Sql Last, bool IsPoint)
{
    public static InstantSql Of(Cql2Instant instant) =>
        new($"{instant.First}", $"{instant.Last}", instant.First == instant.Last);

    /// <summary>Compares by the six rules.</summary>
    public Sql Compared(ComparisonOperator comparison, InstantSql other) => comparison switch
    {
        ComparisonOperator.Less => $"({Last} < {other.First})",
        ComparisonOperator.Greater => $"({First} > {other.Last})",
        ComparisonOperator.LessOrEqual => $"({First} <= {other.Last})",
        ComparisonOperator.GreaterOrEqual => $"({Last} >= {other.First})",
        ComparisonOperator.Equal when IsPoint && other.IsPoint => $"({First} = {other.First})",
        ComparisonOperator.Equal => $"({First} <= {other.Last} and {Last} >= {other.First})",
        _ => $"({First} > {other.Last} or {Last} < {other.First})",
    };
}

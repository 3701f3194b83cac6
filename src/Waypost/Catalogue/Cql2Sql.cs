using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Writes CQL2 filters as SQL, which answers as <see cref="Cql2Evaluation"/> does: by three-valued logic, with
/// functions that both databases have under one name (<c>cql_…</c>).</summary>
sealed partial class Cql2Sql(View view, Queryables queryables)
{
    /// <summary>The parameter that filters are given in.</summary>
    public const string Parameter = "filter";

    static readonly Sql[] comparisons = [$" = ", $" <> ", $" < ", $" > ", $" <= ", $" >= "];

    bool needsProperties;

    /// <summary>Writes a filter.</summary>
    /// <exception cref="Refused">It names what is not known here, or compares what cannot be compared.</exception>
    public static CompiledFilter Compile(Cql2Expression filter, View view, Queryables queryables)
    {
        var bound = Bound(filter, queryables);
        var sql = new Cql2Sql(view, queryables);
        var condition = sql.Truth(bound);
        var drive = sql.DriveOf(bound);
        var span = new FilterSpan(queryables);
        span.Narrow(bound);
        return new CompiledFilter(
            condition, sql.needsProperties, drive.Condition, drive.IsAll, drive.Terms, span.Boxes, span.From,
            span.Until);
    }

    /// <summary>The names of properties in a filter, to look them up all at once.</summary>
    public static IEnumerable<string> NamesIn(Cql2Expression filter) =>
        Cql2Check.Properties(filter).Select(property => property.Name);

    /// <summary>A property to sort by or to count.</summary>
    /// <exception cref="Refused">It is not known here, or nothing that can be ordered.</exception>
    public static PropertyColumn Column(string name, string parameter, View view, Queryables queryables)
    {
        var queryable = queryables.Find(name, parameter);
        var sql = new Cql2Sql(view, queryables);
        switch (queryable.Place)
        {
            case QueryablePlace.Id: return new PropertyColumn($"items.id", PropertyKind.Text, false, false, null);
            case QueryablePlace.Collection:
                return new PropertyColumn($"items.collection", PropertyKind.Text, false, false, null);
            case QueryablePlace.Moment:
                return new PropertyColumn($"items.moment", PropertyKind.Moment, false, true, null);
            case QueryablePlace.Geometry: throw Unordered();
            default: break;
        }
        var kind = KindOf(queryable) ?? throw Unordered();
        // Of a text its beginning decides, and that is what the column has.
        if (sql.Promoted(queryable) is { } slot && slot.IsText == kind is PropertyKind.Text)
            return new PropertyColumn($"items.{slot.Column}", kind, false, true, slot);
        return new PropertyColumn(sql.Ordered(queryable.Name, kind), kind, true, true, null);

        Refused Unordered() => SearchWish.Bad(
            parameter,
            $"{parameter} names {name}, whose values have no order; numbers, texts, moments and booleans do.");
    }

    static Cql2Expression Bound(Cql2Expression filter, Queryables queryables)
    {
        try
        {
            return Cql2Check.Bind(
                filter, name => queryables.Find(name, Parameter).Type, Cql2Functions.Standard, queryables.Knows);
        }
        catch (BadCql2Exception bad)
        {
            throw SearchWish.Bad(Parameter, bad.Message);
        }
    }

    // What nobody declared is what it was found to be.
    static PropertyKind? KindOf(Queryable queryable) => queryable.Type switch
    {
        Cql2Type.Number => PropertyKind.Number,
        Cql2Type.Text => PropertyKind.Text,
        Cql2Type.Boolean => PropertyKind.Boolean,
        Cql2Type.Date or Cql2Type.Timestamp => PropertyKind.Moment,
        Cql2Type.Any => queryable.Found.Split(' ') switch
        {
            var found when found.Contains("number") => PropertyKind.Number,
            var found when found.Contains("string") => PropertyKind.Text,
            var found when found.Contains("date-time") => PropertyKind.Moment,
            var found when found.Contains("boolean") => PropertyKind.Boolean,
            _ => PropertyKind.Text,
        },
        _ => null,
    };

    Sql Ordered(string name, PropertyKind kind) => kind switch
    {
        PropertyKind.Number => Read($"cql_number", name),
        PropertyKind.Text => $"""{Read($"cql_text", name)} collate "C" """,
        PropertyKind.Moment => Read($"cql_first", name),
        _ => $"case when {Read($"cql_boolean", name)} then 1 when not {Read($"cql_boolean", name)} then 0 end",
    };

    /// <summary>A condition.</summary>
    Sql Truth(Cql2Expression node) => node switch
    {
        And and => Balanced($" and ", [.. DeepestFirst(and.Operands).Select(Truth)]),
        Or or => Balanced($" or ", [.. DeepestFirst(or.Operands).Select(Truth)]),
        Not { Operand: Not twice } => Truth(twice.Operand),
        Not not => $"(not {Truth(not.Operand)})",
        Comparison comparison => Compared(comparison.Operator, comparison.Left, comparison.Right),
        Like like => Likened(Text(like.Operand), like.Pattern),
        Between between => $"""
            ({Compared(ComparisonOperator.GreaterOrEqual, between.Operand, between.Lower)}
                and {Compared(ComparisonOperator.LessOrEqual, between.Operand, between.Upper)})
            """,
        In within => Within(within),
        IsNull isNull => Missing(isNull.Operand),
        SpatialPredicate spatial => Placed(spatial),
        TemporalPredicate temporal => Timed(temporal),
        ArrayPredicate array => Held(array),
        BooleanLiteral literal => literal.Value ? $"true" : (Sql)$"false",
        PropertyReference property => Boolean(queryables.Find(property.Name, Parameter)),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not a condition."),
    };

    Sql Boolean(Queryable queryable) => Promoted(queryable) is { } slot
        ? $"(items.{slot.Column} = 1)"
        : Read($"cql_boolean", queryable.Name);

    Sql Compared(ComparisonOperator comparison, Cql2Expression left, Cql2Expression right)
    {
        var how = comparisons[(int)comparison];
        switch (TypeOf(left))
        {
            case Cql2Type.Number:
                return $"({Number(left)}{how}{Number(right)})";
            case Cql2Type.Text when ShortColumn(left, right) is { } column:
                return $"({column}{how}{Text(right)})";
            case Cql2Type.Text when ShortColumn(right, left) is { } column:
                return $"({Text(left)}{how}{column})";
            case Cql2Type.Text:
                return $"({Text(left)}{how}{Text(right)})";
            case Cql2Type.Date or Cql2Type.Timestamp:
                return Instant(left).Compared(comparison, Instant(right));
            case Cql2Type.Any:
                return $"(cql_compare({Json(left)}, {Json(right)}){how}0)";
            default:
                return $"({Truth(left)}{how}{Truth(right)})";
        }
    }

    Sql Within(In within)
    {
        if (within.Items.Count == 0) return $"false";
        var type = TypeOf(within.Operand);
        if (type is not (Cql2Type.Number or Cql2Type.Text) || !within.Items.All(IsConstant))
            return Balanced($" or ", [.. within.Items
                .Select(item => Compared(ComparisonOperator.Equal, within.Operand, item))]);
        if (type == Cql2Type.Number)
            return $"({Number(within.Operand)} in ({Sql.Join($", ", within.Items.Select(Number))}))";
        var text = within.Items.All(item => IsShort(item)) ? ShortColumn(within.Operand, within.Items[0]) : null;
        return $"({text ?? Text(within.Operand)} in ({Sql.Join($", ", within.Items.Select(Text))}))";
    }

    Sql Missing(Cql2Expression node)
    {
        if (node is PropertyReference property)
        {
            var queryable = queryables.Find(property.Name, Parameter);
            return queryable.Place switch
            {
                QueryablePlace.Id or QueryablePlace.Collection => $"false",
                QueryablePlace.Geometry => $"(items.geometry is null)",
                QueryablePlace.Moment => $"(items.moment is null)",
                _ => $"({Read($"cql_member", queryable.Name)} is null)",
            };
        }
        return TypeOf(node) switch
        {
            Cql2Type.Number => $"({Number(node)} is null)",
            Cql2Type.Text => $"({Text(node)} is null)",
            Cql2Type.Date or Cql2Type.Timestamp => $"({Instant(node).First} is null)",
            Cql2Type.Boolean => $"({Truth(node)} is null)",
            // A geometry, an interval or an array that is written out is always there.
            _ => $"false",
        };
    }

    static Sql Likened(Sql text, Cql2Expression pattern)
    {
        var read = new Cql2Pattern(Cql2Pattern.TextOf(pattern));
        return read.IsExact ? $"({text} = {read.Prefix})" : (Sql)$"cql_like({text}, {Escaped(pattern)})";
    }

    // Databases take a backslash before any character, and none at the end.
    static string Escaped(Cql2Expression pattern)
    {
        var text = Cql2Pattern.TextOf(pattern);
        var escaped = new System.Text.StringBuilder(text.Length + 4);
        for (var at = 0; at < text.Length; at++)
        {
            escaped.Append(text[at]);
            if (text[at] != '\\') continue;
            escaped.Append(at + 1 < text.Length && text[at + 1] is '%' or '_' or '\\' ? text[++at] : '\\');
        }
        return escaped.ToString();
    }

    // SQLite's parser has room for a hundred things that are begun and not ended: what is deep comes first, before
    // anything else is begun. The order of operands means nothing.
    static IEnumerable<Cql2Expression> DeepestFirst(IEnumerable<Cql2Expression> operands) =>
        operands.OrderByDescending(DepthOf);

    static int DepthOf(Cql2Expression node) => 1 + node.Children.Select(DepthOf).DefaultIfEmpty().Max();

    // Side by side as a tree that is as shallow as can be: databases limit how deep one may be, not how wide.
    static Sql Balanced(Sql between, IReadOnlyList<Sql> operands) => operands.Count switch
    {
        1 => operands[0],
        2 => $"({operands[0]}{between}{operands[1]})",
        var count => $"""
            ({Balanced(between, [.. operands.Take(count / 2)])}{between}{Balanced(
                between, [.. operands.Skip(count / 2)])})
            """,
    };

    static Cql2Type TypeOf(Cql2Expression node) => Cql2Check.TypeOf(node, Cql2Functions.Standard);

    static bool IsConstant(Cql2Expression node) =>
        node is TextLiteral or NumberLiteral or BooleanLiteral or DateLiteral or TimestampLiteral;
}

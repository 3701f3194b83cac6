using Waypost.Geo.Text;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Evaluates expressions in .NET, by SQL's three-valued logic (OGC 21-065r2, clause 6.2). Both databases answer as
/// this does. A missing property, a JSON null, a value of another type than the other operand's and a number that is
/// not finite are no value, and no value makes a predicate unknown (null); only IS NULL is never unknown, and it is
/// false for a value of another type. A text meets a date or timestamp as the instant it spells, or as no value.
/// </summary>
/// <param name="property">The value of a property, one of <see cref="Cql2Values"/>; null when it has none.</param>
/// <param name="functions">The functions that may be called; another has no value.</param>
public sealed class Cql2Evaluation(Func<string, object?> property, Cql2Functions functions)
{
    /// <summary>True when the filter lets the thing with these properties through.</summary>
    public static bool Matches(Cql2Expression filter, Func<string, object?> property) =>
        new Cql2Evaluation(property, Cql2Functions.Standard).Truth(filter) == true;

    /// <summary>The truth of a boolean expression; null when it is unknown.</summary>
    public bool? Truth(Cql2Expression node) => node switch
    {
        And and => and.Operands.Aggregate(
            (bool?)true, (truth, operand) => truth == false ? false : truth & Truth(operand)),
        Or or => or.Operands.Aggregate(
            (bool?)false, (truth, operand) => truth == true ? true : truth | Truth(operand)),
        Not not => !Truth(not.Operand),
        Comparison comparison =>
            Compare(comparison.Operator, ValueOf(comparison.Left), ValueOf(comparison.Right)),
        Like like => ValueOf(like.Operand) is string text
            ? new Cql2Pattern(Cql2Pattern.TextOf(like.Pattern)).Matches(text) : null,
        Between between => IsBetween(between),
        In within => IsIn(within),
        IsNull isNull => ValueOf(isNull.Operand) is null,
        SpatialPredicate spatial => ValueOf(spatial.Left) is NtsGeometry left
            && ValueOf(spatial.Right) is NtsGeometry right
                ? SpatialRelations.Holds(
                    spatial.Relation, SpatialRelations.Comparable(left), SpatialRelations.Comparable(right))
                : null,
        TemporalPredicate temporal => PeriodOf(temporal.Left) is { } left && PeriodOf(temporal.Right) is { } right
            ? Cql2Period.Holds(temporal.Relation, left, right) : null,
        ArrayPredicate array => Holds(array.Relation, ValueOf(array.Left), ValueOf(array.Right)),
        _ => ValueOf(node) as bool?,
    };

    /// <summary>The value of any expression, one of <see cref="Cql2Values"/>; null when it has none.</summary>
    public object? ValueOf(Cql2Expression node) => node switch
    {
        PropertyReference reference => Cql2Values.As(property(reference.Name), reference.Type),
        TextLiteral text => text.Value,
        NumberLiteral number => number.Value,
        BooleanLiteral boolean => boolean.Value,
        DateLiteral date => Cql2Instant.Of(date.Value),
        TimestampLiteral timestamp => Cql2Instant.Of(timestamp.Value),
        GeometryLiteral geometry => geometry.Value,
        BoxLiteral box => SpatialRelations.Comparable(box.Value),
        Interval interval => new Cql2Period(
            interval.Start is null ? Cql2Instant.Earliest : InstantOf(interval.Start),
            interval.End is null ? Cql2Instant.Latest : InstantOf(interval.End)),
        ArrayExpression array => array.Items.Select(ElementOf).ToCql2List(),
        Arithmetic arithmetic => ValueOf(arithmetic.Left) is double left && ValueOf(arithmetic.Right) is double right
            ? Calculate(arithmetic.Operator, left, right) : null,
        CaseFolded folded => ValueOf(folded.Operand) is string text ? Folding.Case(text) : null,
        AccentFolded folded => ValueOf(folded.Operand) is string text ? Folding.Accents(text) : null,
        FunctionCall call => Call(call),
        _ => Truth(node),
    };

    /// <summary>
    /// The number an operation gives, or null when that is not finite. The remainder is defined by the quotient that
    /// <c>div</c> gives, so that databases without a remainder of real numbers can give the same.
    /// </summary>
    public static double? Calculate(ArithmeticOperator arithmetic, double left, double right)
    {
        var number = arithmetic switch
        {
            ArithmeticOperator.Add => left + right,
            ArithmeticOperator.Subtract => left - right,
            ArithmeticOperator.Multiply => left * right,
            ArithmeticOperator.Divide => left / right,
            ArithmeticOperator.IntegerDivide => Math.Truncate(left / right),
            ArithmeticOperator.Modulo => left - right * Math.Truncate(left / right),
            _ => Math.Pow(left, right),
        };
        return double.IsFinite(number) ? number : null;
    }

    /// <summary>Whether two values compare; null when either has no value or they are of different types.</summary>
    public static bool? Compare(ComparisonOperator comparison, object? left, object? right) => (left, right) switch
    {
        (double a, double b) => Ordered(comparison, a.CompareTo(b)),
        (string a, string b) => Ordered(comparison, Cql2Values.CompareText(a, b)),
        (bool a, bool b) => Ordered(comparison, a.CompareTo(b)),
        (Cql2Instant a, Cql2Instant b) => a.Compares(comparison, b),
        (Cql2Instant a, string b) => Cql2Instant.Of(b) is { } other ? a.Compares(comparison, other) : null,
        (string a, Cql2Instant b) => Cql2Instant.Of(a) is { } other ? other.Compares(comparison, b) : null,
        _ => null,
    };

    static bool Ordered(ComparisonOperator comparison, int order) => comparison switch
    {
        ComparisonOperator.Equal => order == 0,
        ComparisonOperator.NotEqual => order != 0,
        ComparisonOperator.Less => order < 0,
        ComparisonOperator.Greater => order > 0,
        ComparisonOperator.LessOrEqual => order <= 0,
        _ => order >= 0,
    };

    bool? IsBetween(Between between)
    {
        var value = ValueOf(between.Operand);
        return Compare(ComparisonOperator.GreaterOrEqual, value, ValueOf(between.Lower))
            & Compare(ComparisonOperator.LessOrEqual, value, ValueOf(between.Upper));
    }

    bool? IsIn(In within)
    {
        var value = ValueOf(within.Operand);
        bool? found = false;
        foreach (var item in within.Items)
        {
            found |= Compare(ComparisonOperator.Equal, value, ValueOf(item));
            if (found == true)
                return true;
        }
        return found;
    }

    Cql2Period? PeriodOf(Cql2Expression node) => ValueOf(node) switch
    {
        Cql2Period period => period,
        var value => InstantOf(value) is { } instant ? new Cql2Period(instant, instant) : null,
    };

    Cql2Instant? InstantOf(Cql2Expression node) => InstantOf(ValueOf(node));

    static Cql2Instant? InstantOf(object? value) => value switch
    {
        Cql2Instant instant => instant,
        string text => Cql2Instant.Of(text),
        _ => null,
    };

    /// <summary>In an array, dates and timestamps are the texts that JSON has for them.</summary>
    object? ElementOf(Cql2Expression node) => node switch
    {
        DateLiteral date => Cql2Instants.Write(date.Value),
        TimestampLiteral timestamp => Cql2Instants.Write(timestamp.Value),
        _ => ValueOf(node),
    };

    static bool? Holds(ArrayRelation relation, object? left, object? right)
    {
        if (SetOf(left) is not { } one || SetOf(right) is not { } other)
            return null;
        return relation switch
        {
            ArrayRelation.Equals => one.SetEquals(other),
            ArrayRelation.Contains => one.IsSupersetOf(other),
            ArrayRelation.ContainedBy => one.IsSubsetOf(other),
            _ => one.Overlaps(other),
        };
    }

    static HashSet<string>? SetOf(object? value)
    {
        if (value is not Cql2List<object?> array)
            return null;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in array)
        {
            if (Cql2Values.KeyOf(element) is not { } key)
                return null;
            keys.Add(key);
        }
        return keys;
    }

    object? Call(FunctionCall call)
    {
        if (functions.Find(call.Name) is not { } function)
            return null;
        var arguments = new List<object>(call.Arguments.Count);
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            var type = function.Parameters[Math.Min(i, function.Parameters.Count - 1)];
            if (Cql2Values.As(ValueOf(call.Arguments[i]), type) is not { } argument || argument is Cql2Other)
                return null;
            arguments.Add(argument);
        }
        return function.Evaluate(arguments) is var value && value is double and (double.NaN or double.PositiveInfinity
            or double.NegativeInfinity) ? null : value;
    }
}

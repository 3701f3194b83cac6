using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

// What of a filter an index can find: comparisons of columns with constants, where every match must meet them.
sealed partial class Cql2Sql
{
    /// <summary>A condition on columns of items that every match meets.</summary>
    /// <param name="Condition">Null where there is none.</param>
    /// <param name="IsAll">It says all that the expression does.</param>
    /// <param name="Terms">Parts of it, each of which an index answers by itself.</param>
    readonly record struct Drive(Sql? Condition, bool IsAll, IReadOnlyList<DriveTerm> Terms);

    static readonly Drive Nowhere = new(null, false, []);

    Drive DriveOf(Cql2Expression node) => node switch
    {
        And and => Both([.. and.Operands.Select(DriveOf)]),
        Or or => Either([.. or.Operands.Select(DriveOf)]),
        Comparison { Operator: not ComparisonOperator.NotEqual, Left: PropertyReference property } comparison =>
            Driven(property, comparison.Operator, [comparison.Right]),
        Comparison { Operator: not ComparisonOperator.NotEqual, Right: PropertyReference property } comparison =>
            Driven(property, Turned(comparison.Operator), [comparison.Left]),
        Between { Operand: PropertyReference property } between => Both([
            Driven(property, ComparisonOperator.GreaterOrEqual, [between.Lower]),
            Driven(property, ComparisonOperator.LessOrEqual, [between.Upper])]),
        In { Operand: PropertyReference property, Items.Count: > 0 } within =>
            Driven(property, ComparisonOperator.Equal, [.. within.Items]),
        _ => Nowhere,
    };

    static Drive Both(IReadOnlyList<Drive> drives)
    {
        var conditions = drives.Select(drive => drive.Condition).OfType<Sql>().ToList();
        return conditions.Count == 0 ? Nowhere : new(
            Balanced($" and ", conditions), drives.All(drive => drive.IsAll),
            DriveTerm.Both(drives.SelectMany(drive => drive.Terms)));
    }

    static Drive Either(IReadOnlyList<Drive> drives)
    {
        var conditions = drives.Select(drive => drive.Condition).OfType<Sql>().ToList();
        return conditions.Count < drives.Count
            ? Nowhere
            : new(
                Balanced($" or ", conditions), drives.All(drive => drive.IsAll),
                [DriveTerm.Either([.. drives.Select(drive => drive.Terms)])]);
    }

    Drive Driven(PropertyReference property, ComparisonOperator comparison, IReadOnlyList<Cql2Expression> constants)
    {
        if (!constants.All(IsConstant)) return Nowhere;
        var queryable = queryables.Find(property.Name, Parameter);
        Sql? column = queryable switch
        {
            { Place: QueryablePlace.Id } => $"items.id",
            { Place: QueryablePlace.Collection } => $"items.collection",
            // What is hidden from outsiders must not even show in how long it takes to find nothing.
            { Slot: not null, HidesSome: true } when view.IsExternal => null,
            { Slot: { } slot } when slot.IsText == (queryable.SlotType == Cql2Type.Text) => $"items.{slot.Column}",
            _ => null,
        };
        if (column is null || property.Type != queryable.SlotType) return Nowhere;
        switch (property.Type)
        {
            case Cql2Type.Text when queryable.Slot is null || constants.All(IsShort):
                return Condition(constants.Select(Text));
            case Cql2Type.Number:
                return Condition(constants.Select(Number));
            case Cql2Type.Boolean:
                return Condition(
                    constants.Select(one => (Sql)$"{(one is BooleanLiteral { Value: true } ? 1.0 : 0.0)}"));
            // A column knows the first microsecond only, and of a date there are more.
            case Cql2Type.Date or Cql2Type.Timestamp when constants is [var one]:
                var roughly = Roughly(column, comparison, one is DateLiteral date
                    ? Cql2Instant.Of(date.Value)
                    : Cql2Instant.Of(((TimestampLiteral)one).Value));
                return new(roughly, false, [DriveTerm.Of(queryable.Slot, comparison, roughly)]);
            default:
                return Nowhere;
        }

        Drive Condition(IEnumerable<Sql> values)
        {
            Sql condition = constants.Count > 1
                ? $"{column} in ({Sql.Join($", ", values)})"
                : (Sql)$"{column}{comparisons[(int)comparison]}{values.First()}";
            return new(condition, true, [DriveTerm.Of(queryable.Slot, comparison, condition)]);
        }
    }

    // Doubles hold microseconds exactly until the year 2255, and in their order ever after.
    static Sql Roughly(Sql column, ComparisonOperator comparison, Cql2Instant instant)
    {
        var (first, last) = ((double)instant.First - Cql2Instant.Day, (double)instant.Last);
        return comparison switch
        {
            ComparisonOperator.Less or ComparisonOperator.LessOrEqual => $"{column} <= {last}",
            ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual => $"{column} >= {first}",
            _ => $"({column} >= {first} and {column} <= {last})",
        };
    }

    internal static ComparisonOperator Turned(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparison,
    };
}

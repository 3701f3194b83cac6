using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A condition that every match of a filter meets and one index answers by itself: all that the index is gone
/// through for meets it.</summary>
/// <param name="Slot">The column of a promoted property; null: another, or several with "or" between them.</param>
/// <param name="Low">From where on; null: from the beginning.</param>
/// <param name="High">Up to where; null: to the end.</param>
/// <param name="Equal">Only these values; null: all in between.</param>
sealed record DriveTerm(Slot? Slot, Sql? Low, Sql? High, Sql? Equal)
{
    /// <summary>The whole condition.</summary>
    public Sql Condition => SearchTerms.All(new[] { Low, High, Equal }.OfType<Sql>());

    /// <summary>A comparison as a term.</summary>
    public static DriveTerm Of(Slot? slot, ComparisonOperator comparison, Sql condition) => comparison switch
    {
        ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual => new(slot, condition, null, null),
        ComparisonOperator.Less or ComparisonOperator.LessOrEqual => new(slot, null, condition, null),
        _ => new(slot, null, null, condition),
    };

    /// <summary>All of these: those of one column together, the others each for itself; the narrowest first, as far as
    /// that can be said. Of two that bound a column on the same side one is enough.</summary>
    public static IReadOnlyList<DriveTerm> Both(IEnumerable<DriveTerm> terms)
    {
        var all = terms.ToList();
        return
        [
            .. all.Where(term => term.Slot is not null).GroupBy(term => term.Slot!.Value).Select(of => new DriveTerm(
                    of.Key, of.Select(term => term.Low).FirstOrDefault(low => low is not null),
                    of.Select(term => term.High).FirstOrDefault(high => high is not null),
                    of.Select(term => term.Equal).FirstOrDefault(equal => equal is not null)))
                .Concat(all.Where(term => term.Slot is null))
                .Select(term => term.Equal is null ? term : term with { Low = null, High = null })
                .OrderBy(term => term.Equal is not null ? 0 : term is { Low: not null, High: not null } ? 1 : 2),
        ];
    }

    /// <summary>Any of these.</summary>
    public static DriveTerm Either(IEnumerable<DriveTerm> terms) => new(
        null, null, null, $"({Sql.Join($" or ", terms.Select(term => (Sql)$"({term.Condition})"))})");
}

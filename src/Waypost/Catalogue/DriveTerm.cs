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
    /// <summary>Whether it says all that was asked of it; otherwise what it finds may be more.</summary>
    public bool IsWhole { get; init; } = true;

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
            .. all.Where(term => term.Slot is not null).GroupBy(term => term.Slot!.Value)
                .Select(of => OfOne(of.Key, [.. of])).Concat(all.Where(term => term.Slot is null))
                .OrderBy(term => term.Equal is not null ? 0 : term is { Low: not null, High: not null } ? 1 : 2),
        ];
    }

    /// <summary>Any of these: of each the first term, which is all of it where it is the only one.</summary>
    public static DriveTerm Either(IReadOnlyList<IReadOnlyList<DriveTerm>> all) => new(
        null, null, null, $"({Sql.Join($" or ", all.Select(terms => (Sql)$"({terms[0].Condition})"))})")
    {
        IsWhole = all.All(terms => terms is [{ IsWhole: true }]),
    };

    static DriveTerm OfOne(Slot slot, IReadOnlyList<DriveTerm> terms)
    {
        Sql[] lows = [.. terms.Select(term => term.Low).OfType<Sql>()];
        Sql[] highs = [.. terms.Select(term => term.High).OfType<Sql>()];
        Sql[] equals = [.. terms.Select(term => term.Equal).OfType<Sql>()];
        var isOne = equals.Length == 0 ? lows.Length < 2 && highs.Length < 2
            : equals.Length + lows.Length + highs.Length == 1;
        var isWhole = isOne && terms.All(term => term.IsWhole);
        return equals.Length > 0
            ? new DriveTerm(slot, null, null, equals[0]) { IsWhole = isWhole }
            : new DriveTerm(slot, lows.FirstOrDefault(), highs.FirstOrDefault(), null) { IsWhole = isWhole };
    }
}

namespace Waypost.Geo.Cql2;

/// <summary>
/// An interval, or an instant as an interval from itself to itself, with what is known of its ends. Temporal
/// predicates are conjunctions of comparisons of ends (OGC 21-065r2 table 7 and the W3C/OGC Time Ontology), each by
/// the rules of <see cref="Cql2Instant"/>; an end without a value makes unknown the comparisons it is in and no other.
/// The standard has the relations of intervals for intervals alone; an instant there is an interval without duration,
/// as the servers in use have it.
/// </summary>
/// <param name="Start">The start; <see cref="Cql2Instant.Earliest"/> when open, null when it has no value.</param>
/// <param name="End">The end; <see cref="Cql2Instant.Latest"/> when open, null when it has no value.</param>
public readonly record struct Cql2Period(Cql2Instant? Start, Cql2Instant? End)
{
    /// <summary>Whether a relation holds; null when it is unknown.</summary>
    public static bool? Holds(TemporalRelation relation, Cql2Period a, Cql2Period b) => relation switch
    {
        TemporalRelation.After => Later(a.Start, b.End),
        TemporalRelation.Before => Later(b.Start, a.End),
        TemporalRelation.Disjoint => Either(Later(a.Start, b.End), Later(b.Start, a.End)),
        TemporalRelation.Intersects => !Either(Later(a.Start, b.End), Later(b.Start, a.End)),
        TemporalRelation.Equals => Both(Same(a.Start, b.Start), Same(a.End, b.End)),
        TemporalRelation.Contains => Both(Later(b.Start, a.Start), Later(a.End, b.End)),
        TemporalRelation.During => Both(Later(a.Start, b.Start), Later(b.End, a.End)),
        TemporalRelation.Finishes => Both(Later(a.Start, b.Start), Same(a.End, b.End)),
        TemporalRelation.FinishedBy => Both(Later(b.Start, a.Start), Same(a.End, b.End)),
        TemporalRelation.Starts => Both(Same(a.Start, b.Start), Later(b.End, a.End)),
        TemporalRelation.StartedBy => Both(Same(a.Start, b.Start), Later(a.End, b.End)),
        TemporalRelation.Meets => Same(a.End, b.Start),
        TemporalRelation.MetBy => Same(a.Start, b.End),
        TemporalRelation.Overlaps =>
            Both(Both(Later(b.Start, a.Start), Later(a.End, b.Start)), Later(b.End, a.End)),
        _ => Both(Both(Later(a.Start, b.Start), Later(b.End, a.Start)), Later(a.End, b.End)),
    };

    static bool? Later(Cql2Instant? one, Cql2Instant? other) =>
        one is { } a && other is { } b ? a.Compares(ComparisonOperator.Greater, b) : null;

    static bool? Same(Cql2Instant? one, Cql2Instant? other) =>
        one is { } a && other is { } b ? a.Compares(ComparisonOperator.Equal, b) : null;

    static bool? Both(bool? one, bool? other) => one & other;

    static bool? Either(bool? one, bool? other) => one | other;
}

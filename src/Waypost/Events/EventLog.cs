using Waypost.Storage;

namespace Waypost.Events;

/// <summary>A stretch of the log.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Next">Read on after this position: everything up to it was looked at, wanted or not.</param>
/// <param name="Head">The last position given out so far, to anybody's event.</param>
/// <param name="PrunedTo">The highest position that is no longer kept for this organization; 0 when all is.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long Next, long Head, long PrunedTo)
{
    /// <summary>True when there was nothing more to read at that moment.</summary>
    public bool ReachedHead => Next >= Head;
}

/// <summary>Everything that happened, in one order that never changes.</summary>
public static class EventLog
{
    /// <summary>The most events of one page.</summary>
    public const int MostEvents = 1000;

    /// <summary>Woken when events have received their positions and can be read.</summary>
    public const string Channel = "events.log";

    sealed record State(long Head, long PrunedTo) : IRow<State>
    {
        public static State Read(Row row) => new(row.Long("head"), row.Long("pruned_to"));
    }

    /// <summary>Reads what follows a position.</summary>
    /// <param name="db">The database that holds the organization.</param>
    /// <param name="org">Whose events; null for every organization's, which only loops of the server may ask.</param>
    /// <param name="after">The position after which to read; 0 for the beginning.</param>
    /// <param name="filter">Which types.</param>
    /// <param name="max">How many events at the most; 1 to <see cref="MostEvents"/>.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<EventPage> Read(
        Db db, string? org, long after, EventFilter filter, int max, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, MostEvents);
        await using var tx = await db.Read(ct);
        if (org is null) tx.AcrossOrganizations("a loop reads the log of all");
        var state = await Find(tx, org);
        var whose = org is null ? (Sql)$"true" : $"org = {org}";
        var events = await tx.All<LoggedEvent>($"""
            select id, position, org, type, subject, at, body from events
            where {whose} and position > {after} and {filter.Condition()}
            order by position
            limit {max}
            """);
        var next = events.Count == max ? events[^1].Position : Math.Max(after, state.Head);
        return new EventPage(events, next, state.Head, state.PrunedTo);
    }

    /// <summary>The last position given out so far; 0 before the first.</summary>
    public static async Task<long> Head(Db db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return (await db.One<Number>($"select position as n from events_relay where name = {Relay.Name}", ct))!.N;
    }

    static async Task<State> Find(Tx tx, string? org) => (await tx.One<State>($"""
        select position as head,
            coalesce((select position from events_pruned where org = {org}), 0) as pruned_to
        from events_relay where name = {Relay.Name}
        """))!;
}

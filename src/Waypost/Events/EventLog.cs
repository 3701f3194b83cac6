using Waypost.Storage;

namespace Waypost.Events;

/// <summary>A stretch of one organization's events, in the organization's own positions.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Next">Read on after this position: everything up to it was looked at, wanted or not.</param>
/// <param name="Head">The position of the organization's last event; 0 before the first.</param>
/// <param name="PrunedTo">The highest position that is no longer kept; 0 when all is.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long Next, long Head, long PrunedTo)
{
    /// <summary>True when there was nothing more to read at that moment.</summary>
    public bool ReachedHead => Next >= Head;
}

/// <summary>A stretch of the log of all organizations, in the log's positions; only for loops of the server.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Next">Read on after this position: everything up to it was looked at, wanted or not.</param>
sealed record LogPage(IReadOnlyList<LoggedEvent> Events, long Next);

/// <summary>Everything that happened, in one order that never changes.</summary>
public static class EventLog
{
    /// <summary>The most events of one page.</summary>
    public const int MostEvents = 1000;

    /// <summary>Woken when events have received their positions and can be read.</summary>
    public const string Channel = "events.log";

    static readonly Sql columns = $"id, position, org_position, org, type, subject, at, body";

    sealed record State(long Head, long PrunedTo) : IRow<State>
    {
        public static State Read(Row row) => new(row.Long("head"), row.Long("pruned_to"));
    }

    /// <summary>Reads what follows a position of one organization's.</summary>
    /// <param name="db">The database that holds the organization.</param>
    /// <param name="org">Whose events.</param>
    /// <param name="after">The organization's position after which to read; 0 for the beginning.</param>
    /// <param name="filter">Which types.</param>
    /// <param name="max">How many events at the most; 1 to <see cref="MostEvents"/>.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<EventPage> Read(
        Db db, string org, long after, EventFilter filter, int max, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        CheckMost(max);
        await using var tx = await db.Read(ct);
        var state = (await tx.One<State>($"""
            select coalesce((select position from events_heads where org = {org}), 0) as head,
                coalesce((select position from events_pruned where org = {org}), 0) as pruned_to
            """))!;
        var events = await tx.All<LoggedEvent>($"""
            select {columns} from events
            where org = {org} and org_position > {after} and {filter.Condition()}
            order by org_position
            limit {max}
            """);
        var next = events.Count == max ? events[^1].OrgPosition : Math.Max(after, state.Head);
        return new EventPage(events, next, state.Head, state.PrunedTo);
    }

    /// <summary>The position of an organization's last event; 0 before the first.</summary>
    public static async Task<long> Head(Db db, string org, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return (await db.One<Number>($"select position as n from events_heads where org = {org}", ct))?.N ?? 0;
    }

    /// <summary>Reads what follows a position of the log, of every organization.</summary>
    internal static async Task<LogPage> ReadAll(Db db, long after, EventFilter filter, int max, CancellationToken ct)
    {
        CheckMost(max);
        await using var tx = (await db.Read(ct)).AcrossOrganizations("a loop reads the log of all");
        var head = await tx.Count($"select position as n from events_relay where name = {Relay.Name}");
        var events = await tx.All<LoggedEvent>($"""
            select {columns} from events
            where position > {after} and {filter.Condition()}
            order by position
            limit {max}
            """);
        return new LogPage(events, events.Count == max ? events[^1].Position : Math.Max(after, head));
    }

    /// <summary>The last position of the log, given out to anybody's event; 0 before the first.</summary>
    internal static async Task<long> HeadOfAll(Db db, CancellationToken ct) =>
        (await db.One<Number>($"select position as n from events_relay where name = {Relay.Name}", ct))!.N;

    static void CheckMost(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, MostEvents);
    }
}

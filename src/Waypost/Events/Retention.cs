using Waypost.Storage;

namespace Waypost.Events;

/// <summary>How much of the log is kept.</summary>
/// <param name="KeepDays">Events older than this many days are pruned.</param>
/// <param name="KeepRows">Of all organizations' events together, this many of the newest are kept at the most.</param>
public sealed record EventsSettings(int KeepDays = 30, long KeepRows = 10_000_000)
{
    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem() => this switch
    {
        { KeepDays: < 1 or > 36_500 } => "events.keep_days must be between 1 and 36500.",
        { KeepRows: < 1_000 } => "events.keep_rows must be 1000 or more.",
        _ => null,
    };
}

/// <summary>Removes the oldest events, and remembers how far, so that a resume from before is told so.</summary>
/// <remarks>What a reader has not read yet is kept, unless that reader has been silent for as long as events are kept:
/// then it no longer exists.</remarks>
sealed class Retention(Db db, TimeProvider clock, EventsSettings settings)
{
    static readonly TimeSpan Every = TimeSpan.FromMinutes(5);
    const int Batch = 5000;

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("events.retention", Every * 3, Round);

    async Task Round(CancellationToken ct)
    {
        await Prune(ct);
        await Task.Delay(Every, clock, ct);
    }

    /// <summary>Removes what need not be kept; returns how many events.</summary>
    internal async Task<long> Prune(CancellationToken ct)
    {
        var upTo = await Limit(ct);
        var removed = 0L;
        while (true)
        {
            var batch = await Remove(upTo, ct);
            removed += batch;
            if (batch < Batch) return removed;
        }
    }

    async Task<long> Limit(CancellationToken ct)
    {
        var old = clock.GetUtcNow().AddDays(-settings.KeepDays);
        await using var tx = (await db.Read(ct)).AcrossOrganizations("retention looks at everybody's events");
        // In the order of positions: an event that was late to be committed keeps those behind it a little longer.
        var firstKept = await tx.One<Number>($"""
            select position as n from events where position is not null and at >= {old} order by position limit 1
            """);
        var head = await tx.Count($"select position as n from events_relay where name = {Relay.Name}");
        var slowest = await tx.One<Number>($"""
            select position as n from events_readers where updated_at >= {old} order by position limit 1
            """);
        var byAge = firstKept is null ? head : firstKept.N - 1;
        return Math.Min(Math.Max(byAge, head - settings.KeepRows), slowest?.N ?? head);
    }

    async Task<int> Remove(long upTo, CancellationToken ct)
    {
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("retention prunes everybody's events");
        var last = await tx.One<Number>($"""
            select coalesce(max(position), 0) as n from (
                select position from events where position <= {upTo} order by position limit {Batch}) oldest
            """);
        await tx.Run($"""
            insert into events_pruned (org, position)
            select org, max(org_position) from events where position <= {last!.N} group by org
            on conflict (org) do update set position = excluded.position
            """);
        var removed = await tx.Run($"delete from events where position <= {last.N}");
        await tx.Commit();
        return removed;
    }
}

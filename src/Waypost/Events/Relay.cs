using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Gives committed events their positions; of all the processes on one database, the one with the
/// lease.</summary>
/// <remarks>
/// A number drawn while writing would let a reader overtake a slow transaction and never see its events. So events are
/// written without one, and the relay numbers what it can see, which is what has been committed. Claiming the lease
/// and stamping are one transaction on one row: a relay that was paused past its lease stamps nothing. In the same
/// transaction each event receives its position among its organization's, the only one that is shown outside.
/// </remarks>
sealed class Relay(Db db, TimeProvider clock)
{
    /// <summary>The relay's row in <c>events_relay</c>.</summary>
    internal const string Name = "relay";

    /// <summary>How long a silent relay keeps the others waiting.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(2);
    const int Batch = 2000;

    readonly string holder = Guid.CreateVersion7().ToString("N");
    readonly Wakefulness wake = new(db, Emitting.Channel, Poll);

    sealed record Look(string Holder, DateTimeOffset Expires, bool Waiting) : IRow<Look>
    {
        public static Look Read(Row row) => new(row.Text("holder"), row.Time("expires"), row.Bool("waiting"));
    }

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("events.relay", TimeSpan.FromSeconds(30), Round);

    /// <summary>Stamps one batch, or waits for something to stamp.</summary>
    internal async Task Round(CancellationToken ct)
    {
        try
        {
            wake.Arm(ct);
            if (await Stamp(ct) == 0) await wake.Wait();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Release();
            throw;
        }
    }

    /// <summary>Stamps what is committed and has no position yet; 0 when there is none, or another one has the lease.
    /// </summary>
    internal async Task<int> Stamp(CancellationToken ct)
    {
        // An idle server writes nothing: the lease is only taken when there is something to stamp.
        var now = clock.GetUtcNow();
        var look = await See(ct);
        if (!look.Waiting || (look.Holder != holder && look.Expires > now)) return 0;

        await using var tx = (await db.Begin(ct)).AcrossOrganizations("the relay puts everybody's events in order");
        var last = await tx.One<Number>($"""
            update events_relay set holder = {holder}, expires = {now + Lease}
            where name = {Name} and (holder = {holder} or expires <= {now})
            returning position as n
            """);
        if (last is null) return 0;
        var stamped = await tx.Run($"""
            with fresh as (
                select seq, row_number() over (order by seq) as n,
                    coalesce((select position from events_heads where events_heads.org = waiting.org), 0)
                        + row_number() over (partition by org order by seq) as of_org
                from (select seq, org from events where position is null order by seq limit {Batch}) waiting)
            update events set position = {last.N} + fresh.n, org_position = fresh.of_org
            from fresh where events.seq = fresh.seq
            """);
        await tx.Run($"""
            insert into events_heads (org, position)
            select org, max(org_position) from events where position > {last.N} group by org
            on conflict (org) do update set position = excluded.position
            """);
        await tx.Run($"update events_relay set position = {last.N + stamped} where name = {Name}");
        tx.WakeAfterCommit(EventLog.Channel);
        await tx.Commit();
        return stamped;
    }

    async Task<Look> See(CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the relay looks for events of everybody");
        return (await tx.One<Look>($"""
            select holder, expires, exists (select 1 from events where position is null) as waiting
            from events_relay where name = {Name}
            """))!;
    }

    // At a planned stop the next relay need not wait for the lease to run out.
    async Task Release()
    {
        using var soon = new CancellationTokenSource(ReleaseWithin);
        try
        {
            await using var tx = await db.Begin(soon.Token);
            await tx.Run(
                $"update events_relay set expires = {clock.GetUtcNow()} where name = {Name} and holder = {holder}");
            await tx.Commit();
        }
        catch (Exception exception) when (exception is OperationCanceledException or StorageUnavailableException)
        {
            // The lease runs out by itself.
        }
    }
}

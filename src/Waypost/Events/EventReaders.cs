using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Where a reader begins that has never read.</summary>
public enum ReaderStart
{
    /// <summary>With the oldest event that is kept.</summary>
    Beginning,

    /// <summary>With the next event.</summary>
    Now,
}

/// <summary>Registers loops that react to events.</summary>
public static class EventReaders
{
    /// <summary>
    /// Adds a named reader: it receives every event once at least, in order, in one process at a time, and remembers
    /// how far it got; what it was given again after a crash it must recognise by <see cref="LoggedEvent.Id"/>.
    /// </summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The name its cursor is kept under: never change it. Seen in <c>/health</c>.</param>
    /// <param name="read">What to do with some events; returning means they are done. When it throws, they come again,
    /// and an event that fails <see cref="EventReader.MostAttempts"/> times is set aside.</param>
    /// <param name="filter">Which types; null for all.</param>
    /// <param name="start">Where to begin the first time.</param>
    public static IServiceCollection AddEventReader(
        this IServiceCollection services, string name,
        Func<IServiceProvider, IReadOnlyList<LoggedEvent>, CancellationToken, Task> read,
        EventFilter? filter = null, ReaderStart start = ReaderStart.Beginning) =>
        services.AddBackgroundLoop(provider => new EventReader(
            provider.GetRequiredService<Databases>().Shared, provider.GetRequiredService<TimeProvider>(), name,
            (events, ct) => read(provider, events, ct), filter, start).Loop());
}

/// <summary>One named reader of the log in this process.</summary>
/// <remarks>
/// The lease on its row in <c>events_readers</c> keeps it to one process; its fence makes the acknowledgement of a
/// process that lost the lease change nothing. An idle reader writes nothing.
/// </remarks>
sealed class EventReader(
    Db db, TimeProvider clock, string name, Func<IReadOnlyList<LoggedEvent>, CancellationToken, Task> read,
    EventFilter? filter = null, ReaderStart start = ReaderStart.Beginning)
{
    /// <summary>How often one event may fail before it is set aside, so that those behind it go on.</summary>
    public const int MostAttempts = 12;

    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    const int Page = 200;

    readonly EventFilter wanted = filter ?? EventFilter.All;
    readonly string holder = Guid.CreateVersion7().ToString("N");
    readonly Wakefulness wake = new(db, EventLog.Channel, Poll);
    bool registered;
    long carefulUpTo;
    int attempts;

    sealed record Cursor(string Holder, DateTimeOffset Expires, long Position, long Fence) : IRow<Cursor>
    {
        public static Cursor Read(Row row) =>
            new(row.Text("holder"), row.Time("expires"), row.Long("position"), row.Long("fence"));
    }

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("reader." + name, TimeSpan.FromMinutes(2), Round);

    /// <summary>Reads and acknowledges one page, or waits for events.</summary>
    internal async Task Round(CancellationToken ct)
    {
        if (!registered) await Register(ct);
        registered = true;
        wake.Arm(ct);
        if (!await ReadOn(ct)) await wake.Wait();
    }

    async Task<bool> ReadOn(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var cursor = (await db.One<Cursor>(
            $"select holder, expires, position, fence from events_readers where name = {name}", ct))!;
        if (cursor.Holder != holder && cursor.Expires > now) return false;
        if (await EventLog.HeadOfAll(db, ct) <= cursor.Position) return false;

        var fresh = cursor.Holder == holder && cursor.Expires - now > Lease / 2;
        if ((fresh ? cursor : await Claim(now, ct)) is not { } mine) return false;

        var page = await EventLog.ReadAll(db, mine.Position, wanted, mine.Position < carefulUpTo ? 1 : Page, ct);
        if (page.Events.Count > 0) await Give(page.Events, mine.Fence, ct);
        await Do(tx => Acknowledge(tx, page.Next, mine.Fence), ct);
        return true;
    }

    async Task Give(IReadOnlyList<LoggedEvent> events, long fence, CancellationToken ct)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = Renew(fence, held);
        try
        {
            await read(events, held.Token);
            attempts = 0;
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or StorageUnavailableException))
        {
            // One by one from here, so that a bad event is found and its neighbours are not held up by it.
            carefulUpTo = events[^1].Position;
            if (events.Count > 1 || ++attempts < MostAttempts) throw;
            await SetAside(events[0], fence, failure, ct);
            attempts = 0;
            throw new InvalidOperationException(
                $"The event {events[0].Id} failed {MostAttempts} times and was set aside: {failure.Message}", failure);
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
        }
    }

    // Beside the reading, so that a slow reaction does not lose the lease.
    async Task Renew(long fence, CancellationTokenSource held)
    {
        while (true)
        {
            await Task.Delay(Lease / 3, clock, held.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (held.IsCancellationRequested) return;
            try
            {
                var renewed = await Do(tx => tx.Run($"""
                    update events_readers set expires = {clock.GetUtcNow() + Lease}
                    where name = {name} and holder = {holder} and fence = {fence}
                    """), held.Token);
                if (renewed == 0) await held.CancelAsync();
            }
            catch (Exception exception) when (exception is OperationCanceledException or StorageUnavailableException)
            {
                // Ended meanwhile, or tried again in a moment; without the lease the fence keeps the cursor right.
            }
        }
    }

    Task<int> Register(CancellationToken ct) => Do(async tx =>
    {
        var from = start == ReaderStart.Beginning ? (Sql)$"0" : $"position";
        var now = clock.GetUtcNow();
        return await tx.Run($"""
            insert into events_readers (name, position, holder, expires, fence, updated_at)
            select {name}, {from}, {holder}, {now}, 0, {now} from events_relay where name = {Relay.Name}
            on conflict (name) do nothing
            """);
    }, ct);

    Task<Cursor?> Claim(DateTimeOffset now, CancellationToken ct) => Do(tx => tx.One<Cursor>($"""
        update events_readers set
            fence = case when holder = {holder} then fence else fence + 1 end,
            holder = {holder}, expires = {now + Lease}, updated_at = {now}
        where name = {name} and (holder = {holder} or expires <= {now})
        returning holder, expires, position, fence
        """), ct);

    Task<int> Acknowledge(Tx tx, long position, long fence)
    {
        var now = clock.GetUtcNow();
        return tx.Run($"""
            update events_readers set position = {position}, expires = {now + Lease}, updated_at = {now}
            where name = {name} and holder = {holder} and fence = {fence}
            """);
    }

    Task<int> SetAside(LoggedEvent failed, long fence, Exception failure, CancellationToken ct) => Do(async tx =>
    {
        await tx.Run($"""
            insert into events_set_aside (reader, event_id, org, position, error, at)
            values ({name}, {failed.Id}, {failed.Org}, {failed.Position}, {failure.Message}, {clock.GetUtcNow()})
            on conflict (reader, event_id) do nothing
            """);
        return await Acknowledge(tx, failed.Position, fence);
    }, ct);

    async Task<T> Do<T>(Func<Tx, Task<T>> work, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var done = await work(tx);
        await tx.Commit();
        return done;
    }
}

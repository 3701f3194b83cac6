using Waypost.Events;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Events;

public sealed class RelayTests
{
    [Theory, Backends]
    public async Task Events_come_in_the_order_they_were_written_even_when_written_at_the_same_moment(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        await log.Emit("a", [1, 2, 3], DateTimeOffset.UnixEpoch.AddDays(1));
        await log.Emit("b", [4], DateTimeOffset.UnixEpoch);
        await log.Emit("a", [5, 6], DateTimeOffset.UnixEpoch);

        Assert.Equal(6, await relay.Stamp(Token));

        Assert.Equal([1, 2, 3, 4, 5, 6], await log.Numbers());
        Assert.Equal([1, 2, 3, 5, 6], await log.Numbers("a"));
        var page = await EventLog.ReadAll(log.Db, 0, EventFilter.All, 100, Token);
        Assert.Equal([1, 2, 3, 4, 5, 6], page.Events.Select(e => e.Position));
        Assert.Equal("s4", page.Events[3].Subject);
        Assert.Equal(6, page.Next);
    }

    [Theory, Backends]
    public async Task An_organization_counts_its_own_events_and_sees_nothing_of_how_many_others_have(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        await log.Emit("a", 1, 2);
        await log.Emit("b", 3, 4, 5);
        await log.Emit("a", 6);
        await relay.Stamp(Token);
        await log.Emit("b", 7);
        await log.Emit("a", 8);
        await relay.Stamp(Token);

        var a = await EventLog.Read(log.Db, "a", 0, EventFilter.All, 100, Token);
        var rest = await EventLog.Read(log.Db, "a", 3, EventFilter.All, 100, Token);
        var nobody = await EventLog.Read(log.Db, "c", 0, EventFilter.All, 100, Token);

        Assert.Equal([1, 2, 6, 8], a.Events.Select(Counted.Of));
        Assert.Equal([1, 2, 3, 4], a.Events.Select(e => e.ToWire().Metadata.Position!.Value));
        Assert.Equal((4, 4), (a.Next, a.Head));
        Assert.Equal([8], rest.Events.Select(Counted.Of));
        Assert.Equal((0, 0, 0), (nobody.Next, nobody.Head, nobody.PrunedTo));
        Assert.Equal(0, await EventLog.Head(log.Db, "c", Token));
    }

    [Theory, Backends]
    public async Task What_was_not_committed_is_not_in_the_log(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        await using (var undone = await log.Db.Begin(Token))
            await undone.Emit("a", DateTimeOffset.UnixEpoch, new Counted(1));
        await log.Emit("a", 2);

        await new Relay(log.Db, TimeProvider.System).Stamp(Token);

        Assert.Equal([2], await log.Numbers());
    }

    [Theory, Backends]
    public async Task A_reader_never_skips_the_events_of_a_transaction_that_commits_late(Backend backend)
    {
        // SQLite has one writer, so there a transaction cannot commit behind a later one; the rule holds by itself.
        if (backend == Backend.Sqlite) return;
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        var written = new TaskCompletionSource();
        var commit = new TaskCompletionSource();
        var slow = Task.Run(async () =>
        {
            await using var tx = await log.Db.Begin(Token);
            await tx.Emit("a", DateTimeOffset.UnixEpoch, new Counted(1));
            written.SetResult();
            await commit.Task;
            await tx.Commit();
        }, Token);
        await written.Task;
        await log.Emit("a", 2, 3);
        await relay.Stamp(Token);
        var seen = await EventLog.Read(log.Db, "a", 0, EventFilter.All, 100, Token);

        commit.SetResult();
        await slow;
        await relay.Stamp(Token);

        var rest = await EventLog.Read(log.Db, "a", seen.Next, EventFilter.All, 100, Token);
        Assert.Equal([2, 3], seen.Events.Select(Counted.Of));
        Assert.Equal([1], rest.Events.Select(Counted.Of));
    }

    [Theory, Backends]
    public async Task Two_relays_that_race_give_every_event_one_position_and_leave_no_hole(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        Relay[] relays = [new(log.Db, TimeProvider.System), new(log.Db, TimeProvider.System)];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var racing = relays.Select(relay => Task.Run(() => StampOn(relay), Token)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 300).Select(n => Task.Run(() => log.Emit("a", n, n + 1000), Token)));
        await stop.CancelAsync();
        await Task.WhenAll(racing);
        while (await relays[0].Stamp(Token) + await relays[1].Stamp(Token) > 0) { }

        var page = await EventLog.ReadAll(log.Db, 0, EventFilter.All, 1000, Token);
        Assert.Equal(Enumerable.Range(1, 600).Select(n => (long)n), page.Events.Select(e => e.Position));
        Assert.Equal(Enumerable.Range(1, 600).Select(n => (long)n), page.Events.Select(e => e.OrgPosition));
        var together = page.Events.Select(Counted.Of).ToList();
        Assert.All(Enumerable.Range(0, 300), n => Assert.True(together.IndexOf(n) < together.IndexOf(n + 1000)));

        async Task StampOn(Relay relay)
        {
            while (!stop.IsCancellationRequested)
            {
                await relay.Stamp(Token);
                await using var tx = await log.Db.Begin(Token);
                await tx.Run($"update events_relay set expires = {DateTimeOffset.UnixEpoch}");
                await tx.Commit();
            }
        }
    }

    [Theory, Backends]
    public async Task A_crashed_relay_keeps_the_next_one_waiting_only_for_its_lease(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var clock = new ManualClock();
        var (crashed, next) = (new Relay(log.Db, clock), new Relay(log.Db, clock));
        await log.Emit("a", 1);
        Assert.Equal(1, await crashed.Stamp(Token));
        await log.Emit("a", 2);

        Assert.Equal(0, await next.Stamp(Token));
        clock.Advance(Relay.Lease);
        Assert.Equal(1, await next.Stamp(Token));

        Assert.Equal([1, 2], await log.Numbers());
    }

    [Theory, Backends]
    public async Task A_filter_takes_names_and_wildcards_and_passes_over_the_rest(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        await log.Emit("a", 1, 2);
        await new Relay(log.Db, TimeProvider.System).Stamp(Token);

        Assert.Equal(2, (await Read("job.*")).Events.Count);
        Assert.Equal(2, (await Read("item.created", "job.progress")).Events.Count);
        var none = await Read("item.*", "job.completed");
        Assert.Empty(none.Events);
        Assert.Equal(2, none.Next);

        Task<EventPage> Read(params string[] patterns) =>
            EventLog.Read(log.Db, "a", 0, EventFilter.Of(patterns, out _), 100, Token);
    }

    [Theory, Backends]
    public async Task Pruning_keeps_what_is_young_and_what_a_living_reader_has_not_read(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var clock = new ManualClock();
        await log.Emit("a", [1, 2], clock.GetUtcNow());
        await log.Emit("b", [3], clock.GetUtcNow());
        clock.Advance(TimeSpan.FromDays(2));
        await log.Emit("a", [4], clock.GetUtcNow());
        await new Relay(log.Db, clock).Stamp(Token);
        var retention = new Retention(log.Db, clock, new EventsSettings(KeepDays: 1));
        await ReaderAt(2);
        Assert.Equal(2, await retention.Prune(Token));
        Assert.Equal([3, 4], await log.Numbers());

        await ReaderAt(4);
        Assert.Equal(1, await retention.Prune(Token));

        Assert.Equal([4], await log.Numbers());
        Assert.Equal(2, (await EventLog.Read(log.Db, "a", 0, EventFilter.All, 1, Token)).PrunedTo);
        Assert.Equal(1, (await EventLog.Read(log.Db, "b", 0, EventFilter.All, 1, Token)).PrunedTo);
        Assert.Equal(0, (await EventLog.Read(log.Db, "c", 0, EventFilter.All, 1, Token)).PrunedTo);

        async Task ReaderAt(long position)
        {
            await using var tx = await log.Db.Begin(Token);
            await tx.Run($"""
                insert into events_readers (name, position, holder, expires, fence, updated_at)
                values ({"r"}, {position}, {"h"}, {clock.GetUtcNow()}, 0, {clock.GetUtcNow()})
                on conflict (name) do update set position = excluded.position
                """);
            await tx.Commit();
        }
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

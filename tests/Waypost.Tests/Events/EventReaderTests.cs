using Waypost.Events;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Events;

public sealed class EventReaderTests
{
    [Theory, Backends]
    public async Task A_restarted_reader_gets_again_only_what_it_had_not_acknowledged(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        var clock = new ManualClock();
        var first = new Collected();
        var reader = new EventReader(log.Db, clock, "r", first.Read);
        await log.Emit("a", 1, 2);
        await relay.Stamp(Token);
        await reader.Round(Token);
        await log.Emit("a", 3);
        await relay.Stamp(Token);
        first.Fails = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.Round(Token));

        clock.Advance(EventReader.Lease);
        var second = new Collected();
        await new EventReader(log.Db, clock, "r", second.Read).Round(Token);

        Assert.Equal([1, 2, 3], first.Numbers);
        Assert.Equal([3], second.Numbers);
    }

    [Theory, Backends]
    public async Task One_process_reads_at_a_time_and_a_late_acknowledgement_changes_nothing(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        var clock = new ManualClock();
        var second = new Collected();
        var taker = new EventReader(log.Db, clock, "r", second.Read);
        var slow = new EventReader(log.Db, clock, "r", async (_, _) =>
        {
            await StopRenewing();
            await taker.Round(Token);
            await log.Emit("a", 2);
            await relay.Stamp(Token);
            await taker.Round(Token);
        });
        await log.Emit("a", 1);
        await relay.Stamp(Token);

        await slow.Round(Token);

        Assert.Equal([1, 2], second.Numbers);
        var cursor = await log.Db.One<Number>($"select position as n from events_readers where name = {"r"}", Token);
        Assert.Equal(2, cursor!.N);

        // As a process that was suspended: its lease runs out while it still thinks it has it.
        async Task StopRenewing()
        {
            await using var tx = await log.Db.Begin(Token);
            await tx.Run($"update events_readers set expires = {DateTimeOffset.UnixEpoch} where name = {"r"}");
            await tx.Commit();
        }
    }

    [Theory, Backends]
    public async Task An_event_that_fails_again_and_again_is_set_aside_and_the_others_go_on(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var good = new List<int>();
        var reader = new EventReader(log.Db, TimeProvider.System, "r", (events, _) =>
        {
            if (events.Any(e => Counted.Of(e) == 2)) throw new InvalidOperationException("cannot read a 2");
            good.AddRange(events.Select(Counted.Of));
            return Task.CompletedTask;
        });
        await log.Emit("a", 1, 2, 3);
        await new Relay(log.Db, TimeProvider.System).Stamp(Token);

        for (var round = 0; round < EventReader.MostAttempts + 3; round++)
            await Record.ExceptionAsync(() => reader.Round(Token));

        Assert.Equal([1, 3], good);
        await using var tx = await log.Db.Read(Token);
        Assert.Equal(1, await tx.Count(
            $"select count(*) as n from events_set_aside where org = {"a"} and error = {"cannot read a 2"}"));
    }

    [Theory, Backends]
    public async Task A_new_reader_may_begin_with_what_comes_from_now_on(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var relay = new Relay(log.Db, TimeProvider.System);
        var seen = new Collected();
        await log.Emit("a", 1);
        await relay.Stamp(Token);
        var reader = new EventReader(log.Db, TimeProvider.System, "r", seen.Read, start: ReaderStart.Now);
        await reader.Round(Token);

        await log.Emit("a", 2);
        await relay.Stamp(Token);
        await reader.Round(Token);

        Assert.Equal([2], seen.Numbers);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed class Collected
    {
        public List<int> Numbers { get; } = [];

        public bool Fails { get; set; }

        public Task Read(IReadOnlyList<LoggedEvent> events, CancellationToken ct)
        {
            Numbers.AddRange(events.Select(Counted.Of));
            return Fails ? throw new InvalidOperationException("asked to fail") : Task.CompletedTask;
        }
    }
}

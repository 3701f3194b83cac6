using Microsoft.Extensions.Logging.Abstractions;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>What schedules do as time goes on, on a clock that the test moves.</summary>
public sealed class ScheduleTests
{
    static JobKind Kind => new() { Name = "one", Stages = [StageKind.Single("only")], IsOpenToClients = true };

    [Theory, Backends]
    public async Task Each_occurrence_submits_one_job_and_the_next_is_a_whole_interval_later(Backend backend)
    {
        await using var world = await World.Open(backend);
        await world.Make(every: "PT5M");
        Assert.Equal(0, await world.Round());
        world.Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(0, await world.Round());
        world.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, await world.Round());
        Assert.Equal(0, await world.Round());
        var running = await world.Schedule();
        Assert.Equal(ScheduleOutcome.Running, running.LastRun!.Outcome);
        Assert.Equal((world.Start.AddMinutes(5), world.Start.AddMinutes(10)), (running.LastRun.DueAt, running.NextAt));
        await world.Engine.WorkOff();
        Assert.Equal(ScheduleOutcome.Completed, (await world.Schedule()).LastRun!.Outcome);
        Assert.Equal(JobState.Completed, (await world.Engine.Job(running.LastRun.JobId!)).Status);

        world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await world.Round());
        var second = await world.Schedule();
        Assert.NotEqual(running.LastRun.JobId, second.LastRun!.JobId);
        Assert.Equal((2, 0), (second.Fired, second.Skipped));
        Assert.Equal(["schedule.fired", "schedule.fired"], await world.Events());
    }

    [Theory, Backends]
    public async Task Many_servers_on_one_database_never_double_an_occurrence(Backend backend)
    {
        await using var world = await World.Open(backend);
        for (var i = 0; i < 20; i++) await world.Make($"s{i}", every: "PT1M");
        var servers = Enumerable.Range(0, 4).Select(_ => world.AnotherServer()).ToList();
        for (var minute = 1; minute <= 3; minute++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            var moved = await Task.WhenAll(servers.Select(server => Task.Run(() => server.Round(Token), Token)));
            Assert.Equal(20, moved.Sum());
            Assert.Equal(20 * minute, await world.Jobs());
            await world.Engine.WorkOff();
        }
        Assert.All(await world.All(), one => Assert.Equal((3, 0), (one.Fired, one.Skipped)));
    }

    [Theory, Backends]
    public async Task A_job_that_still_runs_is_not_overlapped_but_the_occurrence_recorded_as_skipped(Backend backend)
    {
        await using var world = await World.Open(backend);
        await world.Make(every: "PT1M");
        await world.Pass(TimeSpan.FromMinutes(1));
        await world.Pass(TimeSpan.FromMinutes(1));

        var schedule = await world.Schedule();
        Assert.Equal((1, 1), (schedule.Fired, schedule.Skipped));
        Assert.Equal((SkipReason.StillRunning, world.Start.AddMinutes(2)),
            (schedule.LastSkip!.Reason, schedule.LastSkip.DueAt));
        Assert.Equal(1, await world.Jobs());
        await world.Engine.WorkOff();
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(2, await world.Jobs());
        Assert.Equal(["schedule.fired", "schedule.skipped", "schedule.fired"], await world.Events());
    }

    [Theory, Backends]
    public async Task What_was_missed_is_met_once_on_return_or_left_out_as_the_schedule_says(Backend backend)
    {
        await using var world = await World.Open(backend);
        await world.Make("catches", cron: "0 * * * *");
        await world.Make("leaves", cron: "0 * * * *", catchUp: CatchUp.None);
        await world.Pass(TimeSpan.FromMinutes(5 * 60 + 30));

        var catches = await world.Schedule("catches");
        Assert.Equal((1, 1, SkipReason.Missed), (catches.Fired, catches.Skipped, catches.LastSkip!.Reason));
        Assert.Equal(world.Start.AddHours(5), catches.LastRun!.DueAt);
        Assert.Equal(world.Start.AddHours(1), catches.LastSkip.DueAt);
        var leaves = await world.Schedule("leaves");
        Assert.Equal((0, 1, SkipReason.Missed), (leaves.Fired, leaves.Skipped, leaves.LastSkip!.Reason));
        Assert.All(await world.All(), one => Assert.Equal(world.Start.AddHours(6), one.NextAt));

        // A minute late is not missed: a server that is restarted at the wrong moment meets it all the same.
        await world.Engine.WorkOff();
        await world.Pass(TimeSpan.FromMinutes(30.5));
        Assert.Equal(1, (await world.Schedule("leaves")).Fired);
        Assert.Equal(2, (await world.Schedule("catches")).Fired);
    }

    [Theory, Backends]
    public async Task Failures_in_a_row_are_counted_until_one_succeeds(Backend backend)
    {
        await using var world = await World.Open(backend);
        await world.Make(every: "PT1M");
        for (var n = 1; n <= 3; n++)
        {
            await world.Pass(TimeSpan.FromMinutes(1));
            await world.Engine.Fail((await world.Engine.Lease(1)).Single(), ErrorClass.Permanent);
            var failed = await world.Schedule();
            Assert.Equal((n, ScheduleOutcome.Failed), (failed.ConsecutiveFailures, failed.LastRun!.Outcome));
            Assert.Equal("It failed.", failed.LastRun.Error);
        }
        var job = (await world.Schedule()).LastRun!.JobId!;
        await world.Engine.Steer(job, (course, row) => course.Retry(row));
        await world.Engine.Fail((await world.Engine.Lease(1)).Single(), ErrorClass.Permanent);
        Assert.Equal(3, (await world.Schedule()).ConsecutiveFailures);
        await world.Engine.Steer(job, (course, row) => course.Retry(row));
        await world.Engine.WorkOff();
        Assert.Equal(0, (await world.Schedule()).ConsecutiveFailures);
    }

    [Theory, Backends]
    public async Task A_schedule_that_cannot_be_met_says_why_and_does_not_hold_up_the_others(Backend backend)
    {
        var picky = Kind with
        {
            Name = "picky",
            Check = _ => throw Refused.Bad("INVALID_PARAMETERS", "Not any more."),
        };
        await using var world = await World.Open(backend, picky);
        await world.Make("a-gone", "gone", every: "PT1M");
        await world.Make("b-picky", "picky", every: "PT1M");
        await world.Make("c-broken", every: "PT1M");
        await world.Make("d-well", every: "PT1M");
        await world.Do($"update work_schedules set time_zone = 'Nowhere/Land' where org = 'here' and id = 'c-broken'");
        await world.Pass(TimeSpan.FromMinutes(1));

        Assert.Contains("no jobs of kind gone", (await world.Schedule("a-gone")).LastRun!.Error,
            StringComparison.Ordinal);
        Assert.Equal("Not any more.", (await world.Schedule("b-picky")).LastRun!.Error);
        Assert.Contains("Nowhere/Land", (await world.Schedule("c-broken")).LastRun!.Error, StringComparison.Ordinal);
        Assert.Equal(ScheduleOutcome.Running, (await world.Schedule("d-well")).LastRun!.Outcome);
        foreach (var id in (string[])["a-gone", "b-picky", "c-broken"])
        {
            var schedule = await world.Schedule(id);
            Assert.Equal((1, 0, ScheduleOutcome.NotSubmitted),
                (schedule.ConsecutiveFailures, schedule.Fired, schedule.LastRun!.Outcome));
            // What could not even be looked at stays due for what it was due for, and rests.
            Assert.Equal(id != "c-broken", schedule.NextAt > world.Clock.GetUtcNow());
        }
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await world.Schedule("c-broken")).ConsecutiveFailures);

        // Mended, it goes on by itself: late, as its wish to catch up has it.
        var due = (await world.Schedule("c-broken")).NextAt;
        await world.Do($"update work_schedules set time_zone = 'UTC' where org = 'here' and id = 'c-broken'");
        await world.Engine.WorkOff();
        await world.Pass(TimeSpan.FromMinutes(4));
        var met = await world.Schedule("c-broken");
        Assert.Equal((1L, due!.Value, SkipReason.Missed), (met.Fired, met.LastSkip!.DueAt, met.LastSkip.Reason));
        Assert.True(met.NextAt > world.Clock.GetUtcNow());
    }

    [Theory, Backends]
    public async Task A_server_that_dies_before_the_commit_leaves_the_occurrence_to_the_next_one(Backend backend)
    {
        await using var world = await World.Open(backend);
        await world.Make(every: "PT1M");
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Engine.Leases.Do<bool>(EngineOn.Org,
            async course =>
            {
                Assert.True(await course.MeetDue(EngineOn.Org, "it"));
                throw new InvalidOperationException("killed");
            }, Token));
        Assert.Equal((0, 0), (await world.Jobs(), (await world.Schedule()).Fired));
        Assert.Equal(1, await world.Round());
        Assert.Equal((1, 1), (await world.Jobs(), (await world.Schedule()).Fired));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed class World(EngineOn engine) : IAsyncDisposable
    {
        readonly FireSchedules loop = new(engine.Databases, engine.Leases, engine.Clock, NullLogger.Instance);

        public EngineOn Engine => engine;

        public Waypost.Tests.Events.ManualClock Clock => engine.Clock;

        public DateTimeOffset Start { get; } = engine.Clock.GetUtcNow();

        public static async Task<World> Open(Backend backend, params JobKind[] also) =>
            new(await EngineOn.Open(backend, [Kind, .. also]));

        public FireSchedules AnotherServer() =>
            new(engine.Databases, engine.AnotherProcess(), engine.Clock, NullLogger.Instance);

        public Task<int> Round() => loop.Round(Token);

        public async Task Pass(TimeSpan time)
        {
            Clock.Advance(time);
            await Round();
        }

        public Task Make(
            string id = "it", string kind = "one", string? every = null, string? cron = null,
            CatchUp catchUp = CatchUp.Last)
        {
            var now = Clock.GetUtcNow();
            var next = ScheduleRules.TimetableOf(cron, every, "UTC", now).After(now);
            return Do($"""
                insert into work_schedules (org, id, series, kind, parameters, priority, cron, every, time_zone,
                    catch_up, paused, anchored_at, created_at, changed_at, next_at, fired, skipped, failures)
                values ({EngineOn.Org}, {id}, {Guid.CreateVersion7()}, {kind}, {Json.EmptyObject}, 0, {cron}, {every},
                    {"UTC"}, {catchUp}, {false}, {now}, {now}, {now}, {next}, 0, 0, 0)
                """);
        }

        public async Task Do(Sql sql)
        {
            await using var tx = await engine.Db.Begin(Token);
            await tx.Run(sql);
            await tx.Commit();
        }

        public async Task<Schedule> Schedule(string id = "it") => (await All()).Single(one => one.Id == id);

        public async Task<List<Schedule>> All() => [.. (await engine.Db.All<ScheduleRow>($"""
            select {ScheduleRow.Columns} from work_schedules where org = {EngineOn.Org} order by id
            """, Token)).Select(row => row.Shown)];

        public async Task<long> Jobs() => (await engine.Db.One<Number>(
            $"select count(*) as n from work_jobs where org = {EngineOn.Org}", Token))!.N;

        public async Task<List<string>> Events() => [.. (await engine.Db.All<Named>($"""
            select type from events where org = {EngineOn.Org} and type like 'schedule.%' order by seq
            """, Token)).Select(row => row.Type)];

        public ValueTask DisposeAsync() => engine.DisposeAsync();

        sealed record Named(string Type) : IRow<Named>
        {
            public static Named Read(Row row) => new(row.Text("type"));
        }
    }
}

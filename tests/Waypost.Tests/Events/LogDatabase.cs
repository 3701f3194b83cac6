using Waypost.Events;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Events;

/// <summary>A database of the test's own without a server, so that no loop but the test's own touches the
/// log.</summary>
sealed class LogDatabase(Databases databases, Func<Task> cleanUp) : IAsyncDisposable
{
    public Db Db => databases.Shared;

    public static async Task<LogDatabase> Open(Backend backend)
    {
        var folder = Directory.CreateTempSubdirectory("waypost-log-").FullName;
        var (database, drop) = backend == Backend.Postgres
            ? await TestServer.NewDatabase()
            : (null, () => Task.CompletedTask);
        var databases = await StorageModule.Open(
            new StorageSettings(folder, database, CheckStatements: true), WaypostApp.Modules, TimeProvider.System,
            Token);
        return new LogDatabase(databases, async () =>
        {
            await drop();
            Directory.Delete(folder, recursive: true);
        });
    }

    public Task Emit(string org, params int[] numbers) => Emit(org, numbers, TimeProvider.System.GetUtcNow());

    public async Task Emit(string org, IEnumerable<int> numbers, DateTimeOffset at)
    {
        await using var tx = await Db.Begin(Token);
        foreach (var n in numbers) await tx.Emit(org, at, new Counted(n), $"s{n}");
        await tx.Commit();
    }

    public async Task<IReadOnlyList<int>> Numbers() =>
        [.. (await EventLog.ReadAll(Db, 0, EventFilter.All, EventLog.MostEvents, Token)).Events.Select(Counted.Of)];

    public async Task<IReadOnlyList<int>> Numbers(string org) =>
        [.. (await EventLog.Read(Db, org, 0, EventFilter.All, EventLog.MostEvents, Token)).Events.Select(Counted.Of)];

    public async ValueTask DisposeAsync()
    {
        await databases.DisposeAsync();
        await cleanUp();
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

/// <summary>A numbered event, of a type that exists.</summary>
sealed record Counted(int N) : IEvent
{
    public static string EventType => "job.progress";

    public static int Of(LoggedEvent logged) => logged.Body.To<Counted>().N;
}

/// <summary>A clock that goes on only when told.</summary>
sealed class ManualClock(DateTimeOffset? start = null) : TimeProvider
{
    readonly Lock gate = new();
    readonly List<ManualTimer> timers = [];
    DateTimeOffset now = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Moves the clock; what was due in between fires.</summary>
    public void Advance(TimeSpan by)
    {
        ManualTimer[] due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.Due <= now)];
            foreach (var timer in due) timer.Reschedule(now);
        }
        foreach (var timer in due) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            var fire = dueTime == TimeSpan.Zero;
            lock (clock.gate)
            {
                period = every;
                Due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock.now + dueTime;
                if (!clock.timers.Contains(this)) clock.timers.Add(this);
                if (fire) Reschedule(clock.now);
            }
            if (fire) Fire();
            return true;
        }

        public void Reschedule(DateTimeOffset now) =>
            Due = period > TimeSpan.Zero ? now + period : DateTimeOffset.MaxValue;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Waypost.Storage;
using Waypost.Tests.Events;
using Waypost.Tests.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>The engine on a database of its own with the test's own kinds of job and clock, without a server.</summary>
sealed class EngineOn(TestDatabase database, JobKinds kinds) : IAsyncDisposable
{
    public const string Org = "here";

    public ManualClock Clock { get; } = new();

    public Db Db => database.Db;

    public Databases Databases => database.Databases;

    public JobKinds Kinds => kinds;

    public Leases Leases { get; private set; } = null!;

    public static async Task<EngineOn> Open(Backend backend, params JobKind[] kinds)
    {
        var engine = new EngineOn(await TestDatabase.New(backend), new JobKinds(kinds));
        engine.Leases = engine.AnotherProcess();
        return engine;
    }

    /// <summary>What a second server on the same database would have.</summary>
    public Leases AnotherProcess() =>
        new(database.Databases, kinds, Clock, NullLogger.Instance, EngineRules.Shipped, new Random(1));

    public async Task<string> Submit(string kind, string parameters = "{}", string org = Org, int priority = 0)
    {
        await using var tx = await Db.Begin(Token);
        var job = await tx.Submit(
            kinds, new NewJob(org, kind, new Json(parameters)) { Priority = priority }, Clock.GetUtcNow());
        await tx.Commit();
        return job.JobId;
    }

    public Task<IReadOnlyList<LeasedTask>> Lease(int max, string? org = null, Leases? leases = null) =>
        (leases ?? Leases).Lease(new LeaseAsk([.. kinds.All.Select(k => k.Name)], "test", max, org), Token);

    public async Task<ReportAnswer> Complete(LeasedTask task, string result = "{}") =>
        (await Leases.Complete([TaskReport.Done(task, new Json(result))], null, Token)).Answers.Single();

    public async Task<ReportAnswer> Fail(LeasedTask task, ErrorClass why) =>
        (await Leases.Complete(
            [TaskReport.Broken(task, new TaskError("X", "SYSTEM_ERROR", "It failed.", null, false, why))],
            null, Token)).Answers.Single();

    public Task<bool> Steer(string job, Func<Course, JobRow, Task<bool>> act) =>
        Leases.Do(Org, async course => await act(course, (await course.Hold(Org, job))!), Token);

    public async Task<JobShown> Job(string id, string org = Org)
    {
        await using var tx = await Db.Read(Token);
        return (await tx.FindJob(kinds, org, id, Clock.GetUtcNow()))!;
    }

    /// <summary>Does whatever there is until nothing is left.</summary>
    public async Task WorkOff()
    {
        while (await Lease(64) is { Count: > 0 } tasks)
            foreach (var task in tasks)
                await Complete(task);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

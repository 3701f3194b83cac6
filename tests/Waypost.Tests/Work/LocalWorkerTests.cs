using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Pipelines;
using Waypost.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

/// <summary>The worker of this process. Alone: one of its tests takes every thread of the pool.</summary>
[Collection("alone")]
public sealed class LocalWorkerTests
{
    static readonly JobKind Kind = new()
    {
        Name = "local",
        Stages = [StageKind.Single("only") with { Lease = TimeSpan.FromSeconds(1) }],
    };

    [Theory, Backends]
    public async Task A_task_that_takes_every_thread_of_the_pool_keeps_its_lease(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind);
        var blocked = Environment.ProcessorCount * (backend == Backend.Sqlite ? 40 : 3);
        LocalWorker? worker = null;
        var renewals = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        worker = Worker(engine, (context, _) =>
        {
            // Never disposed: some of the blocked come to it only after they were let go.
            var release = new ManualResetEventSlim();
            for (var i = 0; i < blocked; i++)
                ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(CancellationToken.None), null);
            var run = (RunningTask)context.Progress;
            SpinWait.SpinUntil(() => run.Renewals >= 3, TimeSpan.FromSeconds(60));
            var seen = run.Renewals;
            release.Set();
            renewals.SetResult(seen);
            return Task.FromResult(Json.EmptyObject);
        });
        await using var running = await Start(worker);
        var job = await engine.Submit("local");

        Assert.True(await renewals.Task.WaitAsync(Token) >= 3);
        await Until(engine, async () => (await engine.Job(job)).Status == JobState.Completed);
        Assert.Equal(1, await Attempts(engine, job));
    }

    [Theory, Backends]
    public async Task A_task_of_a_cancelled_job_is_told_to_stop(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind);
        var began = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        var worker = Worker(engine, async (_, ct) =>
        {
            began.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopped.SetResult();
            return Json.EmptyObject;
        });
        await using var running = await Start(worker);
        var job = await engine.Submit("local");
        await began.Task.WaitAsync(Token);
        Assert.True(await engine.Steer(job, (course, row) => course.Cancel(row)));

        await stopped.Task.WaitAsync(Token);
        Assert.Equal(JobState.Cancelled, (await engine.Job(job)).Status);
    }

    [Theory, Backends]
    public async Task A_worker_that_stops_gives_its_leases_back_at_once_and_the_attempt_does_not_count(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind);
        var began = new TaskCompletionSource();
        var worker = Worker(engine, async (_, ct) =>
        {
            began.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(ct);
            return Json.EmptyObject;
        });
        var running = await Start(worker);
        await engine.Submit("local");
        await began.Task.WaitAsync(Token);
        await running.DisposeAsync();

        Assert.Equal(1, (await engine.Lease(1)).Single().Attempt);
    }

    [Theory, Backends]
    public async Task What_an_executor_throws_becomes_the_tasks_error_in_words_for_a_person(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind);
        var worker = Worker(engine, (_, _) => throw new TaskFailedException(new TaskError(
            "NO_BANDS", "DATA_QUALITY", "The raster has no bands.", "Send one with bands.", true,
            ErrorClass.Permanent)));
        await using var running = await Start(worker);
        var job = await engine.Submit("local");

        await Until(engine, async () => (await engine.Job(job)).Status == JobState.Failed);
        Assert.Equal("NO_BANDS", (await engine.Job(job)).Error!.Code);
    }

    [Fact]
    public async Task An_executor_for_a_stage_that_does_not_exist_stops_the_start()
    {
        await using var engine = await EngineOn.Open(Backend.Sqlite, Kind);
        Assert.Throws<ArgumentException>(() => new LocalWorker(
            engine.Leases, engine.Databases, engine.Kinds,
            [new TaskExecutor("local", "other", (_, _) => Task.FromResult(Json.EmptyObject))], engine.Clock,
            new ServiceCollection().BuildServiceProvider(), NullLogger<LocalWorker>.Instance));
    }

    static LocalWorker Worker(EngineOn engine, Func<TaskContext, CancellationToken, Task<Json>> run) => new(
        engine.Leases, engine.Databases, engine.Kinds, [new TaskExecutor("local", "only", run)], TimeProvider.System,
        new ServiceCollection().BuildServiceProvider(), NullLogger<LocalWorker>.Instance);

    static async Task<Running> Start(LocalWorker worker)
    {
        await worker.StartAsync(Token);
        var stop = new CancellationTokenSource();
        var loop = Task.Run(() => worker.Loop().Run(TimeProvider.System, NullLogger.Instance, stop.Token), Token);
        return new Running(worker, loop, stop);
    }

    sealed record Running(LocalWorker Worker, Task Loop, CancellationTokenSource Stop) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Worker.StopAsync(CancellationToken.None);
            await Stop.CancelAsync();
            await Loop;
            Worker.Dispose();
            Stop.Dispose();
        }
    }

    static async Task<long> Attempts(EngineOn engine, string job) => (await engine.Db.One<Number>($"""
        select attempt as n from work_tasks where org = {EngineOn.Org} and job_id = {job}
        """, Token))!.N;

    static async Task Until(EngineOn engine, Func<Task<bool>> holds)
    {
        while (!await holds()) await engine.Db.Woken(Course.EndChannel, TimeSpan.FromMilliseconds(100), Token);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

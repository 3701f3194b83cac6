using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Bench;

/// <summary>How fast the engine hands out and takes back work.</summary>
static class WorkScenarios
{
    const int TasksPerJob = 10_000;

    sealed record Parameters(int Job, int N);

    static readonly JobKind Kind = new()
    {
        Name = "bench",
        Stages =
        [
            new StageKind("only", Parallelism.Dynamic, job =>
                [.. Enumerable.Range(0, job.Parameters.To<Parameters>().N)
                    .Select(i => new NewTask($"{i}", new Json("""{"n":1}""")))]),
        ],
    };

    static readonly JobKinds Kinds = new([Kind]);
    static readonly Json Result = new("""{"ok":true}""");

    /// <summary>Workers that complete one task and lease the next in one call, over and over.</summary>
    public static async Task LeaseAndComplete(Arguments arguments, CancellationToken ct)
    {
        var workers = arguments.Int("workers", 8);
        var seconds = arguments.Int("seconds", 10);
        var jobs = arguments.Int("jobs", Math.Max(4, 4 * seconds));
        await using var database = await BenchDatabase.Open(arguments, ct);
        for (var job = 0; job < jobs; job++) await Submit(database.Db, job, TasksPerJob, ct);
        var leases = Over(database);

        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() =>
            Work(leases, 1, () => watch.Elapsed.TotalSeconds < seconds, ct), ct)));
        watch.Stop();
        Print(new
        {
            name = "Waypost, in process: complete one and lease the next in one call",
            durability = database.Durability,
            workers,
            seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
            jobs = done.Sum(),
            jobs_per_second = (int)(done.Sum() / watch.Elapsed.TotalSeconds),
        });
    }

    /// <summary>One stage of many tasks, completed in batches until the job has ended.</summary>
    public static async Task CompleteStage(Arguments arguments, CancellationToken ct)
    {
        var tasks = arguments.Int("tasks", TasksPerJob);
        var workers = arguments.Int("workers", 8);
        var batch = arguments.Int("batch", 32);
        await using var database = await BenchDatabase.Open(arguments, ct);
        await Submit(database.Db, 0, Math.Min(tasks, 200), ct);
        var leases = Over(database);
        await Work(leases, batch, () => true, ct);
        var jobId = await Submit(database.Db, 1, tasks, ct);

        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() =>
            Work(leases, batch, () => true, ct), ct)));
        watch.Stop();
        await using var tx = await database.Db.Read(ct);
        var job = await tx.FindJob(Kinds, "bench", jobId, TimeProvider.System.GetUtcNow());
        if (job!.Status != JobState.Completed || done.Sum() != tasks)
            throw new InvalidOperationException($"The job is {job.Status} after {done.Sum()} of {tasks} tasks.");
        Print(new
        {
            name = "Waypost, in process: leased and completed in batches, stage counter and end of the job included",
            durability = database.Durability,
            tasks,
            workers,
            batch,
            seconds = Math.Round(watch.Elapsed.TotalSeconds, 3),
            tasks_per_second = (int)(tasks / watch.Elapsed.TotalSeconds),
        });
    }

    static async Task<int> Work(Leases leases, int batch, Func<bool> goOn, CancellationToken ct)
    {
        var ask = new LeaseAsk([Kind.Name], "bench", batch);
        var held = await leases.Lease(ask, ct);
        var done = 0;
        while (held.Count > 0)
        {
            var completion = await leases.Complete(
                [.. held.Select(task => TaskReport.Done(task, Result))], goOn() ? ask : null, ct);
            done += completion.Answers.Count(answer => answer.Verdict == Verdict.Accepted);
            held = completion.Next;
        }
        return done;
    }

    static async Task<string> Submit(Db db, int job, int tasks, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var submitted = await tx.Submit(
            Kinds, new NewJob("bench", Kind.Name, Json.Of(new Parameters(job, tasks))),
            TimeProvider.System.GetUtcNow());
        await tx.Commit();
        return submitted.JobId;
    }

    static Leases Over(BenchDatabase database) =>
        new(database.Databases, Kinds, TimeProvider.System, NullLogger<Leases>.Instance);

    static void Print<T>(T result) => Console.WriteLine(Json.Of(result).Text);
}

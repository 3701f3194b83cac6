using Microsoft.Extensions.Logging.Abstractions;
using Waypost.Storage;
using Waypost.Tests.Events;
using Waypost.Work;

namespace Waypost.Tests.Simulation;

/// <summary>Something happened that must not: the seed and the step say how to see it again.</summary>
sealed class ViolationException(string what) : Exception(what);

/// <summary>One seeded run: the shipped engine, a clock that jumps, and workers that do what workers do.</summary>
sealed class World
{
    const int MostJobs = 7;
    const int HealingRounds = 3000;

    readonly Random random;
    readonly ManualClock clock = new();
    readonly Db db;
    readonly string org;
    readonly JobKinds kinds;
    readonly Leases[] processes;
    readonly Model model = new();
    readonly List<string> jobs = [];

    /// <summary>What workers believe they hold; also when they do not any more.</summary>
    readonly List<LeasedTask> held = [];

    /// <summary>What was reported or forgotten before, to be said again.</summary>
    readonly List<LeasedTask> memories = [];

    public World(int seed, Databases databases, EngineRules rules)
    {
        random = new Random(seed);
        db = databases.Shared;
        org = $"o{Guid.CreateVersion7():N}";
        kinds = new JobKinds(SimulatedKinds.Random(random, $"{org}"));
        processes = [.. Enumerable.Range(0, 2).Select(_ => new Leases(
            databases, kinds, clock, NullLogger.Instance, rules, new Random(random.Next())))];
    }

    /// <summary>How many tasks were completed, to see that the run was not idle.</summary>
    public int Completed => model.Completed;

    /// <summary>Chaos for so many steps, then good workers until every job has ended.</summary>
    public async Task Live(int steps, CancellationToken ct)
    {
        for (var step = 0; step < steps; step++)
        {
            await Act(ct);
            if (step % 10 == 0) await Invariants.Check(db, org, kinds, ct);
        }
        await Heal(ct);
        await Invariants.Check(db, org, kinds, ct);
        await Invariants.CheckEnds(db, org, ct);
    }

    Task Act(CancellationToken ct) => random.Next(100) switch
    {
        < 12 => Submit(ct),
        < 40 => Lease(random.Next(1, 6), ct),
        < 66 => Report(ct),
        < 74 => Remember(ct),
        < 80 => Renew(ct),
        < 84 => GiveBack(ct),
        < 87 => Forget(),
        < 93 => Pass(),
        < 97 => Process.Sweep(ct),
        _ => Steer(ct),
    };

    Leases Process => processes[random.Next(processes.Length)];

    async Task Submit(CancellationToken ct)
    {
        if (jobs.Count >= MostJobs) return;
        var all = kinds.All.ToList();
        var job = new SimulatedJob(
            random.Next(1000), random.Next(0, 12), random.Next(10) == 0 ? random.Next(1, 4) : 0,
            random.Next(8) == 0 ? random.Next(1, 3) : 0, random.Next(3) == 0);
        // The end of a job that never opens a stage throws at whoever submits it: that is the submitter's transaction.
        if (job.BadPlan == 1) job = job with { BadEnds = 0 };
        var kind = all[random.Next(all.Count)];
        var submitted = await Process.Do(org, course => course.Submit(
            new NewJob(org, kind.Name, Json.Of(job)) { Priority = random.Next(3) }), ct);
        jobs.Add(submitted.JobId);
    }

    async Task Lease(int max, CancellationToken ct)
    {
        var ask = new LeaseAsk([.. kinds.All.Select(kind => kind.Name)], "simulated", max, org);
        Hold(await Process.Lease(ask, ct));
    }

    void Hold(IReadOnlyList<LeasedTask> leased)
    {
        foreach (var task in leased) model.Leased(task, clock.GetUtcNow());
        held.AddRange(leased);
    }

    async Task Report(CancellationToken ct)
    {
        var reports = Take(random.Next(1, 5)).Select(task => (Task: task, Report: Answer(task, mayFail: true)))
            .ToList();
        if (reports.Count == 0) return;
        if (random.Next(6) == 0) reports.Add(reports[0]);
        var next = random.Next(2) == 0
            ? new LeaseAsk([.. kinds.All.Select(kind => kind.Name)], "simulated", random.Next(1, 4), org)
            : null;
        await Tell(reports, next, ct);
    }

    // Late, a second time, or with a fence that somebody else has since.
    Task Remember(CancellationToken ct) => memories.Count == 0
        ? Task.CompletedTask
        : Tell([.. Enumerable.Range(0, 2).Select(_ => memories[random.Next(memories.Count)])
            .Select(task => (task, Answer(task, mayFail: true)))], null, ct);

    async Task Tell(IReadOnlyList<(LeasedTask Task, TaskReport Report)> reports, LeaseAsk? next, CancellationToken ct)
    {
        var before = clock.GetUtcNow();
        var completion = await Process.Complete([.. reports.Select(r => r.Report)], next, ct);
        foreach (var ((task, report), answer) in reports.Zip(completion.Answers))
            model.Answered(task, report, answer, Stage(task), before);
        await NoticeRetries(ct);
        Hold(completion.Next);
    }

    // A job that follows another, and had failed before, runs again with it.
    async Task NoticeRetries(CancellationToken ct)
    {
        foreach (var job in await db.All<Run>($"select id, run from work_jobs where org = {org} and run > 0", ct))
            model.IsInRun(job.JobId, job.Number);
    }

    sealed record Run(string JobId, int Number) : IRow<Run>
    {
        public static Run Read(Row row) => new(row.Text("id"), row.Int("run"));
    }

    async Task Renew(CancellationToken ct)
    {
        var some = held.Where(_ => random.Next(2) == 0).Take(5).ToList();
        var answers = await Process.Renew(
            [.. some.Select(task => new HeldLease(org, task.TaskId, task.Fence, random.NextDouble()))], ct);
        foreach (var (task, answer) in some.Zip(answers))
            if (answer.Expires is not null)
                model.MustBeCurrent(task, "renewed");
    }

    async Task GiveBack(CancellationToken ct)
    {
        var some = Take(2);
        await Process.Return([.. some.Select(task => new HeldLease(org, task.TaskId, task.Fence))], ct);
    }

    // A worker dies: what it held is never heard of again, or much later.
    Task Forget()
    {
        Take(random.Next(1, 6));
        return Task.CompletedTask;
    }

    Task Pass()
    {
        clock.Advance(TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(60, 700) : random.Next(1, 30)));
        return Task.CompletedTask;
    }

    async Task Steer(CancellationToken ct)
    {
        if (jobs.Count == 0) return;
        var job = jobs[random.Next(jobs.Count)];
        var choice = random.Next(8);
        await Process.Do(org, async course => await course.Hold(org, job) is { } row && choice switch
        {
            0 => await course.Cancel(row),
            1 or 2 => await course.Pause(row),
            3 or 4 => await course.Resume(row),
            5 or 6 => await course.Retry(row),
            _ => await Prioritized(course, row),
        }, ct);
        await NoticeRetries(ct);
    }

    async Task<bool> Prioritized(Course course, JobRow row)
    {
        await course.Prioritize(row, random.Next(5));
        return true;
    }

    async Task Heal(CancellationToken ct)
    {
        foreach (var job in jobs)
            await Process.Do(org, async course => await course.Hold(org, job) is { } row
                && await course.Resume(row), ct);
        memories.Clear();
        held.Clear();
        for (var round = 0; round < HealingRounds; round++)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await Process.Sweep(ct);
            await Lease(64, ct);
            var reports = Take(64).Select(task => (task, Answer(task, mayFail: false))).ToList();
            if (reports.Count > 0) await Tell(reports, null, ct);
            else if (await Invariants.Unfinished(db, org, ct) == 0) return;
        }
        throw new ViolationException($"{await Invariants.Unfinished(db, org, ct)} jobs never ended.");
    }

    List<LeasedTask> Take(int most)
    {
        var taken = new List<LeasedTask>();
        for (; most > 0 && held.Count > 0; most--)
        {
            var at = random.Next(held.Count);
            taken.Add(held[at]);
            memories.Add(held[at]);
            held.RemoveAt(at);
        }
        return taken;
    }

    TaskReport Answer(LeasedTask task, bool mayFail)
    {
        if (mayFail && random.Next(7) == 0)
            return TaskReport.Broken(task, new TaskError(
                "SIMULATED", "SYSTEM_ERROR", "It failed.", null, false, (ErrorClass)random.Next(3)));
        return TaskReport.Done(task, Json.Of(new SimulatedResult(task.Fence, random.Next(0, 3))));
    }

    StageKind Stage(LeasedTask task) => kinds.Get(task.Kind).Stages[task.StageNumber - 1];
}

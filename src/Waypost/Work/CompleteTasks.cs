using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>What a worker says about one task: a result, or an error.</summary>
/// <param name="Org">Whose task it is.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Fence">The fence of the lease under which it was done.</param>
/// <param name="Result">What came out; null: it failed.</param>
/// <param name="Error">Why it failed; null: it succeeded.</param>
public sealed record TaskReport(string Org, string TaskId, long Fence, Json? Result, TaskError? Error)
{
    /// <summary>The task succeeded.</summary>
    public static TaskReport Done(LeasedTask task, Json result) => new(task.Org, task.TaskId, task.Fence, result, null);

    /// <summary>The task failed.</summary>
    public static TaskReport Broken(LeasedTask task, TaskError error) =>
        new(task.Org, task.TaskId, task.Fence, null, error);
}

/// <summary>What became of one report.</summary>
public enum Verdict
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>The task is not held under this fence any more: nothing was changed.</summary>
    Stale,

    /// <summary>There is no such task in this organization.</summary>
    Unknown,
}

/// <summary>The answer to one report.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Status">Where the task is now; a failed attempt that will be repeated is pending_retry.</param>
public sealed record ReportAnswer(string TaskId, Verdict Verdict, TaskState? Status);

/// <summary>Takes what workers report, all of it in one transaction: tasks, counters, stages, jobs, events.</summary>
static class CompleteTasks
{
    /// <summary>The largest result of one task, in characters of its JSON; larger things are blobs.</summary>
    public const int LargestResult = 1_000_000;

    static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(600);

    /// <summary>What one report does to its task.</summary>
    sealed record Move(TaskHead Task, TaskState To, DateTimeOffset? Due, Json? Result, Json? Error);

    /// <summary>Tasks of one stage that have just ended.</summary>
    readonly record struct Ended(string Org, string JobId, int Stage, int Count, int Failed);

    public static async Task<IReadOnlyList<ReportAnswer>> Complete(
        this Course course, IReadOnlyList<TaskReport> reports, Random jitter)
    {
        if (reports.Count == 0) return [];
        var keys = reports.Select(r => (r.Org, r.TaskId)).Distinct().ToList();
        var jobs = await course.HoldJobs(keys);
        var tasks = await course.Heads(keys);

        var moves = new Dictionary<(string, string), Move>();
        var answers = new List<ReportAnswer>(reports.Count);
        foreach (var report in reports)
        {
            var key = (report.Org, report.TaskId);
            if (!tasks.TryGetValue(key, out var task))
                answers.Add(new ReportAnswer(report.TaskId, Verdict.Unknown, null));
            else if (moves.ContainsKey(key) || task.Status.After(TaskStep.Complete) is null
                || !course.Rules.IsCurrentFence(report.Fence, task.Fence))
                answers.Add(new ReportAnswer(report.TaskId, Verdict.Stale, task.Status));
            else
            {
                var move = course.Decide(report, task, jobs[(task.Org, task.JobId)], jitter);
                moves.Add(key, move);
                answers.Add(new ReportAnswer(report.TaskId, Verdict.Accepted, move.To));
            }
        }
        await course.Apply([.. moves.Values]);
        await course.CountDown(jobs, [.. moves.Values.Where(m => m.To.IsOver())
            .GroupBy(m => (m.Task.Org, m.Task.JobId, m.Task.Stage))
            .Select(g => new Ended(g.Key.Org, g.Key.JobId, g.Key.Stage, g.Count(), g.Count(m => m.To == TaskState.Failed)))]);
        return answers;
    }

    /// <summary>Gives up on tasks without a report: their workers were lost too often.</summary>
    public static async Task Poison(this Course course, IReadOnlyList<TaskHead> tasks, TaskError error)
    {
        var jobs = await course.HoldJobs([.. tasks.Select(t => (t.Org, t.Id))]);
        await course.Apply([.. tasks.Select(t => new Move(t, TaskStep.Fail.Target(), null, null, error.Kept()))]);
        await course.CountDown(jobs, [.. tasks.GroupBy(t => (t.Org, t.JobId, t.Stage))
            .Select(g => new Ended(g.Key.Org, g.Key.JobId, g.Key.Stage, g.Count(), g.Count()))]);
    }

    /// <summary>Holds the rows of these tasks' jobs, in one order for everybody.</summary>
    public static async Task<Dictionary<(string Org, string JobId), JobHead>> HoldJobs(
        this Course course, IReadOnlyList<(string Org, string TaskId)> tasks)
    {
        var held = new Dictionary<(string, string), JobHead>();
        if (tasks.Count == 0) return held;
        // All at once, so that the order is one order.
        var rows = await course.Tx.All<JobHead>($"""
            select {JobHead.Columns} from work_jobs
            where (org, id) in (select org, job_id from work_tasks where (org, id) in (values {Keys(Filled(tasks))}))
            order by org, id {course.Tx.ForUpdate}
            """);
        foreach (var job in rows) held[(job.Org, job.Id)] = job;
        return held;
    }

    /// <summary>The tasks as they are now.</summary>
    public static async Task<Dictionary<(string Org, string TaskId), TaskHead>> Heads(
        this Course course, IReadOnlyList<(string Org, string TaskId)> tasks)
    {
        var heads = new Dictionary<(string, string), TaskHead>();
        foreach (var batch in Batches.Of(tasks))
            foreach (var head in await course.Tx.All<TaskHead>($"""
                select {TaskHead.Columns} from work_tasks where (org, id) in (values {Keys(batch)})
                """))
                heads[(head.Org, head.Id)] = head;
        return heads;
    }

    static IEnumerable<(string Org, string TaskId)> Filled(IReadOnlyList<(string Org, string TaskId)> tasks) =>
        Batches.Of(tasks).SelectMany(batch => batch);

    static Sql Keys(IEnumerable<(string Org, string TaskId)> tasks) =>
        Batches.Values(tasks, key => $"({key.Org}, {key.TaskId})");

    static Move Decide(this Course course, TaskReport report, TaskHead task, JobHead job, Random jitter)
    {
        var error = report switch
        {
            { Error: { } reported } => reported,
            { Result: null } => TaskError.System("NO_RESULT", "The executor returned neither a result nor an error."),
            { Result.Text.Length: > LargestResult } => TaskError.System("RESULT_TOO_LARGE",
                $"The result has {report.Result.Value.Text.Length} characters; {LargestResult} is the most.",
                "Store it as a blob and return its key."),
            _ => null,
        };
        if (error is null) return new Move(task, TaskStep.Complete.Target(), null, report.Result, null);

        var stage = course.Kinds.Find(task.Kind)?.Stages.ElementAtOrDefault(task.Stage - 1);
        if (error.Class == ErrorClass.Permanent || task.Attempt >= (stage?.MaxAttempts ?? 1))
            return new Move(task, TaskStep.Fail.Target(), null, null, error.Kept());

        var due = course.Now + Backoff(stage!.Backoff, task.Attempt, error.Class) * (0.75 + 0.5 * jitter.NextDouble());
        var waits = job.State == JobState.Paused ? TaskStep.Hold : TaskStep.BackOff;
        return new Move(task, waits.Target(), due, null, error.Kept());
    }

    /// <summary>30 s, 60 s, 120 s … 600 s after the first, second, third … attempt; twice that when throttled.</summary>
    internal static TimeSpan Backoff(TimeSpan first, int attempt, ErrorClass why)
    {
        var doublings = Math.Min(attempt - 1 + (why == ErrorClass.Throttling ? 1 : 0), 16);
        return TimeSpan.FromTicks(Math.Min(first.Ticks << doublings, Math.Max(LongestBackoff.Ticks, first.Ticks)));
    }

    static async Task Apply(this Course course, List<Move> moves)
    {
        var changed = 0;
        foreach (var batch in Batches.Of(moves))
            changed += await course.Tx.Run($"""
                with v (v_org, v_id, v_fence, v_status, v_due, v_result, v_error) as (values {Batches.Values(batch, Row)})
                update work_tasks set status = v_status, execute_after = coalesce(v_due, execute_after),
                    lease_until = null, claimed_by = null, progress = null, result = v_result, error = v_error
                from v where org = v_org and id = v_id and fence = v_fence and status = 'Processing'
                """);
        if (changed != moves.Count)
            throw new InvalidOperationException($"{moves.Count} tasks were to change and {changed} did, under their lock.");

        static Sql Row(Move m) =>
            $"({m.Task.Org}, {m.Task.Id}, {m.Task.Fence}, {m.To}, {m.Due}, {m.Result}, {m.Error})";
    }

    static async Task CountDown(
        this Course course, Dictionary<(string Org, string JobId), JobHead> jobs, List<Ended> ended)
    {
        foreach (var batch in Batches.Of(ended))
        {
            var stages = await course.Tx.All<StageRow>($"""
                with v (v_org, v_job, v_stage, v_count, v_failed) as (values {Batches.Values(batch, Row)})
                update work_stages set remaining = remaining - v_count, failed = failed + v_failed
                from v where org = v_org and job_id = v_job and stage = v_stage
                returning {StageRow.Columns}
                """);
            foreach (var stage in stages)
                await course.After(
                    jobs[(stage.Org, stage.JobId)], stage,
                    batch.First(e => (e.Org, e.JobId, e.Stage) == (stage.Org, stage.JobId, stage.Stage)).Count);
        }

        static Sql Row(Ended e) => $"({e.Org}, {e.JobId}, {e.Stage}, {e.Count}, {e.Failed})";
    }

    /// <summary>Some tasks of the stage have ended: is it over, and then what?</summary>
    static async Task After(this Course course, JobHead job, StageRow stage, int count)
    {
        var kind = course.Kinds.Find(job.Kind);
        var policy = kind?.Stages.ElementAtOrDefault(stage.Stage - 1)?.OnFailure ?? FailurePolicy.FailFast;
        var isDone = course.Rules.IsStageDone(stage.Remaining);
        var isBroken = policy.IsBroken(stage.Failed, stage.Total) || (isDone && stage.Failed == stage.Total);
        if (!isDone && !isBroken)
        {
            await course.Announce(job, kind, stage, count);
            return;
        }
        var row = (await course.Hold(job.Org, job.Id))!;
        if (isBroken)
        {
            await course.DropRest(job.Org, job.Id, stage.Stage);
            await course.End(row, JobStep.Fail, await course.FirstError(job.Org, job.Id));
            return;
        }
        await course.Tx.Run($"""
            update work_stages set closed_at = {course.Now}
            where org = {job.Org} and job_id = {job.Id} and stage = {stage.Stage}
            """);
        await course.Emit(
            row, new JobStageCompleted(row.Id, row.Kind, stage.Stage, stage.Name, stage.Total, stage.Failed));
        await course.Proceed(row, stage.Stage + 1);
    }

    static async Task Announce(this Course course, JobHead job, JobKind? kind, StageRow stage, int count)
    {
        var stages = kind?.Stages.Count ?? stage.Stage;
        var done = stage.Total - stage.Remaining;
        var before = JobPercent.Of(stage.Stage, stages, done - count, stage.Total);
        var after = JobPercent.Of(stage.Stage, stages, done, stage.Total);
        if (JobPercent.IsNews(before, after))
            await course.Tx.Emit(job.Org, course.Now,
                new JobProgress(job.Id, job.Kind, done, stage.Total, (int)after), job.Id);
    }

    /// <summary>The error of the first task that failed.</summary>
    public static async Task<TaskError?> FirstError(this Course course, string org, string jobId) =>
        (await course.Tx.One<Words>($"""
            select error as t from work_tasks
            where org = {org} and job_id = {jobId} and status = 'Failed'
            order by stage, ordinal limit 1
            """))?.T is { } error ? new Json(error).To<TaskError>() : null;
}

/// <summary>How far a job is, each of its stages counting the same.</summary>
static class JobPercent
{
    const int Step = 5;

    /// <summary>From 0 to 100.</summary>
    public static double Of(int stage, int stages, double done, int total) =>
        stages == 0 ? 0 : (Math.Max(stage - 1, 0) + (total == 0 ? 0 : Math.Min(done / total, 1))) * 100.0 / stages;

    /// <summary>True when a step of five percent was passed.</summary>
    public static bool IsNews(double before, double after) =>
        Math.Floor(after / Step) > Math.Floor(before / Step);
}

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
    sealed record Move(
        TaskReport? Report, TaskHead Task, TaskState To, DateTimeOffset? Due, Json? Result, Json? Error);

    sealed record Moved(string Org, string TaskId) : IRow<Moved>
    {
        public static Moved Read(Row row) => new(row.Text("org"), row.Text("id"));
    }

    /// <summary>Tasks of one stage that have just ended.</summary>
    readonly record struct Ended(string Org, string JobId, int Stage, int Count, int Failed);

    public static async Task<IReadOnlyList<ReportAnswer>> Complete(
        this Course course, IReadOnlyList<TaskReport> reports, Random jitter)
    {
        if (reports.Count == 0) return [];
        var tasks = await course.Heads([.. reports.Select(r => (r.Org, r.TaskId)).Distinct()]);
        var jobs = await course.HoldJobs(tasks.Values);

        var moves = new Dictionary<(string, string), Move>();
        foreach (var report in reports)
            if (tasks.TryGetValue((report.Org, report.TaskId), out var task) && !moves.ContainsKey((task.Org, task.Id))
                && task.Status.After(TaskStep.Complete) is not null
                && course.Rules.IsCurrentFence(report.Fence, task.Fence))
                moves.Add((task.Org, task.Id), course.Decide(report, task, jobs[(task.Org, task.JobId)], jitter));
        // What changed hands between looking and holding the job is not ours to change any more.
        var granted = moves.Values.Where(move => course.IsGranted(move.Task)).ToList();
        var moved = await course.Apply(moves.Values.Except(granted));
        moved.AddRange(await course.EndGrants([.. granted.Select(move => Ending(move, GrantEnd.Failed))], false));
        foreach (var key in moves.Keys.Except(moved).ToList()) moves.Remove(key);
        await course.CountDown(jobs, moves.Values.Except(granted));
        return Answers(reports, tasks, moves);
    }

    static List<ReportAnswer> Answers(
        IReadOnlyList<TaskReport> reports, Dictionary<(string Org, string TaskId), TaskHead> tasks,
        Dictionary<(string, string), Move> moves)
    {
        var answers = new List<ReportAnswer>(reports.Count);
        foreach (var report in reports)
        {
            var key = (report.Org, report.TaskId);
            // Of several reports on one task in a batch, the one that counted; the others were stale or too late.
            if (moves.TryGetValue(key, out var move) && ReferenceEquals(move.Report, report) && moves.Remove(key))
                answers.Add(new ReportAnswer(report.TaskId, Verdict.Accepted, move.To));
            else if (tasks.TryGetValue(key, out var task))
                answers.Add(new ReportAnswer(report.TaskId, Verdict.Stale, task.Status));
            else answers.Add(new ReportAnswer(report.TaskId, Verdict.Unknown, null));
        }
        return answers;
    }

    /// <summary>Gives up on tasks without a report: their workers were lost too often.</summary>
    public static async Task Poison(this Course course, IReadOnlyList<TaskHead> tasks, TaskError error)
    {
        var jobs = await course.HoldJobs(tasks);
        await course.EndGrants([.. from task in tasks
                                   where course.IsGranted(task)
                                   select new StandingJobs.Ending(task, GrantEnd.Lost, null, error)], true);
        var moves = tasks.Where(task => !course.IsGranted(task))
            .Select(t => new Move(null, t, TaskStep.Fail.Target(), null, null, error.Kept()))
            .ToDictionary(m => (m.Task.Org, m.Task.Id));
        var moved = await course.Apply(moves.Values);
        await course.CountDown(jobs, moved.Select(key => moves[key]));
    }

    static bool IsGranted(this Course course, TaskHead task) => course.Kinds.Find(task.Kind) is { IsStanding: true };

    static StandingJobs.Ending Ending(Move move, GrantEnd otherwise) => new(
        move.Task, move.To == TaskState.Completed ? GrantEnd.Completed : otherwise, move.Result,
        move.Error is { } error ? error.To<TaskError>() : null);

    /// <summary>Holds the rows of these tasks' jobs, in one order for everybody.</summary>
    public static async Task<Dictionary<(string Org, string JobId), JobHead>> HoldJobs(
        this Course course, IReadOnlyCollection<TaskHead> tasks)
    {
        var held = new Dictionary<(string, string), JobHead>();
        var wanted = tasks.Select(t => (t.Org, t.JobId)).Distinct()
            .OrderBy(key => key.Org, StringComparer.Ordinal).ThenBy(key => key.JobId, StringComparer.Ordinal).ToList();
        foreach (var batch in Batches.Of(wanted))
            foreach (var job in await course.Tx.All<JobHead>($"""
                with v (v_org, v_id) as (values {Keys(batch)})
                select {JobHead.Columns} from work_jobs where (org, id) in (select v_org, v_id from v)
                order by org, id {course.Tx.ForUpdate}
                """))
                held[(job.Org, job.Id)] = job;
        return held;
    }

    /// <summary>The tasks as they are now.</summary>
    public static async Task<Dictionary<(string Org, string TaskId), TaskHead>> Heads(
        this Course course, IReadOnlyList<(string Org, string TaskId)> tasks)
    {
        var heads = new Dictionary<(string, string), TaskHead>();
        foreach (var batch in Batches.Of(tasks))
            foreach (var head in await course.Tx.All<TaskHead>($"""
                with v (v_org, v_id) as (values {Keys(batch)})
                select {TaskHead.Columns} from work_tasks where (org, id) in (select v_org, v_id from v)
                """))
                heads[(head.Org, head.Id)] = head;
        return heads;
    }

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
            { Result.CanBeKept: false } => TaskError.System("RESULT_UNKEEPABLE",
                "The result has a text with U+0000 or half of a surrogate pair, which no database here keeps.",
                "Take such characters out of the source's names and texts."),
            _ => null,
        };
        if (error is null) return new Move(report, task, TaskStep.Complete.Target(), null, report.Result, null);

        var stage = course.Kinds.Find(task.Kind)?.Stages.ElementAtOrDefault(task.Stage - 1);
        if (error.Class == ErrorClass.Permanent || task.Attempt >= (stage?.MaxAttempts ?? 1))
            return new Move(report, task, TaskStep.Fail.Target(), null, null, error.Kept());

        var due = course.Now + Backoff(stage!.Backoff, task.Attempt, error.Class) * (0.75 + 0.5 * jitter.NextDouble());
        var waits = job.State == JobState.Paused ? TaskStep.Hold : TaskStep.BackOff;
        return new Move(report, task, waits.Target(), due, null, error.Kept());
    }

    /// <summary>30 s, 60 s, 120 s … 600 s after the first, second, third … attempt; twice that when
    /// throttled.</summary>
    internal static TimeSpan Backoff(TimeSpan first, int attempt, ErrorClass why)
    {
        var doublings = Math.Min(attempt - 1 + (why == ErrorClass.Throttling ? 1 : 0), 16);
        return TimeSpan.FromTicks(Math.Min(first.Ticks << doublings, Math.Max(LongestBackoff.Ticks, first.Ticks)));
    }

    /// <summary>Changes the tasks that are still held under the fence that was read; returns which.</summary>
    static async Task<List<(string Org, string TaskId)>> Apply(this Course course, IEnumerable<Move> moves)
    {
        var moved = new List<(string, string)>();
        foreach (var to in moves.GroupBy(move => move.To))
            foreach (var batch in Batches.Of(to.ToList()))
                moved.AddRange((await course.Tx.All<Moved>(to.Key == TaskState.Completed
                    ? Finish(batch)
                    : GiveUp(batch, to.Key))).Select(m => (m.Org, m.TaskId)));
        return moved;
    }

    // Held is said by lease_until, not by status: PostgreSQL would rather walk through the index of all leases.
    static Sql Finish(IReadOnlyList<Move> moves) => $"""
        with v (v_org, v_id, v_fence, v_result) as (values {Batches.Values(moves, m =>
            $"({m.Task.Org}, {m.Task.Id}, {m.Task.Fence}, {m.Result})")})
        update work_tasks set status = {TaskState.Completed}, lease_until = null, claimed_by = null, progress = null,
            result = v_result, error = null
        from v where org = v_org and id = v_id and fence = v_fence and lease_until is not null
        returning org, id
        """;

    static Sql GiveUp(IReadOnlyList<Move> moves, TaskState to) => $"""
        with v (v_org, v_id, v_fence, v_due, v_error) as (values {Batches.Values(moves, m =>
            $"({m.Task.Org}, {m.Task.Id}, {m.Task.Fence}, {m.Due}, {m.Error})")})
        update work_tasks set status = {to}, lease_until = null, claimed_by = null, progress = null,
            execute_after = coalesce(v_due, execute_after), error = v_error
        from v where org = v_org and id = v_id and fence = v_fence and lease_until is not null
        returning org, id
        """;

    static async Task CountDown(
        this Course course, Dictionary<(string Org, string JobId), JobHead> jobs, IEnumerable<Move> moves)
    {
        var ended = moves.Where(m => m.To.IsOver()).GroupBy(m => (m.Task.Org, m.Task.JobId, m.Task.Stage))
            .Select(g =>
                new Ended(g.Key.Org, g.Key.JobId, g.Key.Stage, g.Count(), g.Count(m => m.To == TaskState.Failed)))
            .ToList();
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

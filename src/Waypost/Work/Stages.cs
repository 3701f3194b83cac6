using System.Text.Json.Nodes;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Plans and opens the stages of a job.</summary>
public static class Stages
{
    /// <summary>The most tasks that one stage may have.</summary>
    public const int MostTasks = 10_000;

    const int LongestUnit = 500;

    /// <summary>Up to here single inserts are quicker than a bulk one.</summary>
    const int FewTasks = 4;

    sealed record Ended(string TaskId, string Unit, TaskState Status, Json? Result) : IRow<Ended>
    {
        public static Ended Read(Row row) => new(
            row.Text("id"), row.Text("unit"), row.Enum<TaskState>("status"), row.JsonOrNull("result"));
    }

    sealed record Known(string TaskId, TaskState Status, Json Parameters) : IRow<Known>
    {
        public static Known Read(Row row) => new(row.Text("id"), row.Enum<TaskState>("status"), row.Json("parameters"));
    }

    sealed record Planned(string TaskId, int Ordinal, NewTask Task);

    extension(Tx tx)
    {
        /// <summary>How each task of a stage ended, in the order in which they were planned. Unfinished ones are left
        /// out.</summary>
        /// <param name="org">Whose job it is.</param>
        /// <param name="jobId">The job.</param>
        /// <param name="stage">Counts from 1.</param>
        public async Task<IReadOnlyList<TaskResult>> StageResults(string org, string jobId, int stage)
        {
            var rows = await tx.All<Ended>($"""
                select id, unit, status, result from work_tasks
                where org = {org} and job_id = {jobId} and stage = {stage}
                  and status in ('Completed', 'Failed', 'Cancelled')
                order by ordinal
                """);
            return [.. rows.Select(r => new TaskResult(r.TaskId, r.Unit, r.Status == TaskState.Completed, r.Result))];
        }
    }

    /// <summary>The stage's tasks, or what is wrong with its plan.</summary>
    internal static async Task<(IReadOnlyList<NewTask> Tasks, TaskError? Fault)> Plan(
        this Course course, JobRow job, JobKind kind, int number)
    {
        var stage = kind.Stages[number - 1];
        IReadOnlyList<TaskResult> previous = number == 1 || stage.Parallelism == Parallelism.FanIn
            ? []
            : await course.Tx.StageResults(job.Org, job.Id, number - 1);
        IReadOnlyList<NewTask> tasks;
        try
        {
            tasks = stage.Plan(new StageInput(job.Id, job.Parameters, previous));
        }
        catch (Exception exception)
        {
            // A kind's bug fails its job; the worker that completed the stage before has done nothing wrong.
            return ([], TaskError.System(
                "PLAN_FAILED", $"The stage {stage.Name} could not be planned: {exception.Message}"));
        }
        if (Fault(stage, tasks, previous) is { } fault)
            return ([], TaskError.System("PLAN_INVALID", $"The plan of the stage {stage.Name} {fault}."));
        return stage.Parallelism == Parallelism.FanIn
            ? ([await course.WithReference(job, number - 1, tasks[0])], null)
            : (tasks, null);
    }

    /// <summary>Writes the stage and its tasks; returns how many of them are to be done.</summary>
    internal static async Task<int> Open(
        this Course course, JobRow job, JobKind kind, int number, IReadOnlyList<NewTask> tasks)
    {
        var stage = kind.Stages[number - 1];
        var planned = tasks.Select((task, i) => new Planned(Identity.TaskId(job.Id, number, task.Unit), i, task))
            .ToList();
        var kept = job.Run == 0 ? [] : await course.KeepWhatIsDone(job, number, stage, planned);
        var remaining = planned.Count - kept.Count;
        DateTimeOffset? closed = remaining == 0 ? course.Now : null;
        await course.Tx.Run($"""
            insert into work_stages (org, job_id, stage, name, total, remaining, failed, opened_at, closed_at)
            values ({job.Org}, {job.Id}, {number}, {stage.Name}, {planned.Count}, {remaining}, {0}, {course.Now},
                {closed})
            on conflict (org, job_id, stage) do update set total = excluded.total, remaining = excluded.remaining,
                failed = 0, opened_at = excluded.opened_at, closed_at = excluded.closed_at
            """);
        await course.Tx.Run($"update work_jobs set stage = {number} where org = {job.Org} and id = {job.Id}");
        await course.InsertTasks(job, number, [.. planned.Where(p => !kept.Contains(p.TaskId))]);
        if (remaining > 0) course.Tx.WakeAfterCommit(Course.WorkChannel);
        return remaining;
    }

    static string? Fault(StageKind stage, IReadOnlyList<NewTask> tasks, IReadOnlyList<TaskResult> previous)
    {
        if (stage.Parallelism is Parallelism.Single or Parallelism.FanIn && tasks.Count != 1)
            return $"has {tasks.Count} tasks where {stage.Parallelism} means one";
        if (tasks.Count > MostTasks) return $"has {tasks.Count} tasks; {MostTasks} is the most";
        var units = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (task.Unit.Length is 0 or > LongestUnit) return $"has a unit of {task.Unit.Length} characters";
            if (!units.Add(task.Unit)) return $"has the unit {task.Unit} twice";
        }
        return stage.Parallelism == Parallelism.MatchPrevious
            && !units.SetEquals(previous.Where(r => r.Succeeded).Select(r => r.Unit))
            ? "does not have exactly the units that succeeded before it"
            : null;
    }

    static async Task<NewTask> WithReference(this Course course, JobRow job, int source, NewTask task)
    {
        var expected = await course.Tx.Count($"""
            select total as n from work_stages where org = {job.Org} and job_id = {job.Id} and stage = {source}
            """);
        var parameters = JsonNode.Parse(task.Parameters.Text)!.AsObject();
        parameters["job_id"] = job.Id;
        parameters["source_stage"] = source;
        parameters["expected_count"] = expected;
        return task with { Parameters = Json.Of(parameters) };
    }

    /// <summary>In a later run: what is done and unchanged stays done, what nobody plans any more goes.</summary>
    static async Task<HashSet<string>> KeepWhatIsDone(
        this Course course, JobRow job, int number, StageKind stage, List<Planned> planned)
    {
        var known = await course.Tx.All<Known>($"""
            select id, status, parameters from work_tasks
            where org = {job.Org} and job_id = {job.Id} and stage = {number}
            """);
        // One task over all that came before sees something else when more of it succeeded.
        var mayKeep = stage.Parallelism is not (Parallelism.Single or Parallelism.FanIn);
        var wanted = planned.ToDictionary(
            p => p.TaskId, p => Identity.Canonical(p.Task.Parameters), StringComparer.Ordinal);
        var kept = known.Where(k => mayKeep && k.Status == TaskState.Completed
                && wanted.TryGetValue(k.TaskId, out var parameters) && parameters == Identity.Canonical(k.Parameters))
            .Select(k => k.TaskId).ToHashSet(StringComparer.Ordinal);
        // The rest is written anew, with a fence above any that was ever shown (see InsertTasks).
        foreach (var batch in Batches.Of(known.Where(k => !kept.Contains(k.TaskId)).ToList()))
            await course.Tx.Run($"""
                delete from work_tasks where org = {job.Org} and id in ({Batches.List(batch.Select(k => k.TaskId))})
                """);
        return kept;
    }

    static async Task InsertTasks(this Course course, JobRow job, int number, IReadOnlyList<Planned> planned)
    {
        var status = job.State == JobState.Paused ? TaskState.Held : TaskState.Ready;
        // Each run's fences begin above those of the run before: a worker of an older run shows a stale one for ever.
        var fence = (long)job.Run << 20;
        var now = course.Now;
        if (planned.Count > FewTasks)
        {
            await course.Tx.Insert($"""
                work_tasks (org, id, job_id, stage, ordinal, kind, unit, status, priority, fence, attempt,
                    execute_after, parameters)
                """, planned.Select(p => new object?[]
                {
                    job.Org, p.TaskId, job.Id, number, p.Ordinal, job.Kind, p.Task.Unit, status, job.Priority, fence, 0,
                    now, p.Task.Parameters,
                }));
            return;
        }
        foreach (var p in planned)
            await course.Tx.Run($"""
                insert into work_tasks (org, id, job_id, stage, ordinal, kind, unit, status, priority, fence, attempt,
                    execute_after, parameters)
                values ({job.Org}, {p.TaskId}, {job.Id}, {number}, {p.Ordinal}, {job.Kind}, {p.Task.Unit}, {status},
                    {job.Priority}, {fence}, {0}, {now}, {p.Task.Parameters})
                """);
    }
}

using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Tests.Simulation;

/// <summary>What must be true of the rows at any moment, counted from the tasks themselves.</summary>
static class Invariants
{
    sealed record Counted(
        string JobId, JobState State, int Current, int Stage, int Total, int Remaining, int Failed, bool IsClosed,
        int Tasks, int Unfinished, int FailedTasks) : IRow<Counted>
    {
        public static Counted Read(Row row) => new(
            row.Text("job_id"), row.Enum<JobState>("state"), row.Int("current"), row.Int("stage"), row.Int("total"),
            row.Int("remaining"), row.Int("failed"), !row.IsNull("closed_at"), row.Int("tasks"), row.Int("unfinished"),
            row.Int("failed_tasks"));
    }

    sealed record Job(string Id, JobState State, SimulatedJob Parameters) : IRow<Job>
    {
        public static Job Read(Row row) => new(
            row.Text("id"), row.Enum<JobState>("state"), row.Json("parameters").To<SimulatedJob>());
    }

    sealed record Happened(string Type, string JobId, Json Body) : IRow<Happened>
    {
        public static Happened Read(Row row) => new(row.Text("type"), row.Text("subject"), row.Json("body"));
    }

    sealed record Stored(string TaskId, Json Result, long Fence) : IRow<Stored>
    {
        public static Stored Read(Row row) => new(row.Text("id"), row.Json("result"), row.Long("fence"));
    }

    public static async Task Check(Db db, string org, JobKinds kinds, CancellationToken ct)
    {
        var stages = await db.All<Counted>($"""
            select s.job_id, j.state, j.stage as current, s.stage, s.total, s.remaining, s.failed, s.closed_at,
                count(t.id) as tasks,
                coalesce(sum(case when t.status in ('Completed', 'Failed', 'Cancelled') then 0 when t.id is null then 0
                    else 1 end), 0) as unfinished,
                coalesce(sum(case when t.status = 'Failed' then 1 else 0 end), 0) as failed_tasks
            from work_stages s
            join work_jobs j on j.org = s.org and j.id = s.job_id
            left join work_tasks t on t.org = s.org and t.job_id = s.job_id and t.stage = s.stage
            where s.org = {org} and s.opened_at is not null
            group by s.job_id, j.state, j.stage, s.stage, s.total, s.remaining, s.failed, s.closed_at
            """, ct);
        foreach (var s in stages)
        {
            var where = $"stage {s.Stage} of job {s.JobId[..8]} ({s.State})";
            Must(s.Remaining == s.Unfinished, $"{where} counts {s.Remaining} remaining tasks and has {s.Unfinished}");
            Must(s.Failed == s.FailedTasks, $"{where} counts {s.Failed} failed tasks and has {s.FailedTasks}");
            Must(s.Total == s.Tasks, $"{where} counts {s.Total} tasks and has {s.Tasks}");
            Must(s.IsClosed == (s.Unfinished == 0),
                $"{where} has {s.Unfinished} unfinished tasks and closed={s.IsClosed}");
            Must(s.Unfinished == 0 || s.Stage == s.Current, $"{where} is open beside stage {s.Current}");
            Must(s.Unfinished == 0 || !s.State.IsOver(), $"{where} has unfinished tasks after the end");
        }
        foreach (var job in stages.Where(s => !s.State.IsOver()).GroupBy(s => s.JobId))
            Must(job.Any(s => s.Unfinished > 0), $"job {job.Key[..8]} is under way and has nothing to do");
        await CheckEvents(db, org, ct);
        await CheckResults(db, org, ct);
    }

    /// <summary>Every job has ended, and its end was written down as often as it ended.</summary>
    public static async Task CheckEnds(Db db, string org, CancellationToken ct)
    {
        var jobs = await db.All<Job>($"select id, state, parameters from work_jobs where org = {org}", ct);
        var written = await db.All<Words>($"select job_id as t from simulation_ends where org = {org}", ct);
        var told = await db.All<Words>($"""
            select subject as t from events where org = {org}
              and type in ('job.completed', 'job.completed_with_errors', 'job.failed', 'job.cancelled')
            """, ct);
        foreach (var job in jobs)
        {
            Must(job.State.IsOver(), $"job {job.Id[..8]} is {job.State} at the end");
            // The end whose hook threw twice goes without it.
            var expected = told.Count(end => end.T == job.Id) - (job.Parameters.BadEnds == 2 ? 1 : 0);
            var ends = written.Count(end => end.T == job.Id);
            Must(ends == expected, $"the end of job {job.Id[..8]} was written down {ends} times instead of {expected}");
        }
    }

    public static async Task<long> Unfinished(Db db, string org, CancellationToken ct) => (await db.One<Number>($"""
        select count(*) as n from work_jobs where org = {org} and state in ('Queued', 'Processing', 'Paused')
        """, ct))!.N;

    /// <summary>Each job's events: submitted first, one end in each run and nothing after it, stages in
    /// order.</summary>
    static async Task CheckEvents(Db db, string org, CancellationToken ct)
    {
        var events = await db.All<Happened>($"""
            select type, subject, body from events where org = {org} and subject is not null order by seq
            """, ct);
        foreach (var job in events.GroupBy(e => e.JobId))
        {
            var (ended, run, stage) = (false, 0, 0);
            Must(job.First().Type == "job.submitted", $"job {job.Key[..8]} begins with {job.First().Type}");
            foreach (var (type, _, body) in job.Skip(1))
            {
                var isRetry = type == "job.resumed" && body.To<JobResumed>().Run > run;
                Must(!ended || isRetry, $"{type} came after the end of job {job.Key[..8]}");
                Must(type != "job.submitted", $"job {job.Key[..8]} was submitted twice");
                if (isRetry) (ended, run, stage) = (false, run + 1, 0);
                ended |= type is "job.completed" or "job.completed_with_errors" or "job.failed" or "job.cancelled";
                if (type != "job.stage_completed") continue;
                var completed = body.To<JobStageCompleted>().Stage;
                Must(completed > stage, $"stage {completed} of job {job.Key[..8]} completed after stage {stage}");
                stage = completed;
            }
        }
    }

    /// <summary>The result that is kept is the one of the lease that was the last.</summary>
    static async Task CheckResults(Db db, string org, CancellationToken ct)
    {
        foreach (var task in await db.All<Stored>($"""
            select id, result, fence from work_tasks where org = {org} and status = 'Completed'
            """, ct))
        {
            var shown = task.Result.To<SimulatedResult>().Fence;
            Must(shown == task.Fence, $"task {task.TaskId} keeps the result of fence {shown} at fence {task.Fence}");
        }
    }

    static void Must(bool holds, string otherwise)
    {
        if (!holds) throw new ViolationException(otherwise);
    }
}

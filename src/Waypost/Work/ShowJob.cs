using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>A job as clients see it.</summary>
/// <param name="JobId">Its id: the hash of kind and parameters.</param>
/// <param name="JobType">Its kind.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Priority">More urgent jobs have a larger one.</param>
/// <param name="Run">Counts from 0; each retry begins the next.</param>
/// <param name="Stage">The stage that is open, or was the last; counts from 1.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Stages">All of its stages, those to come as well.</param>
/// <param name="Parameters">What it was asked to do.</param>
/// <param name="Result">What came out; null before the end.</param>
/// <param name="Error">Why it failed, or the first failed task's error.</param>
/// <param name="CreatedAt">When it was submitted.</param>
/// <param name="StartedAt">When a worker took its first task.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="EstimatedCompletion">When four of five such jobs would be done; null while too few have run.</param>
public sealed record JobShown(
    string JobId, string JobType, JobState Status, int Priority, int Run, int Stage, ProgressShown Progress,
    IReadOnlyList<StageShown> Stages, Json Parameters, Json? Result, TaskError? Error, DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, DateTimeOffset? EstimatedCompletion);

/// <summary>How far a job is.</summary>
/// <param name="Percent">Of the whole job, each stage counting the same; 100 only when it completed.</param>
/// <param name="TasksTotal">Tasks of the stages opened so far.</param>
/// <param name="TasksDone">Those that have ended, failed ones included.</param>
/// <param name="TasksFailed">Those that failed.</param>
public sealed record ProgressShown(double Percent, int TasksTotal, int TasksDone, int TasksFailed);

/// <summary>One stage of a job.</summary>
/// <param name="Stage">Counts from 1.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Total">Its tasks; 0 before it is opened.</param>
/// <param name="Remaining">Those that have not ended.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="OpenedAt">When it began; null: it is still to come.</param>
/// <param name="ClosedAt">When its last task ended.</param>
public sealed record StageShown(
    int Stage, string Name, int Total, int Remaining, int Failed, DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt);

/// <summary>Reads one job with everything a client wants to know about it.</summary>
public static class ShowJob
{
    extension(Tx tx)
    {
        /// <summary>The job; null: this organization has none of this id.</summary>
        public async Task<JobShown?> FindJob(JobKinds kinds, string org, string jobId, DateTimeOffset now)
        {
            ArgumentNullException.ThrowIfNull(kinds);
            var job = await tx.One<JobRow>($"""
                select {JobRow.Columns} from work_jobs where org = {org} and id = {jobId}
                """);
            if (job is null) return null;

            var opened = await tx.All<StageRow>($"""
                select {StageRow.Columns} from work_stages where org = {org} and job_id = {jobId} order by stage
                """);
            var running = await tx.One<Sum>($"""
                select coalesce(sum(progress), 0) as n from work_tasks
                where org = {org} and job_id = {jobId} and stage = {job.Stage} and status = 'Processing'
                """);
            var usual = job.State.IsOver() ? null : await tx.UsualDuration(org, job.Kind, job.SizeClass);
            return Shown(job, kinds.Find(job.Kind), opened, running!.N, usual, now);
        }
    }

    sealed record Sum(double N) : IRow<Sum>
    {
        public static Sum Read(Row row) => new(row.Double("n"));
    }

    static JobShown Shown(
        JobRow job, JobKind? kind, List<StageRow> opened, double running, TimeSpan? usual, DateTimeOffset now)
    {
        var stages = opened.Select(s => new StageShown(
            s.Stage, s.Name, s.Total, s.Remaining, s.Failed, s.OpenedAt, s.ClosedAt)).ToList();
        foreach (var (stage, i) in (kind?.Stages ?? []).Select((stage, i) => (stage, i)).Skip(stages.Count))
            stages.Add(new StageShown(i + 1, stage.Name, 0, 0, 0, null, null));

        var current = stages.Find(stage => stage.Stage == job.Stage);
        var percent = job.State is JobState.Completed or JobState.CompletedWithErrors ? 100
            : current is null ? 0
            : JobPercent.Of(job.Stage, stages.Count, current.Total - current.Remaining + running, current.Total);
        var done = stages.Sum(stage => stage.Total - stage.Remaining);
        DateTimeOffset? estimate = usual is { } time ? Later((job.StartedAt ?? now) + time, now) : null;
        return new JobShown(
            job.Id, job.Kind, job.State, job.Priority, job.Run, job.Stage,
            new ProgressShown(Math.Round(percent, 1), stages.Sum(s => s.Total), done, stages.Sum(s => s.Failed)),
            stages, job.Parameters, job.Result, job.Error?.To<TaskError>(), job.CreatedAt, job.StartedAt,
            job.FinishedAt, estimate);
    }

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    /// <summary>404 for a job.</summary>
    internal static Refused NoJob(string jobId) => Refused.NotFound($"The job {jobId}");
}

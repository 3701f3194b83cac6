using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>A lease that its worker wants to keep.</summary>
/// <param name="Org">Whose task it is.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Fence">The fence of the lease.</param>
/// <param name="Progress">How much of the task is done, 0 to 1; null: unknown.</param>
/// <param name="For">How long from now; null: as long as its stage's leases are.</param>
public sealed record HeldLease(
    string Org, string TaskId, long Fence, double? Progress = null, TimeSpan? For = null);

/// <summary>The answer to one renewal.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Fence">The fence that was shown.</param>
/// <param name="Expires">When it runs out now; null: the lease is lost, and the work on it is to be dropped.</param>
public sealed record RenewedLease(string TaskId, long Fence, DateTimeOffset? Expires);

/// <summary>Keeps leases alive, and takes down how far their tasks are.</summary>
static class RenewLeases
{
    static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(30);

    sealed record Kept(TaskHead Task, DateTimeOffset Until, double? Progress);

    sealed record Running(string Org, string JobId, string Kind, int Stage, int Total, int Remaining, double Progress)
        : IRow<Running>
    {
        public static Running Read(Row row) => new(
            row.Text("org"), row.Text("job_id"), row.Text("kind"), row.Int("stage"), row.Int("total"),
            row.Int("remaining"), row.Double("progress"));
    }

    public static async Task<IReadOnlyList<RenewedLease>> Renew(this Course course, IReadOnlyList<HeldLease> held)
    {
        if (held.Count == 0) return [];
        var tasks = await course.Heads([.. held.Select(h => (h.Org, h.TaskId)).Distinct()]);
        var kept = new List<Kept>();
        var answers = new List<RenewedLease>(held.Count);
        foreach (var lease in held)
        {
            var until = tasks.TryGetValue((lease.Org, lease.TaskId), out var task)
                && task.Status == TaskState.Processing && course.Rules.IsCurrentFence(lease.Fence, task.Fence)
                ? course.Now + (lease.For
                    ?? course.Kinds.Find(task.Kind)?.Stages.ElementAtOrDefault(task.Stage - 1)?.Lease ?? ShortestLease)
                : (DateTimeOffset?)null;
            if (until is { } later) kept.Add(new Kept(task!, later, Further(lease.Progress, task!.Progress)));
            answers.Add(new RenewedLease(lease.TaskId, lease.Fence, until));
        }
        // Two renewals of one task in a batch would be one row twice.
        kept = [.. kept.DistinctBy(k => (k.Task.Org, k.Task.Id))];
        await course.Write(kept);
        await course.Announce(kept);
        return answers;
    }

    /// <summary>Gives leases back unused: the attempt does not count, whoever asks next gets the task.</summary>
    public static async Task Return(this Course course, IReadOnlyList<HeldLease> held)
    {
        if (held.Count == 0) return;
        var tasks = await course.Heads([.. held.Select(h => (h.Org, h.TaskId)).Distinct()]);
        var jobs = await course.HoldJobs(tasks.Values);
        var granted = new List<StandingJobs.Ending>();
        foreach (var lease in held)
        {
            if (!tasks.TryGetValue((lease.Org, lease.TaskId), out var task)) continue;
            if (task.Status.After(TaskStep.Requeue) is null
                || !course.Rules.IsCurrentFence(lease.Fence, task.Fence)) continue;
            if (course.Kinds.Find(task.Kind) is { IsStanding: true })
            {
                if (granted.All(ending => ending.Task != task))
                    granted.Add(new StandingJobs.Ending(task, GrantEnd.Returned, null, null));
                continue;
            }
            var to = jobs[(task.Org, task.JobId)].State == JobState.Paused ? TaskStep.Hold : TaskStep.Requeue;
            await course.Tx.Run($"""
                update work_tasks set status = {to.Target()}, attempt = attempt - 1, lease_until = null,
                    claimed_by = null, progress = null
                where org = {task.Org} and id = {task.Id} and fence = {task.Fence} and status = 'Processing'
                """);
        }
        await course.EndGrants(granted, mayDrop: false);
        course.Tx.WakeAfterCommit(Course.WorkChannel);
    }

    static double? Further(double? told, double? known) =>
        told is { } progress && double.IsFinite(progress) ? Math.Max(Math.Clamp(progress, 0, 1), known ?? 0) : known;

    // A row that somebody holds is just being completed or taken away: it is skipped, and not waited for.
    static async Task Write(this Course course, List<Kept> kept)
    {
        foreach (var batch in Batches.Of(kept))
            await course.Tx.Run($"""
                with v (v_org, v_id, v_fence, v_until, v_progress) as (values {Batches.Values(batch, Row)}),
                picked (p_org, p_id) as (
                    select org, id from work_tasks
                    where (org, id) in (select v_org, v_id from v) and status = 'Processing' {course.Tx.SkipLocked})
                update work_tasks set lease_until = v_until, progress = v_progress
                from v, picked
                where org = v_org and id = v_id and fence = v_fence and lease_until is not null
                  and v_org = p_org and v_id = p_id
                """);

        static Sql Row(Kept k) => $"({k.Task.Org}, {k.Task.Id}, {k.Task.Fence}, {k.Until}, {k.Progress})";
    }

    static async Task Announce(this Course course, List<Kept> kept)
    {
        var planned = kept.Where(k => course.Kinds.Find(k.Task.Kind) is not { IsStanding: true });
        foreach (var job in planned.GroupBy(k => (k.Task.Org, k.Task.JobId, k.Task.Stage)))
        {
            var gained = job.Sum(k => (k.Progress ?? 0) - (k.Task.Progress ?? 0));
            if (gained <= 0) continue;
            var running = await course.Tx.One<Running>($"""
                select s.org, s.job_id, j.kind, s.stage, s.total, s.remaining,
                    (select coalesce(sum(t.progress), 0) from work_tasks t where t.org = s.org and t.job_id = s.job_id
                        and t.stage = s.stage and t.status = 'Processing') as progress
                from work_stages s join work_jobs j on j.org = s.org and j.id = s.job_id
                where s.org = {job.Key.Org} and s.job_id = {job.Key.JobId} and s.stage = {job.Key.Stage}
                """);
            if (running is null) continue;
            var stages = course.Kinds.Find(running.Kind)?.Stages.Count ?? running.Stage;
            var done = running.Total - running.Remaining;
            var after = JobPercent.Of(running.Stage, stages, done + running.Progress, running.Total);
            var before = JobPercent.Of(running.Stage, stages, done + running.Progress - gained, running.Total);
            if (JobPercent.IsNews(before, after))
                await course.Tx.Emit(running.Org, course.Now,
                    new JobProgress(running.JobId, running.Kind, done, running.Total, (int)after), running.JobId);
        }
    }
}

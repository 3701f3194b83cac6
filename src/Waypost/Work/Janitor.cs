using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Takes back what silent workers held, and wakes tasks whose waiting time is over.</summary>
static class Janitor
{
    /// <summary>How many expired leases are taken back in one transaction.</summary>
    const int Batch = 200;

    /// <summary>Readies tasks whose time has come; returns how many.</summary>
    public static async Task<int> Wake(Course course)
    {
        var woken = await course.Tx.AcrossOrganizations("waiting tasks of all become ready by the clock").Run($"""
            update work_tasks set status = {TaskStep.BecomeDue.Target()}
            where status = 'PendingRetry' and execute_after <= {course.Rules.DueBy(course.Now)}
            """);
        if (woken > 0) course.Tx.WakeAfterCommit(Course.WorkChannel);
        return woken;
    }

    /// <summary>Takes back one batch of expired leases; returns how many, so that the caller goes on until none
    /// is.</summary>
    /// <remarks>The attempt counts: a task that kills its workers is given up after its last one.</remarks>
    public static async Task<int> TakeBack(Course course)
    {
        var seen = await course.Tx.AcrossOrganizations("leases of all run out by the clock").All<TaskHead>($"""
            select {TaskHead.Columns} from work_tasks
            where status = 'Processing' and lease_until < {course.Now}
            order by lease_until limit {Batch}
            """);
        if (seen.Count == 0) return 0;

        var keys = seen.Select(t => (t.Org, t.Id)).ToList();
        var jobs = await course.HoldJobs(seen);
        // Now that nobody else can complete them: which are still expired? Renewals do not hold the job.
        var expired = await course.StillExpired(keys);
        var lost = expired.Where(t => t.Attempt < MaxAttempts(course, t)).ToList();
        var poison = expired.Except(lost).ToList();

        var moves = lost.Select(t => (Task: t, To: jobs[(t.Org, t.JobId)].State == JobState.Paused
            ? TaskStep.Hold.Target() : TaskStep.Requeue.Target())).ToList();
        foreach (var batch in Batches.Of(moves))
            await course.Tx.Run($"""
                with v (v_org, v_id, v_fence, v_status) as (
                    values {Batches.Values(batch, m => $"({m.Task.Org}, {m.Task.Id}, {m.Task.Fence}, {m.To})")})
                update work_tasks set status = v_status, lease_until = null, claimed_by = null, progress = null
                from v where org = v_org and id = v_id and fence = v_fence and lease_until is not null
                """);
        if (poison.Count > 0)
            await course.Poison(poison, TaskError.System("WORKER_LOST",
                "Every worker that took this task fell silent before it was done.",
                "Look at the workers' logs for this time: memory or a crash are the usual causes. "
                + "Then retry the job."));
        course.Tx.WakeAfterCommit(Course.WorkChannel);
        course.Tx.WakeAfterCommit(Course.LostChannel);
        return expired.Count;
    }

    static int MaxAttempts(Course course, TaskHead task) =>
        course.Kinds.Find(task.Kind)?.Stages.ElementAtOrDefault(task.Stage - 1)?.MaxAttempts ?? 1;

    // Holds the tasks too: a renewal must not slip in between looking and taking back.
    static async Task<List<TaskHead>> StillExpired(this Course course, List<(string Org, string Id)> keys)
    {
        var expired = new List<TaskHead>();
        foreach (var batch in Batches.Of(keys))
            expired.AddRange(await course.Tx.All<TaskHead>($"""
                with v (v_org, v_id) as (values {Batches.Values(batch, k => $"({k.Org}, {k.Id})")})
                select {TaskHead.Columns} from work_tasks
                where (org, id) in (select v_org, v_id from v)
                  and status = 'Processing' and lease_until < {course.Now}
                order by org, id {course.Tx.ForUpdate}
                """));
        return expired;
    }
}

using Waypost.Storage;

namespace Waypost.Work;

/// <summary>What a person may do to a job that is under way or has ended: each inside the caller's transaction, with
/// the job's row already held.</summary>
static class SteerJobs
{
    /// <summary>Ends it now.</summary>
    public static async Task<bool> Cancel(this Course course, JobRow job)
    {
        if (job.State.After(JobStep.Cancel) is null) return false;
        await course.DropRest(job.Org, job.Id, job.Stage);
        await course.End(job, JobStep.Cancel, null);
        return true;
    }

    /// <summary>Hands out no more of its tasks.</summary>
    public static async Task<bool> Pause(this Course course, JobRow job)
    {
        if (job.State.After(JobStep.Pause) is not { } paused) return false;
        await course.Set(job, paused);
        await course.Tx.Run($"""
            update work_tasks set status = {TaskState.Held}
            where org = {job.Org} and job_id = {job.Id} and stage = {job.Stage} and status in ('Ready', 'PendingRetry')
            """);
        await course.Emit(job, new JobPaused(job.Id, job.Kind));
        return true;
    }

    /// <summary>Hands out its tasks again.</summary>
    public static async Task<bool> Resume(this Course course, JobRow job)
    {
        var step = job.StartedAt is null ? JobStep.ResumeUnstarted : JobStep.Resume;
        if (job.State.After(step) is not { } resumed) return false;
        await course.Set(job, resumed);
        await course.Tx.Run($"""
            update work_tasks
            set status = case when execute_after <= {course.Now} then {TaskStep.Release.Target()}
                else {TaskStep.ReleaseLater.Target()} end
            where org = {job.Org} and job_id = {job.Id} and stage = {job.Stage} and status = {TaskState.Held}
            """);
        await course.Emit(job, new JobResumed(job.Id, job.Kind, job.Run));
        course.Tx.WakeAfterCommit(Course.WorkChannel);
        return true;
    }

    /// <summary>Changes how urgent it is, also for the tasks that already wait.</summary>
    public static async Task Prioritize(this Course course, JobRow job, int priority)
    {
        await course.Tx.Run($"update work_jobs set priority = {priority} where org = {job.Org} and id = {job.Id}");
        await course.Tx.Run($"""
            update work_tasks set priority = {priority}
            where org = {job.Org} and job_id = {job.Id} and status in ({Batches.List(TaskStep.Cancel.Sources())})
            """);
    }

    /// <summary>Runs again what failed or was cancelled; what succeeded stays. The stages after are planned
    /// anew.</summary>
    public static async Task<bool> Retry(this Course course, JobRow job)
    {
        if (job.State.After(JobStep.Retry) is not { } state) return false;
        job = job with { State = state, Run = job.Run + 1, StartedAt = null };
        await course.Tx.Run($"""
            update work_jobs set state = {state}, run = {job.Run}, result = null, error = null, started_at = null,
                finished_at = null, took_ms = null
            where org = {job.Org} and id = {job.Id}
            """);
        await course.Emit(job, new JobResumed(job.Id, job.Kind, job.Run));

        var first = await course.Tx.Count($"""
            select coalesce(min(stage), 0) as n from work_tasks
            where org = {job.Org} and job_id = {job.Id} and status in ({Batches.List(TaskStep.Retry.Sources())})
            """);
        if (first == 0) await course.Proceed(job, job.Stage + 1);
        else await course.Reopen(job, (int)first);
        return true;
    }

    /// <summary>Takes what is left of the stage out of it; returns the stage as it is then, closed.</summary>
    public static async Task DropRest(this Course course, string org, string jobId, int stage)
    {
        var dropped = await course.Tx.Run($"""
            update work_tasks set status = {TaskState.Cancelled}, lease_until = null, claimed_by = null
            where org = {org} and job_id = {jobId} and stage = {stage}
              and status in ({Batches.List(TaskStep.Cancel.Sources())})
            """);
        await course.Tx.Run($"""
            update work_stages set remaining = remaining - {dropped}, closed_at = coalesce(closed_at, {course.Now})
            where org = {org} and job_id = {jobId} and stage = {stage}
            """);
        if (dropped > 0) course.Tx.WakeAfterCommit(Course.LostChannel);
    }

    static Task<int> Set(this Course course, JobRow job, JobState state) => course.Tx.Run($"""
        update work_jobs set state = {state} where org = {job.Org} and id = {job.Id}
        """);

    static async Task Reopen(this Course course, JobRow job, int first)
    {
        var again = await course.Tx.Run($"""
            update work_tasks set status = {TaskStep.Retry.Target()}, attempt = 0, execute_after = {course.Now},
                error = null, result = null, progress = null, priority = {job.Priority}
            where org = {job.Org} and job_id = {job.Id} and stage = {first}
              and status in ({Batches.List(TaskStep.Retry.Sources())})
            """);
        await course.Tx.Run($"""
            update work_stages set remaining = {again}, failed = 0, closed_at = null
            where org = {job.Org} and job_id = {job.Id} and stage = {first}
            """);
        await course.Tx.Run($"""
            update work_stages set total = 0, remaining = 0, failed = 0, opened_at = null, closed_at = null
            where org = {job.Org} and job_id = {job.Id} and stage > {first}
            """);
        await course.Tx.Run($"update work_jobs set stage = {first} where org = {job.Org} and id = {job.Id}");
        course.Tx.WakeAfterCommit(Course.WorkChannel);
    }
}

using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>The routes that change a job's course: cancel, pause, resume, retry, priority.</summary>
static class SteerRoutes
{
    /// <summary>How urgent a job is to be.</summary>
    public sealed record PriorityChange(int Priority);

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        Post(org, "cancel", "cancelJob", "End a job now", (course, job) => course.Cancel(job));
        Post(org, "pause", "pauseJob", "Hand out no more of a job's tasks", (course, job) => course.Pause(job));
        Post(org, "resume", "resumeJob", "Hand out a paused job's tasks again", (course, job) => course.Resume(job));
        Post(org, "retry", "retryJob", "Run again what failed of an ended job", (course, job) => course.Retry(job));
        org.MapPut("/jobs/{job_id}/priority", Prioritize).Permit(Permission.JobsWrite).WithName("prioritizeJob")
            .WithSummary("Change how urgent a job is").WithTags("Work");
    }

    static void Post(
        IEndpointRouteBuilder org, string verb, string name, string summary, Func<Course, JobRow, Task<bool>> act) =>
        org.MapPost($"/jobs/{{job_id}}/{verb}", async (
                string job_id, Caller caller, Db db, Leases leases, JobKinds kinds, TimeProvider clock,
                CancellationToken ct) =>
            {
                await Do(leases, caller, job_id, async (course, job) =>
                {
                    if (!await act(course, job))
                        throw Refused.Conflict("JOB_STATE",
                            $"The job is {Json.Of(job.State).Text.Trim('"')}; {verb} is not possible from there.");
                    return true;
                }, ct);
                return await Show(job_id, caller, db, kinds, clock, ct);
            })
            .Permit(Permission.JobsWrite).WithName(name).WithSummary(summary).WithTags("Work");

    static async Task<Ok<JobShown>> Prioritize(
        string job_id, PriorityChange body, Caller caller, Db db, Leases leases, JobKinds kinds, TimeProvider clock,
        CancellationToken ct)
    {
        await Do(leases, caller, job_id, async (course, job) =>
        {
            await course.Prioritize(job, body.Priority);
            return true;
        }, ct);
        return await Show(job_id, caller, db, kinds, clock, ct);
    }

    static Task<bool> Do(
        Leases leases, Caller caller, string jobId, Func<Course, JobRow, Task<bool>> act, CancellationToken ct) =>
        leases.Do(caller.Org, async course =>
        {
            var job = await course.Hold(caller.Org, jobId) ?? throw ShowJob.NoJob(jobId);
            if (course.Kinds.Find(job.Kind) is { IsStanding: true })
                throw Refused.Conflict("JOB_STATE",
                    $"The job stands for as long as work of kind {job.Kind} is handed out; it is not steered.");
            return await act(course, job);
        }, ct);

    static async Task<Ok<JobShown>> Show(
        string jobId, Caller caller, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        return TypedResults.Ok((await tx.FindJob(kinds, caller.Org, jobId, clock.GetUtcNow()))!);
    }
}

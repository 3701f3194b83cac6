using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>What became of a submission.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Existed">The same job had been submitted before; nothing was changed.</param>
/// <param name="State">Where it is now. A failed or cancelled one runs again only when somebody retries it.</param>
public sealed record SubmittedJob(string JobId, bool Existed, JobState State);

/// <summary>Submitting, and looking at, jobs from inside the server: always in the caller's own transaction.</summary>
public static class SubmitJob
{
    const int LongestSizeClass = 100;

    extension(Tx tx)
    {
        /// <summary>Begins the job, or returns the same one that was submitted before.</summary>
        /// <exception cref="Refused">Its kind's check does not accept the parameters.</exception>
        public Task<SubmittedJob> Submit(JobKinds kinds, NewJob job, DateTimeOffset now) =>
            new Course(tx, kinds, EngineRules.Shipped, now).Submit(job);

        /// <summary>Runs what failed of an ended job again; what succeeded stays.</summary>
        /// <returns>False: there is no such job, or it is not failed, cancelled or completed with errors.</returns>
        public async Task<bool> Retry(JobKinds kinds, string org, string jobId, DateTimeOffset now)
        {
            var course = new Course(tx, kinds, EngineRules.Shipped, now);
            return await course.Hold(org, jobId) is { } job && await course.Retry(job);
        }

        /// <summary>Ends the job; what runs of it loses its lease.</summary>
        /// <returns>False: there is no such job, or it is over.</returns>
        public async Task<bool> Cancel(JobKinds kinds, string org, string jobId, DateTimeOffset now)
        {
            var course = new Course(tx, kinds, EngineRules.Shipped, now);
            return await course.Hold(org, jobId) is { } job && await course.Cancel(job);
        }
    }

    internal static async Task<SubmittedJob> Submit(this Course course, NewJob job)
    {
        var kind = course.Kinds.Get(job.Kind);
        var (parameters, carried) = Identity.Part(job.Parameters, job.Internal);
        if (kind.Check is { } check) parameters = check(parameters.Element);
        var id = Identity.JobId(kind.Name, parameters, job.ContentKey);
        var size = job.SizeClass ?? kind.SizeClass?.Invoke(parameters) ?? "any";
        if (size.Length > LongestSizeClass) size = size[..LongestSizeClass];

        var inserted = await course.Tx.Run($"""
            insert into work_jobs (org, id, kind, state, priority, size_class, parameters, internal, stage, run,
                created_at)
            values ({job.Org}, {id}, {kind.Name}, {JobState.Queued}, {job.Priority}, {size}, {parameters}, {carried},
                {0}, {0}, {course.Now})
            on conflict (org, id) do nothing
            """);
        var row = (await course.Hold(job.Org, id))!;
        if (inserted == 0) return new SubmittedJob(id, Existed: true, row.State);

        await course.Emit(row, new JobSubmitted(id, kind.Name, job.Priority));
        await course.Proceed(row, 1);
        var begun = await course.Hold(job.Org, id);
        return new SubmittedJob(id, Existed: false, begun!.State);
    }
}

using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>The routes of jobs: submit, list, look, wait.</summary>
static class Jobs
{
    const int DefaultPage = 50;
    const int LargestPage = 1000;
    const int LongestWaitSeconds = 60;
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>A job to be done.</summary>
    /// <param name="Kind">What kind; GET lists nothing of kinds, the documentation does.</param>
    /// <param name="Parameters">What the kind asks for; absent: none.</param>
    /// <param name="Priority">More urgent jobs have a larger one; 0 is ordinary.</param>
    public sealed record JobSubmission([property: Required] string Kind, Json? Parameters, int Priority = 0);

    /// <summary>The parameters of a job whose kind is in the path.</summary>
    public sealed record JobAccepted(
        string JobId, string JobType, JobState Status, bool Existed, string StatusUrl);

    /// <summary>One line of the list.</summary>
    public sealed record JobListed(
        string JobId, string JobType, JobState Status, int Priority, int Run, int Stage, DateTimeOffset CreatedAt,
        DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

    /// <summary>A page of the list, newest first.</summary>
    /// <param name="Jobs">The jobs.</param>
    /// <param name="NextToken">To be sent as <c>token</c> for the next page; null: this is the last.</param>
    public sealed record JobPage(IReadOnlyList<JobListed> Jobs, string? NextToken);

    /// <summary>One task of a job.</summary>
    public sealed record TaskShown(
        string TaskId, int Stage, int Ordinal, string Unit, TaskState Status, int Attempt, double? Progress,
        string? ClaimedBy, DateTimeOffset? LeaseUntil, DateTimeOffset ExecuteAfter, Json Parameters, Json? Result,
        TaskError? Error) : IRow<TaskShown>
    {
        /// <inheritdoc/>
        public static TaskShown Read(Row row) => new(
            row.Text("id"), row.Int("stage"), row.Int("ordinal"), row.Text("unit"), row.Enum<TaskState>("status"),
            row.Int("attempt"), row.DoubleOrNull("progress"), row.TextOrNull("claimed_by"),
            row.TimeOrNull("lease_until"), row.Time("execute_after"), row.Json("parameters"), row.JsonOrNull("result"),
            row.JsonOrNull("error")?.To<TaskError>());
    }

    /// <summary>A page of tasks, in the order of stages and plans.</summary>
    public sealed record TaskPage(IReadOnlyList<TaskShown> Tasks, string? NextToken);

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        org.MapGet("/jobs", List).Permit(Permission.JobsRead).WithName("listJobs")
            .WithSummary("List jobs, newest first").WithTags("Work");
        org.MapPost("/jobs", Submit).Permit(Permission.JobsWrite).WithName("submitJob")
            .WithSummary("Submit a job; the same again is the same job").WithTags("Work");
        org.MapGet("/jobs/{job_id}", Show).Permit(Permission.JobsRead).WithName("getJob")
            .WithSummary("A job with its stages; with wait, answers when it has ended").WithTags("Work");
        org.MapGet("/jobs/{job_id}/tasks", ListTasks).Permit(Permission.JobsRead).WithName("listJobTasks")
            .WithSummary("The tasks of a job with their results").WithTags("Work");
    }

    public static void Map(IEndpointRouteBuilder root)
    {
        root.MapPost("/api/jobs/submit/{job_type}", SubmitByPath).Permit(Permission.JobsWrite)
            .WithName("submitJobByType").WithSummary("Submit a job; the body is its parameters").WithTags("Work");
        root.MapGet("/api/jobs/status/{job_id}", Show).Permit(Permission.JobsRead).WithName("getJobStatus")
            .WithSummary("A job with its stages; with wait, answers when it has ended").WithTags("Work");
    }

    static Task<Results<Accepted<JobAccepted>, Ok<JobAccepted>>> Submit(
        JobSubmission body, Caller caller, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct) =>
        Accept(new NewJob(caller.Org, body.Kind, body.Parameters ?? Json.EmptyObject) { Priority = body.Priority },
            $"/api/v1/{caller.Org}/jobs/", db, kinds, clock, ct);

    static Task<Results<Accepted<JobAccepted>, Ok<JobAccepted>>> SubmitByPath(
        string job_type, Json body, Caller caller, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct) =>
        Accept(new NewJob(caller.Org, job_type, body), "/api/jobs/status/", db, kinds, clock, ct);

    static async Task<Results<Accepted<JobAccepted>, Ok<JobAccepted>>> Accept(
        NewJob job, string where, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct)
    {
        CheckOpen(kinds, job.Kind, job.Parameters);
        await using var tx = await db.Begin(ct);
        var submitted = await tx.Submit(kinds, job, clock.GetUtcNow());
        await tx.Commit();
        var url = where + submitted.JobId;
        if (submitted is { Existed: true, State: JobState.Failed or JobState.Cancelled })
            throw new Refused(409, "JOB_NOT_RUNNING",
                $"The same job was submitted before and is {Json.Of(submitted.State).Text.Trim('"')}.",
                $"POST /api/v1/{job.Org}/jobs/{submitted.JobId}/retry runs again what failed of it.")
            {
                Details = new Dictionary<string, object?>
                {
                    ["job_id"] = submitted.JobId,
                    ["status"] = submitted.State,
                },
            };
        var answer = new JobAccepted(submitted.JobId, job.Kind, submitted.State, submitted.Existed, url);
        return submitted.Existed ? TypedResults.Ok(answer) : TypedResults.Accepted(url, answer);
    }

    /// <summary>Refuses what clients may not submit: kinds that are not theirs, parameters of the server's
    /// own.</summary>
    /// <exception cref="Refused">It is refused; the sentence says why.</exception>
    public static JobKind CheckOpen(JobKinds kinds, string name, Json parameters)
    {
        if (kinds.Find(name) is not { IsOpenToClients: true } kind)
            throw Refused.Bad("UNKNOWN_JOB_KIND", $"There is no kind of job named {name} that clients may submit.",
                $"There are: {string.Join(", ", kinds.All.Where(k => k.IsOpenToClients).Select(k => k.Name))}.");
        var given = parameters.Element;
        if (given.ValueKind != JsonValueKind.Object)
            throw Refused.Bad("INVALID_PARAMETERS", $"The parameters are {given.ValueKind}, not an object.");
        if (given.EnumerateObject().Select(p => p.Name).FirstOrDefault(inner => inner.StartsWith('_')) is { } own)
            throw Refused.Bad("INVALID_PARAMETERS", $"The parameter {own} begins with an underscore.",
                "Such names are the server's own.");
        return kind;
    }

    static async Task<Ok<JobShown>> Show(
        string job_id, Caller caller, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct,
        [Range(0, LongestWaitSeconds)] int wait = 0)
    {
        var deadline = clock.GetUtcNow().AddSeconds(wait);
        while (true)
        {
            // Listening begins before looking: an end that comes between the two is not missed.
            var ended = db.Woken(Course.EndChannel, LookAgain, ct);
            JobShown? job;
            await using (var tx = await db.Read(ct))
                job = await tx.FindJob(kinds, caller.Org, job_id, clock.GetUtcNow());
            if (job is null) throw ShowJob.NoJob(job_id);
            if (job.Status.IsOver() || clock.GetUtcNow() >= deadline) return TypedResults.Ok(job);
            await Task.WhenAny(ended,
                Task.Delay(deadline - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1), clock, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    sealed record Listed(JobListed Job) : IRow<Listed>
    {
        public static Listed Read(Row row) => new(new JobListed(
            row.Text("id"), row.Text("kind"), row.Enum<JobState>("state"), row.Int("priority"), row.Int("run"),
            row.Int("stage"), row.Time("created_at"), row.TimeOrNull("started_at"), row.TimeOrNull("finished_at")));
    }

    static async Task<Ok<JobPage>> List(
        Caller caller, Db db, CancellationToken ct, string? status = null, string? kind = null, string? token = null,
        [Range(1, LargestPage)] int limit = DefaultPage)
    {
        Sql where = $"org = {caller.Org}";
        if (status is not null) where = $"{where} and state = {PageToken.State<JobState>("status", status)}";
        if (kind is not null) where = $"{where} and kind = {kind}";
        if (token is not null)
        {
            var (at, id) = PageToken.Time(token);
            where = $"{where} and (created_at, id) < ({at}, {id})";
        }
        var rows = await db.All<Listed>($"""
            select id, kind, state, priority, run, stage, created_at, started_at, finished_at from work_jobs
            where {where} order by created_at desc, id desc limit {limit + 1}
            """, ct);
        var jobs = rows.Take(limit).Select(row => row.Job).ToList();
        return TypedResults.Ok(new JobPage(
            jobs, rows.Count > limit ? PageToken.Of(jobs[^1].CreatedAt.ToString("O"), jobs[^1].JobId) : null));
    }

    static async Task<Ok<TaskPage>> ListTasks(
        string job_id, Caller caller, Db db, CancellationToken ct, int? stage = null, string? status = null,
        string? token = null, [Range(1, LargestPage)] int limit = DefaultPage)
    {
        Sql where = $"org = {caller.Org} and job_id = {job_id}";
        if (stage is not null) where = $"{where} and stage = {stage.Value}";
        if (status is not null) where = $"{where} and status = {PageToken.State<TaskState>("status", status)}";
        if (token is not null)
        {
            var (at, ordinal) = PageToken.Numbers(token);
            where = $"{where} and (stage, ordinal) > ({at}, {ordinal})";
        }
        await using var tx = await db.Read(ct);
        if (await tx.Count($"select count(*) as n from work_jobs where org = {caller.Org} and id = {job_id}") == 0)
            throw ShowJob.NoJob(job_id);
        var rows = await tx.All<TaskShown>($"""
            select id, stage, ordinal, unit, status, attempt, progress, claimed_by, lease_until, execute_after,
                parameters, result, error
            from work_tasks where {where} order by stage, ordinal limit {limit + 1}
            """);
        var tasks = rows.Take(limit).ToList();
        return TypedResults.Ok(new TaskPage(
            tasks, rows.Count > limit ? PageToken.Of($"{tasks[^1].Stage}", $"{tasks[^1].Ordinal}") : null));
    }
}

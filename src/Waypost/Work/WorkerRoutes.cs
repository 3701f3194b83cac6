using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>The routes of workers outside this server: lease, renew, complete.</summary>
/// <remarks>They see only kinds that are open to them, and touch only what was leased with the same key and name: a
/// fence alone is easy to guess.</remarks>
static class WorkerRoutes
{
    const int MostReports = 256;
    const int LongestName = 100;
    const int MostKinds = 100;

    /// <summary>A worker asks for work.</summary>
    public sealed record LeaseRequest(
        [property: Required, MaxLength(LongestName)] string Worker,
        [property: Required, MaxLength(MostKinds)] IReadOnlyList<string> Kinds,
        [property: Range(1, LeaseTasks.MostAtOnce)] int Max = 1);

    /// <summary>What it is to do.</summary>
    public sealed record LeasesGiven(IReadOnlyList<LeaseGiven> Leases);

    /// <summary>One task, held until it expires.</summary>
    public sealed record LeaseGiven(
        string TaskId, string JobId, string JobType, string Stage, string Unit, Json Parameters, Json JobParameters,
        long Fence, int Attempt, DateTimeOffset Expires, double LeaseSeconds);

    /// <summary>Reports of a worker, and what it wants next.</summary>
    public sealed record CompletionRequest(
        [property: Required, MaxLength(LongestName)] string Worker,
        [property: Required, MaxLength(MostReports)] IReadOnlyList<TaskDone> Completions, NextWanted? Next = null);

    /// <summary>How one task ended: with a result, or an error.</summary>
    public sealed record TaskDone([property: Required] string TaskId, long Fence, Json? Result, TaskError? Error);

    /// <summary>What to lease in the same transaction.</summary>
    public sealed record NextWanted(
        [property: Required, MaxLength(MostKinds)] IReadOnlyList<string> Kinds,
        [property: Range(1, LeaseTasks.MostAtOnce)] int Max = 1);

    /// <summary>The answers, in the order of the reports, and the next tasks.</summary>
    public sealed record CompletionsTaken(IReadOnlyList<ReportAnswer> Answers, IReadOnlyList<LeaseGiven> Leases);

    /// <summary>Leases that a worker wants to keep.</summary>
    public sealed record RenewalRequest(
        [property: Required, MaxLength(LongestName)] string Worker,
        [property: Required, MaxLength(MostReports)] IReadOnlyList<LeaseHeld> Leases);

    /// <summary>One lease, and how much of its task is done (0 to 1).</summary>
    public sealed record LeaseHeld([property: Required] string TaskId, long Fence, double? Progress = null);

    /// <summary>The answers, in the order of the renewals; without <c>expires</c> the lease is lost.</summary>
    public sealed record LeasesRenewed(IReadOnlyList<RenewedLease> Leases);

    sealed record Claim(string TaskId, string Kind, string? ClaimedBy) : IRow<Claim>
    {
        public static Claim Read(Row row) => new(row.Text("id"), row.Text("kind"), row.TextOrNull("claimed_by"));
    }

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        org.MapPost("/tasks/leases", Lease).Permit(Permission.TasksWork).WithName("leaseTasks")
            .WithSummary("Lease the most urgent tasks").WithTags("Work");
        org.MapPost("/tasks/completions", Complete).Permit(Permission.TasksWork).WithName("completeTasks")
            .WithSummary("Report on leased tasks, and lease the next in the same step").WithTags("Work");
        org.MapPost("/tasks/renewals", Renew).Permit(Permission.TasksWork).WithName("renewLeases")
            .WithSummary("Keep leases alive").WithTags("Work");
    }

    static async Task<Ok<LeasesGiven>> Lease(
        LeaseRequest body, Caller caller, Leases leases, JobKinds kinds, CancellationToken ct)
    {
        var ask = Ask(caller, body.Worker, body.Kinds, body.Max, kinds);
        return TypedResults.Ok(new LeasesGiven(Given(await leases.Lease(ask, ct))));
    }

    static async Task<Ok<CompletionsTaken>> Complete(
        CompletionRequest body, Caller caller, Leases leases, JobKinds kinds, Db db, CancellationToken ct)
    {
        RefuseNulls("completions", body.Completions);
        foreach (var done in body.Completions)
            if (done.Result is null == done.Error is null)
                throw Refused.Bad("RESULT_OR_ERROR",
                    $"The report on task {done.TaskId} has neither or both of result and error.",
                    "Send one of them.");
            else if (done.Error is { Code: null } or { Category: null } or { Message: null })
                throw Refused.Bad("INVALID_BODY",
                    $"The error of task {done.TaskId} lacks its code, category or message.", "Send all three.");
        var next = body.Next is { } wanted ? Ask(caller, body.Worker, wanted.Kinds, wanted.Max, kinds) : null;
        var own = await Own(db, kinds, caller, body.Worker, body.Completions.Select(done => done.TaskId), ct);
        var reports = body.Completions.Where(done => own.Contains(done.TaskId))
            .Select(done => new TaskReport(caller.Org, done.TaskId, done.Fence, done.Result, done.Error)).ToList();
        var taken = reports.Count == 0 && next is null
            ? new Completion([], [])
            : await leases.Complete(reports, next, ct);
        var answers = new Queue<ReportAnswer>(taken.Answers);
        return TypedResults.Ok(new CompletionsTaken(
            [.. body.Completions.Select(done =>
                own.Contains(done.TaskId) ? answers.Dequeue() : new ReportAnswer(done.TaskId, Verdict.Stale, null))],
            Given(taken.Next)));
    }

    static async Task<Ok<LeasesRenewed>> Renew(
        RenewalRequest body, Caller caller, Leases leases, JobKinds kinds, Db db, CancellationToken ct)
    {
        RefuseNulls("leases", body.Leases);
        var own = await Own(db, kinds, caller, body.Worker, body.Leases.Select(lease => lease.TaskId), ct);
        var held = body.Leases.Where(lease => own.Contains(lease.TaskId))
            .Select(lease => new HeldLease(caller.Org, lease.TaskId, lease.Fence, lease.Progress)).ToList();
        var answers = new Queue<RenewedLease>(await leases.Renew(held, ct));
        return TypedResults.Ok(new LeasesRenewed([.. body.Leases.Select(lease =>
            own.Contains(lease.TaskId) ? answers.Dequeue() : new RenewedLease(lease.TaskId, lease.Fence, null))]));
    }

    static string Name(Caller caller, string worker) => !worker.Any(char.IsControl)
        ? $"{caller.KeyId:N}/{worker}"
        : throw Refused.Bad(
            "INVALID_NAME", "The worker's name has a control character.", "Send a name people can read.");

    static void RefuseNulls<T>(string field, IReadOnlyList<T?> list) where T : class
    {
        if (list.Contains(null))
            throw Refused.Bad("INVALID_BODY", $"A member of {field} is null.", "Leave it out.");
    }

    static LeaseAsk Ask(Caller caller, string worker, IReadOnlyList<string> wanted, int max, JobKinds kinds)
    {
        RefuseNulls("kinds", wanted);
        foreach (var name in wanted)
            if (kinds.Find(name) is not { IsOpenToOutsideWorkers: true })
                throw Refused.Bad("UNKNOWN_JOB_KIND",
                    $"There is no kind of job named {name} that workers outside may do.",
                    "There are: " + string.Join(
                        ", ", kinds.All.Where(k => k.IsOpenToOutsideWorkers).Select(k => k.Name)) + ".");
        return new LeaseAsk(wanted, Name(caller, worker), max, caller.Org);
    }

    static async Task<HashSet<string>> Own(
        Db db, JobKinds kinds, Caller caller, string worker, IEnumerable<string> taskIds, CancellationToken ct)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in Batches.Of(taskIds.Distinct(StringComparer.Ordinal).ToList()))
            foreach (var claim in await db.All<Claim>($"""
                select id, kind, claimed_by from work_tasks where org = {caller.Org} and id in ({Batches.List(batch)})
                """, ct))
                if (claim.ClaimedBy == Name(caller, worker)
                    && kinds.Find(claim.Kind) is { IsOpenToOutsideWorkers: true })
                    own.Add(claim.TaskId);
        return own;
    }

    static List<LeaseGiven> Given(IReadOnlyList<LeasedTask> tasks) => [.. tasks.Select(t => new LeaseGiven(
        t.TaskId, t.JobId, t.Kind, t.Stage, t.Unit, t.Parameters, t.JobParameters, t.Fence, t.Attempt, t.Expires,
        t.Lease.TotalSeconds))];
}

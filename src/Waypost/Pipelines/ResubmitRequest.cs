using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Which request is tried again; one of the two.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="JobId">One of its jobs.</param>
/// <param name="DryRun">Only say what would be cleared away.</param>
public sealed record ResubmitBody(string? RequestId, string? JobId, bool? DryRun);

/// <summary>What was cleared away of the failed attempt.</summary>
public sealed record CleanupSummary(
    int TasksDeleted, bool JobDeleted, int TablesDropped, int StacItemsDeleted, int BlobsDeleted);

/// <summary>The answer to trying again.</summary>
public sealed record ResubmitAnswer(
    string RequestId, RequestStatus Status, bool Success, bool DryRun, int Revision, string StatusUrl,
    string MonitorUrl, string? JobId, string? JobType, string Message, CleanupSummary CleanupSummary);

/// <summary>Tries a failed request again, with what its source holds now.</summary>
static class ResubmitRequest
{
    public static void Map(IEndpointRouteBuilder platform, string? operation) => platform
        .MapPost("/resubmit", Handle).Permit(Permission.JobsWrite).Named(operation)
        .WithSummary("Try a failed request again")
        .Accepts<ResubmitBody>("application/json").Produces<ResubmitAnswer>(StatusCodes.Status202Accepted)
        .Produces<ResubmitAnswer>();

    static async Task<IResult> Handle(
        JsonElement body, HttpContext http, Caller caller, Db db, Sources sources, Blobs blobs, RequestCourse course,
        JobKinds kinds, TimeProvider clock, CancellationToken ct)
    {
        var fields = new Fields(body, "The body");
        var (request, byJob) = (fields.Text("request_id"), fields.Text("job_id"));
        var id = request ?? byJob ?? throw fields.Missing("request_id");
        var dryRun = fields.Flag("dry_run") ?? false;
        fields.RefuseOthers("UNKNOWN_FIELD");

        RequestRow failed;
        JobShown? job;
        await using (var read = await db.Read(ct))
        {
            failed = await read.Named(caller.Org, id) ?? throw Refused.NotFound($"The request {id}");
            job = failed.CurrentJob is { } at ? await read.FindJob(kinds, caller.Org, at, clock.GetUtcNow()) : null;
        }
        CheckFailed(failed);
        var leftovers = Leftovers.Of(failed, job);
        if (dryRun)
            return Results.Ok(Answer(http, failed, null, true, leftovers.Summary(blobs), "Nothing was changed."));

        var source = await sources.Pin(failed.Source with { Sha256 = null, Bytes = null }, caller.Org, db,
            "source_path", ct);
        var now = clock.GetUtcNow();
        RequestRow again;
        string? kind;
        await using (var tx = await db.Begin(ct))
        {
            var held = (await tx.HoldRequest(caller.Org, failed.RequestId))!;
            CheckFailed(held);
            if (leftovers.SetId is { } set) await tx.DropFeatures(caller.Org, set, now);
            again = await course.Accept(tx, await tx.NextRevision(await tx.Repoint(held, source), now), now);
            kind = await tx.KindOfCurrentJob(again);
            await tx.Commit();
        }
        var url = PlatformLinks.Status(http, failed.RequestId);
        http.Response.Headers.Location = url;
        return Results.Json(
            Answer(http, again, kind, false, leftovers.Clear(blobs), "Accepted again."),
            statusCode: StatusCodes.Status202Accepted);
    }

    static ResubmitAnswer Answer(
        HttpContext http, RequestRow request, string? kind, bool dryRun, CleanupSummary cleanup, string message)
    {
        var url = PlatformLinks.Status(http, request.RequestId);
        return new ResubmitAnswer(
            request.RequestId, request.Status, true, dryRun, request.Revision, url, url, request.CurrentJob, kind,
            message, cleanup);
    }

    static void CheckFailed(RequestRow request)
    {
        if (request.Status != RequestStatus.Failed)
            throw Refused.Conflict("REQUEST_NOT_FAILED",
                $"Only a failed request is tried again; this one is {request.Status.Word()}.",
                "To replace what it made, submit it with the option overwrite.")
                .With(("request_id", request.RequestId));
    }

    extension(Tx tx)
    {
        // An upload may have been sent again meanwhile: what it holds now is what is meant.
        async Task<RequestRow> Repoint(RequestRow request, Source source)
        {
            var payload = request.Payload with { SourceSha256 = source.Sha256 };
            await tx.Run($"""
                update pipelines_requests
                set source = {Json.Of(source)}, payload = {Json.Of(payload)}, payload_hash = {Asked.HashOf(payload)},
                    size_class = {SizeClass.Of(source.Bytes)}
                where org = {request.Org} and request_id = {request.RequestId}
                """);
            return request;
        }
    }
}

/// <summary>What a failed attempt left behind that nobody needs.</summary>
/// <param name="Org">Whose.</param>
/// <param name="SetId">Features that were written and never published.</param>
/// <param name="Chunks">Chunks of features that were prepared.</param>
sealed record Leftovers(string Org, string? SetId, int Chunks)
{
    /// <summary>What the job that failed left.</summary>
    public static Leftovers Of(RequestRow failed, JobShown? job) => job?.JobType == VectorJobs.IngestKind
        ? new Leftovers(failed.Org, job.JobId, job.Stages.Count > 1 ? job.Stages[1].Total : 0)
        : new Leftovers(failed.Org, null, 0);

    /// <summary>What would be cleared away.</summary>
    public CleanupSummary Summary(Blobs blobs) => Summary(FeatureChunks.Count(blobs, Org, SetId ?? "-", Chunks));

    /// <summary>Clears the files away.</summary>
    public CleanupSummary Clear(Blobs blobs) => Summary(FeatureChunks.Delete(blobs, Org, SetId ?? "-", Chunks));

    // The job and its tasks stay: they are the record of what happened.
    CleanupSummary Summary(int blobs) => new(0, false, SetId is null ? 0 : 1, 0, blobs);
}

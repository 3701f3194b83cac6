using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Says how a request stands; waits for its end when asked to.</summary>
static class ShowRequest
{
    const int LongestWaitSeconds = 60;
    const int MostVersions = 100;
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder platform, string? operation) => platform
        .MapGet("/status/{request_id}", Handle).Permit(Permission.JobsRead).Named(operation)
        .WithSummary("How a request stands; with wait, answers when it has ended");

    static async Task<RequestStatusBody> Handle(
        [FromRoute(Name = "request_id")] string id, HttpContext http, Caller caller, Db db, RequestCourse course,
        JobKinds kinds, TimeProvider clock, CancellationToken ct, [Range(0, LongestWaitSeconds)] int wait = 0)
    {
        var deadline = clock.GetUtcNow().AddSeconds(wait);
        while (true)
        {
            // Listening begins before looking: an end that comes between the two is not missed.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var woken = db.Woken(Requests.Channel, LookAgain, stop.Token);
            await using (var tx = await db.Read(ct))
            {
                var request = await tx.Named(caller.Org, id) ?? throw Refused.NotFound($"The request {id}");
                if (request.IsOver || clock.GetUtcNow() >= deadline)
                {
                    await stop.CancelAsync();
                    await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return await Body(tx, request, LinkRoots.Of(http), course, kinds, clock.GetUtcNow());
                }
            }
            var left = Task.Delay(deadline - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1), clock, stop.Token);
            await Task.WhenAny(woken, left);
            await stop.CancelAsync();
            ct.ThrowIfCancellationRequested();
        }
    }

    extension(Tx tx)
    {
        /// <summary>The request of this id, or of this job, release or asset (whose newest it is); null without one.
        /// </summary>
        public async Task<RequestRow?> Named(string org, string id)
        {
            if (await tx.FindRequest(org, id) is { } request) return request;
            return (await tx.All<RequestRow>($"""
                select {RequestRow.Columns} from pipelines_requests
                where org = {org} and (release_id = {id} or asset_id = {id}
                    or request_id in (
                        select request_id from pipelines_request_jobs where org = {org} and job_id = {id}))
                order by created_at desc, request_id desc limit 1
                """)).SingleOrDefault();
        }
    }

    /// <summary>Everything there is to say.</summary>
    internal static async Task<RequestStatusBody> Body(
        Tx tx, RequestRow request, LinkRoots links, RequestCourse course, JobKinds kinds, DateTimeOffset now)
    {
        var job = request.CurrentJob is { } at ? await tx.FindJob(kinds, request.Org, at, now) : null;
        var steps = course.ChainOf(request.Type).Steps;
        var percent = Percent(request, job, steps.Count);
        var versions = await Versions(tx, request);
        var ordinal = versions.FirstOrDefault(version => version.RequestId == request.RequestId)?.VersionOrdinal
            ?? versions.Count;
        var isDone = request.Status == RequestStatus.Completed;
        var endpoints = isDone ? PlatformLinks.Endpoints(PlatformLinks.Kept(links), request) : null;
        return new RequestStatusBody(
            true, request.RequestId, request.Status, (int)percent, request.Message, endpoints,
            isDone ? request.StacItem : null,
            new StatusAsset(
                request.Identity.AssetId, request.Identity.Dataset, request.Identity.Resource, request.Type,
                versions.Count),
            new StatusRelease(
                request.Identity.ReleaseId, request.Identity.Version, ordinal, request.Revision, request.Status,
                isDone ? "approved" : "pending_review", request.Payload.AccessLevel?.ToLowerInvariant()),
            request.Status, Progress(request, job, percent), request.Error?.To<RequestError>(),
            job is null ? null : new StatusJob(
                job.JobId, job.JobType, job.Status, request.Step + 1, steps.Count, job.Stages,
                $"{links.HostRoot}/api/v1/{request.Org}/jobs/{job.JobId}"),
            request.Warnings.To<List<StatusWarning>>(), isDone ? Outputs(request) : null,
            endpoints is null ? null : Services(endpoints, links), null, versions, request.CallbackStatus,
            request.CreatedAt, request.StartedAt, request.CompletedAt, await course.Completion(tx, request));
    }

    // Each job counts the same; only the end is the end.
    static double Percent(RequestRow request, JobShown? job, int steps) => request.Status switch
    {
        RequestStatus.Completed => 100,
        RequestStatus.Failed => request.Step * 100.0 / steps,
        _ => Math.Min(99, (request.Step * 100.0 + (job?.Progress.Percent ?? 0)) / steps),
    };

    static StatusProgress Progress(RequestRow request, JobShown? job, double percent)
    {
        var (total, done, failed) = (job?.Progress.TasksTotal ?? 0, job?.Progress.TasksDone ?? 0,
            job?.Progress.TasksFailed ?? 0);
        return new StatusProgress(
            job?.JobType ?? request.Type.Word(), request.StartedAt, total, done,
            new Dictionary<string, int>
            {
                ["completed"] = done - failed,
                ["failed"] = failed,
                ["open"] = total - done,
            }, Math.Round(percent, 1));
    }

    static StatusOutputs Outputs(RequestRow request)
    {
        var isRaster = request.Type == DataType.Raster;
        return new StatusOutputs(
            isRaster ? $"{request.RequestId}.tif" : null, isRaster ? "data" : null,
            isRaster ? [] : [request.ItemId], isRaster ? null : request.ItemId, isRaster ? null : "features",
            request.ItemId, request.Collection);
    }

    static StatusServices Services(Dictionary<string, string> endpoints, LinkRoots links) => new(
        endpoints.GetValueOrDefault("features") ?? endpoints["tilejson"], endpoints.GetValueOrDefault("preview"),
        endpoints["stac_collection"], endpoints["stac_item"], $"{links.HostRoot}/",
        endpoints.GetValueOrDefault("tiles"));

    sealed record Version(
        string RequestId, string? VersionId, int Revision, RequestStatus Status, DateTimeOffset CreatedAt)
            : IRow<Version>
    {
        public static Version Read(Row row) => new(
            row.Text("request_id"), row.TextOrNull("version_id"), row.Int("revision"),
            row.Word<RequestStatus>("status"), row.Time("created_at"));
    }

    static async Task<List<StatusVersion>> Versions(Tx tx, RequestRow request)
    {
        var rows = await tx.All<Version>($"""
            select request_id, version_id, revision, status, created_at from pipelines_requests
            where org = {request.Org} and asset_id = {request.Identity.AssetId}
            order by created_at, request_id limit {MostVersions}
            """);
        return [.. rows.Select((row, i) => new StatusVersion(
            row.RequestId, row.VersionId, i + 1, row.Revision, row.Status, row.CreatedAt))];
    }
}

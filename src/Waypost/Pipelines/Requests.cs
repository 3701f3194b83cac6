using Waypost.Events;
using Waypost.Geo;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Where a request is in its life.</summary>
public enum RequestStatus
{
    /// <summary>Its first job waits for a worker.</summary>
    Pending,

    /// <summary>A worker has begun.</summary>
    Processing,

    /// <summary>Its result is in the catalogue.</summary>
    Completed,

    /// <summary>It ended without a result; what an earlier revision made is still there.</summary>
    Failed,
}

/// <summary>Where the answer to a client's callback is.</summary>
public enum CallbackStatus
{
    /// <summary>Not delivered yet, or tried again later.</summary>
    Pending,

    /// <summary>The client took it.</summary>
    Sent,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>What a client asked for, as it is kept: everything that decides whether a submission is the same again.
/// </summary>
public sealed record Payload(
    DataType RequestType, string SourcePath, string? SourceSha256, ProcessingOptions Options, string? Title,
    string? Description, string? AccessLevel, IReadOnlyList<string> Tags, string? CallbackUrl);

/// <summary>A request as its row has it.</summary>
sealed record RequestRow(
    string Org, string RequestId, RequestIdentity Identity, DataType Type, string Collection, string ItemId,
    Json PayloadJson,
    string PayloadHash, Json SourceJson, int Revision, RequestStatus Status, string Message, string? CurrentJob,
    int Step, int Jobs,
    Json? Outcome, Json? StacItem, Json? Error, Json Warnings, string SizeClass, Json Links, string? CallbackUrl,
    CallbackStatus? CallbackStatus, DateTimeOffset CreatedAt, DateTimeOffset SubmittedAt, DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt) : IRow<RequestRow>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"""
        org, request_id, client_id, dataset_id, resource_id, version_id, request_type, collection, item_id, payload,
        payload_hash, source, revision, status, message, current_job, step, jobs, outcome, stac_item, error, warnings,
        size_class, links, callback_url, callback_status, created_at, submitted_at, started_at, completed_at
        """;

    public static RequestRow Read(Row row) => new(
        row.Text("org"), row.Text("request_id"),
        new RequestIdentity(row.Text("client_id"), row.Text("dataset_id"), row.Text("resource_id"),
        row.TextOrNull("version_id")),
        row.Word<DataType>("request_type"), row.Text("collection"), row.Text("item_id"), row.Json("payload"),
        row.Text("payload_hash"), row.Json("source"), row.Int("revision"), row.Word<RequestStatus>("status"),
        row.Text("message"), row.TextOrNull("current_job"), row.Int("step"), row.Int("jobs"), row.JsonOrNull("outcome"),
        row.JsonOrNull("stac_item"), row.JsonOrNull("error"), row.Json("warnings"), row.Text("size_class"),
        row.Json("links"), row.TextOrNull("callback_url"),
        row.IsNull("callback_status") ? null : row.Word<CallbackStatus>("callback_status"),
        row.Time("created_at"), row.Time("submitted_at"), row.TimeOrNull("started_at"), row.TimeOrNull("completed_at"));

    public Payload Payload => PayloadJson.To<Payload>();

    public Source Source => SourceJson.To<Source>();

    public bool IsOver => Status is RequestStatus.Completed or RequestStatus.Failed;

    /// <summary>What the catalogue calls it.</summary>
    public static string CollectionOf(DataType type) => type == DataType.Vector ? "ddh_vectors" : "ddh_rasters";
}

/// <summary>Enums as the platform contract spells them, in columns that people read too.</summary>
static class Spelling
{
    /// <summary>An enum kept by its lower-case name.</summary>
    public static T Word<T>(this Row row, string column) where T : struct, Enum =>
        Enum.Parse<T>(row.Text(column), ignoreCase: true);

    /// <summary>The lower-case name.</summary>
    public static string Word<T>(this T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>Reads and changes requests, always inside the caller's transaction.</summary>
static class Requests
{
    /// <summary>What waiting status calls are woken by.</summary>
    public const string Channel = "pipelines.requests";

    /// <summary>What a request says before a worker has begun.</summary>
    public const string Waiting = "Waiting for a worker.";

    const string Working = "Being worked on.";
    const int MostWarnings = 100;

    extension(Tx tx)
    {
        /// <summary>The request of this id, or null.</summary>
        public Task<RequestRow?> FindRequest(string org, string id) => tx.One<RequestRow>($"""
            select {RequestRow.Columns} from pipelines_requests where org = {org} and request_id = {id}
            """);

        /// <summary>The request of this id, or null; nobody else changes it until this transaction ends.</summary>
        public Task<RequestRow?> HoldRequest(string org, string id) => tx.One<RequestRow>($"""
            select {RequestRow.Columns} from pipelines_requests where org = {org} and request_id = {id} {tx.ForUpdate}
            """);

        /// <summary>The requests whose present revision waits for this job; held.</summary>
        public Task<List<RequestRow>> RequestsWaitingFor(string org, string jobId) => tx.All<RequestRow>($"""
            select {RequestRow.Columns} from pipelines_requests
            where org = {org} and current_job = {jobId} and status <> 'completed'
            order by request_id {tx.ForUpdate}
            """);

        /// <summary>Notes that the request goes on with this job.</summary>
        public async Task<RequestRow> Link(RequestRow request, int step, string kind, string jobId)
        {
            await tx.Run($"""
                insert into pipelines_request_jobs (org, request_id, seq, revision, step, kind, job_id)
                values ({request.Org}, {request.RequestId}, {request.Jobs + 1}, {request.Revision}, {step}, {kind},
                {jobId})
                """);
            await tx.Run($"""
                update pipelines_requests set jobs = jobs + 1, current_job = {jobId}, step = {step}
                where org = {request.Org} and request_id = {request.RequestId}
                """);
            tx.WakeAfterCommit(Channel);
            return request with { Jobs = request.Jobs + 1, CurrentJob = jobId, Step = step };
        }

        /// <summary>A worker has begun with the request's job.</summary>
        public async Task MarkProcessing(string org, string jobId, DateTimeOffset at)
        {
            var begun = await tx.All<Words>($"""
                update pipelines_requests set status = 'processing', message = {Working}, started_at = {at}
                where org = {org} and current_job = {jobId} and status = 'pending'
                returning request_id as t
                """);
            foreach (var one in begun) await tx.Emit(org, at, new RequestProcessing(one.T!, jobId), one.T);
            if (begun.Count > 0) tx.WakeAfterCommit(Channel);
        }

        /// <summary>Somebody has the failed job of the request run again. A request that failed after that stays so.
        /// </summary>
        public async Task MarkRetried(string org, string jobId, DateTimeOffset at)
        {
            var again = await tx.All<Words>($"""
                update pipelines_requests
                set status = 'processing', message = {Working}, error = null, error_code = null, completed_at = null
                where org = {org} and current_job = {jobId} and status = 'failed' and completed_at <= {at}
                returning request_id as t
                """);
            foreach (var one in again) await tx.Emit(org, at, new RequestProcessing(one.T!, jobId), one.T);
            if (again.Count > 0) tx.WakeAfterCommit(Channel);
        }

        /// <summary>Sets an ended request back to its beginning, as its next revision.</summary>
        public async Task<RequestRow> NextRevision(RequestRow request, DateTimeOffset now)
        {
            await tx.Run($"""
                update pipelines_requests
                set revision = revision + 1, status = 'pending', message = {Waiting}, current_job = null, step = 0,
                    error = null, error_code = null, warnings = {new Json("[]")}, callback_status = null,
                    submitted_at = {now}, started_at = null, completed_at = null
                where org = {request.Org} and request_id = {request.RequestId}
                """);
            return (await tx.HoldRequest(request.Org, request.RequestId))!;
        }

        /// <summary>The kind of the job that the request is at.</summary>
        public async Task<string?> KindOfCurrentJob(RequestRow request) => (await tx.One<Words>($"""
            select kind as t from pipelines_request_jobs
            where org = {request.Org} and request_id = {request.RequestId} and seq = {request.Jobs}
            """))?.T;

        /// <summary>The request has its result.</summary>
        public async Task Complete(
            RequestRow request, Json outcome, Json item, IReadOnlyList<GeodataWarning> warnings, DateTimeOffset now)
        {
            await tx.Run($"""
                update pipelines_requests
                set status = 'completed', message = {"Done: validated, converted, catalogued and served."},
                    outcome = {outcome}, stac_item = {item}, error = null, error_code = null,
                    warnings = {Json.Of(warnings.Take(MostWarnings))}, completed_at = {now},
                    started_at = coalesce(started_at, {now})
                where org = {request.Org} and request_id = {request.RequestId}
                """);
            await tx.Emit(
                request.Org, now,
                new RequestCompleted(request.RequestId, request.Collection, request.ItemId, request.Revision),
                request.RequestId);
            tx.WakeAfterCommit(Channel);
        }

        /// <summary>The request ends without a result.</summary>
        public async Task Fail(RequestRow request, RequestError error, DateTimeOffset now)
        {
            await tx.Run($"""
                update pipelines_requests
                set status = 'failed', message = {error.Message}, error = {Json.Of(error)}, error_code = {error.Code},
                    completed_at = {now}
                where org = {request.Org} and request_id = {request.RequestId}
                """);
            await tx.Emit(
                request.Org, now, new RequestFailed(request.RequestId, error, request.Revision), request.RequestId);
            tx.WakeAfterCommit(Channel);
        }
    }
}

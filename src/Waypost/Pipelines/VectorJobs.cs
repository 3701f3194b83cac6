using Waypost.Catalogue;
using Waypost.Geo.Vector;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>A vector's way: read once, mended feature by feature, cut into chunks that are written side by side, and
/// catalogued.</summary>
static class VectorJobs
{
    /// <summary>Brings the source here and its features into the table.</summary>
    public const string IngestKind = "ingest_vector";

    /// <summary>Makes the item.</summary>
    public const string CatalogKind = "stac_catalog_vectors";

    const string PrepareStage = "prepare_chunks";
    const string UploadStage = "upload_chunks";
    const string VerifyStage = "verify_table";
    const string CatalogStage = "catalog_table";

    // Few chunks cost little to plan, small ones little memory; a chunk of its own size follows from the file's.
    const long LeastChunkBytes = 1 << 20;
    const int UsualChunks = 2000;
    const int MostChunks = Stages.MostTasks;

    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>What ingestion works on. The request and its revision make the job, and with it the set of features,
    /// its own.</summary>
    public sealed record IngestParameters(Source Source, int? ChunkSize, string RequestId, int Revision);

    /// <summary>What preparation made.</summary>
    public sealed record Prepared(string SourceSha256, long SourceBytes, string ReportKey, int Chunks, long Features);

    /// <summary>One chunk to be written.</summary>
    public sealed record ChunkParameters(int Chunk);

    /// <summary>One chunk that was written.</summary>
    public sealed record Uploaded(int Chunk, long Features);

    /// <summary>What there is when all chunks are.</summary>
    public sealed record VerifyParameters(long Features, int Chunks);

    /// <summary>The table as it is.</summary>
    public sealed record Ingested(string SourceSha256, long SourceBytes, string ReportKey, string SetId, long Features);

    /// <summary>The kind that brings features into the table.</summary>
    public static JobKind Ingestion(Func<Tx, JobOutcome, Task> ended) => Kind(
        IngestKind, ended, StageKind.Single(PrepareStage),
        new StageKind(UploadStage, Parallelism.FanOut, job => Chunks(job.Previous[0])),
        new StageKind(VerifyStage, Parallelism.Single, job => [Verification(job.Previous)]));

    /// <summary>The kind that makes the item.</summary>
    public static JobKind Cataloguing(Func<Tx, JobOutcome, Task> ended) =>
        Kind(CatalogKind, ended, StageKind.Single(CatalogStage));

    /// <summary>The steps of a request.</summary>
    public static IReadOnlyList<Step> Steps { get; } =
    [
        new Step(IngestKind, (request, _) => new NewJob(
            request.Org, IngestKind, Json.Of(new IngestParameters(
                request.Source, request.Payload.Options.ChunkSize, request.RequestId, request.Revision)))
            {
                SizeClass = request.SizeClass,
            }),
        new Step(CatalogKind, (request, before) => new NewJob(
            request.Org, CatalogKind, Json.Of(new VectorItem.Parameters(
                before!.Value.To<Ingested>(), ItemAbout.Of(request), request.Revision)))
            {
                SizeClass = request.SizeClass,
            }),
    ];

    /// <summary>What does their tasks here.</summary>
    public static IReadOnlyList<TaskExecutor> TaskExecutors { get; } =
    [
        Executors.Of(IngestKind, PrepareStage, Prepare),
        Executors.Of(IngestKind, UploadStage, Upload),
        Executors.Of(IngestKind, VerifyStage, Verify),
        Executors.Of(CatalogKind, CatalogStage, VectorItem.Make),
    ];

    static JobKind Kind(string name, Func<Tx, JobOutcome, Task> ended, params StageKind[] stages) => new()
    {
        Name = name,
        Stages = [.. stages.Select(stage => stage with { Lease = Lease })],
        Result = job => job.LastStage[0].Result!.Value,
        Finished = ended,
        IsOpenToClients = false,
    };

    static IReadOnlyList<NewTask> Chunks(TaskResult prepared) =>
        [.. Enumerable.Range(0, prepared.Result!.Value.To<Prepared>().Chunks)
            .Select(chunk => new NewTask($"{chunk:D5}", Json.Of(new ChunkParameters(chunk))))];

    static NewTask Verification(IReadOnlyList<TaskResult> uploaded) => new("all", Json.Of(new VerifyParameters(
        uploaded.Sum(chunk => chunk.Result!.Value.To<Uploaded>().Features), uploaded.Count)));

    static async Task<Json> Prepare(TaskContext context, CancellationToken ct)
    {
        var asked = context.Task.JobParameters.To<IngestParameters>();
        var (org, job) = (context.Task.Org, context.Task.JobId);
        var blobs = context.Services.GetRequiredService<Blobs>();
        var source = await context.Services.GetRequiredService<Sources>().Fetch(
            asked.Source, org, context.ScratchFolder.Value, context.Progress.Part(0, 0.2), ct);
        await using var file = blobs.OpenRead(source.BlobKey);
        Sniff.Check(file, DataType.Vector);
        using var reading = new VectorReading(file);
        var chunks = new FeatureChunks(blobs, org, job, asked.ChunkSize,
            Math.Max(LeastChunkBytes, source.Bytes / UsualChunks));
        var reported = context.Progress.Part(0.2, 1);
        await foreach (var feature in reading.Features(ct))
        {
            if (!await chunks.Add(feature, ct)) continue;
            reported.Report((double)reading.BytesRead / Math.Max(1, source.Bytes));
            if (chunks.Written >= MostChunks) throw TooManyChunks();
        }
        await chunks.Finish(ct);
        var key = ReportKey(org, job);
        await blobs.PutJson(key, Json.Of(reading.Report), ct);
        return Json.Of(new Prepared(source.Sha256, source.Bytes, key, chunks.Written, reading.Report.Kept));
    }

    static async Task<Json> Upload(TaskContext context, CancellationToken ct)
    {
        var (org, job) = (context.Task.Org, context.Task.JobId);
        var chunk = context.Task.Parameters.To<ChunkParameters>().Chunk;
        var features = await FeatureChunks.Read(context.Services.GetRequiredService<Blobs>(), org, job, chunk, ct);
        await using var tx = await context.Services.GetRequiredService<Databases>().For(org).Begin(ct);
        await tx.AddFeatures(org, job, chunk, features);
        await tx.Commit();
        return Json.Of(new Uploaded(chunk, features.Count));
    }

    static async Task<Json> Verify(TaskContext context, CancellationToken ct)
    {
        var (org, job) = (context.Task.Org, context.Task.JobId);
        var blobs = context.Services.GetRequiredService<Blobs>();
        var uploaded = context.Task.Parameters.To<VerifyParameters>();
        var key = ReportKey(org, job);
        var report = (await blobs.GetJson(key, ct)).To<VectorReport>();
        if (uploaded.Features != report.Kept)
            throw Executors.Broken("FEATURES_LOST",
                $"{report.Kept} features were prepared and {uploaded.Features} were written; nothing was published.");
        FeatureChunks.Delete(blobs, org, job, uploaded.Chunks);
        return Json.Of(new Ingested(report.Sha256, report.Bytes, key, job, report.Kept));
    }

    static string ReportKey(string org, string job) => Blobs.Key(org, "reports", job, "vector.json");

    static TaskFailedException TooManyChunks() => new(new TaskError(
        "CHUNK_SIZE_TOO_SMALL", "PARAMETER_ERROR", $"The file would be cut into more than {MostChunks} chunks.",
        "Leave chunk_size out, or send a larger one.", UserFixable: true, ErrorClass.Permanent));
}

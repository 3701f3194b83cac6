using System.Security.Cryptography;
using Waypost.Geo.Crs;
using Waypost.Geo.Raster;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>A raster's way: validated in one pass, then written as a COG with proof that nothing was lost.</summary>
/// <remarks>The second job does not validate again: it takes the first one's report by the content's hash, and its own
/// checksums of the source must be those of the report.</remarks>
static class RasterJobs
{
    /// <summary>Brings the source here and measures it.</summary>
    public const string ValidateKind = "validate_raster";

    /// <summary>Writes the COG.</summary>
    public const string ProcessKind = "process_raster";

    const string ValidateStage = "validate";
    const string CogStage = "create_cog";

    /// <summary>Part of what decides whether an output may be used again: a writer that writes otherwise counts
    /// on.</summary>
    const int Writer = 1;

    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>What validation works on. The request and its revision make the job its own: the same path may hold
    /// something else the next time.</summary>
    public sealed record ValidateParameters(Source Source, string? InputCrs, string RequestId, int Revision);

    /// <summary>What validation found.</summary>
    public sealed record Validated(string SourceSha256, long SourceBytes, string ReportKey);

    /// <summary>What conversion works on: content and parameters only, so that requests for the same share the job.
    /// </summary>
    public sealed record ProcessParameters(string SourceSha256, long SourceBytes, string? InputCrs, int Writer);

    /// <summary>What conversion made.</summary>
    public sealed record Processed(
        string SourceSha256, long SourceBytes, string CogKey, string CogSha256, string ReportKey, RasterReport Report,
        CogReceipt Receipt);

    /// <summary>The kind that validates.</summary>
    public static JobKind Validation(Func<Tx, JobOutcome, Task> ended) => Kind(ValidateKind, ValidateStage, ended);

    /// <summary>The kind that converts.</summary>
    public static JobKind Conversion(Func<Tx, JobOutcome, Task> ended) => Kind(ProcessKind, CogStage, ended);

    /// <summary>The steps of a request.</summary>
    public static IReadOnlyList<Step> Steps { get; } =
    [
        new Step(ValidateKind, (request, _) => new NewJob(
            request.Org, ValidateKind, Json.Of(new ValidateParameters(
                request.Source, request.Payload.Options.InputCrs, request.RequestId, request.Revision)))
            {
                SizeClass = request.SizeClass,
            }),
        new Step(ProcessKind, (request, before) =>
        {
            var validated = before!.Value.To<Validated>();
            return new NewJob(
                request.Org, ProcessKind, Json.Of(new ProcessParameters(
                    validated.SourceSha256, validated.SourceBytes, request.Payload.Options.InputCrs, Writer)))
            {
                SizeClass = request.SizeClass,
                ContentKey = validated.SourceSha256,
            };
        })
        {
            IsThere = (blobs, made) => blobs.Find(made.To<Processed>().CogKey) is not null,
        },
    ];

    /// <summary>What does their tasks here.</summary>
    public static IReadOnlyList<TaskExecutor> TaskExecutors { get; } =
    [
        Executors.Of(ValidateKind, ValidateStage, Validate),
        Executors.Of(ProcessKind, CogStage, Process),
    ];

    static JobKind Kind(string name, string stage, Func<Tx, JobOutcome, Task> ended) => new()
    {
        Name = name,
        Stages = [StageKind.Single(stage) with { Lease = Lease }],
        Result = job => job.LastStage[0].Result!.Value,
        Finished = ended,
        IsOpenToClients = false,
    };

    static async Task<Json> Validate(TaskContext context, CancellationToken ct)
    {
        var asked = context.Task.JobParameters.To<ValidateParameters>();
        var org = context.Task.Org;
        var blobs = context.Services.GetRequiredService<Blobs>();
        var source = await context.Services.GetRequiredService<Sources>().Fetch(
            asked.Source, org, context.ScratchFolder.Value, context.Progress.Part(0, 0.3), ct);
        using var raster = Open(blobs, source.BlobKey, asked.InputCrs);
        var report = RasterValidation.Validate(raster, context.Progress.Part(0.3, 1), ct);
        var key = ReportKey(org, source.Sha256, asked.InputCrs);
        await blobs.PutJson(key, Json.Of(report), ct);
        return Json.Of(new Validated(source.Sha256, source.Bytes, key));
    }

    static async Task<Json> Process(TaskContext context, CancellationToken ct)
    {
        var asked = context.Task.JobParameters.To<ProcessParameters>();
        var org = context.Task.Org;
        var blobs = context.Services.GetRequiredService<Blobs>();
        var reportKey = ReportKey(org, asked.SourceSha256, asked.InputCrs);
        var report = (await blobs.GetJson(reportKey, ct)).To<RasterReport>();
        var path = Path.Combine(context.ScratchFolder.Value, "cog.tif");
        CogReceipt receipt;
        string sha;
        await using (var output = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
        {
            using (var raster = Open(blobs, Source.BlobKey(org, asked.SourceSha256), asked.InputCrs))
                receipt = CogWriter.Write(
                    raster, output, CogOptions.For(report, context.ScratchFolder.Value), context.Progress.Part(0, 0.95),
                    ct);
            output.Position = 0;
            sha = Convert.ToHexStringLower(await SHA256.HashDataAsync(output, ct));
        }
        Check(report, receipt);
        var key = Blobs.Key(org, "cogs", context.Task.JobId, "data.tif");
        await blobs.PutFile(key, path, ct);
        return Json.Of(new Processed(
            asked.SourceSha256, asked.SourceBytes, key, sha, reportKey, report, receipt));
    }

    /// <summary>Nothing is published that is not proven.</summary>
    static void Check(RasterReport report, CogReceipt receipt)
    {
        if (!receipt.Verdict.IsValid)
            throw Executors.Broken("COG_INVALID",
                "The COG that was written is not valid and was not published: "
                + string.Join(' ', receipt.Verdict.Problems));
        if (!receipt.IsLossless)
            throw Executors.Broken("COG_LOSSY",
                "The COG that was written has other pixels than its source and was not published.");
        if (!receipt.SourceSha256.SequenceEqual(report.Bands.Select(band => band.Sha256)))
            throw Executors.Broken("SOURCE_CHANGED", "The source's pixels are not those that were validated.");
    }

    static RasterFile Open(Blobs blobs, string key, string? inputCrs)
    {
        var file = blobs.OpenRead(key);
        try
        {
            Sniff.Check(file, DataType.Raster);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return RasterFile.Open(file, new RasterOpenOptions(inputCrs is null ? null
            : CoordinateSystem.FromName(inputCrs)));
    }

    static string ReportKey(string org, string sha256, string? inputCrs) => Blobs.Key(
        org, "reports", sha256, $"raster{inputCrs?.Replace(':', '-')}.json");
}

/// <summary>Small documents among the blobs.</summary>
static class JsonBlobs
{
    /// <summary>Writes a document.</summary>
    public static Task<BlobInfo> PutJson(this Blobs blobs, string key, Json document, CancellationToken ct) =>
        blobs.Put(key, stream => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(document.Text), ct).AsTask(), ct);

    /// <summary>Reads a document.</summary>
    public static async Task<Json> GetJson(this Blobs blobs, string key, CancellationToken ct)
    {
        using var reader = new StreamReader(blobs.OpenRead(key));
        return new Json(await reader.ReadToEndAsync(ct));
    }
}

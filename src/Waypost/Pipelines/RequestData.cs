using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Raster;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>The proof that what is served is what was sent.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Source">What was sent.</param>
/// <param name="Output">What is served.</param>
/// <param name="Bands">Every band's samples before and after, in rows from the top, little-endian, as SHA-256.</param>
/// <param name="Lossless">True: each band came out as it went in.</param>
/// <param name="Validation">What the validator of cloud-optimized GeoTIFFs says of the output.</param>
/// <param name="Cog">How the output is laid out.</param>
/// <param name="MadeAt">When the request was completed.</param>
public sealed record Receipt(
    string RequestId, ReceiptFile Source, ReceiptFile Output, IReadOnlyList<ReceiptBand> Bands, bool Lossless,
    CogVerdict Validation, ReceiptLayout Cog, DateTimeOffset? MadeAt);

/// <summary>A file in a receipt.</summary>
public sealed record ReceiptFile(string Sha256, long Bytes, string Compression);

/// <summary>A band in a receipt; bands count from 1.</summary>
public sealed record ReceiptBand(int Band, string SourceSha256, string OutputSha256, bool Equal);

/// <summary>The layout of a cloud-optimized GeoTIFF.</summary>
public sealed record ReceiptLayout(
    int Width, int Height, int BlockSize, string Compression, int Predictor, string Resampling,
    IReadOnlyList<CogOverview> Overviews, bool IsBigTiff);

/// <summary>What a request made, to take away: the data, the report about the source, the receipt.</summary>
static class RequestData
{
    const string GeoTiff = "image/tiff; application=geotiff; profile=cloud-optimized";
    static readonly string[] RasterFormats = ["cog", "tif"];
    static readonly string[] VectorFormats = ["geojson"];

    public static void Map(IEndpointRouteBuilder platform, Func<string, string?> operation)
    {
        foreach (var (method, name) in ((string, string?)[])[("GET", operation("downloadRequestData")), ("HEAD", null)])
            platform.MapMethods("/data/{request_id}/download", [method], Download).Permit(Permission.CatalogueRead)
                .Named(name).WithSummary("Download what a request made; byte ranges are answered")
                .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute());
        platform.MapGet("/data/{request_id}/report", Report).Permit(Permission.CatalogueRead)
            .Named(operation("getRequestReport")).WithSummary("What validation found in the source");
        platform.MapGet("/data/{request_id}/receipt", GetReceipt).Permit(Permission.CatalogueRead)
            .Named(operation("getRequestReceipt")).WithSummary("The proof that the output holds what the source held");
    }

    static async Task<IResult> Download(
        [FromRoute(Name = "request_id")] string id, HttpContext http, View view, Db db, Blobs blobs,
        CancellationToken ct, string? format = null)
    {
        var request = await Made(db, view, id, ct);
        var formats = request.Type == DataType.Raster ? RasterFormats : VectorFormats;
        if (format is not null && !formats.Contains(format, StringComparer.OrdinalIgnoreCase))
            throw Refused.Bad("UNSUPPORTED_FORMAT", $"This data is not offered as {format}.",
                $"Offered: {string.Join(", ", formats)}.").With(("field", "format"), ("allowed", formats));
        return request.Type == DataType.Raster ? Cog(request, blobs)
            : await VectorDownload.Of(request, http, view, db, ct);
    }

    static IResult Cog(RequestRow request, Blobs blobs)
    {
        var made = request.Outcome!.Value.To<RasterJobs.Processed>();
        return Results.Stream(
            blobs.OpenRead(made.CogKey), GeoTiff, $"{request.ItemId}.tif", blobs.Find(made.CogKey)?.ModifiedAt,
            new EntityTagHeaderValue($"\"{made.CogSha256}\""), enableRangeProcessing: true);
    }

    static async Task<IResult> Report(
        [FromRoute(Name = "request_id")] string id, View view, Db db, Blobs blobs, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var request = await Named(tx, view, id);
        switch (request.Status)
        {
            case RequestStatus.Failed when !view.IsOutside:
                return Results.Json(new { request_id = request.RequestId, valid = false, error = request.Error },
                    Json.Options);
            case RequestStatus.Completed:
                var key = request.Type == DataType.Raster
                    ? request.Outcome!.Value.To<RasterJobs.Processed>().ReportKey
                    : request.Outcome!.Value.To<VectorJobs.Ingested>().ReportKey;
                return Results.Json(new
                {
                    request_id = request.RequestId,
                    valid = true,
                    warnings = view.Shown(request.Warnings),
                    report = view.Shown(await blobs.GetJson(key, ct)),
                }, Json.Options);
            default:
                throw NotYet(request);
        }
    }

    static async Task<Receipt> GetReceipt(
        [FromRoute(Name = "request_id")] string id, View view, Db db, CancellationToken ct)
    {
        var request = await Made(db, view, id, ct);
        if (request.Type != DataType.Raster) throw Refused.NotFound("A receipt of this vector request");
        var made = request.Outcome!.Value.To<RasterJobs.Processed>();
        var cog = made.Receipt;
        return new Receipt(
            request.RequestId, new ReceiptFile(made.SourceSha256, made.SourceBytes, made.Report.Compression),
            new ReceiptFile(made.CogSha256, cog.Bytes, cog.Compression),
            [.. cog.SourceSha256.Zip(cog.OutputSha256, (source, output) => (source, output)).Select((band, i) =>
                new ReceiptBand(i + 1, band.source, band.output, band.source == band.output))],
            cog.IsLossless, cog.Verdict,
            new ReceiptLayout(
                cog.Width, cog.Height, cog.BlockSize, cog.Compression, cog.Predictor,
                cog.Resampling.ToString().ToLowerInvariant(), cog.Overviews, cog.IsBigTiff),
            request.Status == RequestStatus.Completed ? request.CompletedAt : null);
    }

    // What an earlier revision made stays there to be taken while the next one runs, or has failed.
    static async Task<RequestRow> Made(Db db, View view, string id, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var request = await Named(tx, view, id);
        return request.Outcome is not null ? request : throw NotYet(request);
    }

    // Outside, data is there as part of an item that is seen there, and by the name that the item's links have.
    static async Task<RequestRow> Named(Tx tx, View view, string id)
    {
        var request = await tx.Named(view.Org, id);
        if (request is not null && view.IsOutside
            && (request.RequestId != id || request.Outcome is null
                || !await tx.ShowsItem(view, request.Collection, request.ItemId)))
            request = null;
        return request ?? throw Refused.NotFound($"The request {id}");
    }

    static Refused NotYet(RequestRow request) => Refused.Conflict(
        "REQUEST_NOT_COMPLETED", $"The request is {request.Status.Word()}; there is nothing to take away.",
        "GET /platform/status/{request_id} says how it stands.").With(("request_id", request.RequestId));
}

using System.ComponentModel.DataAnnotations;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>One line of the list of requests.</summary>
public sealed record RequestListed(
    string RequestId, string ClientId, string DatasetId, string ResourceId, string? VersionId, DataType RequestType,
    RequestStatus Status, int Revision, string Message, string? ErrorCode, string StatusUrl, DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt);

/// <summary>A page of the list of requests, newest first.</summary>
/// <param name="Success">True.</param>
/// <param name="Requests">The requests.</param>
/// <param name="Count">How many are on this page.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Limit">The largest page that was asked for.</param>
/// <param name="Offset">How many were skipped.</param>
public sealed record RequestPage(
    bool Success, IReadOnlyList<RequestListed> Requests, int Count, long Total, int Limit, int Offset);

/// <summary>What failed lately, gathered by its cause.</summary>
/// <param name="Hours">How far back was looked.</param>
/// <param name="Failed">How many requests failed.</param>
/// <param name="Patterns">By cause, the most frequent first.</param>
/// <param name="Recent">The newest ones.</param>
public sealed record FailureReport(
    int Hours, long Failed, IReadOnlyList<FailurePattern> Patterns, IReadOnlyList<RequestListed> Recent);

/// <summary>One cause of failures.</summary>
public sealed record FailurePattern(string Code, DataType RequestType, long Count, DateTimeOffset LastAt)
    : IRow<FailurePattern>
{
    /// <inheritdoc/>
    public static FailurePattern Read(Row row) => new(
        row.Text("error_code"), row.Word<DataType>("request_type"), row.Long("n"), row.Time("last_at"));
}

/// <summary>Lists requests, and what went wrong with them.</summary>
static class ListRequests
{
    const int DefaultPage = 50;
    const int LargestPage = 1000;
    const int LargestOffset = 100_000;
    const int LongestHours = 24 * 90;

    public static void Map(IEndpointRouteBuilder platform, Func<string, string?> operation)
    {
        platform.MapGet("/status", List).Permit(Permission.JobsRead).Named(operation("listRequests"))
            .WithSummary("List requests, newest first");
        platform.MapGet("/failures", Failures).Permit(Permission.JobsRead).Named(operation("listFailures"))
            .WithSummary("What failed lately, by cause");
    }


    static async Task<RequestPage> List(
        HttpContext http, Caller caller, Db db, CancellationToken ct, [Range(1, LargestPage)] int limit = DefaultPage,
        [Range(0, LargestOffset)] int offset = 0, string? status = null,
        string? dataset_id = null)
    {
        Sql where = $"org = {caller.Org}";
        if (status is not null) where = $"{where} and status = {StatusOf(status).Word()}";
        if (dataset_id is not null) where = $"{where} and dataset_id = {dataset_id}";
        await using var tx = await db.Read(ct);
        var rows = await tx.All<RequestRow>($"""
            select {RequestRow.Columns} from pipelines_requests where {where}
            order by created_at desc, request_id desc limit {limit} offset {offset}
            """);
        var total = await tx.Count($"select count(*) as n from pipelines_requests where {where}");
        return new RequestPage(true, [.. rows.Select(row => Line(http, row))], rows.Count, total, limit, offset);
    }

    static async Task<FailureReport> Failures(
        HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct,
        [Range(1, LongestHours)] int hours = 24, [Range(1, LargestPage)] int limit = DefaultPage)
    {
        var since = clock.GetUtcNow().AddHours(-hours);
        Sql where = $"org = {caller.Org} and status = 'failed' and completed_at >= {since}";
        await using var tx = await db.Read(ct);
        var patterns = await tx.All<FailurePattern>($"""
            select error_code, request_type, count(*) as n, max(completed_at) as last_at
            from pipelines_requests where {where} group by error_code, request_type
            order by n desc, error_code limit {limit}
            """);
        var recent = await tx.All<RequestRow>($"""
            select {RequestRow.Columns} from pipelines_requests where {where}
            order by completed_at desc, request_id limit {limit}
            """);
        return new FailureReport(hours, patterns.Sum(p => p.Count), patterns,
            [.. recent.Select(row => Line(http, row))]);
    }

    static RequestListed Line(HttpContext http, RequestRow row) => new(
        row.RequestId, row.Identity.Client, row.Identity.Dataset, row.Identity.Resource, row.Identity.Version, row.Type,
        row.Status, row.Revision, row.Message, row.Error?.To<RequestError>().Code,
        PlatformLinks.Status(http, row.RequestId), row.CreatedAt, row.CompletedAt);

    static RequestStatus StatusOf(string word) =>
        Enum.TryParse<RequestStatus>(word, ignoreCase: true, out var status) && Enum.IsDefined(status) ? status
            : throw Refused.Bad("INVALID_PARAMETER", "status is not one that requests have.",
                "Send pending, processing, completed or failed.").At("status");
}

using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>How the platform's requests of one organization are getting on.</summary>
/// <param name="PendingRequests">Waiting for a worker.</param>
/// <param name="ProcessingRequests">Being worked on.</param>
/// <param name="AverageProcessingSeconds">Of those completed in the last day; null without any.</param>
/// <param name="WebhookSuccessRate">Share of callbacks that arrived, 0 to 1; null without any.</param>
/// <param name="DdhIntegration">What the data hub's side needs.</param>
public sealed record PlatformHealth(
    long PendingRequests, long ProcessingRequests, double? AverageProcessingSeconds, double? WebhookSuccessRate,
    DdhIntegration DdhIntegration)
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    const string Sent = "sent";

    sealed record Counted(string Status, long N) : IRow<Counted>
    {
        public static Counted Read(Row row) => new(row.Text("status"), row.Long("n"));
    }

    sealed record Took(DateTimeOffset From, DateTimeOffset To) : IRow<Took>
    {
        public static Took Read(Row row) => new(row.Time("submitted_at"), row.Time("completed_at"));
    }

    sealed record LastSent(DateTimeOffset? At) : IRow<LastSent>
    {
        public static LastSent Read(Row row) => new(row.TimeOrNull("at"));
    }

    /// <summary>Reads it for one organization.</summary>
    public static async Task<PlatformHealth> Read(Db db, string org, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var open = await tx.All<Counted>($"""
            select status, count(*) as n from pipelines_requests
            where org = {org} and status in ('pending', 'processing') group by status
            """);
        var took = await tx.All<Took>($"""
            select submitted_at, completed_at from pipelines_requests
            where org = {org} and status = 'completed' and completed_at >= {clock.GetUtcNow() - Day}
            """);
        var callbacks = await tx.All<Counted>($"""
            select callback_status as status, count(*) as n from pipelines_requests
            where org = {org} and callback_status in ('sent', 'failed') group by callback_status
            """);
        var last = await tx.One<LastSent>($"""
            select max(completed_at) as at from pipelines_requests where org = {org} and callback_status = {Sent}
            """);
        var urls = await tx.Count($"""
            select count(*) as n from pipelines_requests where org = {org} and callback_url is not null
            """);
        var ended = callbacks.Sum(one => one.N);
        return new PlatformHealth(
            Of(open, "pending"), Of(open, "processing"),
            took.Count == 0 ? null : Math.Round(took.Average(run => (run.To - run.From).TotalSeconds), 3),
            ended == 0 ? null : Math.Round((double)Of(callbacks, Sent) / ended, 4),
            new DdhIntegration(true, urls > 0, last?.At));
    }

    static long Of(List<Counted> counts, string status) => counts.Where(one => one.Status == status).Sum(one => one.N);
}

/// <summary>What the data hub's side needs.</summary>
/// <param name="ApiKeyConfigured">True: the platform answers to keys only.</param>
/// <param name="CallbackUrlConfigured">Whether any request named a callback.</param>
/// <param name="LastSuccessfulWebhook">When the newest request whose callback arrived was completed.</param>
public sealed record DdhIntegration(
    bool ApiKeyConfigured, bool CallbackUrlConfigured, DateTimeOffset? LastSuccessfulWebhook);

/// <summary>How the platform is, for an organization's own monitor.</summary>
/// <param name="Status">ok: requests are taken.</param>
/// <param name="ReadyForJobs">True: requests are taken.</param>
/// <param name="QueueBacklog">Requests that have not ended.</param>
/// <param name="FailedLast24h">Requests that failed in the last day.</param>
/// <param name="AvgCompletionMinutes">From submission to completion, over the last day; null without any.</param>
/// <param name="PlatformService">The same in the words of the seed contract.</param>
public sealed record PlatformState(
    string Status, bool ReadyForJobs, long QueueBacklog, long FailedLast24h, double? AvgCompletionMinutes,
    PlatformHealth PlatformService);

/// <summary>The route of an organization's platform health.</summary>
static class ShowPlatformHealth
{
    public static void Map(IEndpointRouteBuilder platform, string? operation) => platform
        .MapGet("/health", Handle).Permit(Permission.JobsRead).Named(operation)
        .WithSummary("How the organization's requests are getting on");

    static async Task<PlatformState> Handle(Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var health = await PlatformHealth.Read(db, caller.Org, clock, ct);
        await using var tx = await db.Read(ct);
        var failed = await tx.Count($"""
            select count(*) as n from pipelines_requests
            where org = {caller.Org} and status = 'failed' and completed_at >= {clock.GetUtcNow().AddDays(-1)}
            """);
        return new PlatformState(
            "ok", true, health.PendingRequests + health.ProcessingRequests, failed,
            health.AverageProcessingSeconds is { } seconds ? Math.Round(seconds / 60, 3) : null, health);
    }
}

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>A webhook as answers show it: no secret, no header's value.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">The types of events it wants.</param>
/// <param name="Headers">The names of the headers sent along; the values are masked.</param>
/// <param name="RetryPolicy">How often a delivery is tried.</param>
/// <param name="Enabled">False when it was disabled after failing; see <see cref="DisabledReason"/>.</param>
/// <param name="DisabledReason">Why it is disabled.</param>
/// <param name="FailedInARow">How many deliveries have failed for good since the last one that arrived.</param>
/// <param name="PreviousSecretUntil">Until then the secret before the rotation signs as well.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="Secret">The signing secret: shown once, when it was made or rotated.</param>
public sealed record WebhookView(
    Guid Id, string Url, IReadOnlyList<string> Events, IReadOnlyDictionary<string, string> Headers,
    RetryPolicy RetryPolicy, bool Enabled, string? DisabledReason, int FailedInARow,
    DateTimeOffset? PreviousSecretUntil, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret);

/// <summary>An organization's webhooks.</summary>
/// <param name="Webhooks">All of them, the oldest first.</param>
public sealed record WebhookList(IReadOnlyList<WebhookView> Webhooks);

/// <summary>A webhook as it is kept.</summary>
sealed record Webhook(
    Guid Id, string Org, string Url, IReadOnlyList<string> Events, string HeadersSealed, string SecretSealed,
    string? PreviousSealed, DateTimeOffset? PreviousUntil, int MaxAttempts, double BackoffMultiplier, bool Enabled,
    string? DisabledReason, int FailedInARow, long FromPosition, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
    : IRow<Webhook>
{
    public static Webhook Read(Row row) => new(
        row.Id("id"), row.Text("org"), row.Text("url"), row.Json("events").To<string[]>(), row.Text("headers"),
        row.Text("secret"), row.TextOrNull("previous_secret"), row.TimeOrNull("previous_until"),
        row.Int("max_attempts"),
        row.Double("backoff_multiplier"), row.Bool("enabled"), row.TextOrNull("disabled_reason"),
        row.Int("failed_in_a_row"), row.Long("from_position"), row.Time("created_at"), row.Time("updated_at"));

    public Dictionary<string, string> Headers(Secrets secrets) =>
        new Json(secrets.Open(HeadersSealed)).To<Dictionary<string, string>>();

    /// <summary>The secrets that sign at this moment, the newest first.</summary>
    public IReadOnlyList<string> SigningSecrets(Secrets secrets, DateTimeOffset now) =>
        PreviousSealed is { } previous && PreviousUntil > now
            ? [secrets.Open(SecretSealed), secrets.Open(previous)]
            : [secrets.Open(SecretSealed)];

    public WebhookView View(Secrets secrets, DateTimeOffset now, string? secret = null) => new(
        Id, Url, Events, Headers(secrets)
            .Keys.ToDictionary(name => name, _ => WebhookRules.Mask, StringComparer.Ordinal),
        new RetryPolicy(MaxAttempts, BackoffMultiplier), Enabled, DisabledReason, FailedInARow,
        PreviousUntil > now ? PreviousUntil : null, CreatedAt, UpdatedAt, secret);
}

/// <summary>Plain reads and writes of an organization's webhooks.</summary>
static class Webhooks
{
    static readonly Sql columns = $"""
        id, org, url, events, headers, secret, previous_secret, previous_until, max_attempts, backoff_multiplier,
        enabled, disabled_reason, failed_in_a_row, from_position, created_at, updated_at
        """;

    /// <summary>The routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/webhooks").WithTags("Webhooks").Permit(Permission.WebhooksManage);
        webhooks.MapPost("", Create).WithName("CreateWebhook").WithSummary("Subscribe a URL to events")
            .WithDescription("The answer holds the signing secret; it is not shown again.");
        webhooks.MapGet("", List).WithName("ListWebhooks").WithSummary("The organization's webhooks");
        webhooks.MapGet("/{webhook_id:guid}", Get).WithName("GetWebhook").WithSummary("One webhook");
        webhooks.MapPut("/{webhook_id:guid}", Put).WithName("ReplaceWebhook").WithSummary("Change a webhook")
            .WithDescription($"A header whose value is {WebhookRules.Mask} keeps the value it has.");
        webhooks.MapDelete("/{webhook_id:guid}", Delete).WithName("DeleteWebhook")
            .WithSummary("Remove a webhook with its deliveries");
        TendWebhook.Map(webhooks);
        DeliveryLog.Map(webhooks);
    }

    static async Task<Created<WebhookView>> Create(
        WebhookBody body, Caller caller, Db db, Secrets secrets, Outbound outbound, TimeProvider clock,
        CancellationToken ct)
    {
        var valid = WebhookRules.Check(body, new Dictionary<string, string>());
        await outbound.CheckResolved(valid.Url, ct);
        var (id, now, secret) = (Guid.CreateVersion7(clock.GetUtcNow()), clock.GetUtcNow(), Signature.NewSecret());
        var head = await EventLog.HeadOfAll(db, ct);

        await using var tx = await db.Begin(ct);
        var count = await tx.Count($"select count(*) as n from delivery_webhooks where org = {caller.Org}");
        if (count >= WebhookRules.MostWebhooks)
            throw Refused.Conflict("TOO_MANY_WEBHOOKS",
                $"This organization has {WebhookRules.MostWebhooks} webhooks, which is the limit.",
                "Remove one, or let one webhook take more types of events.");
        await tx.Run($"""
            insert into delivery_webhooks (
                id, org, url, events, headers, secret, max_attempts, backoff_multiplier, enabled, failed_in_a_row,
                from_position, created_at, updated_at)
            values ({id}, {caller.Org}, {valid.Url.AbsoluteUri}, {Json.Of(valid.Events)},
                {secrets.Seal(Json.Of(valid.Headers).Text)}, {secrets.Seal(secret)}, {valid.MaxAttempts},
                {valid.BackoffMultiplier}, true, 0, {head}, {now}, {now})
            """);
        var made = await Find(tx, caller.Org, id);
        await tx.Commit();
        return TypedResults.Created($"/api/v1/{caller.Org}/webhooks/{id}", made.View(secrets, now, secret));
    }

    static async Task<Ok<WebhookList>> List(
        Caller caller, Db db, Secrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var all = await db.All<Webhook>($"""
            select {columns} from delivery_webhooks where org = {caller.Org} order by created_at, id
            """, ct);
        return TypedResults.Ok(new WebhookList([.. all.Select(one => one.View(secrets, clock.GetUtcNow()))]));
    }

    static async Task<Ok<WebhookView>> Get(
        Guid webhook_id, Caller caller, Db db, Secrets secrets, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        return TypedResults.Ok((await Find(tx, caller.Org, webhook_id)).View(secrets, clock.GetUtcNow()));
    }

    static async Task<Ok<WebhookView>> Put(
        Guid webhook_id, WebhookBody body, Caller caller, Db db, Secrets secrets, Outbound outbound, TimeProvider clock,
        CancellationToken ct)
    {
        Webhook before;
        await using (var read = await db.Read(ct)) before = await Find(read, caller.Org, webhook_id);
        var valid = WebhookRules.Check(body, Kept(before.Headers(secrets)));
        await outbound.CheckResolved(valid.Url, ct);
        var now = clock.GetUtcNow();

        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            update delivery_webhooks set
                url = {valid.Url.AbsoluteUri}, events = {Json.Of(valid.Events)},
                headers = {secrets.Seal(Json.Of(valid.Headers).Text)}, max_attempts = {valid.MaxAttempts},
                backoff_multiplier = {valid.BackoffMultiplier}, updated_at = {now}
            where org = {caller.Org} and id = {webhook_id}
            """);
        var after = await Find(tx, caller.Org, webhook_id);
        await tx.Commit();
        return TypedResults.Ok(after.View(secrets, now));

        // A header kept by its mask goes only where it was given for: to the same origin.
        Dictionary<string, string> Kept(Dictionary<string, string> headers) =>
            Uri.TryCreate(body.WebhookConfig?.Url ?? body.Url, UriKind.Absolute, out var to)
            && to.GetLeftPart(UriPartial.Authority) == new Uri(before.Url).GetLeftPart(UriPartial.Authority)
                ? new(headers, StringComparer.OrdinalIgnoreCase)
                : [];
    }

    static async Task<NoContent> Delete(Guid webhook_id, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await Find(tx, caller.Org, webhook_id);
        await tx.Run($"""
            delete from delivery_lanes where org = {caller.Org} and (lane = {webhook_id} or lane in (
                select lane from delivery_deliveries where org = {caller.Org} and webhook = {webhook_id}))
            """);
        await tx.Run($"""
            delete from delivery_attempts where org = {caller.Org} and delivery in (
                select id from delivery_deliveries where org = {caller.Org} and webhook = {webhook_id})
            """);
        await tx.Run($"delete from delivery_deliveries where org = {caller.Org} and webhook = {webhook_id}");
        await tx.Run($"delete from delivery_webhooks where org = {caller.Org} and id = {webhook_id}");
        await tx.Commit();
        return TypedResults.NoContent();
    }

    /// <summary>One webhook of the organization.</summary>
    /// <exception cref="Refused">NOT_FOUND.</exception>
    public static async Task<Webhook> Find(Tx tx, string org, Guid id) =>
        await TryFind(tx, org, id) ?? throw Refused.NotFound($"The webhook {id}");

    /// <summary>One webhook of the organization; null when it does not exist.</summary>
    public static Task<Webhook?> TryFind(Tx tx, string org, Guid id) => tx.One<Webhook>($"""
        select {columns} from delivery_webhooks where org = {org} and id = {id}
        """);

    /// <summary>The webhooks of the organization that deliver.</summary>
    public static Task<List<Webhook>> Enabled(Tx tx, string org) => tx.All<Webhook>($"""
        select {columns} from delivery_webhooks where org = {org} and enabled order by id
        """);
}

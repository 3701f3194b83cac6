using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>A delivery that was put in line.</summary>
/// <param name="DeliveryId">Look it up under …/deliveries/{delivery_id}.</param>
public sealed record QueuedDelivery(Guid DeliveryId);

/// <summary>Tests a webhook, renews its secret, and brings it back after it was disabled.</summary>
static class TendWebhook
{
    /// <summary>How long the secret before a rotation signs as well.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    sealed record Ping(string Message) : IEvent
    {
        public static string EventType => "webhook.ping";
    }

    /// <summary>The routes.</summary>
    public static void Map(IEndpointRouteBuilder webhooks)
    {
        webhooks.MapPost("/{webhook_id:guid}/ping", SendPing).WithName("PingWebhook")
            .WithSummary("Send a test event, once, even while disabled");
        webhooks.MapPost("/{webhook_id:guid}/rotate-secret", Rotate).WithName("RotateWebhookSecret")
            .WithSummary("Make a new signing secret")
            .WithDescription("The one before signs as well for another 24 hours. The new one is not shown again.");
        webhooks.MapPost("/{webhook_id:guid}/enable", Enable).WithName("EnableWebhook")
            .WithSummary("Send again what waits, and what happens from now on");
    }

    static async Task<Accepted<QueuedDelivery>> SendPing(
        Guid webhook_id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(ct);
        await Webhooks.Find(tx, caller.Org, webhook_id);
        var eventId = Guid.CreateVersion7(now);
        var ping = new WireEvent(
            eventId, Ping.EventType, now, caller.Org, webhook_id.ToString(), Json.Of(new Ping("This is a test.")),
            new WireEventMetadata(null));
        // In a lane of its own: a test does not wait behind what is stuck, and one answer says it all.
        var id = Guid.CreateVersion7(now);
        await Deliveries.Queue(tx, new NewDelivery(
            id, caller.Org, Lane: id, webhook_id, eventId.ToString(), Ping.EventType, webhook_id.ToString(),
            Json.Of(ping).Text, MaxAttempts: 1, BackoffMultiplier: 1), now);
        await Deliveries.Line(tx, caller.Org, id, now);
        await tx.Commit();
        return TypedResults.Accepted(DeliveryLog.Path(caller.Org, webhook_id, id), new QueuedDelivery(id));
    }

    static async Task<Ok<WebhookView>> Rotate(
        Guid webhook_id, Caller caller, Db db, Secrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var (now, secret) = (clock.GetUtcNow(), Signature.NewSecret());
        await using var tx = await db.Begin(ct);
        await Webhooks.Find(tx, caller.Org, webhook_id);
        await tx.Run($"""
            update delivery_webhooks set
                previous_secret = secret, previous_until = {now + Overlap}, secret = {secrets.Seal(secret)},
                updated_at = {now}
            where org = {caller.Org} and id = {webhook_id}
            """);
        var after = await Webhooks.Find(tx, caller.Org, webhook_id);
        await tx.Commit();
        return TypedResults.Ok(after.View(secrets, now, secret));
    }

    static async Task<Ok<WebhookView>> Enable(
        Guid webhook_id, Caller caller, Db db, Secrets secrets, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(ct);
        await Webhooks.Find(tx, caller.Org, webhook_id);
        // The lane first, then the webhook: the order in which the sender locks them.
        await Deliveries.Line(tx, caller.Org, webhook_id, now);
        await tx.Run($"""
            update delivery_webhooks set enabled = true, disabled_reason = null, failed_in_a_row = 0, updated_at = {now}
            where org = {caller.Org} and id = {webhook_id}
            """);
        var after = await Webhooks.Find(tx, caller.Org, webhook_id);
        await tx.Commit();
        return TypedResults.Ok(after.View(secrets, now));
    }
}

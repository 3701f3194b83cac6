using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>A message to one address, once: what a request's <c>callback_url</c> asked for.</summary>
/// <param name="Url">Where to send; under the outbound rules.</param>
/// <param name="Body">The body, sent exactly as this text.</param>
/// <param name="Subject">What it is about; the subject of <c>delivery.sent</c> and <c>delivery.failed</c>.</param>
public sealed record Notice(string Url, Json Body, string Subject)
{
    /// <summary>The receiver's secret, which signs the message; null for none.</summary>
    public string? Secret { get; init; }

    /// <summary>Sent along; kept sealed.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How often it is tried.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>What the longest wait grows by after each attempt.</summary>
    public double BackoffMultiplier { get; init; } = 2;
}

/// <summary>A notice has arrived.</summary>
/// <param name="DeliveryId">The id that <see cref="Notices.Notify"/> returned.</param>
/// <param name="Url">Where it went.</param>
/// <param name="Attempts">How many attempts it took.</param>
/// <param name="ResponseStatus">The HTTP status of the answer.</param>
public sealed record DeliverySent(Guid DeliveryId, string Url, int Attempts, int? ResponseStatus) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "delivery.sent";
}

/// <summary>A notice could not be delivered, and is not tried again.</summary>
/// <param name="DeliveryId">The id that <see cref="Notices.Notify"/> returned.</param>
/// <param name="Url">Where it should have gone.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="ResponseStatus">The HTTP status of the last answer; null without one.</param>
/// <param name="Error">What went wrong the last time.</param>
public sealed record DeliveryFailed(Guid DeliveryId, string Url, int Attempts, int? ResponseStatus, string? Error)
    : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "delivery.failed";
}

/// <summary>Sends single messages for other modules.</summary>
public static class Notices
{
    extension(Tx tx)
    {
        /// <summary>Puts a message in line in the transaction that causes it; it is sent after commit, at least once,
        /// and <c>delivery.sent</c> or <c>delivery.failed</c> says how it ended.</summary>
        /// <param name="secrets">Seals the secret and the headers.</param>
        /// <param name="org">Whose message it is.</param>
        /// <param name="notice">The message.</param>
        /// <param name="now">The present moment.</param>
        /// <returns>The delivery's id, which is also its <c>webhook-id</c>.</returns>
        public async Task<Guid> Notify(Secrets secrets, string org, Notice notice, DateTimeOffset now)
        {
            ArgumentNullException.ThrowIfNull(secrets);
            ArgumentNullException.ThrowIfNull(notice);
            var id = Guid.CreateVersion7(now);
            await Deliveries.Queue(tx, new NewDelivery(
                id, org, Lane: id, Webhook: null, id.ToString(), "notice", notice.Subject, notice.Body.Text,
                notice.MaxAttempts, notice.BackoffMultiplier)
            {
                Url = notice.Url,
                HeadersSealed = secrets.Seal(Json.Of(notice.Headers).Text),
                SecretSealed = notice.Secret is { } secret ? secrets.Seal(secret) : null,
            }, now);
            await Deliveries.Line(tx, org, id, now);
            return id;
        }
    }
}

/// <summary>What is about to be put in line.</summary>
sealed record NewDelivery(
    Guid Id, string Org, Guid Lane, Guid? Webhook, string MessageId, string EventType, string? Subject, string Body,
    int MaxAttempts, double BackoffMultiplier)
{
    public Guid? ReplayOf { get; init; }
    public string? Url { get; init; }
    public string? HeadersSealed { get; init; }
    public string? SecretSealed { get; init; }
}

/// <summary>Puts deliveries in line.</summary>
static class Deliveries
{
    /// <summary>The channel the sender waits on.</summary>
    public const string Channel = "delivery";

    /// <summary>The name of the reader that turns events into deliveries.</summary>
    public const string Reader = "webhooks";

    /// <summary>Turns events into deliveries, one for each webhook that wants one; twice given, once queued.</summary>
    public static async Task QueueEvents(
        Databases databases, TimeProvider clock, IReadOnlyList<LoggedEvent> events, CancellationToken ct)
    {
        foreach (var ofOrg in events.GroupBy(logged => logged.Org, StringComparer.Ordinal))
        {
            var db = databases.For(ofOrg.Key);
            if (await NobodyWants(db, ofOrg.Key, ct)) continue;
            await using var tx = await db.Begin(ct);
            foreach (var webhook in await Webhooks.Enabled(tx, ofOrg.Key)) await QueueFor(tx, webhook, ofOrg, clock);
            await tx.Commit();
        }
    }

    /// <summary>Writes one delivery; one that is there already stays as it is.</summary>
    public static Task<int> Queue(Tx tx, NewDelivery one, DateTimeOffset now) => tx.Run($"""
        insert into delivery_deliveries (
            id, org, lane, webhook, message_id, replay_of, event_type, subject, body, url, headers, secret,
            max_attempts, backoff_multiplier, state, attempts, next_attempt_at, created_at)
        values ({one.Id}, {one.Org}, {one.Lane}, {one.Webhook}, {one.MessageId}, {one.ReplayOf}, {one.EventType},
            {one.Subject}, {one.Body}, {one.Url}, {one.HeadersSealed}, {one.SecretSealed}, {one.MaxAttempts},
            {one.BackoffMultiplier}, {DeliveryState.Waiting}, 0, {now}, {now})
        on conflict do nothing
        """);

    /// <summary>Says that something waits in the lane; after the deliveries were written, so that whoever drains the
    /// lane either sees them or is called again.</summary>
    public static async Task Line(Tx tx, string org, Guid lane, DateTimeOffset now)
    {
        await tx.Run($"""
            insert into delivery_lanes (lane, org, due, holder, expires, fence)
            values ({lane}, {org}, {now}, '', {now}, 0)
            on conflict (lane) do update set due = coalesce(delivery_lanes.due, excluded.due)
            """);
        tx.WakeAfterCommit(Channel);
    }

    static async Task QueueFor(Tx tx, Webhook webhook, IEnumerable<LoggedEvent> events, TimeProvider clock)
    {
        var filter = EventFilter.Of(webhook.Events, out _);
        var now = clock.GetUtcNow();
        var queued = 0;
        foreach (var logged in events)
        {
            if (logged.Position <= webhook.FromPosition || !filter.Matches(logged.Type)) continue;
            queued += await Queue(tx, new NewDelivery(
                Guid.CreateVersion7(now), webhook.Org, Lane: webhook.Id, webhook.Id, logged.Id.ToString(), logged.Type,
                logged.Subject, Json.Of(logged.ToWire()).Text, webhook.MaxAttempts, webhook.BackoffMultiplier), now);
        }
        if (queued > 0) await Line(tx, webhook.Org, webhook.Id, now);
    }

    static async Task<bool> NobodyWants(Db db, string org, CancellationToken ct) => await db.One<Number>($"""
        select 1 as n from delivery_webhooks where org = {org} and enabled limit 1
        """, ct) is null;
}

/// <summary>How far a delivery has got.</summary>
public enum DeliveryState
{
    /// <summary>It is still to be sent, perhaps again.</summary>
    Waiting,

    /// <summary>The receiver answered with a 2xx.</summary>
    Sent,

    /// <summary>It is not tried again.</summary>
    Failed,
}

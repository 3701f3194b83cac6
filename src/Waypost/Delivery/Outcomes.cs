using System.Security.Cryptography;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>What came of one attempt.</summary>
/// <param name="Status">The HTTP status of the answer; null without one.</param>
/// <param name="Answer">The beginning of the answer's body.</param>
/// <param name="Error">Why there was no answer.</param>
/// <param name="RetryAfter">How long the receiver asked to be left alone.</param>
/// <param name="Took">How long it took.</param>
sealed record Outcome(int? Status, string? Answer, string? Error, TimeSpan? RetryAfter, TimeSpan Took)
{
    public bool Arrived => Status is >= 200 and <= 299;

    /// <summary>410: the receiver wants nothing any more.</summary>
    public bool Gone => Status == StatusCodes.Status410Gone;

    /// <summary>What went wrong, for a person; null when it arrived.</summary>
    public string? Problem => Arrived ? null : Error ?? Status switch
    {
        >= 300 and <= 399 => $"The receiver answered {Status}, a redirect, which is not followed.",
        _ => $"The receiver answered {Status}.",
    };
}

/// <summary>A delivery that waits, with where it goes.</summary>
sealed record Waiting(
    Guid Id, string Org, Guid LaneId, Guid? Webhook, string MessageId, string? Subject, string Body, string Url,
    string HeadersSealed, string? SecretSealed, string? PreviousSealed, DateTimeOffset? PreviousUntil,
    int MaxAttempts, double BackoffMultiplier, int Attempts, DateTimeOffset NextAttemptAt, bool Enabled) : IRow<Waiting>
{
    public static Waiting Read(Row row) => new(
        row.Id("id"), row.Text("org"), row.Id("lane"), row.IdOrNull("webhook"), row.Text("message_id"),
        row.TextOrNull("subject"), row.Text("body"), row.Text("url"), row.Text("headers"), row.TextOrNull("secret"),
        row.TextOrNull("previous_secret"), row.TimeOrNull("previous_until"), row.Int("max_attempts"),
        row.Double("backoff_multiplier"), row.Int("attempts"), row.Time("next_attempt_at"), row.Bool("enabled"));

    /// <summary>In its webhook's own lane, where failures count and order matters; not a ping, a replay or a notice.
    /// </summary>
    public bool IsInLine => Webhook == LaneId;

    /// <summary>The sealed secrets that sign now, the newest first.</summary>
    public IEnumerable<string> SigningSecrets(DateTimeOffset now)
    {
        if (SecretSealed is not null) yield return SecretSealed;
        if (PreviousSealed is not null && PreviousUntil > now) yield return PreviousSealed;
    }
}

/// <summary>A webhook was disabled: it receives nothing until it is enabled again.</summary>
/// <param name="WebhookId">Which one.</param>
/// <param name="Url">Where it would have sent.</param>
/// <param name="Reason">Why.</param>
public sealed record WebhookDisabled(Guid WebhookId, string Url, string Reason) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "webhook.disabled";
}

/// <summary>Records what came of attempts, and finds what is to be sent next.</summary>
static class Outcomes
{
    static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <summary>The first delivery of a lane just taken, if it is due.</summary>
    public static async Task<Waiting?> Head(Db db, Sender.Lane lane, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        // Locked before it is looked at; a recorded attempt has done so by then.
        await tx.Run($"update delivery_lanes set due = due where org = {lane.Org} and lane = {lane.Id}");
        var head = await Next(tx, lane, now, isHeld: true);
        await tx.Commit();
        return head;
    }

    /// <summary>Records an attempt, all of it or nothing; returns what the lane sends next, if that is due and the lane
    /// is held on, until <paramref name="heldUntil"/>; null gives it back, behind those that are due already.</summary>
    public static async Task<Waiting?> Record(
        Db db, Sender.Lane lane, Waiting sent, Outcome outcome, DeliverySettings settings, TimeProvider clock,
        DateTimeOffset? heldUntil, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(ct);
        var held = await tx.Run($"""
            update delivery_lanes set expires = {heldUntil ?? now}
            where org = {lane.Org} and lane = {lane.Id} and holder = {lane.Holder} and fence = {lane.Fence}
            """);
        // Somebody else has the lane, or it was deleted: what they record counts.
        if (held == 0) return null;

        await Remember(tx, sent, outcome, now, settings);
        if (sent.IsInLine) await CountForWebhook(tx, sent, outcome, now, settings);
        if (sent.Webhook is null && IsOver(sent, outcome)) await Tell(tx, sent, outcome, now);
        var next = await Next(tx, lane, now, heldUntil is not null);
        await tx.Commit();
        return next;
    }

    /// <summary>How long to wait before the next attempt: full jitter under an exponential bound, or what the receiver
    /// asked for if that is longer.</summary>
    internal static TimeSpan Backoff(int attempts, double multiplier, TimeSpan first, TimeSpan? retryAfter,
        double random)
    {
        var bound = Math.Min(LongestBackoff.TotalSeconds, first.TotalSeconds * Math.Pow(multiplier, attempts - 1));
        var asked = Math.Min(LongestRetryAfter.TotalSeconds, retryAfter?.TotalSeconds ?? 0);
        return TimeSpan.FromSeconds(Math.Max(bound * random, asked));
    }

    static bool IsOver(Waiting sent, Outcome outcome) =>
        outcome.Arrived || outcome.Gone || sent.Attempts + 1 >= sent.MaxAttempts;

    static async Task Remember(Tx tx, Waiting sent, Outcome outcome, DateTimeOffset now, DeliverySettings settings)
    {
        var attempt = sent.Attempts + 1;
        await tx.Run($"""
            insert into delivery_attempts (delivery, org, attempt, at, response_status, answer, error, duration_ms)
            values ({sent.Id}, {sent.Org}, {attempt}, {now - outcome.Took}, {outcome.Status}, {outcome.Answer},
                {outcome.Problem}, {(int)outcome.Took.TotalMilliseconds})
            """);
        var over = IsOver(sent, outcome);
        var state = !over ? DeliveryState.Waiting : outcome.Arrived ? DeliveryState.Sent : DeliveryState.Failed;
        var random = RandomNumberGenerator.GetInt32(1_000_000) / 1e6;
        var again = now + Backoff(attempt, sent.BackoffMultiplier, settings.FirstBackoff, outcome.RetryAfter, random);
        DateTimeOffset? finished = over ? now : null;
        await tx.Run($"""
            update delivery_deliveries set
                state = {state}, attempts = {attempt}, next_attempt_at = {again}, finished_at = {finished}
            where org = {sent.Org} and id = {sent.Id}
            """);
    }

    static async Task CountForWebhook(
        Tx tx, Waiting sent, Outcome outcome, DateTimeOffset now, DeliverySettings settings)
    {
        if (!IsOver(sent, outcome)) return;
        var id = sent.Webhook!.Value;
        if (outcome.Arrived)
        {
            await tx.Run($"""
                update delivery_webhooks set failed_in_a_row = 0
                where org = {sent.Org} and id = {id} and failed_in_a_row > 0
                """);
            return;
        }
        await tx.Run($"""
            update delivery_webhooks set failed_in_a_row = failed_in_a_row + 1 where org = {sent.Org} and id = {id}
            """);
        if (await Webhooks.TryFind(tx, sent.Org, id) is not { Enabled: true } webhook) return;
        var reason = outcome.Gone ? "The receiver answered 410: it wants nothing any more."
            : webhook.FailedInARow >= settings.DisableAfter
                ? $"{webhook.FailedInARow} deliveries in a row failed. The last one: {outcome.Problem}"
                : null;
        if (reason is null) return;
        await tx.Run($"""
            update delivery_webhooks set enabled = false, disabled_reason = {reason}, updated_at = {now}
            where org = {sent.Org} and id = {id}
            """);
        await tx.Emit(sent.Org, now, new WebhookDisabled(id, webhook.Url, reason), id.ToString());
    }

    static Task Tell(Tx tx, Waiting sent, Outcome outcome, DateTimeOffset now) => outcome.Arrived
        ? tx.Emit(sent.Org, now, new DeliverySent(sent.Id, sent.Url, sent.Attempts + 1, outcome.Status), sent.Subject)
        : tx.Emit(
            sent.Org, now, new DeliveryFailed(sent.Id, sent.Url, sent.Attempts + 1, outcome.Status, outcome.Problem),
            sent.Subject);

    // The lane's row is locked by now, so nobody lines up anything between this look and the commit. Held on when there
    // is something to send; given back, with the time of the next attempt, when there is not or its turn is over.
    static async Task<Waiting?> Next(Tx tx, Sender.Lane lane, DateTimeOffset now, bool isHeld)
    {
        var head = await tx.One<Waiting>($"""
            select d.id, d.org, d.lane, d.webhook, d.message_id, d.subject, d.body, d.max_attempts,
                d.backoff_multiplier,
                d.attempts, d.next_attempt_at, coalesce(d.url, w.url) as url, coalesce(d.headers, w.headers) as headers,
                coalesce(d.secret, w.secret) as secret, w.previous_secret, w.previous_until,
                coalesce(w.enabled or d.lane <> w.id, true) as enabled
            from delivery_deliveries d left join delivery_webhooks w on w.org = d.org and w.id = d.webhook
            where d.org = {lane.Org} and d.lane = {lane.Id} and d.state = {DeliveryState.Waiting}
            order by d.seq limit 1
            """);
        if (isHeld && head is { Enabled: true } && head.NextAttemptAt <= now) return head;

        DateTimeOffset? due = head switch
        {
            not { Enabled: true } => null,
            _ when head.NextAttemptAt > now => head.NextAttemptAt,
            _ => now,
        };
        await tx.Run($"""
            update delivery_lanes set due = {due}, expires = {now}
            where org = {lane.Org} and lane = {lane.Id} and holder = {lane.Holder} and fence = {lane.Fence}
            """);
        return null;
    }
}

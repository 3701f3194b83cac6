using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>One delivery of a webhook.</summary>
/// <param name="Id">Its id.</param>
/// <param name="MessageId">The <c>webhook-id</c> it is sent with: the same for every attempt and replay.</param>
/// <param name="EventType">The event's type.</param>
/// <param name="EntityId">The id of the thing that the event is about.</param>
/// <param name="Status">waiting, sent or failed.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="MaxAttempts">How many are made at the most.</param>
/// <param name="NextAttemptAt">When it is tried next; null once it is over.</param>
/// <param name="CreatedAt">When it was put in line.</param>
/// <param name="FinishedAt">When it was over.</param>
/// <param name="ReplayOf">The delivery it repeats.</param>
/// <param name="Tries">The attempts, the first one first; in a list, the last one only.</param>
public sealed record DeliveryView(
    Guid Id, string MessageId, string EventType, string? EntityId, DeliveryState Status, int Attempts, int MaxAttempts,
    DateTimeOffset? NextAttemptAt, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, Guid? ReplayOf,
    IReadOnlyList<DeliveryAttempt> Tries);

/// <summary>One attempt at a delivery.</summary>
/// <param name="Attempt">1 for the first.</param>
/// <param name="At">When it began.</param>
/// <param name="ResponseStatus">The HTTP status of the answer; null without one.</param>
/// <param name="Answer">The beginning of the answer's body.</param>
/// <param name="Error">What went wrong; null when it arrived.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
public sealed record DeliveryAttempt(
    int Attempt, DateTimeOffset At, int? ResponseStatus, string? Answer, string? Error, int DurationMs);

/// <summary>A stretch of a webhook's deliveries, the newest first.</summary>
/// <param name="Deliveries">The deliveries.</param>
/// <param name="Next">Ask on with <c>before</c> = this; null at the end.</param>
public sealed record DeliveryPage(IReadOnlyList<DeliveryView> Deliveries, Guid? Next);

/// <summary>What was sent to a webhook and what came of it, and how to send it again.</summary>
static class DeliveryLog
{
    const int UsualPage = 50;
    const int MostPage = 200;

    static readonly Sql columns = $"""
        id, webhook, message_id, event_type, subject, state, attempts, max_attempts, next_attempt_at, created_at,
        finished_at, replay_of, body
        """;

    sealed record Kept(DeliveryView View, string Body) : IRow<Kept>
    {
        public static Kept Read(Row row)
        {
            var state = row.Enum<DeliveryState>("state");
            return new Kept(
                new DeliveryView(
                    row.Id("id"), row.Text("message_id"), row.Text("event_type"), row.TextOrNull("subject"), state,
                    row.Int("attempts"), row.Int("max_attempts"),
                    state == DeliveryState.Waiting ? row.Time("next_attempt_at") : null, row.Time("created_at"),
                    row.TimeOrNull("finished_at"), row.IdOrNull("replay_of"), []),
                row.Text("body"));
        }
    }

    sealed record Tried(Guid Delivery, DeliveryAttempt Attempt) : IRow<Tried>
    {
        public static Tried Read(Row row) => new(
            row.Id("delivery"), new DeliveryAttempt(
                row.Int("attempt"), row.Time("at"), row.IntOrNull("response_status"), row.TextOrNull("answer"),
                row.TextOrNull("error"), row.Int("duration_ms")));
    }

    /// <summary>The routes.</summary>
    public static void Map(IEndpointRouteBuilder webhooks)
    {
        webhooks.MapGet("/{webhook_id:guid}/deliveries", List).WithName("ListDeliveries")
            .WithSummary("What was sent to a webhook, the newest first");
        webhooks.MapGet("/{webhook_id:guid}/deliveries/{delivery_id:guid}", Get).WithName("GetDelivery")
            .WithSummary("One delivery with all its attempts");
        webhooks.MapPost("/{webhook_id:guid}/deliveries/{delivery_id:guid}/replay", Replay).WithName("ReplayDelivery")
            .WithSummary("Send a delivery again")
                .WithDescription("With the same webhook-id, at once, in a line of its own.");
    }

    /// <summary>Where a delivery is found.</summary>
    public static string Path(string org, Guid webhook, Guid delivery) =>
        $"/api/v1/{org}/webhooks/{webhook}/deliveries/{delivery}";

    static async Task<Ok<DeliveryPage>> List(
        Guid webhook_id, DeliveryState? status, int? limit, Guid? before, Caller caller, Db db, CancellationToken ct)
    {
        var max = limit ?? UsualPage;
        if (max is < 1 or > MostPage)
            throw Refused.Bad("BAD_PARAMETER", $"limit must be between 1 and {MostPage}.",
                "Choose a number in that range.");
        await using var tx = await db.Read(ct);
        await Webhooks.Find(tx, caller.Org, webhook_id);
        var older = before is null ? (Sql)$"true" : $"""
            seq < (select seq from delivery_deliveries where org = {caller.Org} and id = {before.Value})
            """;
        var wanted = status is null ? (Sql)$"true" : $"state = {status.Value}";
        var page = await tx.All<Kept>($"""
            select {columns} from delivery_deliveries
            where org = {caller.Org} and webhook = {webhook_id} and {older} and {wanted}
            order by seq desc limit {max + 1}
            """);
        var views = new List<DeliveryView>();
        foreach (var (view, _) in page.Take(max)) views.Add(
            view with { Tries = await Tries(tx, caller.Org, view.Id, 1) });
        return TypedResults.Ok(new DeliveryPage(views, page.Count > max ? views[^1].Id : null));
    }

    static async Task<Ok<DeliveryView>> Get(
        Guid webhook_id, Guid delivery_id, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var (view, _) = await Find(tx, caller.Org, webhook_id, delivery_id);
        return TypedResults.Ok(view with { Tries = await Tries(tx, caller.Org, delivery_id, view.MaxAttempts) });
    }

    static async Task<Accepted<QueuedDelivery>> Replay(
        Guid webhook_id, Guid delivery_id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var tx = await db.Begin(ct);
        var webhook = await Webhooks.Find(tx, caller.Org, webhook_id);
        var (view, body) = await Find(tx, caller.Org, webhook_id, delivery_id);
        if (view.Status == DeliveryState.Waiting)
            throw Refused.Conflict("DELIVERY_WAITING", "This delivery is still waiting to be sent.",
                "Wait for it, or enable its webhook if that is disabled.");
        await Deliveries.Queue(tx, new NewDelivery(
            id, caller.Org, Lane: id, webhook_id, view.MessageId, view.EventType, view.EntityId, body,
            webhook.MaxAttempts, webhook.BackoffMultiplier)
        { ReplayOf = view.ReplayOf ?? delivery_id }, now);
        await Deliveries.Line(tx, caller.Org, id, now);
        await tx.Commit();
        return TypedResults.Accepted(Path(caller.Org, webhook_id, id), new QueuedDelivery(id));
    }

    static async Task<Kept> Find(Tx tx, string org, Guid webhook, Guid delivery) => await tx.One<Kept>($"""
        select {columns} from delivery_deliveries where org = {org} and webhook = {webhook} and id = {delivery}
        """) ?? throw Refused.NotFound($"The delivery {delivery}");

    static async Task<IReadOnlyList<DeliveryAttempt>> Tries(Tx tx, string org, Guid delivery, int last)
    {
        var tries = await tx.All<Tried>($"""
            select delivery, attempt, at, response_status, answer, error, duration_ms from delivery_attempts
            where org = {org} and delivery = {delivery}
            order by attempt desc limit {last}
            """);
        return [.. tries.Select(tried => tried.Attempt).Reverse()];
    }
}

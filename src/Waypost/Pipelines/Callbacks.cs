using Waypost.Access;
using Waypost.Delivery;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>What a client receives at its callback_url when its request has ended.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="DatasetId">The client's data set.</param>
/// <param name="ResourceId">The resource within it.</param>
/// <param name="VersionId">The version of it; null for a draft.</param>
/// <param name="Status">completed or failed.</param>
/// <param name="Endpoints">The URLs of what was made; null when it failed.</param>
/// <param name="StacMetadata">The item; null when it failed.</param>
/// <param name="ProcessingTimeSeconds">From the submission to the end.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record CallbackBody(
    string RequestId, string DatasetId, string ResourceId, string? VersionId, RequestStatus Status,
    Dictionary<string, string>? Endpoints, Json? StacMetadata, double ProcessingTimeSeconds, Json? Error);

/// <summary>Tells a client that its request has ended, well or not, at the address it gave.</summary>
/// <remarks>Queued in the transaction that ends the request; delivered, signed and retried by Delivery.</remarks>
sealed class Callbacks(Secrets secrets)
{
    const int MostAttempts = 8;

    /// <summary>Has the end of the request delivered, if its client asked for that.</summary>
    public async Task Announce(Tx tx, RequestRow request, DateTimeOffset now)
    {
        if (request.CallbackUrl is null) return;
        var ended = (await tx.FindRequest(request.Org, request.RequestId))!;
        Guid? delivery = null;
        var status = CallbackStatus.Pending;
        try
        {
            var secret = await ClientSecrets.Find(tx, secrets, ended.Org, ended.Identity.Client);
            delivery = await tx.Notify(
                secrets, ended.Org, new Notice(ended.CallbackUrl!, Json.Of(Body(ended)), ended.RequestId)
                {
                    Secret = secret,
                    MaxAttempts = MostAttempts,
                }, now);
        }
        catch (SecretLostException)
        {
            // The work is done and stays done; what cannot be signed is not sent, and the status says so.
            status = CallbackStatus.Failed;
        }
        await tx.Run($"""
            update pipelines_requests set callback_status = {status.Word()}, callback_id = {delivery}
            where org = {ended.Org} and request_id = {ended.RequestId}
            """);
    }

    /// <summary>The delivery of a request's callback has ended.</summary>
    public static async Task Delivered(Tx tx, string org, Guid delivery, CallbackStatus status)
    {
        await tx.Run($"""
            update pipelines_requests set callback_status = {status.Word()}
            where org = {org} and callback_id = {delivery}
            """);
        tx.WakeAfterCommit(Requests.Channel);
    }

    /// <summary>What to know about the request's callback although it was accepted.</summary>
    public async Task<IReadOnlyList<StatusWarning>> Warnings(Tx tx, RequestRow request)
    {
        if (request.CallbackUrl is null) return [];
        try
        {
            if (await ClientSecrets.Find(tx, secrets, request.Org, request.Identity.Client) is not null) return [];
            return [new StatusWarning("CALLBACK_UNSIGNED",
                $"The client {request.Identity.Client} has no webhook secret: "
                + "its callback will carry no signature. An administrator sets one with PUT "
                + $"/api/v1/{request.Org}/clients/{request.Identity.Client}/webhook-secret.", 1)];
        }
        catch (SecretLostException lost)
        {
            return [new StatusWarning("CALLBACK_SECRET_LOST", lost.Message, 1)];
        }
    }

    static CallbackBody Body(RequestRow ended)
    {
        var isDone = ended.Status == RequestStatus.Completed;
        var who = ended.Identity;
        return new CallbackBody(
            ended.RequestId, who.Dataset, who.Resource, who.Version, ended.Status,
            isDone ? PlatformLinks.Endpoints(ended.Links.To<PlatformLinks.Roots>(), ended) : null,
            isDone ? ended.StacItem : null,
            Math.Round(((ended.CompletedAt ?? ended.SubmittedAt) - ended.SubmittedAt).TotalSeconds, 3),
            isDone ? null : ended.Error);
    }
}

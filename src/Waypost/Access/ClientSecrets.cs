using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>The secret with which an application's webhooks are to be signed.</summary>
public sealed record WebhookSecret
{
    /// <summary>Any text that both sides keep to themselves; <c>whsec_…</c> where the application follows Standard
    /// Webhooks.</summary>
    [StringLength(500, MinimumLength = 16)]
    public required string Secret { get; init; }
}

/// <summary>Each application's webhook secret, sealed; set by its organization's administrator.</summary>
public static class ClientSecrets
{
    internal static void MapForOrg(IEndpointRouteBuilder org)
    {
        org.MapPut("/clients/{client_id}/webhook-secret", Put).Permit(Permission.OrganizationManage).WithTags("Access")
            .WithName("setClientWebhookSecret").WithSummary("Set the secret that signs an application's webhooks");
        org.MapDelete("/clients/{client_id}/webhook-secret", Delete).Permit(Permission.OrganizationManage)
            .WithTags("Access").WithName("removeClientWebhookSecret")
            .WithSummary("Remove the secret that signs an application's webhooks");
    }

    /// <summary>The secret of an organization's application, opened; null when it has none.</summary>
    /// <exception cref="SecretLostException">It was sealed with another key.</exception>
    public static async Task<string?> Find(Tx tx, Secrets secrets, string org, string clientId)
    {
        ArgumentNullException.ThrowIfNull(tx);
        ArgumentNullException.ThrowIfNull(secrets);
        var kept = await tx.One<Words>($"""
            select sealed as t from access_client_secrets where org = {org} and client_id = {clientId}
            """);
        return kept?.T is { } text ? secrets.Open(text) : null;
    }

    static async Task<NoContent> Put(
        [FromRoute(Name = "client_id")] string clientId, WebhookSecret body, Caller caller, Databases databases,
        Secrets secrets, TimeProvider clock, CancellationToken ct)
    {
        if (clientId.Length > 50 || !ManageKeys.ClientName().IsMatch(clientId))
            throw Refused.Bad("INVALID_PARAMETER", "client_id is 1 to 50 letters, digits, '.', '_' and '-'.");
        var sealedText = secrets.Seal(body.Secret);
        await using var tx = await databases.Shared.Begin(ct);
        await tx.Run($"""
            insert into access_client_secrets (org, client_id, sealed, updated_at)
            values ({caller.Org}, {clientId}, {sealedText}, {clock.GetUtcNow()})
            on conflict (org, client_id) do update set sealed = excluded.sealed, updated_at = excluded.updated_at
            """);
        await tx.Commit();
        return TypedResults.NoContent();
    }

    static async Task<NoContent> Delete(
        [FromRoute(Name = "client_id")] string clientId, Caller caller, Databases databases, CancellationToken ct)
    {
        await using var tx = await databases.Shared.Begin(ct);
        var removed = await tx.Run($"""
            delete from access_client_secrets where org = {caller.Org} and client_id = {clientId}
            """);
        await tx.Commit();
        return removed == 1 ? TypedResults.NoContent() : throw Refused.NotFound("The application's webhook secret");
    }
}

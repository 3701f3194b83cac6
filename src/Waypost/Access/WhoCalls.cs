using Microsoft.AspNetCore.Http.HttpResults;

namespace Waypost.Access;

/// <summary>What the server knows about whoever asks.</summary>
/// <param name="OrgId">The organization whose data the caller sees.</param>
/// <param name="Role">What the caller is.</param>
/// <param name="ClientId">The application behind the key.</param>
/// <param name="KeyId">The key; null for a read without one.</param>
/// <param name="Permissions">What the caller may do, by name.</param>
public sealed record Me(string OrgId, Role Role, string ClientId, Guid? KeyId, IReadOnlyList<string> Permissions);

/// <summary>Says who a key belongs to, so that a client which holds only a key can name its organization.</summary>
static class WhoCalls
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/me", Answer)
        .Permit(Permission.OrganizationRead).WithTags("Access")
        .WithName("GetMe").WithSummary("See whose key this is and what it may do");

    static Ok<Me> Answer(Caller caller) => TypedResults.Ok(new Me(
        caller.Org, caller.Role, caller.ClientId, caller.KeyId,
        [.. caller.Permissions.Select(Roles.Name).Order(StringComparer.Ordinal)]));
}

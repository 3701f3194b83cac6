using Waypost.Storage;

namespace Waypost.Access;

/// <summary>How the gate decides about callers without a key.</summary>
/// <param name="AdminKey">The first administrator's key; null: one is made and kept in the data folder.</param>
/// <param name="OpenReads">Whether the default organization's reads need no key; null: only on loopback.</param>
/// <param name="Secret">Encrypts stored secrets, the same text in every process; null: a key file in the data folder.</param>
public sealed record AccessSettings(string? AdminKey, bool? OpenReads, string? Secret = null);

/// <summary>API keys: who holds which, for whom, how long. Only their hashes are kept.</summary>
static class Keys
{
    sealed record Held(Guid Id, string Org, Role Role, string ClientId, string[] Scopes, DateTimeOffset? ExpiresAt)
        : IRow<Held>
    {
        public static Held Read(Row row) => new(
            row.Id("id"), row.Text("org"), row.Enum<Role>("role"), row.Text("client_id"),
            row.Json("scopes").To<string[]>(), row.TimeOrNull("expires_at"));
    }

    /// <summary>The caller of the key in the request's headers; null without one.</summary>
    public static async Task<Caller?> Identify(HttpContext http)
    {
        if (Shown(http.Request) is not { } key) return null;

        var db = http.RequestServices.GetRequiredService<Databases>().Shared;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var tx = (await db.Read(http.RequestAborted)).AcrossOrganizations("a key says whose it is");
        var held = await tx.One<Held>($"""
            select id, org, role, client_id, scopes, expires_at from access_keys
            where hash = {Caller.Hash(key)} and revoked_at is null
            """);
        if (held is null || held.ExpiresAt <= now)
            throw new Refused(401, "KEY_UNKNOWN", "This key is not known, has expired or was revoked.",
                "Ask the organization's administrator for a new one.");
        return new Caller(held.Id, held.Org, held.Role, held.ClientId, Roles.May(held.Role));
    }

    static string? Shown(HttpRequest request)
    {
        var bearer = request.Headers.Authorization.ToString();
        if (bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return bearer[7..].Trim();
        var key = request.Headers["X-API-Key"].ToString();
        if (key.Length > 0) return key;
        key = request.Headers["X-Platform-API-Key"].ToString();
        return key.Length > 0 ? key : null;
    }
}

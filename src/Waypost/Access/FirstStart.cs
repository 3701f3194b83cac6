using Waypost.Storage;

namespace Waypost.Access;

/// <summary>What must be there before anybody can ask for anything: the organization <c>default</c> and the key of its
/// administrator.</summary>
static class FirstStart
{
    const string FileName = "admin.key";
    const int ShortestKey = 16;

    /// <summary>What the start has to say about the administrator's key.</summary>
    /// <param name="MadeKey">The key, when this start made it; it is shown once.</param>
    /// <param name="KeyFile">Where it is kept; null when the operator gave it.</param>
    public sealed record Outcome(string? MadeKey, string? KeyFile);

    /// <summary>Sees to it that both are there; safe to run in many processes at once.</summary>
    /// <exception cref="CannotStartException">The operator's key is too short, or another organization's.</exception>
    public static async Task<Outcome> Run(
        Databases databases, AccessSettings settings, string dataFolder, TimeProvider clock, CancellationToken ct)
    {
        var file = Path.Combine(dataFolder, FileName);
        string? made = null;
        var key = settings.AdminKey ?? OwnersFile.ReadOrMake(file, () => made = KeyText.Make());
        if (key.Length < ShortestKey)
            throw new CannotStartException(
                $"WAYPOST_ADMIN_KEY (or {file}) is shorter than {ShortestKey} characters. Choose a longer one.");

        var now = clock.GetUtcNow();
        await using var tx = await databases.Shared.Begin(ct);
        await Organizations.Insert(tx, new Organization(Caller.DefaultOrg, "Default", Tier.Unlimited, now));
        await Install(tx, key, fromOperator: settings.AdminKey is not null, now);
        await tx.Commit();
        return new Outcome(made, settings.AdminKey is null ? file : null);
    }

    static async Task Install(Tx tx, string key, bool fromOperator, DateTimeOffset now)
    {
        // What the operator says now holds: the key works again if it was revoked, and the one given before does not.
        var installed = await tx.Run($"""
            insert into access_keys (id, org, name, client_id, hash, prefix, role, scopes, created_at, by_start)
            values ({Guid.CreateVersion7(now)}, {Caller.DefaultOrg}, {"administrator"}, {"admin"}, {Caller.Hash(key)},
                {KeyText.Shown(key)}, {Role.OrgAdmin}, {new Json("[]")}, {now}, {true})
            on conflict (hash) do update set revoked_at = null, expires_at = null, by_start = true
                where access_keys.org = excluded.org and access_keys.role = excluded.role
            """);
        if (installed != 1)
            throw new CannotStartException(
                "WAYPOST_ADMIN_KEY is already the key of somebody else in this database. Choose another.");
        if (fromOperator)
            await tx.Run($"""
                update access_keys set revoked_at = {now}
                where org = {Caller.DefaultOrg} and by_start and revoked_at is null and hash <> {Caller.Hash(key)}
                """);
    }
}

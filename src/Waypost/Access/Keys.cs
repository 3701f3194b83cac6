using System.Collections.Concurrent;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>How the gate decides, and the keys it starts with.</summary>
public sealed record AccessSettings
{
    /// <summary>A made key, reads open on loopback only.</summary>
    public AccessSettings()
    {
    }

    /// <summary>What the start was told.</summary>
    public AccessSettings(string? adminKey, bool? openReads, string? secret = null) =>
        (AdminKey, OpenReads, Secret) = (adminKey, openReads, secret);

    /// <summary>The first administrator's key; null: one is made and kept in the data folder.</summary>
    public string? AdminKey { get; init; }

    /// <summary>Whether the default organization's reads need no key; null: only when bound to loopback and asked by a
    /// loopback name. Behind a proxy on the same machine set it to false.
    /// </summary>
    public bool? OpenReads { get; init; }

    /// <summary>Whether /metrics needs no key; null: only when bound to loopback and asked by a loopback name.
    /// </summary>
    public bool? OpenMetrics { get; init; }

    /// <summary>Whether the rescue dispatcher's compatible routes need no key; null: only when bound to loopback and
    /// asked by a loopback name. Giving assets another order needs one from elsewhere all the same.</summary>
    public bool? OpenRescue { get; init; }

    /// <summary>Encrypts stored secrets, the same text in every process; null: a key file in the data folder.</summary>
    public string? Secret { get; init; }
}

/// <summary>Finds out whose key was shown. Only hashes of keys are kept.</summary>
/// <remarks>
/// What was found is remembered for <see cref="Remembered"/>. A change made by this process is seen by its next request
/// (<see cref="Forget"/> after the commit); one made by another process within that second.
/// </remarks>
sealed class Keys(Databases databases, TimeProvider clock)
{
    /// <summary>How long a key's row is believed without asking again.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    const int MostRemembered = 10_000;

    readonly ConcurrentDictionary<string, Memory> memories = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<Guid, Use> uses = new();
    long generation;

    /// <summary>The caller behind a key, and the tier that limits it.</summary>
    public sealed record Known(Caller Caller, Tier Tier, DateTimeOffset? Until);

    sealed record Memory(Known Known, long Generation, long ReadAt);

    sealed record Use(string Org, DateTimeOffset At);

    sealed record Held(
        Guid Id, string Org, Role Role, string ClientId, string[] Scopes, DateTimeOffset? Until, Tier Tier)
        : IRow<Held>
    {
        public static Held Read(Row row) => new(
            row.Id("id"), row.Text("org"), row.Enum<Role>("role"), row.Text("client_id"),
            row.Json("scopes").To<string[]>(), row.TimeOrNull("until"), Tiers.Parse(row.TextOrNull("tier")));
    }

    /// <summary>The caller of the key in the request's headers; null without one.</summary>
    /// <exception cref="Refused">The key is not known, has expired or was revoked: one answer for all of
    /// them.</exception>
    public async Task<Known?> Identify(HttpContext http)
    {
        if (Shown(http.Request) is not { } key) return null;

        var now = clock.GetUtcNow();
        var known = key.Length <= KeyText.Longest ? await Find(Caller.Hash(key), http.RequestAborted) : null;
        if (known is null || known.Until <= now)
            throw new Refused(401, "KEY_UNKNOWN", "This key is not known, has expired or was revoked.",
                "Ask the organization's administrator for a new one.");
        uses[known.Caller.KeyId!.Value] = new Use(known.Caller.Org, now);
        return known;
    }

    /// <summary>Asks again from now on; called when a change of keys or tiers has been committed.</summary>
    public void Forget() => Interlocked.Increment(ref generation);

    /// <summary>When a key was last used, where that has not been written yet.</summary>
    public DateTimeOffset? UsedAt(Guid keyId) => uses.TryGetValue(keyId, out var use) ? use.At : null;

    /// <summary>Writes when keys were last used: one transaction for all, off the requests' path.</summary>
    public async Task WriteUses(CancellationToken ct)
    {
        // In the order of ids, so that two processes never wait for each other crosswise.
        var taken = uses.OrderBy(use => use.Key).ToList();
        if (taken.Count == 0) return;

        await using (var tx = await databases.Shared.Begin(ct))
        {
            foreach (var (id, use) in taken)
                await tx.Run($"""
                    update access_keys set last_used_at = {use.At} where org = {use.Org} and id = {id}
                        and (last_used_at is null or last_used_at < {use.At})
                    """);
            await tx.Commit();
        }
        foreach (var use in taken) uses.TryRemove(use);
    }

    async Task<Known?> Find(string hash, CancellationToken ct)
    {
        // Read before the row is: what is committed meanwhile makes this memory an old one.
        var current = Interlocked.Read(ref generation);
        if (memories.TryGetValue(hash, out var memory) && memory.Generation == current
            && clock.GetElapsedTime(memory.ReadAt) < Remembered)
            return memory.Known;

        var readAt = clock.GetTimestamp();
        if (await Read(hash, ct) is not { } held)
        {
            memories.TryRemove(hash, out _);
            return null;
        }
        var caller = new Caller(
            held.Id, held.Org, held.Role, held.ClientId, Roles.May(held.Role, held.Org, held.Scopes));
        var known = new Known(caller, held.Tier, held.Until);
        if (memories.Count >= MostRemembered) memories.Clear();
        memories[hash] = new Memory(known, current, readAt);
        return known;
    }

    async Task<Held?> Read(string hash, CancellationToken ct)
    {
        await using var tx = (await databases.Shared.Read(ct)).AcrossOrganizations("a key says whose it is");
        return await tx.One<Held>($"""
            select k.id, k.org, k.role, k.client_id, k.scopes, k.expires_at as until, o.tier
            from access_keys k join organizations o on o.id = k.org
            where k.hash = {hash} and k.revoked_at is null
            """)
            ?? await tx.One<Held>($"""
            select k.id, k.org, k.role, k.client_id, k.scopes,
                case when k.expires_at < k.previous_until then k.expires_at else k.previous_until end as until, o.tier
            from access_keys k join organizations o on o.id = k.org
            where k.previous_hash = {hash} and k.revoked_at is null
            """);
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

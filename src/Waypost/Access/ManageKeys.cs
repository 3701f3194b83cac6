using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>What is asked for when a key is made.</summary>
public sealed record NewKey
{
    /// <summary>What the key is for, for whoever reads the list later.</summary>
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>What its holder is.</summary>
    public required Role Role { get; init; }

    /// <summary>Permissions to which the role is narrowed; empty or absent: the whole role.</summary>
    [MaxLength(100)]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>From when on it no longer works; absent: it works until revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The application behind the key, whose requests and webhook secret it shares; absent:
    /// <c>ddh</c>.</summary>
    [StringLength(50)]
    public string? ClientId { get; init; }
}

/// <summary>How a key is rotated.</summary>
public sealed record KeyRotation
{
    /// <summary>How long the old key works beside the new one, in seconds; 30 days at the most.</summary>
    [Range(0, 30 * 24 * 3600)]
    public int OverlapSeconds { get; init; }
}

/// <summary>A key as it is listed; the key itself is shown once, when it is made or rotated.</summary>
/// <param name="KeyId">Its id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Prefix">Its first characters, by which its owner recognises it.</param>
/// <param name="Role">What its holder is.</param>
/// <param name="Scopes">Permissions to which the role is narrowed; empty: the whole role.</param>
/// <param name="ClientId">The application behind it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it no longer works.</param>
/// <param name="RotatedAt">When it was last rotated.</param>
/// <param name="PreviousUntil">Until when the key before the last rotation works too.</param>
/// <param name="LastUsedAt">When it was last used; up to a minute late where another process served it.</param>
/// <param name="Key">The key itself; present in the answer that made it, and never again.</param>
public sealed record ApiKey(
    Guid KeyId, string Name, string Prefix, Role Role, IReadOnlyList<string> Scopes, string ClientId,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RotatedAt, DateTimeOffset? PreviousUntil,
    DateTimeOffset? LastUsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key = null) : IRow<ApiKey>
{
    /// <summary>Reads a row of access_keys.</summary>
    public static ApiKey Read(Row row) => new(
        row.Id("id"), row.Text("name"), row.Text("prefix"), row.Enum<Role>("role"),
        row.Json("scopes").To<string[]>(), row.Text("client_id"), row.Time("created_at"),
        row.TimeOrNull("expires_at"), row.TimeOrNull("rotated_at"), row.TimeOrNull("previous_until"),
        row.TimeOrNull("last_used_at"));

    internal bool Works(DateTimeOffset now) => ExpiresAt is null || ExpiresAt > now;
}

/// <summary>The keys of an organization.</summary>
/// <param name="Keys">Those that were not revoked, oldest first.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKey> Keys);

/// <summary>Making, listing, rotating and revoking an organization's keys.</summary>
static partial class ManageKeys
{
    const int MostKeys = 1000;
    const string DefaultClient = "ddh";

    static readonly Sql Columns = $"""
        id, name, prefix, role, scopes, client_id, created_at, expires_at, rotated_at, previous_until, last_used_at
        """;

    sealed record KeyCreated(Guid KeyId, string Name, Role Role) : IEvent
    {
        public static string EventType => "key.created";
    }

    sealed record KeyRotated(Guid KeyId, string Name, DateTimeOffset PreviousUntil) : IEvent
    {
        public static string EventType => "key.rotated";
    }

    sealed record KeyRevoked(Guid KeyId, string Name) : IEvent
    {
        public static string EventType => "key.revoked";
    }

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        var keys = org.MapGroup("/keys").WithTags("Access");
        keys.MapGet("", List).Permit(Permission.OrganizationManage)
            .WithName("listKeys").WithSummary("List the organization's keys");
        keys.MapPost("", Create).Permit(Permission.OrganizationManage)
            .WithName("createKey").WithSummary("Make a key; it is shown in this answer only");
        keys.MapPost("/{key_id}/rotate", Rotate).Permit(Permission.OrganizationManage)
            .WithName("rotateKey").WithSummary("Replace a key; the old one may work on for a while");
        keys.MapDelete("/{key_id}", Revoke).Permit(Permission.OrganizationManage)
            .WithName("revokeKey").WithSummary("Revoke a key at once");
    }

    static async Task<Ok<ApiKeyList>> List(Caller caller, Databases databases, Keys known, CancellationToken ct)
    {
        var keys = await databases.Shared.All<ApiKey>($"""
            select {Columns} from access_keys where org = {caller.Org} and revoked_at is null
            order by id limit {MostKeys}
            """, ct);
        return TypedResults.Ok(new ApiKeyList(
            [.. keys.Select(key => key with { LastUsedAt = known.UsedAt(key.KeyId) ?? key.LastUsedAt })]));
    }

    static async Task<Created<ApiKey>> Create(
        NewKey wanted, Caller caller, Databases databases, TimeProvider clock, CancellationToken ct)
    {
        CheckGrant(caller, wanted.Role, CheckScopes(wanted));
        var now = clock.GetUtcNow();
        if (wanted.ExpiresAt <= now)
            throw Refused.Bad("INVALID_BODY", "expires_at lies in the past.", "Choose a time in the future.");

        await using var tx = await databases.Shared.Begin(ct);
        var held = await tx.Count($"""
            select count(*) as n from access_keys where org = {caller.Org} and revoked_at is null
            """);
        if (held >= MostKeys)
            throw Refused.Conflict(
                "TOO_MANY_KEYS", $"The organization has {MostKeys} keys.", "Revoke those that nobody uses.");
        var key = await Make(tx, caller.Org, wanted, now);
        await tx.Commit();
        return TypedResults.Created($"/api/v1/{caller.Org}/keys/{key.KeyId}", key);
    }

    /// <summary>Makes a key in the caller's transaction; the answer holds the key itself.</summary>
    public static async Task<ApiKey> Make(Tx tx, string org, NewKey wanted, DateTimeOffset now)
    {
        var text = KeyText.Make();
        var key = new ApiKey(
            Guid.CreateVersion7(now), wanted.Name, KeyText.Shown(text), wanted.Role, wanted.Scopes ?? [],
            wanted.ClientId ?? DefaultClient, now, wanted.ExpiresAt, null, null, null, text);
        await tx.Run($"""
            insert into access_keys (id, org, name, client_id, hash, prefix, role, scopes, created_at, expires_at)
            values ({key.KeyId}, {org}, {key.Name}, {key.ClientId}, {Caller.Hash(text)}, {key.Prefix}, {key.Role},
                {Json.Of(key.Scopes)}, {now}, {key.ExpiresAt})
            """);
        await tx.Emit(org, now, new KeyCreated(key.KeyId, key.Name, key.Role), key.KeyId.ToString());
        return key;
    }

    static async Task<Ok<ApiKey>> Rotate(
        [FromRoute(Name = "key_id")] Guid keyId, KeyRotation? rotation, Caller caller, Databases databases, Keys known,
        TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var until = now.AddSeconds(rotation?.OverlapSeconds ?? 0);
        var text = KeyText.Make();
        await using var tx = await databases.Shared.Begin(ct);
        var key = await Live(tx, caller, keyId);
        if (!key.Works(now))
            throw Refused.Conflict("KEY_EXPIRED", "This key has expired.", "Make a new one.");
        await tx.Run($"""
            update access_keys set previous_hash = hash, previous_until = {until}, hash = {Caller.Hash(text)},
                prefix = {KeyText.Shown(text)}, rotated_at = {now}, by_start = false
            where org = {caller.Org} and id = {keyId}
            """);
        await tx.Emit(caller.Org, now, new KeyRotated(keyId, key.Name, until), keyId.ToString());
        tx.AfterCommit(known.Forget);
        await tx.Commit();
        return TypedResults.Ok(key with
        {
            Key = text,
            Prefix = KeyText.Shown(text),
            RotatedAt = now,
            PreviousUntil = until,
        });
    }

    static async Task<NoContent> Revoke(
        [FromRoute(Name = "key_id")] Guid keyId, Caller caller, Databases databases, Keys known, TimeProvider clock,
        CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await databases.Shared.Begin(ct);
        var key = await Live(tx, caller, keyId);
        await RefuseLastAdministrator(tx, caller.Org, key, now);
        await tx.Run($"update access_keys set revoked_at = {now} where org = {caller.Org} and id = {keyId}");
        await tx.Emit(caller.Org, now, new KeyRevoked(keyId, key.Name), keyId.ToString());
        tx.AfterCommit(known.Forget);
        await tx.Commit();
        return TypedResults.NoContent();
    }

    /// <summary>The key, its organization's row locked: two changes of keys never pass each other.</summary>
    static async Task<ApiKey> Live(Tx tx, Caller caller, Guid keyId)
    {
        await tx.Run($"update organizations set name = name where id = {caller.Org}");
        var key = await tx.One<ApiKey>($"""
            select {Columns} from access_keys where org = {caller.Org} and id = {keyId} and revoked_at is null
            """) ?? throw Refused.NotFound("The key");
        if (keyId != caller.KeyId) CheckGrant(caller, key.Role, key.Scopes);
        return key;
    }

    static async Task RefuseLastAdministrator(Tx tx, string org, ApiKey key, DateTimeOffset now)
    {
        var administrators = await tx.All<ApiKey>($"""
            select {Columns} from access_keys where org = {org} and revoked_at is null and role = {Role.OrgAdmin}
            """);
        var whole = administrators.Where(other => other.Scopes.Count == 0 && other.Works(now)).ToList();
        if (whole is [var last] && last.KeyId == key.KeyId)
            throw Refused.Conflict(
                "LAST_ADMINISTRATOR",
                "This is the organization's last org_admin key; without it nobody could make one.",
                "Make another org_admin key first.");
    }

    /// <summary>A key never gives more than its maker has.</summary>
    static void CheckGrant(Caller caller, Role role, IReadOnlyList<string> scopes)
    {
        var more = Roles.May(role, caller.Org, scopes.ToList()).Where(permission => !caller.May(permission))
            .Select(Roles.Name).ToList();
        if (more.Count > 0)
            throw new Refused(
                StatusCodes.Status403Forbidden, "GRANT_TOO_WIDE",
                $"That key may do what yours may not: {string.Join(", ", more)}.", "Narrow it with scopes.")
            {
                Details = new Dictionary<string, object?> { ["permissions"] = more },
            };
    }

    static IReadOnlyList<string> CheckScopes(NewKey wanted)
    {
        if (wanted.ClientId is { } client && !ClientName().IsMatch(client))
            throw Refused.Bad("INVALID_BODY", "client_id is made of letters, digits, '.', '_' and '-'.");
        var allowed = Roles.May(wanted.Role).Select(Roles.Name).Order(StringComparer.Ordinal).ToList();
        var wrong = (wanted.Scopes ?? []).Except(allowed).ToList();
        if (wrong.Count > 0)
            throw new Refused(
                StatusCodes.Status400BadRequest, "UNKNOWN_SCOPE",
                $"The role has no such permission: {string.Join(", ", wrong)}.",
                $"It has: {string.Join(", ", allowed)}.")
            {
                Details = new Dictionary<string, object?> { ["allowed"] = allowed },
            };
        return wanted.Scopes ?? [];
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    internal static partial Regex ClientName();
}

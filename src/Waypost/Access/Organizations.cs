using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>What is asked for when an organization is made.</summary>
public sealed record NewOrganization
{
    /// <summary>Its id in every path: a letter, then letters, digits and single hyphens, all lower-case.</summary>
    [StringLength(63)]
    public required string Id { get; init; }

    /// <summary>What people call it; absent: its id.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>How many requests it may make; absent: unlimited.</summary>
    public Tier? Tier { get; init; }
}

/// <summary>What is to be changed of an organization; what is absent stays.</summary>
public sealed record OrganizationChange
{
    /// <summary>What people call it.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>How many requests it may make; only the administrator of the installation changes it.</summary>
    public Tier? Tier { get; init; }
}

/// <summary>An organization.</summary>
/// <param name="Id">Its id in every path.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Tier">How many requests it may make.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="AdminKey">Its first org_admin key; present in the answer that made it, and never again.</param>
public sealed record Organization(
    string Id, string Name, Tier Tier, DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ApiKey? AdminKey = null)
        : IRow<Organization>
{
    /// <summary>Reads a row of organizations.</summary>
    public static Organization Read(Row row) => new(
        row.Text("id"), row.Text("name"), Tiers.Parse(row.TextOrNull("tier")), row.Time("created_at"));
}

/// <summary>A page of organizations.</summary>
/// <param name="Organizations">In the order of their ids.</param>
/// <param name="Next">Send it as <c>after</c> to read on; null on the last page.</param>
public sealed record OrganizationList(IReadOnlyList<Organization> Organizations, string? Next);

/// <summary>The organizations of this installation: made by its administrator, named by their own.</summary>
static partial class Organizations
{
    const int DefaultPage = 100;
    const int LongestPage = 1000;

    // What stands where an organization's id may stand, and what an organization's twin routes stand for.
    internal static readonly IReadOnlySet<string> Reserved = new HashSet<string>(StringComparer.Ordinal)
    {
        "admin", "aggregate", "aggregations", "analyses", "api", "assets", "assets-downloaded", "browse",
        "bulk_items", "catalogue", "changes", "children", "collection-queryables", "collection-sortables",
        "collections", "conformance", "console", "dispatch", "docs", "entities", "events", "external", "features",
        "health", "items", "jobs", "keys", "livez", "me", "metrics", "mock_dispatch", "openapi", "organizations",
        "platform", "processes", "queryables", "readyz", "rescue", "schedules", "schemas", "search", "self",
        "settings", "shared", "shares", "sortables", "stac", "static", "tiles", "unit_jobs", "upscale_tasks", "v1",
        "versions", "visibility", "webhooks", "work",
    };

    sealed record OrganizationCreated(string Name, Tier Tier) : IEvent
    {
        public static string EventType => "organization.created";
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1/organizations").WithTags("Access");
        all.MapGet("", List).Permit(Permission.OrganizationsCreate)
            .WithName("listOrganizations").WithSummary("List the installation's organizations");
        all.MapPost("", Create).Permit(Permission.OrganizationsCreate)
            .WithName("createOrganization").WithSummary("Make an organization and its first org_admin key");
        all.MapPatch("/{organization_id}", ChangeAny).Permit(Permission.OrganizationsCreate)
            .WithName("changeAnyOrganization").WithSummary("Rename an organization, or give it a tier");
    }

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        org.MapGet("", Get).Permit(Permission.OrganizationRead).WithTags("Access")
            .WithName("getOrganization").WithSummary("See the organization");
        org.MapPatch("", ChangeOwn).Permit(Permission.OrganizationManage).WithTags("Access")
            .WithName("changeOrganization").WithSummary("Rename the organization");
    }

    static async Task<Ok<OrganizationList>> List(
        Databases databases, CancellationToken ct, [Range(1, LongestPage)] int limit = DefaultPage, string after = "")
    {
        var page = await databases.Shared.All<Organization>($"""
            select id, name, tier, created_at from organizations where id > {after} order by id limit {limit + 1}
            """, ct);
        var shown = page.Take(limit).ToList();
        return TypedResults.Ok(new OrganizationList(shown, page.Count > limit ? shown[^1].Id : null));
    }

    static async Task<Created<Organization>> Create(
        NewOrganization wanted, Databases databases, TimeProvider clock, CancellationToken ct)
    {
        CheckId(wanted.Id);
        var now = clock.GetUtcNow();
        var made = new Organization(wanted.Id, wanted.Name ?? wanted.Id, wanted.Tier ?? Tier.Unlimited, now);
        await using var tx = await databases.Shared.Begin(ct);
        if (!await Insert(tx, made))
            throw Refused.Conflict(
                "ORGANIZATION_EXISTS", $"There is an organization {made.Id} already.", "Choose another id.");
        await tx.Emit(made.Id, now, new OrganizationCreated(made.Name, made.Tier), made.Id);
        var key = await ManageKeys.Make(tx, made.Id, new NewKey { Name = "administrator", Role = Role.OrgAdmin }, now);
        await tx.Commit();
        return TypedResults.Created($"/api/v1/{made.Id}", made with { AdminKey = key });
    }

    /// <summary>Adds the organization's row; false when there is one already.</summary>
    public static async Task<bool> Insert(Tx tx, Organization made) => await tx.Run($"""
        insert into organizations (id, name, tier, created_at)
        values ({made.Id}, {made.Name}, {Tiers.Kept(made.Tier)}, {made.CreatedAt})
        on conflict (id) do nothing
        """) == 1;

    static async Task<Ok<Organization>> Get(Caller caller, Databases databases, CancellationToken ct) =>
        TypedResults.Ok(await databases.Shared.One<Organization>($"""
            select id, name, tier, created_at from organizations where id = {caller.Org}
            """, ct) ?? throw Refused.NotFound("The organization"));

    static Task<Ok<Organization>> ChangeOwn(
        OrganizationChange change, Caller caller, Databases databases, Keys known, CancellationToken ct) =>
        change.Tier is null || caller.May(Permission.OrganizationsCreate)
            ? Change(caller.Org, change, databases, known, ct)
            : throw new Refused(
                StatusCodes.Status403Forbidden, "TIER_IS_GIVEN", "An organization does not choose its own tier.",
                "Ask the administrator of this installation.");

    static Task<Ok<Organization>> ChangeAny(
        [FromRoute(Name = "organization_id")] string organizationId, OrganizationChange change, Databases databases,
        Keys known, CancellationToken ct) => Change(organizationId, change, databases, known, ct);

    static async Task<Ok<Organization>> Change(
        string id, OrganizationChange change, Databases databases, Keys known, CancellationToken ct)
    {
        await using var tx = await databases.Shared.Begin(ct);
        var before = await tx.One<Organization>($"""
            select id, name, tier, created_at from organizations where id = {id}
            """) ?? throw Refused.NotFound("The organization");
        var after = before with { Name = change.Name ?? before.Name, Tier = change.Tier ?? before.Tier };
        await tx.Run($"""
            update organizations set name = {after.Name}, tier = {Tiers.Kept(after.Tier)} where id = {id}
            """);
        tx.AfterCommit(known.Forget);
        await tx.Commit();
        return TypedResults.Ok(after);
    }

    sealed record Called(string Name) : IRow<Called>
    {
        public static Called Read(Row row) => new(row.Text("name"));
    }

    /// <summary>What people call an organization; its id where there is none of it.</summary>
    public static async Task<string> NameOf(Databases databases, string org, CancellationToken ct) =>
        (await databases.Shared.One<Called>($"select name from organizations where id = {org}", ct))?.Name ?? org;

    /// <summary>True where there is such an organization.</summary>
    public static async Task<bool> IsThere(Databases databases, string org, CancellationToken ct) =>
        await databases.Shared.One<Called>($"select name from organizations where id = {org}", ct) is not null;

    /// <summary>True where an organization could have this id.</summary>
    public static bool IsId(string id) => Slug().IsMatch(id) && !Reserved.Contains(id);

    static void CheckId(string id)
    {
        if (!Slug().IsMatch(id))
            throw Refused.Bad(
                "INVALID_ORGANIZATION_ID", "An organization's id is 2 to 63 lower-case letters, digits and single "
                + "hyphens, beginning with a letter and not ending with a hyphen.");
        if (Reserved.Contains(id))
            throw Refused.Bad(
                "RESERVED_ORGANIZATION_ID", $"{id} is a word of the server's own paths.", "Choose another id.");
    }

    [GeneratedRegex("^(?=.{2,63}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")]
    private static partial Regex Slug();
}

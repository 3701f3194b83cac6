using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Which form of a collection is shared.</summary>
public enum SharedView
{
    /// <summary>Everything.</summary>
    Internal,

    /// <summary>What outsiders may see.</summary>
    External,
}

/// <summary>How a collection is to be shared.</summary>
/// <param name="View">Which form of it; what one organization is shown is in one form: as soon as one collection is
/// shared with it in the external form, all are.</param>
public sealed record NewShare(SharedView View = SharedView.External);

/// <summary>A collection that another organization may read.</summary>
/// <param name="Collection">Its id.</param>
/// <param name="WithOrg">Who may.</param>
/// <param name="View">Which form of it.</param>
/// <param name="SharedAt">Since when.</param>
public sealed record CollectionShare(string Collection, string WithOrg, SharedView View, DateTimeOffset SharedAt)
    : IRow<CollectionShare>
{
    /// <summary>Reads a row of catalogue_shares.</summary>
    public static CollectionShare Read(Row row) => new(
        row.Text("collection"), row.Text("with_org"),
        row.Bool("is_external") ? SharedView.External : SharedView.Internal, row.Time("shared_at"));
}

/// <summary>With whom a collection is shared.</summary>
public sealed record CollectionShareList(IReadOnlyList<CollectionShare> Shares);

/// <summary>What another organization shares with the caller's.</summary>
/// <param name="Owner">The organization whose catalogue it is.</param>
/// <param name="View">In which form it is seen.</param>
/// <param name="Collections">The ids of its collections that are shared.</param>
/// <param name="Href">The landing page of what is shared, a STAC API of its own.</param>
public sealed record SharedCatalogue(
    string Owner, SharedView View, IReadOnlyList<string> Collections, string Href);

/// <summary>What is shared with the caller's organization, by owner.</summary>
public sealed record SharedCatalogueList(IReadOnlyList<SharedCatalogue> Catalogues);

/// <summary>Shares collections with other organizations, which read them under
/// <c>/api/v1/{org_id}/shared/{owner}</c>.</summary>
static class Shares
{
    const int MostShares = 1_000;

    sealed record Received(string Owner, string Collection, bool IsExternal) : IRow<Received>
    {
        public static Received Read(Row row) =>
            new(row.Text("owner"), row.Text("collection"), row.Bool("is_external"));
    }

    /// <summary>The routes of a collection's owner, in the internal view.</summary>
    public static void Map(RouteGroupBuilder stac, string operations)
    {
        stac.MapGet("/collections/{collection}/shares", List).Permit(Permission.CatalogueRead)
            .WithName(operations + "ListCollectionShares").WithTags("Sharing")
            .WithSummary("With whom a collection is shared");
        stac.MapPut("/collections/{collection}/shares/{with_org}", Put).Permit(Permission.OrganizationManage)
            .WithName(operations + "ShareCollection").WithTags("Sharing")
            .WithSummary("Share a collection with another organization");
        stac.MapDelete("/collections/{collection}/shares/{with_org}", Delete).Permit(Permission.OrganizationManage)
            .WithName(operations + "UnshareCollection").WithTags("Sharing")
            .WithSummary("Share a collection no longer");
        stac.MapGet("/shared", Others).Permit(Permission.CatalogueRead)
            .WithName(operations + "ListSharedCatalogues").WithTags("Sharing")
            .WithSummary("What other organizations share with this one");
    }

    /// <summary>The list of what is shared, above the catalogues in it.</summary>
    public static void MapForOrg(IEndpointRouteBuilder org) => org.MapGet("/shared", Others)
        .Permit(Permission.CatalogueRead).WithName("ListSharedCataloguesOfOrg").WithTags("Sharing")
        .WithSummary("What other organizations share with this one");

    /// <summary>What others share with an organization; addresses begin as this caller reaches the server.</summary>
    public static async Task<IReadOnlyList<SharedCatalogue>> With(
        string org, HttpContext http, Databases databases, CancellationToken ct)
    {
        await using var tx = (await databases.Shared.Read(ct))
            .AcrossOrganizations("a share names the organization that may read it");
        var received = await tx.All<Received>($"""
            select org as owner, collection, is_external from catalogue_shares where with_org = {org}
            order by org, collection limit {MostShares}
            """);
        var here = $"{PublicAddress.Of(http)}/api/v1/{org}/shared/";
        return
        [
            .. received.GroupBy(share => share.Owner).Select(of => new SharedCatalogue(
                of.Key, of.Any(share => share.IsExternal) ? SharedView.External : SharedView.Internal,
                [.. of.Select(share => share.Collection)], here + Uri.EscapeDataString(of.Key))),
        ];
    }

    /// <summary>Refuses whoever reads without a key: others share with an organization's people, not with everybody
    /// who may read that organization's own catalogue.</summary>
    /// <exception cref="Refused">401 <c>KEY_NEEDED</c>.</exception>
    public static void MustHaveKey(Caller caller)
    {
        if (caller.KeyId is null)
            throw new Refused(StatusCodes.Status401Unauthorized, "KEY_NEEDED",
                "What another organization shares needs a key, and none was sent.",
                "Send it as Authorization: Bearer KEY, X-API-Key or X-Platform-API-Key.");
    }

    static async Task<Ok<SharedCatalogueList>> Others(
        HttpContext http, Caller caller, Databases databases, CancellationToken ct)
    {
        MustHaveKey(caller);
        return TypedResults.Ok(new SharedCatalogueList(await With(caller.Org, http, databases, ct)));
    }

    static async Task<Ok<CollectionShareList>> List(string collection, View view, Db db, CancellationToken ct)
    {
        await CollectionReads.MustExist(db, view, collection, ct);
        return TypedResults.Ok(new CollectionShareList(await db.All<CollectionShare>($"""
            select collection, with_org, is_external, shared_at from catalogue_shares
            where org = {view.Org} and collection = {collection} order by with_org limit {MostShares}
            """, ct)));
    }

    static async Task<Ok<CollectionShare>> Put(
        string collection, [FromRoute(Name = "with_org")] string withOrg, NewShare? share, View view, Db db,
        TimeProvider clock, CancellationToken ct)
    {
        // Not whether there is such an organization: that is nobody's business but its own.
        if (!Organizations.IsId(withOrg))
            throw Refused.Bad("INVALID_PARAMETER", $"'{withOrg}' cannot be the id of an organization.");
        if (withOrg == view.Org)
            throw Refused.Bad("INVALID_PARAMETER", "An organization has its own collections without sharing them.");
        await CollectionReads.MustExist(db, view, collection, ct);
        var now = clock.GetUtcNow();
        var isExternal = (share ?? new NewShare()).View is SharedView.External;
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            insert into catalogue_shares (org, collection, with_org, is_external, shared_at)
            values ({view.Org}, {collection}, {withOrg}, {isExternal}, {now})
            on conflict (org, collection, with_org) do update set is_external = excluded.is_external
            """);
        await tx.Emit(view.Org, now, new CollectionShared(
            collection, withOrg, isExternal ? SharedView.External : SharedView.Internal), collection);
        var kept = await tx.One<CollectionShare>($"""
            select collection, with_org, is_external, shared_at from catalogue_shares
            where org = {view.Org} and collection = {collection} and with_org = {withOrg}
            """);
        await tx.Commit();
        return TypedResults.Ok(kept);
    }

    static async Task<NoContent> Delete(
        string collection, [FromRoute(Name = "with_org")] string withOrg, View view, Db db, TimeProvider clock,
        CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var gone = await tx.Run($"""
            delete from catalogue_shares
            where org = {view.Org} and collection = {collection} and with_org = {withOrg}
            """);
        if (gone == 0) throw Refused.NotFound($"A share of the collection {collection} with {withOrg}");
        await tx.Emit(view.Org, clock.GetUtcNow(), new CollectionUnshared(collection, withOrg), collection);
        await tx.Commit();
        return TypedResults.NoContent();
    }
}

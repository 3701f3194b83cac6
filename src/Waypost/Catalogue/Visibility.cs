using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Where a collection is seen.</summary>
/// <param name="External">True: in the external view too, in the form that outsiders may see; false: not at all there,
/// neither itself nor its items.</param>
public sealed record CollectionVisibility(bool External);

/// <summary>Says of a collection whether outsiders see it.</summary>
static class Visibility
{
    sealed record Kept(bool IsExternal) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Bool("is_external"));
    }

    /// <summary>The routes, in the internal view.</summary>
    public static void Map(RouteGroupBuilder stac, string operations)
    {
        stac.MapGet("/collections/{collection}/visibility", Get).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetCollectionVisibility").WithTags("Sharing")
            .WithSummary("Whether outsiders see a collection");
        stac.MapPut("/collections/{collection}/visibility", Put).Permit(Permission.CatalogueWrite)
            .WithName(operations + "SetCollectionVisibility").WithTags("Sharing")
            .WithSummary("Show a collection to outsiders, or hide it from them");
    }

    static async Task<Ok<CollectionVisibility>> Get(string collection, View view, Db db, CancellationToken ct)
    {
        var kept = await db.One<Kept>($"""
            select is_external from catalogue_collections where org = {view.Org} and id = {collection}
            """, ct) ?? throw Refused.NotFound($"The collection {collection}");
        return TypedResults.Ok(new CollectionVisibility(kept.IsExternal));
    }

    static async Task<Ok<CollectionVisibility>> Put(
        string collection, CollectionVisibility wanted, View view, Db db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await tx.HoldCatalogue(view.Org);
        var kept = await tx.One<Kept>($"""
            select is_external from catalogue_collections where org = {view.Org} and id = {collection} {tx.ForUpdate}
            """) ?? throw Refused.NotFound($"The collection {collection}");
        if (kept.IsExternal != wanted.External)
        {
            await tx.Run($"""
                update catalogue_collections set is_external = {wanted.External}
                where org = {view.Org} and id = {collection}
                """);
            // Whoever follows the changes from outside begins again: see Changes.
            await tx.HoldCatalogue(view.Org, shown: 1);
            await tx.Emit(
                view.Org, clock.GetUtcNow(), new CollectionVisibilityChanged(collection, wanted.External), collection);
        }
        await tx.Commit();
        return TypedResults.Ok(wanted);
    }
}

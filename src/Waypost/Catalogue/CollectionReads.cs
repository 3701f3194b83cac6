using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Reads collections and single items (STAC API 1.0, Collections and Features).</summary>
static class CollectionReads
{
    sealed record Kept(string Body, string Hash, DateTimeOffset ChangedAt) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("body"), row.Text("hash"), row.Time("changed_at"));
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/collections/{collection}", One).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetCollection").WithTags("STAC").WithSummary("One collection")
            .Produces(200, contentType: Media.Json);
        stac.MapGet("/collections/{collection}/items/{item}", Item).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetItem").WithTags("STAC").WithSummary("One item")
            .Produces(200, contentType: Media.GeoJson);
    }

    /// <summary>Refuses where the organization has no such collection.</summary>
    public static async Task MustExist(Db db, View view, string collection, CancellationToken ct)
    {
        if (!view.Shows(collection)) throw Refused.NotFound($"The collection {collection}");
        var there = await db.One<Words>($"""
            select id as t from catalogue_collections where org = {view.Org} and id = {collection}
            """, ct);
        if (there is null) throw Refused.NotFound($"The collection {collection}");
    }

    static async Task One(
        HttpContext http, string collection, View view, Db db, TimeProvider clock, CancellationToken ct)
    {
        var kept = await db.One<Kept>($"""
            select {view.Body($"catalogue_collections")} as body, hash, changed_at from catalogue_collections
            where org = {view.Org} and id = {collection} and {view.Visible($"id")}
            """, ct) ?? throw Refused.NotFound($"The collection {collection}");
        Preconditions.SayWhen(http, view, kept.ChangedAt, clock.GetUtcNow());
        await AnswerWriter.Document(http, view, kept.Body, kept.Hash, Media.Json, ct);
    }

    static async Task Item(
        HttpContext http, string collection, string item, View view, Db db, TimeProvider clock, CancellationToken ct)
    {
        var kept = await db.One<Kept>($"""
            select {view.Body($"bodies")} as body, items.hash, items.changed_at from catalogue_items as items
            join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where items.org = {view.Org} and items.id = {item} and items.collection = {collection}
                and {view.Visible($"items.collection")}
            """, ct) ?? throw Refused.NotFound($"The item {item} of the collection {collection}");
        Preconditions.SayWhen(http, view, kept.ChangedAt, clock.GetUtcNow());
        await AnswerWriter.Document(http, view, kept.Body, kept.Hash, Media.GeoJson, ct);
    }
}

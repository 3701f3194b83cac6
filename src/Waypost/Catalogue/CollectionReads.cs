using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Reads collections and single items (STAC API 1.0, Collections and Features).</summary>
static class CollectionReads
{
    sealed record Kept(string Id, string Body, string Hash) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("id"), row.Text("body"), row.Text("hash"));
    }

    sealed record KeptItem(string Body, string Hash) : IRow<KeptItem>
    {
        public static KeptItem Read(Row row) => new(row.Text("body"), row.Text("hash"));
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

    static async Task One(HttpContext http, string collection, View view, Db db, CancellationToken ct)
    {
        var kept = await db.One<Kept>($"""
            select id, {view.Body($"catalogue_collections")} as body, hash from catalogue_collections
            where org = {view.Org} and id = {collection} and {view.Visible($"id")}
            """, ct) ?? throw Refused.NotFound($"The collection {collection}");
        await AnswerWriter.Document(http, view, kept.Body, kept.Hash, Media.Json, ct);
    }

    static async Task Item(
        HttpContext http, string collection, string item, View view, Db db, CancellationToken ct)
    {
        var kept = await db.One<KeptItem>($"""
            select {view.Body($"bodies")} as body, items.hash from catalogue_items as items
            join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where items.org = {view.Org} and items.id = {item} and items.collection = {collection}
                and {view.Visible($"items.collection")}
            """, ct) ?? throw Refused.NotFound($"The item {item} of the collection {collection}");
        await AnswerWriter.Document(http, view, kept.Body, kept.Hash, Media.GeoJson, ct);
    }
}

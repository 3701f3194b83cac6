using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Writes collections (STAC API Collection Transaction 1.0).</summary>
static class CollectionTransactions
{
    sealed record Kept(string Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("body"));
    }

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        Route(stac.MapPost("/collections", Post), operations + "CreateCollection", "Add a collection")
            .Accepts<JsonElement>(Media.Json).Produces(201, contentType: Media.Json);
        Route(stac.MapPut("/collections/{collection}", Put), operations + "ReplaceCollection", "Replace a collection")
            .Accepts<JsonElement>(Media.Json).Produces(204);
        Route(stac.MapPatch("/collections/{collection}", Patch), operations + "ChangeCollection",
            "Change a collection by a JSON Merge Patch (RFC 7386)")
            .Accepts<JsonElement>(Media.MergePatch, Media.Json).Produces(204);
        Route(stac.MapDelete("/collections/{collection}", Delete), operations + "DeleteCollection",
            "Delete a collection; with ?items=delete its items too").Produces(204);
    }

    static RouteHandlerBuilder Route(RouteHandlerBuilder route, string name, string summary) => route
        .Permit(Permission.CatalogueWrite).WithName(name).WithTags("STAC").WithSummary(summary)
        .WithMetadata(new RequestSizeLimitAttribute(SentDocument.LargestBody));

    static async Task Post(
        HttpContext http, View view, Db db, Preparing usual, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentDocument.Read(http, view.Roots, "collection", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var collection = PreparedCollection.Of(
            SentDocument.Bytes(sent), usual with { Validation = rules.Validation });
        await using (var tx = await db.Begin(ct))
        {
            if (await tx.PutCollection(view.Org, collection, clock.GetUtcNow(), onlyNew: true) is null)
                throw Refused.Conflict("COLLECTION_EXISTS",
                    $"There is a collection {collection.Id} already.", "PUT replaces it.");
            await tx.Commit();
        }
        http.Response.Headers.Location =
            $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection.Id)}";
        await Written(http, 201, collection, view, show: true, ct);
    }

    static async Task Put(
        HttpContext http, string collection, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var sent = SentDocument.With(
            await SentDocument.Read(http, view.Roots, "collection", ct), "id", collection);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var prepared = PreparedCollection.Of(
            SentDocument.Bytes(sent), usual with { Validation = rules.Validation });
        await using (var tx = await db.Begin(ct))
        {
            seen.Hold($"the collection {collection}", (await Find(tx, view.Org, collection)).Hash);
            await tx.PutCollection(view.Org, prepared, clock.GetUtcNow());
            await tx.Commit();
        }
        await Written(http, 200, prepared, view, WriteAnswers.WantsDocument(http), ct);
    }

    static async Task Patch(
        HttpContext http, string collection, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var patch = await SentDocument.Read(http, view.Roots, "patch", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        PreparedCollection prepared;
        await using (var tx = await db.Begin(ct))
        {
            seen.Hold($"the collection {collection}", (await Find(tx, view.Org, collection)).Hash);
            var kept = await tx.One<Kept>($"""
                select body from catalogue_collections where org = {view.Org} and id = {collection}
                """);
            var changed = MergePatch.Apply(JsonElement.Parse(StoredDocument.AsSent(kept!.Body)), patch);
            prepared = PreparedCollection.Of(
                SentDocument.Bytes(SentDocument.With(changed, "id", collection)),
                usual with { Validation = rules.Validation });
            await tx.PutCollection(view.Org, prepared, clock.GetUtcNow());
            await tx.Commit();
        }
        await Written(http, 200, prepared, view, WriteAnswers.WantsDocument(http), ct);
    }

    static async Task<IResult> Delete(
        HttpContext http, string collection, string? items, View view, Db db, DeleteCollections deletions,
        TimeProvider clock, CancellationToken ct)
    {
        if (items is not (null or "delete"))
            throw new Refused(400, "INVALID_PARAMETER", "The parameter items should be delete, or left out.")
            {
                Details = new Dictionary<string, object?> { ["parameter"] = "items" },
            };
        var seen = Preconditions.Of(http.Request, await WritingRules.Of(db, view.Org, ct));
        await using (var tx = await db.Begin(ct))
        {
            seen.Hold($"the collection {collection}", (await Find(tx, view.Org, collection)).Hash);
            if (items is null) await tx.DeleteCollection(view.Org, collection, clock.GetUtcNow());
            else await DeleteCollections.Close(tx, view.Org, collection);
            await tx.Commit();
        }
        if (items is not null) await deletions.Finish(db, view.Org, collection, ct);
        return TypedResults.NoContent();
    }

    static async Task<Collections.Kept> Find(Tx tx, string org, string collection) =>
        await tx.FindCollection(org, collection) ?? throw Refused.NotFound($"The collection {collection}");

    static async Task Written(
        HttpContext http, int status, PreparedCollection collection, View view, bool show, CancellationToken ct)
    {
        WriteAnswers.Head(http, collection.Document, collection.Repairs);
        await WriteAnswers.Body(http, status, collection.Document, Media.Json, view.Roots, show, ct);
    }
}

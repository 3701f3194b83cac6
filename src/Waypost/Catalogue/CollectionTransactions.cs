using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Writes collections (STAC API Collection Transaction 1.0).</summary>
static class CollectionTransactions
{
    sealed record Kept(string Hash, string Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("hash"), row.Text("body"));
    }

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        Route(stac.MapPost("/collections", Post), operations + "CreateCollection", "Add a collection")
            .Accepts<JsonElement>(Media.Json).Produces(201, contentType: Media.Json);
        Route(stac.MapPut("/collections/{collection}", Put), operations + "ReplaceCollection",
            "Replace a collection; with If-None-Match: * add one")
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
        await AnswerOf(view, collection).Write(http, isNew: true, view.Roots, null, ct);
    }

    static async Task Put(
        HttpContext http, string collection, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var bytes = await SentDocument.Bytes(http, ct);
        var sent = SentDocument.With(SentDocument.Parse(bytes, view.Roots, "collection"), "id", collection);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var prepared = PreparedCollection.Of(
            SentDocument.Bytes(sent), usual with { Validation = rules.Validation });
        await using (var tx = await db.Begin(ct))
        {
            if (!seen.OnlyNew) Hold(seen, collection, await Find(tx, view.Org, collection));
            if (await tx.PutCollection(view.Org, prepared, clock.GetUtcNow(), onlyNew: seen.OnlyNew) is null)
                throw Preconditions.Exists($"the collection {collection}");
            await tx.Commit();
        }
        await AnswerOf(view, prepared).Write(http, seen.OnlyNew, view.Roots, bytes, ct);
    }

    // As ItemEdits has it for items: the document is made outside the turn, and in it where others were faster.
    static async Task Patch(
        HttpContext http, string collection, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var patch = await SentDocument.Read(http, view.Roots, "patch", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var how = usual with { Validation = rules.Validation };
        for (var isFirst = true; ; isFirst = false)
        {
            var (prepared, before) = isFirst
                ? Patched(await db.One<Kept>(Select(view.Org, collection), ct), collection, patch, how) : (null, null);
            await using var tx = await db.Begin(ct);
            var found = await Find(tx, view.Org, collection);
            Hold(seen, collection, found);
            if (isFirst && before != found.Hash) continue;
            prepared ??= Patched(
                await tx.One<Kept>(Select(view.Org, collection)), collection, patch, how).Prepared;
            await tx.PutCollection(view.Org, prepared, clock.GetUtcNow());
            await tx.Commit();
            await AnswerOf(view, prepared).Write(http, isNew: false, view.Roots, null, ct);
            return;
        }
    }

    static Sql Select(string org, string collection) => $"""
        select hash, body from catalogue_collections where org = {org} and id = {collection}
        """;

    static (PreparedCollection Prepared, string Before) Patched(
        Kept? kept, string collection, JsonElement patch, Preparing how)
    {
        if (kept is null) throw Refused.NotFound($"The collection {collection}");
        var changed = MergePatch.Apply(JsonElement.Parse(StoredDocument.AsSent(kept.Body)), patch);
        changed = SentDocument.With(changed, "id", collection);
        return (PreparedCollection.Of(SentDocument.Bytes(changed), how), kept.Hash);
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
            Hold(seen, collection, await Find(tx, view.Org, collection));
            if (items is null) await tx.DeleteCollection(view.Org, collection, clock.GetUtcNow());
            else await DeleteCollections.Close(tx, view.Org, collection);
            await tx.Commit();
        }
        if (items is not null) await deletions.Finish(db, view.Org, collection, ct);
        return TypedResults.NoContent();
    }

    static async Task<Collections.Kept> Find(Tx tx, string org, string collection) =>
        await tx.FindCollection(org, collection) ?? throw Refused.NotFound($"The collection {collection}");

    static void Hold(Preconditions seen, string collection, Collections.Kept found) =>
        seen.Hold($"the collection {collection}", found.Hash, found.ChangedAt);

    static WriteAnswer AnswerOf(View view, PreparedCollection collection) => new(
        collection.Document, collection.Repairs, Media.Json,
        $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection.Id)}");
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Events;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>How many items a list brought.</summary>
/// <param name="Created">Items that were not there before: all of the list.</param>
/// <param name="Repaired">How many of them had faults that were put right.</param>
public sealed record ItemsCreated(int Created, int Repaired);

/// <summary>Writes items one by one, or a list that goes in whole or not at all (STAC API Transaction 1.0, OGC API
/// Features 4).</summary>
static class ItemTransactions
{
    /// <summary>Items of one list; longer ones go to the bulk routes.</summary>
    const int LongestList = 1_000;

    sealed record Kept(string Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("body"));
    }

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        const string one = "/collections/{collection}/items/{item}";
        Route(stac.MapPost("/collections/{collection}/items", Post), operations + "CreateItems",
            "Add an item, or a list of items, all or none").Accepts<JsonElement>(Media.GeoJson, Media.Json)
            .Produces(201, contentType: Media.GeoJson);
        Route(stac.MapPut(one, Put), operations + "ReplaceItem", "Replace an item")
            .Accepts<JsonElement>(Media.GeoJson, Media.Json).Produces(204);
        Route(stac.MapPatch(one, Patch), operations + "ChangeItem", "Change an item by a JSON Merge Patch (RFC 7386)")
            .Accepts<JsonElement>(Media.MergePatch, Media.Json, Media.GeoJson).Produces(204);
        Route(stac.MapDelete(one, Delete), operations + "DeleteItem", "Delete an item").Produces(204);
    }

    static RouteHandlerBuilder Route(RouteHandlerBuilder route, string name, string summary) => route
        .Permit(Permission.CatalogueWrite).WithName(name).WithTags("STAC").WithSummary(summary)
        .WithMetadata(new RequestSizeLimitAttribute(SentDocument.LargestBody));

    static async Task Post(
        HttpContext http, string collection, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var sent = await SentDocument.Read(http, view.Roots, "item", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var how = usual with { Validation = rules.Validation };
        if (StacChecks.Text(sent, "type") == "FeatureCollection")
        {
            await PostList(http, collection, sent, how, view, db, clock, ct);
            return;
        }
        var item = PreparedItem.Of(SentDocument.Bytes(SentDocument.With(sent, "collection", collection)), how);
        await using (var tx = await db.Begin(ct))
        {
            if (await tx.PutItem(view.Org, item, clock.GetUtcNow(), onlyNew: true) is null)
                throw Refused.Conflict("ITEM_EXISTS",
                    $"The collection {collection} has an item {item.Id} already.", "PUT replaces it.");
            await tx.Commit();
        }
        http.Response.Headers.Location = AddressOf(view, collection, item.Id);
        await Written(http, 201, item, view, show: true, ct);
    }

    static async Task PostList(
        HttpContext http, string collection, JsonElement list, Preparing how, View view, Db db, TimeProvider clock,
        CancellationToken ct)
    {
        if (!list.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Array
            || features.GetArrayLength() is 0 or > LongestList)
            throw Refused.Bad("STAC_INVALID", $"A list has 1 to {LongestList} items as its features.",
                "Send more to /collections/{collection}/bulk_items.");
        PreparedItem[] items =
            [.. features.EnumerateArray().Select((item, index) => Listed(item, index, collection, how))];
        if (items.CountBy(item => item.Id).FirstOrDefault(id => id.Value > 1).Key is { } twice)
            throw Refused.Bad("DUPLICATE_ID", $"The list has two items with the id {twice}.", "Send one of them.");

        var (now, change) = (clock.GetUtcNow(), Guid.CreateVersion7(clock.GetUtcNow()));
        await using (var tx = await db.Begin(ct))
        {
            var written = await tx.WriteItems(view.Org, collection, items, onlyNew: true, change, now);
            string[] there = [.. items.Where((_, index) => written[index] is null).Select(item => item.Id)];
            if (there.Length > 0)
                throw new Refused(409, "ITEM_EXISTS",
                    $"{there.Length} of the items are there already, the first of them {there[0]}; none was added.",
                    "Leave them out, or send the list to the bulk route with method=upsert.")
                {
                    Details = new Dictionary<string, object?> { ["ids"] = there },
                };
            await tx.Emit(view.Org, now, new ItemsWritten(collection, items.Length, 0, 0), collection, change);
            await tx.Commit();
        }
        http.Response.StatusCode = StatusCodes.Status201Created;
        await AnswerWriter.Whole(
            http, new ItemsCreated(items.Length, items.Count(item => item.Repairs.Count > 0)), Media.Json, ct);
    }

    static PreparedItem Listed(JsonElement item, int index, string collection, Preparing how)
    {
        try
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw Refused.Bad("NOT_JSON", "The item is not a JSON object.");
            return PreparedItem.Of(SentDocument.Bytes(SentDocument.With(item, "collection", collection)), how);
        }
        catch (Refused refused)
        {
            throw new Refused(refused.Status, refused.Code,
                $"Item {index + 1} of the list: {refused.Message}", refused.Remedy)
            {
                Details = new Dictionary<string, object?>(refused.Details) { ["index"] = index },
            };
        }
    }

    static async Task Put(
        HttpContext http, string collection, string item, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var sent = await SentDocument.Read(http, view.Roots, "item", ct);
        sent = SentDocument.With(SentDocument.With(sent, "collection", collection), "id", item);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var prepared = PreparedItem.Of(SentDocument.Bytes(sent), usual with { Validation = rules.Validation });
        await using (var tx = await db.Begin(ct))
        {
            seen.Hold($"the item {item}", (await Find(tx, view.Org, collection, item)).Hash);
            await tx.PutItem(view.Org, prepared, clock.GetUtcNow());
            await tx.Commit();
        }
        await Written(http, 200, prepared, view, WantsIt(http), ct);
    }

    // Read and written in one transaction that has the collection to itself: whoever changes another member of the item
    // at the same time comes before or after, and neither change is lost.
    static async Task Patch(
        HttpContext http, string collection, string item, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var patch = await SentDocument.Read(http, view.Roots, "patch", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        PreparedItem prepared;
        await using (var tx = await db.Begin(ct))
        {
            var found = await Find(tx, view.Org, collection, item);
            seen.Hold($"the item {item}", found.Hash);
            var kept = await tx.One<Kept>($"""
                select body from catalogue_bodies where org = {view.Org} and row_id = {found.RowId}
                """);
            var changed = MergePatch.Apply(JsonElement.Parse(StoredDocument.AsSent(kept!.Body)), patch);
            changed = SentDocument.With(SentDocument.With(changed, "collection", collection), "id", item);
            prepared = PreparedItem.Of(SentDocument.Bytes(changed), usual with { Validation = rules.Validation });
            await tx.PutItem(view.Org, prepared, clock.GetUtcNow());
            await tx.Commit();
        }
        await Written(http, 200, prepared, view, WantsIt(http), ct);
    }

    static async Task<IResult> Delete(
        HttpContext http, string collection, string item, View view, Db db, TimeProvider clock, CancellationToken ct)
    {
        var seen = Preconditions.Of(http.Request, await WritingRules.Of(db, view.Org, ct));
        await using var tx = await db.Begin(ct);
        seen.Hold($"the item {item}", (await Find(tx, view.Org, collection, item)).Hash);
        await tx.DeleteItem(view.Org, collection, item, clock.GetUtcNow());
        await tx.Commit();
        return TypedResults.NoContent();
    }

    static async Task<ItemRows.Kept> Find(Tx tx, string org, string collection, string item) =>
        await tx.TryLockCollection(org, collection) is not null
        && (await tx.FindItems(org, collection, [item])).TryGetValue(item, out var found)
            ? found : throw Refused.NotFound($"The item {item} of the collection {collection}");

    static string AddressOf(View view, string collection, string item) =>
        $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}/items/{Uri.EscapeDataString(item)}";

    /// <summary>Answers with the entity tag and what was put right; with the document where it is wanted.</summary>
    static async Task Written(
        HttpContext http, int status, PreparedItem item, View view, bool show, CancellationToken ct)
    {
        WriteAnswers.Head(http, item.Document, item.Repairs);
        await WriteAnswers.Body(http, status, item.Document, Media.GeoJson, view.Roots, show, ct);
    }

    static bool WantsIt(HttpContext http) => WriteAnswers.WantsDocument(http);
}

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

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        const string one = "/collections/{collection}/items/{item}";
        Route(stac.MapPost("/collections/{collection}/items", Post), operations + "CreateItems",
            "Add an item, or a list of items, all or none").Accepts<JsonElement>(Media.GeoJson, Media.Json)
            .Produces(201, contentType: Media.GeoJson);
        Route(stac.MapPut(one, Put), operations + "ReplaceItem", "Replace an item; with If-None-Match: * add one")
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
        await AnswerOf(view, item).Write(http, isNew: true, view.Roots, null, ct);
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

        await using (var tx = await db.Begin(ct))
        {
            await tx.LockCollection(view.Org, collection);
            var now = clock.GetUtcNow();
            var change = Guid.CreateVersion7(now);
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
        var wanted = Preferences.Return(http.Request.Headers);
        WriteAnswer.Apply(http, wanted);
        if (wanted == WantedReturn.Minimal) return;
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
        var bytes = await SentDocument.Bytes(http, ct);
        var sent = SentDocument.Parse(bytes, view.Roots, "item");
        sent = SentDocument.With(SentDocument.With(sent, "collection", collection), "id", item);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var prepared = PreparedItem.Of(SentDocument.Bytes(sent), usual with { Validation = rules.Validation });
        await using (var tx = await db.Begin(ct))
        {
            if (!seen.OnlyNew) Hold(seen, item, await tx.HoldItem(view.Org, collection, item));
            if (await tx.PutItem(view.Org, prepared, clock.GetUtcNow(), onlyNew: seen.OnlyNew) is null)
                throw Preconditions.Exists($"the item {item}");
            await tx.Commit();
        }
        await AnswerOf(view, prepared).Write(http, seen.OnlyNew, view.Roots, bytes, ct);
    }

    static async Task Patch(
        HttpContext http, string collection, string item, View view, Db db, Preparing usual, TimeProvider clock,
        CancellationToken ct)
    {
        var patch = await SentDocument.Read(http, view.Roots, "patch", ct);
        var rules = await WritingRules.Of(db, view.Org, ct);
        var seen = Preconditions.Of(http.Request, rules);
        var how = usual with { Validation = rules.Validation };
        var prepared = await ItemEdits.Edit(db, view.Org, collection, item, clock, found =>
        {
            Hold(seen, item, found);
            var changed = MergePatch.Apply(JsonElement.Parse(StoredDocument.AsSent(found.Body)), patch);
            changed = SentDocument.With(SentDocument.With(changed, "collection", collection), "id", item);
            var made = PreparedItem.Of(SentDocument.Bytes(changed), how);
            return (made, made);
        }, ct);
        await AnswerOf(view, prepared).Write(http, isNew: false, view.Roots, null, ct);
    }

    static async Task<IResult> Delete(
        HttpContext http, string collection, string item, View view, Db db, TimeProvider clock, CancellationToken ct)
    {
        var seen = Preconditions.Of(http.Request, await WritingRules.Of(db, view.Org, ct));
        await using var tx = await db.Begin(ct);
        Hold(seen, item, await tx.HoldItem(view.Org, collection, item));
        await tx.DeleteItem(view.Org, collection, item, clock.GetUtcNow());
        await tx.Commit();
        return TypedResults.NoContent();
    }

    static void Hold(Preconditions seen, string item, ItemEdits.Seen found) =>
        seen.Hold($"the item {item}", found.Hash, found.ChangedAt);

    static WriteAnswer AnswerOf(View view, PreparedItem item) => new(
        item.Document, item.Repairs, Media.GeoJson,
        $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(item.Collection)}/items/"
        + Uri.EscapeDataString(item.Id));
}

using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts what a search matches instead of answering it (STAC API, Aggregation 0.3.0).</summary>
static class Aggregations
{
    const int LargestBody = 1 << 20;

    /// <summary>A group of items of an aggregation.</summary>
    public sealed record Bucket(
        string Key, string DataType, long Frequency, double? From = null, double? To = null);

    /// <summary>One answer: a value or buckets.</summary>
    public sealed record Aggregation(
        string Name, string DataType, object? Value = null, IReadOnlyList<Bucket>? Buckets = null,
        long? Overflow = null);

    sealed record Answered(string Type, IReadOnlyList<Aggregation> Aggregations, IReadOnlyList<Link> Links);

    /// <summary>An aggregation that can be asked for.</summary>
    public sealed record Offered(string Name, string DataType);

    sealed record Offers(string Type, IReadOnlyList<Offered> Aggregations, IReadOnlyList<Link> Links);

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        string[] known = [.. SearchWish.Parameters.Except(["limit", "token", "sortby", "fields"]),
            .. AggregateWish.Parameters];
        stac.MapGet("/aggregate", (HttpContext http, View view, Db db, CancellationToken ct) =>
                ByQuery(http, null, view, db, ct))
            .Query([.. known, "intersects", "ids", "collections"]).Named(operations + "AggregateItems")
            .WithSummary("What items that match have in common, counted");
        stac.MapGet("/collections/{collection}/aggregate",
                (HttpContext http, string collection, View view, Db db, CancellationToken ct) =>
                    ByQuery(http, collection, view, db, ct))
            .Query([.. known, "intersects", "ids"]).Named(operations + "AggregateItemsOfCollection")
            .WithSummary("What items of a collection that match have in common, counted");
        stac.MapPost("/aggregate", (HttpContext http, JsonElement body, View view, Db db, CancellationToken ct) =>
                ByBody(http, body, null, view, db, ct))
            .Named(operations + "AggregateItemsByBody")
            .WithSummary("What items that match have in common, counted, by a JSON body");
        stac.MapPost("/collections/{collection}/aggregate",
                (HttpContext http, JsonElement body, string collection, View view, Db db, CancellationToken ct) =>
                    ByBody(http, body, collection, view, db, ct))
            .Named(operations + "AggregateItemsOfCollectionByBody")
            .WithSummary("What items of a collection that match have in common, counted, by a JSON body");
        stac.MapGet("/aggregations", (HttpContext http, View view, Db db, CancellationToken ct) =>
                List(http, null, view, db, ct))
            .Named(operations + "ListAggregations").WithSummary("What can be counted");
        stac.MapGet("/collections/{collection}/aggregations",
                (HttpContext http, string collection, View view, Db db, CancellationToken ct) =>
                    List(http, collection, view, db, ct))
            .Named(operations + "ListAggregationsOfCollection").WithSummary("What can be counted in a collection");
    }

    static RouteHandlerBuilder Named(this RouteHandlerBuilder route, string name) => route
        .Permit(Permission.CatalogueRead).WithMetadata(new RequestSizeLimitAttribute(LargestBody))
        .WithName(name).WithTags("STAC").Produces(200, contentType: Media.Json);

    static Task ByQuery(HttpContext http, string? collection, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        return Answer(
            http, collection, AggregateWish.Of(query), SearchWish.Of(query), query.Count > 0, view, db, ct);
    }

    static Task ByBody(
        HttpContext http, JsonElement body, string? collection, View view, Db db, CancellationToken ct)
    {
        var (wish, search) = AggregateWish.Of(body);
        if (collection is not null && search.Collections is not null)
            throw SearchWish.Bad("collections", "collections cannot be asked for below a collection.");
        return Answer(http, collection, wish, SearchWish.Of(search), false, view, db, ct);
    }

    static async Task Answer(
        HttpContext http, string? collection, AggregateWish wish, SearchWish search, bool hasQuery, View view, Db db,
        CancellationToken ct)
    {
        if (collection is not null)
        {
            await CollectionReads.MustExist(db, view, collection, ct);
            search = search with { Collections = [collection] };
        }
        var counting = await Counting.Of(http, view, db, search, wish, ct);
        var answers = new List<Aggregation>();
        foreach (var name in wish.Names) answers.Add(await counting.Answer(name, ct));
        var here = Root(view, collection);
        await AnswerWriter.Whole(http, new Answered("AggregationCollection", answers,
        [
            new Link("root", view.Roots.StacRoot, Media.Json),
            new Link("self", here + "/aggregate" + (hasQuery ? http.Request.QueryString.Value : ""), Media.Json),
            .. collection is null ? [] : (Link[])[new Link("collection", here, Media.Json)],
        ]), Media.Json, ct);
    }

    static async Task List(HttpContext http, string? collection, View view, Db db, CancellationToken ct)
    {
        if (collection is not null) await CollectionReads.MustExist(db, view, collection, ct);
        var here = Root(view, collection);
        await AnswerWriter.Whole(http, new Offers("AggregationCollection",
            [.. Counting.Standard, .. await Counting.OfProperties(view, db, collection, ct)],
            [
                new Link("root", view.Roots.StacRoot, Media.Json),
                new Link("self", here + "/aggregations", Media.Json),
                new Link("aggregate", here + "/aggregate", Media.Json),
            ]), Media.Json, ct);
    }

    static string Root(View view, string? collection) => collection is null ? view.Roots.StacRoot
        : $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}";
}

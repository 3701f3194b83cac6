using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Search across collections, and the items of one (STAC API 1.0, Item Search; OGC API Features
/// 1.0).</summary>
static class Search
{
    const int LargestBody = 1 << 20;

    static readonly string[] ItemParameters = ["limit", "bbox", "datetime", "token"];

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/search", ByQuery).Permit(Permission.CatalogueRead)
            .Query([.. ItemParameters, "intersects", "ids", "collections"])
            .WithName(operations + "SearchItems").WithTags("STAC").WithSummary("Items that match, by query parameters")
            .Produces(200, contentType: Media.GeoJson);
        stac.MapPost("/search", ByBody).Permit(Permission.CatalogueRead)
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody))
            .WithName(operations + "SearchItemsByBody").WithTags("STAC").WithSummary("Items that match, by a JSON body")
            .Produces(200, contentType: Media.GeoJson);
        stac.MapGet("/collections/{collection}/items", OfCollection).Permit(Permission.CatalogueRead)
            .Query(ItemParameters)
            .WithName(operations + "ListItems").WithTags("STAC").WithSummary("The items of a collection, latest first")
            .Produces(200, contentType: Media.GeoJson);
    }

    static Task ByQuery(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var roots = view.Roots;
        var address = roots.StacRoot + "/search";
        return Answer(http, view, db, SearchWish.Of(http.Request.Query),
            [new Link("root", roots.StacRoot, Media.Json), Self(http, address)],
            (rel, token) => ByAddress(http, address, rel, token), ct);
    }

    static Task ByBody(HttpContext http, SearchBody body, View view, Db db, CancellationToken ct) =>
        ByBodyAt(http, body, view.Roots.StacRoot + "/search", view, db, ct);

    /// <summary>Answers a search by body on behalf of another route, which pages then go back to.</summary>
    internal static Task ByBodyAt(
        HttpContext http, SearchBody body, string address, View view, Db db, CancellationToken ct)
    {
        var roots = view.Roots;
        return Answer(http, view, db, SearchWish.Of(body),
            [new Link("root", roots.StacRoot, Media.Json), new Link("self", address, Media.GeoJson)],
            (rel, token) => new Link(
                rel, address, Media.GeoJson, Method: "POST", Body: new Dictionary<string, string> { ["token"] = token },
                Merge: true),
            ct);
    }

    static async Task OfCollection(HttpContext http, string collection, View view, Db db, CancellationToken ct)
    {
        var roots = view.Roots;
        var wish = SearchWish.Of(http.Request.Query) with { Collections = [collection] };
        await CollectionReads.MustExist(db, view, collection, ct);
        var parent = $"{roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}";
        var address = parent + "/items";
        await Answer(http, view, db, wish,
            [
                new Link("root", roots.StacRoot, Media.Json), Self(http, address),
                new Link("collection", parent, Media.Json), new Link("parent", parent, Media.Json),
            ],
            (rel, token) => ByAddress(http, address, rel, token), ct);
    }

    static async Task Answer(
        HttpContext http, View view, Db db, SearchWish wish, List<Link> links,
        Func<string, string, Link> toPage, CancellationToken ct)
    {
        var rows = await SearchPlan.Run(db, view, wish, ct);
        var matched = rows[0].Matched;
        var page = Page.Of(rows, wish);
        if (page.Next is { } next) links.Add(toPage("next", next.Token()));
        if (page.Prev is { } prev) links.Add(toPage("prev", prev.Token()));

        http.Response.ContentType = Media.GeoJson;
        var to = http.Response.BodyWriter;
        AnswerWriter.Text(to, "{\"type\":\"FeatureCollection\",\"features\":[");
        await AnswerWriter.Documents(to, page.Hits.Select(hit => hit.Body), view.Roots, ct);
        AnswerWriter.Text(to, FormattableString.Invariant(
            $"],\"numberMatched\":{matched},\"numberReturned\":{page.Hits.Count},\"links\":"));
        AnswerWriter.Value(to, links);
        AnswerWriter.Text(to, "}");
        await to.FlushAsync(ct);
    }

    static Link Self(HttpContext http, string address) =>
        new("self", address + http.Request.QueryString.Value, Media.GeoJson);

    static Link ByAddress(HttpContext http, string address, string rel, string token)
    {
        var query = http.Request.Query.Where(pair => pair.Key != "token").Append(new("token", token));
        return new Link(rel, QueryHelpers.AddQueryString(address, query), Media.GeoJson, Method: "GET");
    }
}

/// <summary>The rows of a page, and what is before and after it.</summary>
sealed record Page(IReadOnlyList<Hit> Hits, PagePosition? Next, PagePosition? Prev)
{
    public static Page Of(List<Hit> rows, SearchWish wish)
    {
        var found = rows.Where(row => row.Position is not null).ToList();
        var more = found.Count > wish.Limit;
        if (more) found.RemoveAt(found.Count - 1);
        var back = wish.Position is { Backwards: true };
        if (back) found.Reverse();
        if (found.Count == 0) return new Page(found, null, null);

        // Where we came from is still there; in the direction of travel the extra row says whether more is.
        var next = more || back ? found[^1].Position : null;
        var prev = back ? more : wish.Position is not null;
        return new Page(found, next, prev ? found[0].Position! with { Backwards = true } : null);
    }
}

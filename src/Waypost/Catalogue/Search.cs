using System.Globalization;
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

    /// <summary>How many items to pass over: for OGC clients that page by number; links go on by token.</summary>
    const string Offset = "offset";

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/search", ByQuery).Permit(Permission.CatalogueRead)
            .Query([.. SearchWish.Parameters, "intersects", "ids", "collections"])
            .WithName(operations + "SearchItems").WithTags("STAC").WithSummary("Items that match, by query parameters")
            .Produces(200, contentType: Media.GeoJson);
        stac.MapPost("/search", ByBody).Permit(Permission.CatalogueRead)
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody))
            .WithName(operations + "SearchItemsByBody").WithTags("STAC").WithSummary("Items that match, by a JSON body")
            .Produces(200, contentType: Media.GeoJson);
        stac.MapGet("/collections/{collection}/items", OfCollection).Permit(Permission.CatalogueRead)
            .Query([.. SearchWish.Parameters, Offset])
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
            (rel, token) => ByAddress(http, address, rel, token), ct, OffsetOf(http.Request.Query, wish));
    }

    static int OffsetOf(IQueryCollection query, SearchWish wish)
    {
        if (SearchWish.Given(query, Offset) is not { } text || wish.Token is not null) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && offset <= SearchWish.MostOnPage - wish.Limit
                ? offset
                : throw SearchWish.Bad(Offset, $"offset and limit together go up to {SearchWish.MostOnPage}; follow "
                    + "the next links to go further.");
    }

    static async Task Answer(
        HttpContext http, View view, Db db, SearchWish wish, List<Link> links,
        Func<string, string, Link> toPage, CancellationToken ct, int offset = 0)
    {
        var limit = wish.Limit;
        wish = wish with { Limit = limit + offset };
        var known = await Known(db, view, wish, ct);
        var filter = wish.Filter is null ? null : Cql2Sql.Compile(wish.Filter, view, known);
        if (filter is not null) wish = wish.Within(filter.From, filter.Until);
        var order = SearchOrders.Of(wish.Sort, name => Cql2Sql.Column(name, "sortby", view, known));
        var sizes = http.RequestServices.GetRequiredService<CatalogueSizes>();
        var found = await SearchPlan.Run(
            db, view, wish, filter, order, sizes, http.RequestServices.GetRequiredService<SearchLimits>(), ct);
        var page = SearchPage.Of(found, wish, order);
        if (page.Next is { } next) links.Add(toPage("next", next.Token(wish, order)));
        if (page.Prev is { } prev) links.Add(toPage("prev", prev.Token(wish, order)));

        http.Response.ContentType = Media.GeoJson;
        var to = http.Response.BodyWriter;
        AnswerWriter.Text(to, "{\"type\":\"FeatureCollection\",\"features\":[");
        var bodies = page.Hits.Skip(offset).Select(hit => hit.Body);
        if (wish.Fields is { } fields) await AnswerWriter.Documents(to, bodies, view.Roots, fields, ct);
        else await AnswerWriter.Documents(to, bodies, view.Roots, ct);
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var returned = Math.Max(0, page.Hits.Count - offset);
        AnswerWriter.Text(to, "]," + Numbers(found.Matched, returned, limit, now) + "\"links\":");
        AnswerWriter.Value(to, links);
        AnswerWriter.Text(to, "}");
        await to.FlushAsync(ct);
    }

    // Nothing is looked up where nothing is named.
    static Task<Queryables> Known(Db db, View view, SearchWish wish, CancellationToken ct)
    {
        var names = wish.Sort.Select(key => key.Name).Where(name => !SearchOrders.IsColumn(name))
            .Concat(wish.Filter is null ? [] : Cql2Sql.NamesIn(wish.Filter));
        return Queryables.Of(db, view, wish.Collections, names, ct);
    }

    // `context` is what clients from before STAC API 1.0 read.
    static string Numbers(long? matched, int returned, int limit, DateTimeOffset now)
    {
        var counted = matched is null ? "" : FormattableString.Invariant($"\"numberMatched\":{matched},");
        var known = matched is null ? "" : FormattableString.Invariant($",\"matched\":{matched}");
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return FormattableString.Invariant(
            $"{counted}\"numberReturned\":{returned},\"timeStamp\":\"{time}\",")
            + FormattableString.Invariant($"\"context\":{{\"returned\":{returned},\"limit\":{limit}{known}}},");
    }

    static Link Self(HttpContext http, string address) =>
        new("self", address + http.Request.QueryString.Value, Media.GeoJson);

    static Link ByAddress(HttpContext http, string address, string rel, string token)
    {
        var query = http.Request.Query.Where(pair => pair.Key is not ("token" or Offset)).Append(new("token", token));
        return new Link(rel, QueryHelpers.AddQueryString(address, query), Media.GeoJson, Method: "GET");
    }
}

/// <summary>The rows of a page, and what is before and after it.</summary>

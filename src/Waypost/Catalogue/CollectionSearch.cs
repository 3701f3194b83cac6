using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Finds collections: all of them, page by page, or those that match (STAC API, Collection Search; OGC API
/// Common 2, Simple Query).</summary>
/// <remarks>There are few collections beside their items. Without conditions they are read in the order of their ids;
/// with conditions all of them are read and looked at, up to <see cref="MostCollections"/>.</remarks>
static class CollectionSearch
{
    /// <summary>Collections that a search looks at; a catalogue that has more is not searched.</summary>
    public const int MostCollections = 10_000;

    const int DefaultLimit = 100;

    sealed record Kept(string Id, string Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("id"), row.Text("body"));
    }

    /// <summary>The collections of a page, how many there are on all, and where the next page goes on.</summary>
    sealed record Page(IEnumerable<string> Bodies, int Returned, long Matched, string? Next);

    public static void Map(IEndpointRouteBuilder stac, string operations) => stac.MapGet("/collections", Find)
        .Permit(Permission.CatalogueRead).Query(SearchWish.Parameters)
        .WithName(operations + "ListCollections").WithTags("STAC").WithSummary("The collections, or those that match")
        .Produces(200, contentType: Media.Json);

    static async Task Find(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        var wish = SearchWish.Of(query) with
        {
            Limit = SearchWish.LimitOf(SearchWish.Given(query, "limit"), DefaultLimit),
        };
        var asked = wish.Area is not null || wish.From is not null || wish.Until is not null
            || wish.Text is not null || wish.Filter is not null || wish.Sort.Count > 0;
        var page = asked ? await Matching(view, db, wish, ct) : await InOrder(view, db, wish, ct);

        var roots = view.Roots;
        var address = roots.StacRoot + "/collections";
        List<Link> links =
        [
            new("root", roots.StacRoot, Media.Json),
            new("parent", roots.StacRoot, Media.Json),
            new("self", address + http.Request.QueryString.Value, Media.Json),
            new(QueryableReads.QueryablesRel, roots.StacRoot + CollectionQueryables.QueryablesPath, Media.Schema),
            new(QueryableReads.SortablesRel, roots.StacRoot + CollectionQueryables.SortablesPath, Media.Schema),
        ];
        if (page.Next is { } next) links.Add(PageLinks.To(http, address, "next", next, Media.Json));
        http.Response.ContentType = Media.Json;
        var to = http.Response.BodyWriter;
        AnswerWriter.Text(to, "{\"collections\":[");
        if (wish.Fields is { } fields) await AnswerWriter.Documents(to, page.Bodies, roots, fields, ct);
        else await AnswerWriter.Documents(to, page.Bodies, roots, ct);
        AnswerWriter.Text(to, FormattableString.Invariant(
            $"],\"numberMatched\":{page.Matched},\"numberReturned\":{page.Returned},\"links\":"));
        AnswerWriter.Value(to, links);
        AnswerWriter.Text(to, "}");
        await to.FlushAsync(ct);
    }

    static async Task<Page> InOrder(View view, Db db, SearchWish wish, CancellationToken ct)
    {
        var after = CollectionToken.Read(wish)?.Id ?? "";
        var rows = await db.All<Kept>($"""
            select id, {view.Body($"catalogue_collections")} as body from catalogue_collections
            where org = {view.Org} and id > {after} and {view.Visible($"id")}
            order by id limit {wish.Limit + 1}
            """, ct);
        var total = await db.One<Number>($"""
            select count(*) as n from catalogue_collections where org = {view.Org} and {view.Visible($"id")}
            """, ct);
        var shown = rows.Take(wish.Limit).ToList();
        var next = rows.Count > wish.Limit ? new CollectionToken(shown[^1].Id, []).Text(wish) : null;
        return new Page(shown.Select(row => row.Body), shown.Count, total!.N, next);
    }

    static async Task<Page> Matching(View view, Db db, SearchWish wish, CancellationToken ct)
    {
        var all = await All(view, db, ct);
        var known = new CollectionQueryables(all);
        var filter = wish.Filter is null ? null : known.Bind(wish.Filter);
        foreach (var key in wish.Sort) known.MustBeSortable(key.Name);
        var found = all.Where(one => Matches(one, wish, filter))
            .Select(one => (One: one, Keys: CollectionToken.KeysOf(one, wish.Sort))).ToList();
        var order = new CollectionOrder(wish.Sort);
        found.Sort((a, b) => order.Compare((a.Keys, a.One.Id), (b.Keys, b.One.Id)));

        var after = CollectionToken.Read(wish);
        var rest = after is null ? found
            : found.SkipWhile(one => order.Compare((one.Keys, one.One.Id), (after.Keys, after.Id)) <= 0).ToList();
        var shown = rest.Take(wish.Limit).ToList();
        var next = rest.Count > wish.Limit ? new CollectionToken(shown[^1].One.Id, shown[^1].Keys).Text(wish) : null;
        return new Page(shown.Select(one => one.One.Body), shown.Count, found.Count, next);
    }

    /// <summary>Every collection that the view shows.</summary>
    /// <exception cref="Refused">There are too many to look at each.</exception>
    public static async Task<IReadOnlyList<FoundCollection>> All(View view, Db db, CancellationToken ct)
    {
        var rows = await db.All<Kept>($"""
            select id, {view.Body($"catalogue_collections")} as body from catalogue_collections
            where org = {view.Org} and {view.Visible($"id")} order by id limit {MostCollections + 1}
            """, ct);
        return rows.Count <= MostCollections ? [.. rows.Select(row => new FoundCollection(row.Id, row.Body))]
            : throw Refused.Bad("TOO_MANY_COLLECTIONS",
                $"This catalogue has more than {MostCollections} collections, and no more than that are searched.",
                "Go through GET /collections page by page, without conditions.");
    }

    static bool Matches(FoundCollection one, SearchWish wish, Cql2Expression? filter) =>
        (wish.Area is null || one.Touches(wish.Area))
        && (wish.From is null && wish.Until is null || one.Meets(wish.From, wish.Until))
        && wish.Text?.Matches(one.Words()) != false
        && (filter is null || Cql2Evaluation.Matches(filter, name => one.ValueOf(Queryables.Bare(name))));
}

/// <summary>The order of collections: by their keys, what has no value last, then by id.</summary>
sealed class CollectionOrder(IReadOnlyList<SortWish> keys)
{
    /// <summary>Less than zero where the first one comes first.</summary>
    public int Compare(
        (IReadOnlyList<JsonElement?> Keys, string Id) one, (IReadOnlyList<JsonElement?> Keys, string Id) other)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var order = Compare(one.Keys[i], other.Keys[i], keys[i].Descending);
            if (order != 0) return order;
        }
        return string.CompareOrdinal(one.Id, other.Id);
    }

    static int Compare(JsonElement? one, JsonElement? other, bool descending)
    {
        if (one is not { } a || other is not { } b) return (one is null ? 1 : 0) - (other is null ? 1 : 0);
        var order = (a.ValueKind, b.ValueKind) switch
        {
            (JsonValueKind.Number, JsonValueKind.Number) => a.GetDouble().CompareTo(b.GetDouble()),
            (JsonValueKind.String, JsonValueKind.String) => Cql2Values.CompareText(a.GetString()!, b.GetString()!),
            _ => a.ValueKind.CompareTo(b.ValueKind),
        };
        return descending ? -order : order;
    }
}

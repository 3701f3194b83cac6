using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What the landing page's <c>child</c> links lead to, in one answer (STAC API, Children).</summary>
static class Children
{
    const int DefaultLimit = 1_000;

    sealed record Kept(string Id, string Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Text("id"), row.Text("body"));
    }

    public static void Map(IEndpointRouteBuilder stac, string operations) => stac.MapGet("/children", List)
        .Permit(Permission.CatalogueRead).Query("limit", "token", "type")
        .WithName(operations + "ListChildren").WithTags("STAC").WithSummary("The children of the landing page")
        .Produces(200, contentType: Media.Json);

    static async Task List(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        var limit = SearchWish.LimitOf(SearchWish.Given(query, "limit"), DefaultLimit);
        var after = PagePosition.Read(SearchWish.Given(query, "token"));
        // All children of a landing page are collections.
        var none = SearchWish.Given(query, "type") switch
        {
            null or "Collection" => false,
            "Catalog" => true,
            var other => throw SearchWish.Bad("type", $"type is '{other}'; Catalog or Collection was expected."),
        };
        var rows = none ? [] : await db.All<Kept>($"""
            select id, {view.Body($"catalogue_collections")} as body from catalogue_collections
            where org = {view.Org} and id > {after?.Id ?? ""} and {view.Visible($"id")}
            order by id limit {limit + 1}
            """, ct);
        var address = view.Roots.StacRoot + "/children";
        List<Link> links =
        [
            new("root", view.Roots.StacRoot, Media.Json),
            new("self", address + http.Request.QueryString.Value, Media.Json),
        ];
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
            links.Add(PageLinks.To(
                http, address, "next", new PagePosition(false, 0, "", rows[^1].Id).Token(), Media.Json));
        }
        http.Response.ContentType = Media.Json;
        var to = http.Response.BodyWriter;
        AnswerWriter.Text(to, "{\"children\":[");
        await AnswerWriter.Documents(to, rows.Select(row => row.Body), view.Roots, ct);
        AnswerWriter.Text(to, "],\"links\":");
        AnswerWriter.Value(to, links);
        AnswerWriter.Text(to, "}");
        await to.FlushAsync(ct);
    }
}

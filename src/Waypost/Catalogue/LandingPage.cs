using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The landing page of the STAC API and what it conforms to (STAC API 1.0, Core).</summary>
static class LandingPage
{
    /// <summary>Collections that the landing page links to; <c>/collections</c> lists all.</summary>
    const int MostChildren = 10_000;

    /// <summary>The catalog that everything is in.</summary>
    public sealed record Catalog(
        string Type, string StacVersion, string Id, string Title, string Description, Language Language,
        [property: JsonPropertyName("conformsTo")] string[] ConformsTo, IReadOnlyList<Link> Links);

    /// <summary>What the API conforms to.</summary>
    public sealed record Classes([property: JsonPropertyName("conformsTo")] string[] ConformsTo);

    sealed record Child(string Id, string? Title) : IRow<Child>
    {
        public static Child Read(Row row) => new(row.Text("id"), row.TextOrNull("title"));
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/", Landing).Permit(Permission.CatalogueRead)
            .WithName(operations + "StacLanding").WithTags("STAC").WithSummary("Where the catalogue begins")
            .Produces(200, contentType: Media.Json);
        stac.MapGet("/conformance", (HttpContext http, View view, CancellationToken ct) =>
                AnswerWriter.Whole(http, new Classes(Conformance.Of(view)), Media.Json, ct))
            .Permit(Permission.CatalogueRead)
            .WithName(operations + "StacConformance").WithTags("STAC").WithSummary("What the catalogue conforms to")
            .Produces<Classes>();
    }

    static async Task Landing(
        HttpContext http, View view, Db db, Caller caller, Databases databases, CancellationToken ct)
    {
        Sql title = view.IsExternal ? $"external_title" : (Sql)$"title";
        var children = await db.All<Child>($"""
            select id, {title} as title from catalogue_collections where org = {view.Org} and {view.Visible($"id")}
            order by id limit {MostChildren}
            """, ct);
        var here = view.Roots.StacRoot;
        var links = Standing(view.Roots);
        links.AddRange(children.Select(child => new Link(
            "child", $"{here}/collections/{Uri.EscapeDataString(child.Id)}", Media.Json, child.Title)));
        if (!view.IsOutside && caller.KeyId is not null)
            links.AddRange((await Shares.With(caller.Org, http, databases, ct)).Select(shared => new Link(
                "related", shared.Href, Media.Json, $"What {shared.Owner} shares with {caller.Org}")));
        var name = await Organizations.NameOf(databases, view.Org, ct);
        await AnswerWriter.Whole(http, new Catalog(
            "Catalog", "1.1.0", view.Org == Caller.DefaultOrg ? "waypost" : view.Org, TitleOf(view, name),
            view.IsExternal ? "What outsiders may see of this catalogue." : "Everything in this catalogue.",
            new Language(Languages.Ours, "English"),
            Conformance.Of(view), links), Media.Json, ct);
    }

    static string TitleOf(View view, string name)
    {
        var whose = view.Org == Caller.DefaultOrg && name == "Default" ? "Waypost" : name;
        if (view.Only is not null) return whose + ", as shared";
        return view.IsExternal ? whose + ", for the public" : whose;
    }

    static List<Link> Standing(LinkRoots roots)
    {
        var here = roots.StacRoot;
        return
        [
            new("self", here, Media.Json, Hreflang: Languages.Ours),
            new("root", here, Media.Json, Hreflang: Languages.Ours),
            new("conformance", here + "/conformance", Media.Json),
            new("data", here + "/collections", Media.Json, "The collections"),
            new("children", here + "/children", Media.Json, "The collections, as children of this catalogue"),
            new("search", here + "/search", Media.GeoJson, Method: "GET"),
            new("search", here + "/search", Media.GeoJson, Method: "POST"),
            new(QueryableReads.QueryablesRel, here + "/queryables", Media.Schema, "What filters can ask about"),
            new(QueryableReads.SortablesRel, here + "/sortables", Media.Schema, "What can be sorted by"),
            new("changes", here + "/changes", Media.Json, "What changed, for those who keep a copy"),
            new("aggregate", here + "/aggregate", Media.Json, "Counts of what is found", "GET"),
            new("aggregate", here + "/aggregate", Media.Json, "Counts of what is found, asked by body", "POST"),
            new("aggregations", here + "/aggregations", Media.Json, "What can be counted"),
            new("service-desc", roots.HostRoot + "/openapi/stac.json", Media.OpenApi, "The API, as OpenAPI",
                Hreflang: Languages.Ours),
            new("service-doc", roots.HostRoot + "/docs", Media.Html, "The API, for people",
                Hreflang: Languages.Ours),
        ];
    }
}

using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The landing page of the STAC API and what it conforms to (STAC API 1.0, Core).</summary>
static class LandingPage
{
    /// <summary>Collections that the landing page links to; <c>/collections</c> lists all.</summary>
    const int MostChildren = 500;

    /// <summary>The classes whose every requirement is met; a class is added here when its tests are there.</summary>
    internal static readonly string[] ConformsTo =
    [
        "https://api.stacspec.org/v1.0.0/core",
        "https://api.stacspec.org/v1.0.0/collections",
        "https://api.stacspec.org/v1.0.0/ogcapi-features",
        "https://api.stacspec.org/v1.0.0/item-search",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    ];

    /// <summary>The catalog that everything is in.</summary>
    public sealed record Catalog(
        string Type, string StacVersion, string Id, string Title, string Description,
        [property: JsonPropertyName("conformsTo")] string[] ConformsTo, IReadOnlyList<Link> Links);

    /// <summary>What the API conforms to.</summary>
    public sealed record Conformance([property: JsonPropertyName("conformsTo")] string[] ConformsTo);

    sealed record Child(string Id, string? Title) : IRow<Child>
    {
        public static Child Read(Row row) => new(row.Text("id"), row.TextOrNull("title"));
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/", Landing).Permit(Permission.CatalogueRead)
            .WithName(operations + "StacLanding").WithTags("STAC").WithSummary("Where the catalogue begins")
            .Produces(200, contentType: Media.Json);
        stac.MapGet("/conformance", () => TypedResults.Ok(new Conformance(ConformsTo))).Permit(Permission.CatalogueRead)
            .WithName(operations + "StacConformance").WithTags("STAC").WithSummary("What the catalogue conforms to");
    }

    static async Task Landing(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var children = await db.All<Child>($"""
            select id, title from catalogue_collections where org = {view.Org} and {view.Visible($"id")}
            order by id limit {MostChildren}
            """, ct);
        var roots = view.Roots;
        var here = roots.StacRoot;
        List<Link> links =
        [
            new("self", here, Media.Json),
            new("root", here, Media.Json),
            new("conformance", here + "/conformance", Media.Json),
            new("data", here + "/collections", Media.Json, "The collections"),
            new("search", here + "/search", Media.GeoJson, Method: "GET"),
            new("search", here + "/search", Media.GeoJson, Method: "POST"),
            new("service-desc", roots.HostRoot + "/openapi/v1.json", "application/json", "The API, as OpenAPI"),
            new("service-doc", roots.HostRoot + "/docs", Media.Html, "The API, for people"),
        ];
        links.AddRange(children.Select(child => new Link(
            "child", $"{here}/collections/{Uri.EscapeDataString(child.Id)}", Media.Json, child.Title)));
        await AnswerWriter.Whole(http, new Catalog(
            "Catalog", "1.1.0", "waypost", "Waypost",
            "The catalogue of what was sent to Waypost and what became of it.", ConformsTo, links), Media.Json, ct);
    }
}

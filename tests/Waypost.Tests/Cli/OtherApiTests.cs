using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Waypost.Cli;
using Waypost.Geo.Stac;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>Query and status against an API that is not ours: it counts in the old way, pages by POST with a body to
/// merge, and writes its links under another prefix than it is reached at.</summary>
public sealed class OtherApiTests
{
    const int Items = 5;

    [Fact]
    public async Task Pages_by_POST_are_followed_and_links_under_another_prefix_are_understood()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await using var other = await FakeReceiver.Start(Answer);

        var result = await run.Ok("query", "--api-url", $"{other.Url}stac/v1/", "--output", run.At("out"),
            "--collections", "c", "--filter-lang", "cql2-json", "--filter", """{"op":">","args":[1,0]}""");

        Assert.Equal((Items, 0), ((int)result["added"]!, (int)result["problems"]!.AsArray().Count));
        var documents = CatalogueRun.Documents(run.At("out"));
        Assert.Contains("../1/i0.json", documents["c/2022/5/2/i1.json"].Links()
            .Where(link => link.Text("rel") == "derived_from").Select(link => link.Text("href")));
    }

    [Fact]
    public async Task What_an_API_says_cannot_lead_out_of_the_folder_and_the_key_goes_to_nobody_else()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await using var thief = await FakeReceiver.Start(http => Json(http, new JsonObject
        {
            ["features"] = new JsonArray(Item(7)),
        }));
        await using var other = await FakeReceiver.Start(http => http.Request.Path.Value!.EndsWith("search",
            StringComparison.Ordinal)
            ? Json(http, new JsonObject
            {
                ["features"] = new JsonArray(Named(Item(0), "../../../stolen"), Item(1)),
                ["links"] = new JsonArray(new JsonObject { ["rel"] = "next", ["href"] = $"{thief.Url}search" }),
            })
            : Answer(http));

        var done = await run.Do("query", "--api-url", $"{other.Url}stac/v1", "--output", run.At("in", "out"),
            "--collections", "c", "--key", "a-secret-key-of-mine");

        Assert.Equal(ExitCodes.Failed, done.ExitCode);
        Assert.Contains("stolen", done.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(run.Folder, "*stolen*", SearchOption.AllDirectories), _ => true);
        Assert.False((await thief.Next()).Headers.ContainsKey("Authorization"));
        Assert.Contains("c/2022/5/8/i7.json", CatalogueRun.Documents(run.At("in", "out")).Keys);
    }

    [Fact]
    public async Task Status_reads_the_count_of_the_context_extension()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await using var other = await FakeReceiver.Start(Answer);

        var status = await run.Ok("status", "--api-url", $"{other.Url}stac/v1");
        var line = Assert.Single(status["collections"]!.AsArray());

        Assert.Equal(Items, (int)line!["items"]!);
    }

    static Task Answer(HttpContext http) => http.Request.Path.Value switch
    {
        "/stac/v1/" => Json(http, new JsonObject
        {
            ["type"] = "Catalog",
            ["links"] = new JsonArray(
                new JsonObject { ["rel"] = "search", ["href"] = $"{Host(http)}/stac/v1/search", ["method"] = "GET" },
                new JsonObject { ["rel"] = "search", ["href"] = $"{Host(http)}/stac/v1/search", ["method"] = "POST" }),
        }),
        "/stac/v1/collections" => Json(http, new JsonObject { ["collections"] = new JsonArray(Collection()) }),
        "/stac/v1/collections/c" => Json(http, Collection()),
        "/stac/v1/search" => Search(http),
        _ => Task.CompletedTask,
    };

    static async Task Search(HttpContext http)
    {
        var isPost = HttpMethods.IsPost(http.Request.Method);
        var body = !isPost ? []
            : (await JsonNode.ParseAsync(http.Request.Body, null, default, http.RequestAborted))!.AsObject();
        // The filter has to be on every page: merged into the body of the link.
        if (isPost) Assert.Equal(">", body["filter"].Text("op"));
        var from = (int?)body["token"] ?? 0;
        var page = new JsonObject
        {
            ["features"] = new JsonArray([.. Enumerable.Range(from, Math.Min(2, Items - from)).Select(Item)]),
            ["context"] = new JsonObject { ["matched"] = Items },
        };
        if (from + 2 < Items)
            page["links"] = new JsonArray(new JsonObject
            {
                ["rel"] = "next",
                ["href"] = $"{Host(http)}/stac/v1/search",
                ["method"] = "POST",
                ["merge"] = true,
                ["body"] = new JsonObject { ["token"] = from + 2 },
            });
        await Json(http, page);
    }

    static JsonObject Item(int n) => JsonNode.Parse($$"""
        {"type":"Feature","stac_version":"1.0.0","id":"i{{n}}","collection":"c","geometry":null,"assets":{},
         "properties":{"datetime":"2022-05-0{{n + 1}}T00:00:00Z"},
         "links":[{"rel":"derived_from","href":"http://elsewhere.example/api/collections/c/items/i0"}]}
        """)!.AsObject();

    static JsonObject Named(JsonObject item, string id)
    {
        item["id"] = id;
        return item;
    }

    static JsonObject Collection() => LocalCatalogueLayout.NewCollection("c");

    static string Host(HttpContext http) => $"http://{http.Request.Host}";

    static async Task Json(HttpContext http, JsonObject body)
    {
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body.ToJsonString()), http.RequestAborted);
    }
}

using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class WalkingTests
{
    [Theory, Backends]
    public async Task Everything_is_reached_from_the_landing_page_by_its_links(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("one", Samples.Item("one", "a.1", [1, 2, 3, 4]), Samples.Item("one", "b é", [1, 2, 3, 4]));
        await org.Put("two", Samples.Item("two", "c"));

        var landing = await client.Json("/api");
        Assert.Equal("Catalog", landing.GetProperty("type").GetString());
        Assert.Equal(Stac.Href(landing, "self"), Stac.Href(landing, "root"));
        var seen = new List<string>();
        foreach (var child in landing.GetProperty("links").EnumerateArray().Where(link => Rel(link) == "child"))
        {
            var collection = await client.Json(child.GetProperty("href").GetString()!);
            Assert.Equal(child.GetProperty("href").GetString(), Stac.Href(collection, "self"));
            Assert.Equal(Stac.Href(landing, "self"), Stac.Href(collection, "root"));
            foreach (var rel in new[] { "aggregate", "aggregations" })
                Assert.Equal("AggregationCollection",
                    (await client.Json(Stac.Href(collection, rel)!)).GetProperty("type").GetString());
            var items = await client.Json(Stac.Href(collection, "items")!);
            foreach (var item in items.GetProperty("features").EnumerateArray())
            {
                var alone = await client.Json(Stac.Href(item, "self")!);
                Assert.Equal(item.GetRawText(), alone.GetRawText());
                Assert.Equal(Stac.Href(collection, "self"), Stac.Href(item, "collection"));
                seen.Add(alone.GetProperty("id").GetString()!);
            }
        }
        Assert.Equal(["a.1", "b é", "c"], seen.Order());
        var listed = await client.Json(Stac.Href(landing, "data")!);
        Assert.Equal(2, listed.GetProperty("numberMatched").GetInt32());
    }

    [Theory, Backends]
    public async Task What_it_conforms_to_is_said_twice_and_the_same(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        var landing = await client.Json("/api");
        var conformance = await client.Json(Stac.Href(landing, "conformance")!);

        var said = landing.GetProperty("conformsTo").EnumerateArray().Select(uri => uri.GetString()!).ToArray();
        Assert.Equal(said, conformance.GetProperty("conformsTo").EnumerateArray().Select(uri => uri.GetString()!));
        // A class may be claimed only together with the tests that show it, which the guide names.
        var guide = await File.ReadAllTextAsync(
            Path.Combine(Expected.Root, "docs", "guide", "stac.md"), TestContext.Current.CancellationToken);
        Assert.All(said, uri => Assert.Contains($"`{uri}`", guide, StringComparison.Ordinal));
        Assert.Equal(said.Length, guide.Split("| `http").Length - 1);
        Assert.NotNull(Stac.LinkOf(landing, "search", "GET"));
        Assert.NotNull(Stac.LinkOf(landing, "search", "POST"));
        Assert.NotNull(Stac.Href(landing, "service-desc"));
        Assert.NotNull(Stac.Href(landing, "service-doc"));
    }

    [Theory, Backends]
    public async Task Links_of_an_organizations_twin_stay_in_the_twin(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", Samples.Item("c", "a", assets: """
            {"data":{"href":"/platform/data/r1/download"},"tiles":{"href":"/tiles/c/a/tilejson.json"},
             "rows":{"href":"/api/features/collections/a/items"},"else":{"href":"https://example.org/api/x"},
             "deep":{"href":"s3://b/k","alternate":{"http":{"href":"/platform/data/r1/download"}}},
             "file":{"href":"/npl-data/x.nc"}}
            """, links: """
            [{"rel":"related","href":"/api/collections/c/items/b"},{"rel":"self","href":"./a.json"}]
            """));
        var twin = $"{org.Server.Url}api/v1/{org.Id}";
        var root = org.Server.Url.ToString().TrimEnd('/');

        var inTwin = await client.Json($"/api/v1/{org.Id}/stac/collections/c/items/a");
        Assert.Equal($"{twin}/stac/collections/c/items/a", Stac.Href(inTwin, "self"));
        Assert.Equal($"{twin}/stac/collections/c/items/b", Stac.Href(inTwin, "related"));
        Assert.Equal($"{twin}/platform/data/r1/download", Asset(inTwin, "data"));
        Assert.Equal($"{twin}/tiles/c/a/tilejson.json", Asset(inTwin, "tiles"));
        Assert.Equal($"{twin}/features/collections/a/items", Asset(inTwin, "rows"));
        Assert.All(
            (await client.Json($"/api/v1/{org.Id}/stac")).GetProperty("links").EnumerateArray()
                .Where(link => Rel(link) is not ("service-desc" or "service-doc")),
            link => Assert.StartsWith(twin + "/stac", link.GetProperty("href").GetString(), StringComparison.Ordinal));

        var atRoot = await client.Json("/api/collections/c/items/a");
        Assert.Equal($"{root}/api/collections/c/items/a", Stac.Href(atRoot, "self"));
        Assert.Equal($"{root}/platform/data/r1/download", Asset(atRoot, "data"));
        Assert.Equal($"{root}/api/features/collections/a/items", Asset(atRoot, "rows"));
        Assert.Equal($"{root}/platform/data/r1/download", atRoot.GetProperty("assets").GetProperty("deep")
            .GetProperty("alternate").GetProperty("http").GetProperty("href").GetString());
        Assert.Equal("https://example.org/api/x", Asset(atRoot, "else"));
        Assert.Equal("/npl-data/x.nc", Asset(atRoot, "file"));
    }

    [Theory, Backends]
    public async Task What_looks_like_our_placeholders_comes_back_as_it_was_sent(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        const string Odd = "\uE000\uE001/\uE002 \uE003 \"quoted\" <é> \U0001F6F0";
        var title = JsonSerializer.Serialize(Odd);
        await org.Put("c", Samples.Item("c", "a", properties: $"\"title\":{title},\"\uE000k\":1"));

        var item = await client.Json("/api/collections/c/items/a");
        Assert.Equal(Odd, item.GetProperty("properties").GetProperty("title").GetString());
        Assert.Equal(1, item.GetProperty("properties").GetProperty("\uE000k").GetInt32());
    }

    [Theory, Backends]
    public async Task Numbers_come_back_digit_for_digit(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c",
            Samples.Item("c", "a", properties: "\"n\":1.10,\"big\":12345678901234567890.125,\"e\":1e-7"));

        var properties = (await client.Json("/api/collections/c/items/a")).GetProperty("properties");
        Assert.Equal("1.10", properties.GetProperty("n").GetRawText());
        Assert.Equal("12345678901234567890.125", properties.GetProperty("big").GetRawText());
        Assert.Equal("1e-7", properties.GetProperty("e").GetRawText());
    }

    [Theory, Backends]
    public async Task An_item_that_has_not_changed_is_not_sent_again(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", Samples.Item("c", "a"));
        using var first = await client.GetAsync("/api/collections/c/items/a", Token);
        Assert.Equal("application/geo+json", first.Content.Headers.ContentType!.MediaType);

        Assert.Equal(HttpStatusCode.NotModified, await IfNoneMatch(first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, await IfNoneMatch("\"x\", W/" + first.Headers.ETag));
        Assert.Equal(HttpStatusCode.OK, await IfNoneMatch("\"x\""));
        await org.Put("c", Samples.Item("c", "a", properties: "\"title\":\"Changed\""));
        Assert.Equal(HttpStatusCode.OK, await IfNoneMatch(first.Headers.ETag!.ToString()));

        async Task<HttpStatusCode> IfNoneMatch(string etag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/collections/c/items/a");
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            using var response = await client.SendAsync(request, Token);
            return response.StatusCode;
        }
    }

    [Theory, Backends]
    public async Task Another_organization_sees_nothing_and_cannot_tell_that_there_is_anything(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (mine, theirs) = (await server.NewOrg(), await server.NewOrg());
        await mine.Put("c", Samples.Item("c", "a", [1, 2, 3, 4]));
        await theirs.Put("d", Samples.Item("d", "a", [1, 2, 3, 4]));
        var client = await theirs.As(Role.OrgAdmin);

        Assert.Equal(["a"], Stac.Ids(await client.Json("/api/search")));
        Assert.Empty(Stac.Ids(await client.Json("/api/search?collections=c&bbox=0,0,9,9")));
        Assert.Equal(1, (await client.Json("/api/collections")).GetProperty("numberMatched").GetInt32());
        foreach (var (real, made) in ((string, string)[])
            [
                ("/api/collections/c", "/api/collections/x"),
                ("/api/collections/c/items", "/api/collections/x/items"),
                ("/api/collections/c/items/a", "/api/collections/x/items/a"),
            ])
        {
            var one = (await client.Problem(real, HttpStatusCode.NotFound)).GetRawText();
            var other = (await client.Problem(made, HttpStatusCode.NotFound)).GetRawText();
            Assert.Equal(one.Replace("collection c", "collection x", StringComparison.Ordinal)
                .Replace("collections/c", "collections/x", StringComparison.Ordinal), other);
        }
        await client.Problem($"/api/v1/{mine.Id}/stac", HttpStatusCode.Forbidden);
    }

    [Theory, Backends]
    public async Task Collections_are_paged_by_id(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        foreach (var id in (string[])["e", "d", "c", "b", "a"]) await org.Put(id);

        var ids = new List<string>();
        for (string? next = "/api/collections?limit=2"; next is not null;)
        {
            var page = await client.Json(next);
            Assert.Equal(5, page.GetProperty("numberMatched").GetInt32());
            ids.AddRange(page.GetProperty("collections").EnumerateArray().Select(c => c.GetProperty("id").ToString()));
            next = Stac.Href(page, "next");
        }
        Assert.Equal(["a", "b", "c", "d", "e"], ids);
        var one = await client.Json("/api/collections/a");
        Assert.Equal("feature", one.GetProperty("itemType").GetString());
        Assert.Equal("https://example.org/l", Stac.Href(one, "license"));
        Assert.Single(one.GetProperty("links").EnumerateArray(), link => Rel(link) == "self");
    }

    static string Rel(JsonElement link) => link.GetProperty("rel").GetString()!;

    static string? Asset(JsonElement item, string name) =>
        item.GetProperty("assets").GetProperty(name).GetProperty("href").GetString();

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

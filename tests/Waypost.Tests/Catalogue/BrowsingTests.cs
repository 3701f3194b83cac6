using System.Globalization;
using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>The landing page and the tree below it, as crawlers and STAC Browser walk them.</summary>
public sealed class BrowsingTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Every_item_is_reached_by_child_and_item_links(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        string[] times =
        [
            "1969-12-31T23:59:59Z", "2023-12-31T23:59:59.999Z", "2024-01-01T00:00:00Z", "2024-02-29T12:00:00Z",
            "2024-02-29T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        ];
        await org.Put("times and such", [
            .. times.Select((time, i) => Samples.Item("times and such", $"t{i}.x", datetime: time)),
        ]);
        await org.Put("empty");
        var client = await org.As(Role.Viewer);

        foreach (var root in new[] { "/api", "/external", $"/api/v1/{org.Id}/stac" })
        {
            var found = new List<string>();
            await Walk(client, root, found, []);
            Assert.Equal(times.Select((_, i) => $"t{i}.x"), found.Order(StringComparer.Ordinal));
        }
        await client.Problem("/api/collections/empty/browse/2023/02/30", HttpStatusCode.NotFound);
        await client.Problem("/api/collections/empty/browse/0/1", HttpStatusCode.NotFound);
        await client.Problem("/api/collections/none/browse", HttpStatusCode.NotFound);
        var day = await client.Json("/api/collections/empty/browse/2023/02/28");
        Assert.Equal("empty-2023-02-28", day.Text("id"));
    }

    [Theory, Backends]
    public async Task A_day_with_very_many_items_goes_on_in_a_child(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("many", [
            .. Enumerable.Range(0, 2_050).Select(i => Samples.Item(
                "many", "i" + i.ToString("0000", CultureInfo.InvariantCulture),
                datetime: $"2024-05-06T00:{i / 60 % 7:00}:00Z")),
        ]);
        var client = await org.As(Role.Viewer);
        var found = new List<string>();
        var depths = new List<int>();
        await Walk(client, "/api/collections/many", found, depths);
        Assert.Equal(2_050, found.Distinct().Count());
        Assert.Equal(2_050, found.Count);
        // Collection, dates, year, month, day, and two that go on.
        Assert.Equal(6, depths.Max());
    }

    [Theory, Backends]
    public async Task The_children_are_what_the_landing_page_links_to(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        foreach (var id in new[] { "c", "a", "b" }) await org.Put(id);
        var client = await org.As(Role.Viewer);
        foreach (var root in new[] { "/api", "/external" })
        {
            var landing = await client.Json(root);
            var links = landing.GetProperty("links").EnumerateArray().Where(link => link.Text("rel") == "child")
                .Select(link => link.Text("href")).ToList();
            Assert.Equal(org.Server.Url + root[1..] + "/children", Stac.Href(landing, "children"));
            var paged = new List<string>();
            for (string? next = root + "/children?limit=2"; next is not null;)
            {
                var page = await client.Json(next);
                var children = page.GetProperty("children").EnumerateArray();
                paged.AddRange(children.Select(child => Stac.Href(child, "self")!));
                next = Stac.Href(page, "next");
            }
            Assert.Equal(links, paged);
            Assert.Equal(3, (await client.Json(root + "/children?type=Collection")).GetProperty("children")
                .GetArrayLength());
            Assert.Empty((await client.Json(root + "/children?type=Catalog")).GetProperty("children").EnumerateArray());
            await client.Problem(root + "/children?type=Item", HttpStatusCode.BadRequest);
        }
    }

    [Theory, Backends]
    public async Task More_collections_than_the_landing_page_links_to_are_found_page_by_page(Backend backend)
    {
        const int Linked = 10_000;
        const int There = Linked + 5;
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Do(tx => tx.Insert(
            $"catalogue_collections (org, id, version, body, hash, longest, created_at, changed_at, change_id)",
            Enumerable.Range(0, There).Select(i => new object?[]
            {
                org.Id, $"c{i:D5}", 1L, $$"""{"type":"Collection","id":"c{{i:D5}}","links":[]}""", "hash", 0L,
                Samples.Now, Samples.Now, Guid.CreateVersion7(Samples.Now),
            })));
        var client = await org.As(Role.Viewer);
        var landing = await client.Json("/api");
        Assert.Equal(Linked, landing.GetProperty("links").EnumerateArray().Count(link => link.Text("rel") == "child"));
        foreach (var (first, list) in new[] { (Stac.Href(landing, "children"), "children"),
            (Stac.Href(landing, "data"), "collections") })
        {
            var ids = new List<string>();
            for (var next = first + "?limit=4000"; next is not null;)
            {
                var page = await client.Json(next);
                ids.AddRange(page.GetProperty(list).EnumerateArray().Select(one => one.Text("id")));
                next = Stac.Href(page, "next");
            }
            Assert.Equal(Enumerable.Range(0, There).Select(i => $"c{i:D5}"), ids);
        }
    }

    [Fact]
    public async Task What_is_conformed_to_is_said_alike_in_both_places_and_every_link_of_the_landing_page_works()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var org = await server.NewOrg();
        await org.Put("things", Samples.Item("things", "a"));
        var client = await org.As(Role.Viewer);
        foreach (var root in new[] { "/api", "/external", $"/api/v1/{org.Id}/stac", $"/api/v1/{org.Id}/external" })
        {
            var landing = await client.Json(root);
            Assert.Equal(
                Classes(landing), Classes(await client.Json(root + "/conformance")));
            Assert.Equal(Classes(landing).Distinct(), Classes(landing));
            foreach (var link in landing.GetProperty("links").EnumerateArray())
            {
                var method = link.TryGetProperty("method", out var said) ? said.GetString()! : "GET";
                using var request = new HttpRequestMessage(new HttpMethod(method), link.Text("href"));
                request.Headers.Accept.ParseAdd(link.Text("type"));
                if (method == "POST")
                    request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
                using var answer = await client.SendAsync(request, Token);
                Assert.True(answer.IsSuccessStatusCode, $"{method} {link}: {answer.StatusCode}");
                Assert.Equal(link.Text("type"), answer.Content.Headers.ContentType!.ToString()
                    .Replace("; charset=utf-8", "", StringComparison.OrdinalIgnoreCase)
                    .Replace(" ", "", StringComparison.Ordinal));
            }
        }
    }

    static string[] Classes(JsonElement answer) =>
        [.. answer.GetProperty("conformsTo").EnumerateArray().Select(one => one.GetString()!)];

    static async Task Walk(HttpClient client, string address, List<string> found, List<int> depths, int depth = 0)
    {
        depths.Add(depth);
        var here = await client.Json(address);
        foreach (var link in here.GetProperty("links").EnumerateArray())
        {
            if (link.Text("rel") == "child") await Walk(client, link.Text("href"), found, depths, depth + 1);
            if (link.Text("rel") == "item") found.Add(Uri.UnescapeDataString(link.Text("href").Split('/')[^1]));
        }
        // Static crawlers rely on it.
        Assert.True(here.Text("type") is "Catalog" or "Collection");
        Assert.Equal(Stac.Href(here, "root"), Stac.Href(await client.Json(Stac.Href(here, "root")!), "self"));
        Assert.StartsWith(Stac.Href(here, "root")!, Stac.Href(here, "self"), StringComparison.Ordinal);
    }
}

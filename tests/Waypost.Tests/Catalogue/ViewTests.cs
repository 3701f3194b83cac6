using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Tests.Access;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Who sees which view of a catalogue, and that none but the internal one can be written to.</summary>
public sealed class ViewTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task A_collection_hidden_from_outsiders_is_nowhere_in_the_external_view(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("open", Samples.Item("open", "a"));
        await org.Put("hidden", Samples.Item("hidden", "b"));
        var client = await org.As(Role.OrgAdmin);
        Assert.Equal(
            HttpStatusCode.OK, await Put(client, "/api/collections/hidden/visibility", """{"external":false}"""));

        Assert.False((await client.Json("/api/collections/hidden/visibility")).GetProperty("external").GetBoolean());
        foreach (var external in new[] { "/external", $"/api/v1/{org.Id}/external" })
        {
            Assert.Equal(["open"], Children(await client.Json(external)));
            var collections = await client.Json(external + "/collections");
            Assert.Equal(1, collections.GetProperty("numberMatched").GetInt32());
            var all = await client.Json(external + "/search");
            Assert.Equal(["a"], Stac.Ids(all));
            Assert.Equal(1, all.GetProperty("numberMatched").GetInt32());
            Assert.Empty(Stac.Ids(await client.Json(external + "/search?collections=hidden&ids=b")));
            foreach (var path in new[] { "", "/items", "/items/b" })
                await client.Problem(external + "/collections/hidden" + path, HttpStatusCode.NotFound);
            await client.Problem(external + "/tiles/hidden/b/tilejson.json", HttpStatusCode.NotFound);
        }
        Assert.Equal(["a", "b"], Stac.Ids(await client.Json("/api/search")).Order());

        await Put(client, "/api/collections/hidden/visibility", """{"external":true}""");
        Assert.Equal(["hidden", "open"], Children(await client.Json("/external")));
    }

    [Theory, Backends]
    public async Task A_key_for_the_external_view_opens_nothing_else(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("things", Samples.Item("things", "a"));
        var admin = await org.As(Role.OrgAdmin);
        var outsider = org.Server.With((await KeyTests.Make(admin, org, new
        {
            name = "outsider",
            role = "viewer",
            scopes = new[] { "catalogue_read_external" },
        })).GetProperty("key").GetString()!);
        var reader = org.Server.With((await KeyTests.Make(admin, org, new
        {
            name = "reader",
            role = "viewer",
            scopes = new[] { "catalogue_read" },
        })).GetProperty("key").GetString()!);

        Assert.Equal(["a"], Stac.Ids(await outsider.Json("/external/search")));
        Assert.Equal(["a"], Stac.Ids(await reader.Json("/external/search")));
        foreach (var path in new[]
        {
            "/api", "/api/search", "/api/collections", $"/api/v1/{org.Id}/stac", "/tiles/things/a/tilejson.json",
            "/api/features/collections", "/api/shared", "/platform/status",
        })
            await outsider.Problem(path, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_external_view_of_an_organization_opened_by_name_needs_no_key()
    {
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Access = settings.Access with { OpenReads = false },
            Catalogue = new CatalogueSettings([], ["opened"]),
        });
        var (opened, closed) = (await Named(server, "opened"), await Named(server, "closed"));
        await opened.Put("things", Samples.Item("things", "a"));
        await closed.Put("things", Samples.Item("things", "b"));
        var anyone = server.Anyone();
        var other = await closed.As(Role.Viewer);

        foreach (var client in new[] { anyone, other })
        {
            Assert.Equal(["a"], Stac.Ids(await client.Json("/api/v1/opened/external/search")));
            Assert.Equal("opened, for the public",
                (await client.Json("/api/v1/opened/external")).GetProperty("title").GetString());
        }
        await anyone.Problem("/api/v1/opened/stac/search", HttpStatusCode.Unauthorized);
        await anyone.Problem("/api/v1/closed/external/search", HttpStatusCode.Unauthorized);
        await anyone.Problem("/external/search", HttpStatusCode.Unauthorized);
        await other.Problem("/api/v1/opened/stac/search", HttpStatusCode.Forbidden);
        Assert.Equal(["b"], Stac.Ids(await other.Json("/external/search")));
        await server.With("wp_not_a_key").Problem("/api/v1/opened/external", HttpStatusCode.Unauthorized);
    }

    [Theory, Backends]
    public async Task Another_organization_reads_what_is_shared_with_it_and_nothing_else(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (owner, friend, stranger) = (await server.NewOrg(), await server.NewOrg(), await server.NewOrg());
        await owner.Put("given", Samples.Item("given", "a"));
        await owner.Put("kept", Samples.Item("kept", "b"));
        await friend.Put("own", Samples.Item("own", "c"));
        var (admin, reader) = (await owner.As(Role.OrgAdmin), await friend.As(Role.Viewer));
        var shared = $"/api/v1/{friend.Id}/shared/{owner.Id}";
        await reader.Problem(shared, HttpStatusCode.NotFound);

        Assert.Equal(HttpStatusCode.OK,
            await Put(admin, $"/api/collections/given/shares/{friend.Id}", """{"view":"internal"}"""));

        Assert.Equal(["given"], Children(await reader.Json(shared)));
        Assert.Equal(["a"], Stac.Ids(await reader.Json(shared + "/search")));
        Assert.Equal(["a"], await Stac.Walk(reader, shared + "/collections/given/items?limit=1"));
        await reader.Problem(shared + "/collections/kept/items/b", HttpStatusCode.NotFound);
        var item = await reader.Json(shared + "/collections/given/items/a");
        Assert.Equal($"{server.Url}{shared[1..]}/collections/given/items/a", Stac.Href(item, "self"));
        // What is shared is linked from the landing page and listed.
        Assert.Equal(server.Url + shared[1..], Stac.Href(await reader.Json("/api"), "related"));
        var list = (await reader.Json("/api/shared")).GetProperty("catalogues").EnumerateArray().Single();
        Assert.Equal((owner.Id, "internal"), (list.Text("owner"), list.Text("view")));
        Assert.Equal(["given"], list.GetProperty("collections").EnumerateArray().Select(name => name.GetString()));
        Assert.Single((await admin.Json("/api/collections/given/shares")).GetProperty("shares").EnumerateArray());

        await (await stranger.As(Role.Viewer))
            .Problem($"/api/v1/{stranger.Id}/shared/{owner.Id}", HttpStatusCode.NotFound);
        using var gone = await admin.DeleteAsync($"/api/collections/given/shares/{friend.Id}", Token);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await reader.Problem(shared + "/search", HttpStatusCode.NotFound);
    }

    [Theory, Backends]
    public async Task What_is_shared_with_an_organization_is_not_for_whoever_has_no_key(Backend backend)
    {
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Access = settings.Access with { OpenReads = true },
        });
        var owner = await server.NewOrg();
        await owner.Put("given", Samples.Item("given", "a"));
        Assert.Equal(HttpStatusCode.OK,
            await Put(await owner.As(Role.OrgAdmin), "/api/collections/given/shares/default", "{}"));
        var (anyone, reader) = (server.Anyone(), server.With(TestServer.AdminKey));

        foreach (var path in new[]
        {
            $"/api/v1/default/shared/{owner.Id}/search", "/api/shared", "/api/v1/default/shared",
        })
        {
            Assert.Contains("given", (await reader.Json(path)).GetRawText(), StringComparison.Ordinal);
            await anyone.Problem(path, HttpStatusCode.Unauthorized);
        }
        Assert.DoesNotContain(owner.Id, (await anyone.Json("/api")).GetRawText(), StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task An_address_of_this_server_is_shown_outside_where_the_outside_has_it(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        string[] open =
        [
            "/api/collections/c/items/i", "/api/search?limit=1", "/api/features/collections/i/items",
            "/tiles/c/i/tilejson.json", "/platform/data/r/download", "/api/collections/c/browse/2024",
        ];
        string[] closed =
        [
            $"/api/v1/{org.Id}/stac/collections/c", "/platform/status/r", "/api/platform/status/r", "/api/jobs/1",
            "/api/collections/c/items/i/versions/1", "/api/collections/c/shares", "/api/shared", "/api/bulk_items",
        ];
        await org.Put("c", Samples.Item("c", "i", links: $"[{string.Join(',', open.Concat(closed)
            .Select(href => $$"""{"rel":"related","href":"{{href}}"}"""))}]"));
        var client = await org.As(Role.Viewer);

        Assert.Equal(open.Concat(closed).Select(href => href.Split('?')[0]).Order(), await Related("/api"));
        Assert.Equal(
            open.Select(href => "/external" + (href.StartsWith("/api", StringComparison.Ordinal) ? href[4..] : href)
                .Split('?')[0]).Order(), await Related("/external"));

        async Task<IEnumerable<string>> Related(string root) =>
            (await client.Json(root + "/collections/c/items/i")).GetProperty("links").EnumerateArray()
                .Where(link => link.Text("rel") == "related")
                .Select(link => new Uri(link.Text("href")!).AbsolutePath).Order();
    }

    [Theory, Backends]
    public async Task Sharing_is_for_who_manages_the_organization(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("things");
        var (service, admin) = (await org.As(Role.Service), await org.As(Role.OrgAdmin));
        Assert.Equal(HttpStatusCode.Forbidden, await Put(service, "/api/collections/things/shares/other", "{}"));
        Assert.Equal(HttpStatusCode.OK, await Put(admin, "/api/collections/things/shares/other", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await Put(admin, $"/api/collections/things/shares/{org.Id}", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await Put(admin, "/api/collections/things/shares/No-Slug", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await Put(admin, "/api/collections/none/shares/other", "{}"));
        Assert.Equal(HttpStatusCode.Forbidden,
            await Put(await org.As(Role.Viewer), "/api/collections/things/visibility", """{"external":false}"""));
    }

    [Fact]
    public async Task No_route_of_an_outside_view_writes()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var org = await server.NewOrg();
        await org.Put("c", Samples.Item("c", "i"));
        var admin = await org.As(Role.OrgAdmin);
        await Put(admin, $"/api/collections/c/shares/{org.Id[..20]}", "{}");
        var patterns = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!).Where(IsOfCatalogue).Distinct().ToList();
        Assert.True(patterns.Count > 60, $"{patterns.Count} routes");

        foreach (var pattern in patterns)
            foreach (var outside in new[] { "/external", $"/api/v1/{org.Id}/external" })
                foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE" })
                {
                    var path = outside + Filled(WithoutMount(pattern));
                    if (method == "POST" && IsSearch(path)) continue;
                    using var request = new HttpRequestMessage(new HttpMethod(method), path)
                    {
                        Content = JsonContent.Create(new { id = "i" }),
                    };
                    using var answer = await admin.SendAsync(request, Token);
                    Assert.True(answer.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotFound,
                        $"{method} {path}: {answer.StatusCode}");
                }
    }

    [Fact]
    public async Task What_only_outsiders_may_not_see_does_not_change_their_etag()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var org = await server.NewOrg();
        await org.Put("things", Item("1", "shown"));
        var client = await org.As(Role.Viewer);
        var (inside, outside) = (await Tag("/api"), await Tag("/external"));
        Assert.NotEqual(inside, outside);
        await org.Put("things", Item("2", "shown"));
        Assert.NotEqual(inside, await Tag("/api"));
        Assert.Equal(outside, await Tag("/external"));
        await org.Put("things", Item("2", "other"));
        Assert.NotEqual(outside, await Tag("/external"));

        async Task<string> Tag(string root)
        {
            using var answer = await client.GetAsync(root + "/collections/things/items/a", Token);
            return answer.Headers.ETag!.Tag;
        }

        static Json Item(string hidden, string shown) => Samples.Item("things", "a",
            assets: $$"""
                {"data":{"href":"file:///data/{{hidden}}"},"shown":{"href":"https://x.example/{{shown}}"} }
                """);
    }

    static bool IsSearch(string path) => path.EndsWith("/search", StringComparison.Ordinal)
        || path.EndsWith("/aggregate", StringComparison.Ordinal);

    static bool IsOfCatalogue(string pattern) =>
        new[] { "/api/v1/{org_id}/", "/api", "/external", "/tiles", "/platform" }.Any(pattern.StartsWith);

    // What is written inside under some path must not be written outside under the same.
    static string WithoutMount(string pattern)
    {
        foreach (var mount in new[]
        {
            "/api/v1/{org_id}/stac", "/api/v1/{org_id}/external", "/api/v1/{org_id}/shared/{owner}",
            "/api/v1/{org_id}", "/external", "/api",
        })
            if (pattern.StartsWith(mount, StringComparison.Ordinal)) return pattern[mount.Length..];
        return pattern;
    }

    static string Filled(string pattern) => System.Text.RegularExpressions.Regex.Replace(
        pattern, @"\{[^}]*\}", part => part.Value.Contains("collection", StringComparison.Ordinal) ? "c"
            : part.Value.Contains(":int", StringComparison.Ordinal) ? "1" : "i");

    static string[] Children(JsonElement landing) =>
    [
        .. from link in landing.GetProperty("links").EnumerateArray()
           where link.Text("rel") == "child"
           select link.Text("href").Split('/')[^1],
    ];

    static async Task<TestOrg> Named(TestServer server, string id)
    {
        using var made = await server.With(TestServer.AdminKey)
            .PostAsJsonAsync("/api/v1/organizations", new { id }, Token);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return new TestOrg(server, id);
    }

    static async Task<HttpStatusCode> Put(HttpClient client, string path, string body)
    {
        using var answer = await client.PutAsync(
            path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Token);
        return answer.StatusCode;
    }
}

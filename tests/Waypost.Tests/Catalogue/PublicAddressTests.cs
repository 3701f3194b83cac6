using Waypost.Access;
using Waypost.Catalogue;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class PublicAddressTests
{
    [Fact]
    public async Task A_trusted_proxy_says_how_links_begin()
    {
        await using var server = await TestServer.Start(
            Backend.Sqlite, settings => settings with { Links = LinkSettings.Parse(["10.0.0.0/8", "127.0.0.1"]) });
        var client = await (await server.NewOrg()).As(Role.Viewer);
        var here = server.Url.ToString().TrimEnd('/');

        Assert.Equal("https://maps.example.org/api", await Self(
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "maps.example.org")));
        Assert.Equal("https://maps.example.org/way/api", await Self(
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "maps.example.org, inner"),
            ("X-Forwarded-Prefix", "/way/")));
        Assert.Equal("https://a.example:8443/api", await Self(
            ("Forwarded", "for=1.2.3.4;proto=https;host=\"a.example:8443\", for=x")));
        // What no address can be made of is not used.
        Assert.Equal(here + "/api", await Self(("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "evil/x\"")));
        Assert.Equal(here + "/api", await Self(("X-Forwarded-Prefix", "//evil.example")));
        Assert.Equal(here + "/api", await Self());

        async Task<string?> Self(params (string, string)[] headers) => await SelfLink(client, headers);
    }

    [Fact]
    public async Task Nobody_else_can_say_it()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var client = await (await server.NewOrg()).As(Role.Viewer);

        Assert.Equal(server.Url + "api", await SelfLink(client,
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")));
    }

    [Theory]
    [InlineData("10.0.0.0/99")]
    [InlineData("localhost")]
    [InlineData("")]
    public void A_proxy_that_is_no_address_is_refused_by_name(string proxy)
    {
        var refused = Assert.Throws<FormatException>(() => LinkSettings.Parse([proxy]));
        Assert.Contains($"'{proxy}'", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Every link of every answer of every view, behind a proxy with a prefix.</summary>
    [Fact]
    public async Task Behind_a_proxy_every_link_begins_as_its_caller_reaches_the_server()
    {
        await using var server = await TestServer.Start(
            Backend.Sqlite, settings => settings with { Links = LinkSettings.Parse(["127.0.0.1"]) });
        var (org, friend) = (await server.NewOrg(), await server.NewOrg());
        await org.Put("things", Samples.Item("things", "a"), Samples.Item("things", "b"));
        await org.Do(tx => tx.Run($"""
            insert into catalogue_shares (org, collection, with_org, is_external, shared_at)
            values ({org.Id}, {"things"}, {friend.Id}, {true}, {Samples.Now})
            """));
        var (own, other) = (await org.As(Role.Viewer), await friend.As(Role.Viewer));
        foreach (var (client, mount) in new[]
        {
            (own, "/api"), (own, "/external"), (own, $"/api/v1/{org.Id}/stac"), (own, $"/api/v1/{org.Id}/external"),
            (other, $"/api/v1/{friend.Id}/shared/{org.Id}"),
        })
            foreach (var path in new[]
            {
                "", "/collections?limit=1", "/collections/things", "/collections/things/items?limit=1",
                "/collections/things/items/a", "/search?limit=1", "/children", "/collections/things/browse",
                "/collections/things/browse/2024/05/06", "/aggregate?aggregations=total_count", "/aggregations",
                "/collections?sortby=id&limit=1",
            })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, mount + path);
                request.Headers.Add("X-Forwarded-Proto", "https");
                request.Headers.Add("X-Forwarded-Host", "maps.example.org");
                request.Headers.Add("X-Forwarded-Prefix", "/way");
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                Assert.True(response.IsSuccessStatusCode, $"{mount}{path}: {text}");
                Assert.DoesNotContain(server.Url.Authority, text, StringComparison.Ordinal);
                foreach (var link in System.Text.Json.JsonElement.Parse(text).GetProperty("links").EnumerateArray())
                    Assert.True(IsThere(link, mount), $"{mount}{path}: {link}");
            }

        static bool IsThere(System.Text.Json.JsonElement link, string mount)
        {
            var (rel, href) = (link.GetProperty("rel").GetString(), link.GetProperty("href").GetString()!);
            var root = rel is "service-desc" or "service-doc" ? "https://maps.example.org/way/"
                : "https://maps.example.org/way" + mount;
            return rel is "license" || href.StartsWith(root, StringComparison.Ordinal);
        }
    }

    /// <summary>What a browser asks before STAC Browser may search by body.</summary>
    [Theory]
    [InlineData("/api/search", "POST")]
    [InlineData("/external/search", "POST")]
    [InlineData("/external/aggregate", "POST")]
    [InlineData("/external/collections", "GET")]
    [InlineData("/external/tiles/c/i/tilejson.json", "GET")]
    [InlineData("/external/platform/data/r/download", "GET")]
    public async Task Pages_of_any_origin_may_read_a_catalogue(string path, string method)
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        using var client = server.Anyone();
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://browser.example");
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "content-type,authorization");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("content-type", response.Headers.GetValues("Access-Control-Allow-Headers").Single(),
            StringComparison.OrdinalIgnoreCase);
    }

    static async Task<string?> SelfLink(HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return Stac.Href(System.Text.Json.JsonElement.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), "self");
    }
}

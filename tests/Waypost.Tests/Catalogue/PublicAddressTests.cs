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

    static async Task<string?> SelfLink(HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return Stac.Href(System.Text.Json.JsonElement.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), "self");
    }
}

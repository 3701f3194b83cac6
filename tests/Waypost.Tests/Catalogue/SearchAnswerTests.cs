using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What a search answers: its members, its numbers, and what free text finds.</summary>
public sealed class SearchAnswerTests
{
    [Theory, Backends]
    public async Task Only_the_fields_that_were_asked_for_come_back(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", Samples.Item("c", "a", [1, 2, 3, 4], properties: "\"n\":1.10,\"m\":2"));

        Assert.Equal("type stac_version id collection properties", await Members("/api/search?fields=properties.n"));
        Assert.Equal("type stac_version id collection properties",
            await Members("/api/collections/c/items?fields=id,properties.n"));
        Assert.DoesNotContain("geometry", await Members("/api/search?fields=-geometry"), StringComparison.Ordinal);
        Assert.Contains("links", await Members("/api/search?fields="), StringComparison.Ordinal);
        var item = (await client.PostJson("/api/search",
            new { fields = new { include = (string[])["properties", "links"], exclude = (string[])["properties.m"] } }))
            .GetProperty("features")[0];
        Assert.Equal("1.10", item.GetProperty("properties").GetProperty("n").GetRawText());
        Assert.False(item.GetProperty("properties").TryGetProperty("m", out _));
        Assert.StartsWith("http://", Stac.Href(item, "self"), StringComparison.Ordinal);
        foreach (var odd in (string[])["null", "1", "[]", """{"include":1}""", """{"in":[]}"""])
        {
            using var content = new StringContent(
                $$"""{"fields":{{odd}}}""", System.Text.Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/api/search", content, Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("fields", JsonElement.Parse(await response.Content.ReadAsStringAsync(Token))
                .GetProperty("parameter").GetString());
        }

        async Task<string> Members(string address) => string.Join(' ', (await client.Json(address))
            .GetProperty("features")[0].EnumerateObject().Select(member => member.Name));
    }

    [Theory, Backends]
    public async Task Free_text_finds_words_and_phrases_without_case_and_accents(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c",
            Titled("a", "Earth Observation of Élan"), Titled("b", "Observation of the earth"),
            Titled("c", "Sentinel-2 climate model"), Samples.Item("c", "d", properties: "\"n\":1"));

        Assert.Equal("a b", await Find("earth"));
        Assert.Equal("a", await Find("\"earth observation\""));
        Assert.Equal("a c", await Find("ELAN,climate model"));
        Assert.Equal("a", await Find("EO,Earth Observation"));
        Assert.Equal("a b c", await Find("observation model"));
        Assert.Equal("a", await Find("observation AND élan"));
        Assert.Equal("b", await Find("earth -élan"));
        Assert.Equal("b", await Find("élan +the"));
        Assert.Equal("b c d", await Find("-elan"));
        Assert.Equal("c", await Find("(earth OR sentinel) AND model"));
        Assert.Equal("c", await Find("sentinel-2"));
        Assert.Equal("", await Find("sentinel-3"));
        Assert.Equal("a", await Find("earth&collections=c&sortby=id&limit=1"));
        Assert.Equal(["a", "b"], await Stac.Walk(client, "/api/search?q=earth&sortby=id&limit=1"));
        var posted = await client.PostJson("/api/search", new { q = (string[])["earth observation", "model"] });
        Assert.Equal(["a", "c"], Stac.Ids(posted).Order());
        Assert.Equal(["a"], Stac.Ids(await client.PostJson("/api/search", new { q = "observation +élan" })));

        async Task<string> Find(string q)
        {
            var page = await client.Json("/api/search?q=" + q.Replace("+", "%2B", StringComparison.Ordinal)
                .Replace("\"", "%22", StringComparison.Ordinal));
            return string.Join(' ', Stac.Ids(page).Order());
        }

        static Json Titled(string id, string title) =>
            Samples.Item("c", id, [1, 2, 3, 4], properties: $"\"title\":\"{title}\"");
    }

    [Theory, Backends]
    public async Task HEAD_is_answered_as_GET_is_without_the_content(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", Samples.Item("c", "a"));
        foreach (var address in (string[])
            [
                "/api", "/api/conformance", "/api/collections", "/api/collections/c", "/api/collections/c/items",
                "/api/collections/c/items/a", "/api/search", $"/api/v1/{org.Id}/stac/search", "/api/search?limit=x",
                "/api/collections/none",
            ])
        {
            using var get = await client.GetAsync(address, Token);
            using var request = new HttpRequestMessage(HttpMethod.Head, address);
            using var head = await client.SendAsync(request, Token);
            Assert.Equal(get.StatusCode, head.StatusCode);
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Theory, Backends]
    public async Task The_numbers_are_there_for_clients_of_every_age(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 3).Select(i => Samples.Item("c", $"i{i}"))]);

        var page = await client.Json("/api/search?limit=2");
        Assert.Equal(3, page.GetProperty("numberMatched").GetInt32());
        Assert.Equal(2, page.GetProperty("numberReturned").GetInt32());
        Assert.True(page.GetProperty("timeStamp").GetDateTimeOffset() > Samples.Now);
        Assert.Equal("""{"returned":2,"limit":2,"matched":3}""", page.GetProperty("context").GetRawText());
    }

    [Theory, Backends]
    public async Task A_box_with_heights_finds_what_reaches_them_and_what_has_none(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c",
            At("low", 0, 10), At("high", 100, 200), Samples.Item("c", "flat", [1, 1, 2, 2]),
            Samples.Item("c", "nowhere"));

        Assert.Equal("flat low", await Find("0,0,-5,3,3,5"));
        Assert.Equal("flat high low", await Find("0,0,10,3,3,100"));
        Assert.Equal("flat", await Find("0,0,11,3,3,99"));
        Assert.Equal("flat high", await Find("-180,-90,150,180,90,151"));
        Assert.Equal("flat high low", await Find("0,0,3,3"));

        async Task<string> Find(string bbox) =>
            string.Join(' ', Stac.Ids(await client.Json("/api/search?bbox=" + bbox)).Order());

        static Json At(string id, int low, int high) => Samples.Item(
            "c", id, [1, 1, low, 2, 2, high],
            geometry: $$"""{"type":"LineString","coordinates":[[1,1,{{low}}],[2,2,{{high}}]]}""");
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

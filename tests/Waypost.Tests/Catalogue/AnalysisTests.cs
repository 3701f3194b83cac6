using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Results of analyses, registered with their items: what upstream lost, moved back and overwrote.</summary>
public sealed class AnalysisTests
{
    [Theory, Backends]
    public async Task A_result_is_registered_by_its_day_and_is_the_latest(Backend backend)
    {
        var (org, client) = await Catalogue(backend);
        using var answer = await Post(client, Address(org), new
        {
            href = "https://example.org/results/bias.nc",
            date = "2026-03-04",
            key_prefix = "bias",
            provenance = new { code = "v1.2", inputs = new[] { "a", "b" } },
        });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(("bias:2026-03-04", "bias:2026-03-04", "added"),
            (Text(told, "key"), Text(told, "latest"), Text(told, "change")));

        using var item = await client.GetAsync($"/api/v1/{org.Id}/stac/collections/c/items/i", Token);
        Assert.Equal(Text(told, "etag"), item.Headers.ETag!.Tag);
        Assert.Equal(answer.Headers.ETag!.Tag, item.Headers.ETag.Tag);
        var assets = (await item.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("assets");
        var asset = assets.GetProperty("bias:2026-03-04");
        Assert.Equal(("application/x-netcdf", "bias.nc"), (Text(asset, "type"), Text(asset, "title")));
        Assert.Equal("v1.2", Text(asset.GetProperty("waypost:provenance"), "code"));
        Assert.Equal("researcher", Text(asset, "waypost:registered_by"));
        Assert.NotEqual("", Text(asset, "waypost:registered_key"));
        Assert.True(asset.GetProperty("created").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow());
        Assert.Equal(asset.GetRawText(), assets.GetProperty("bias:latest").GetRawText());
        // What was there before, addresses of ours among it, is what it was.
        Assert.Equal($"{org.Server.Url}api/v1/{org.Id}/tiles/c/i/preview.png",
            Text(assets.GetProperty("thumbnail"), "href"));
        Assert.Equal(2, await org.Count($"""
            select count(*) as n from events where org = {org.Id} and type in ('item.created', 'item.updated')
            """));
    }

    [Theory, Backends]
    public async Task A_dated_key_is_never_overwritten_and_latest_never_moved_back(Backend backend)
    {
        var (org, client) = await Catalogue(backend);
        Assert.Equal("comparison:2026-03-04 201", await Register(client, org, "/npl/a.nc", "2026-03-04"));
        Assert.Equal("comparison:2026-03-04.2 201", await Register(client, org, "/npl/b.nc", "2026-03-04"));
        Assert.Equal("comparison:2026-03-04 200", await Register(client, org, "/npl/a.nc", "2026-03-04"));
        Assert.Equal("comparison:2026-03-01 201", await Register(client, org, "/npl/old.nc", "2026-03-01"));
        Assert.Equal(("/npl/a.nc", "/npl/b.nc", "/npl/old.nc", "/npl/b.nc"), await Hrefs(client, org,
            "comparison:2026-03-04", "comparison:2026-03-04.2", "comparison:2026-03-01", "comparison:latest"));

        Assert.Equal(
            "comparison:2026-03-04.2 200", await Register(client, org, "/npl/c.nc", "2026-03-04", force: true));
        Assert.Equal(("/npl/a.nc", "/npl/c.nc", "/npl/old.nc", "/npl/c.nc"), await Hrefs(client, org,
            "comparison:2026-03-04", "comparison:2026-03-04.2", "comparison:2026-03-01", "comparison:latest"));
        Assert.StartsWith($"comparison:{TimeProvider.System.GetUtcNow():yyyy}",
            await Register(client, org, "/npl/today.nc", null), StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Of_many_who_register_at_once_none_is_lost_and_no_two_get_one_key(Backend backend)
    {
        const int Racers = 24;
        var (org, _) = await Catalogue(backend);
        var day = new DateOnly(2026, 3, 4);
        var done = await Task.WhenAll(Enumerable.Range(0, Racers).Select(n => Task.Run(async () =>
        {
            AnalysisRegistered? registered = null;
            // Every third one is told twice, by two who race too.
            var wish = new AnalysisWish { Href = $"/npl/{n - (n % 3 == 1 ? 1 : 0)}.nc", Date = day };
            await org.Do(async tx => registered = await tx.RegisterAnalysis(org.Id, "c", "i", wish, Samples.Now));
            return (wish.Href, registered!.Key);
        }, Token)));

        var keys = done.Distinct().ToList();
        Assert.Equal(Racers * 2 / 3, keys.Count);
        Assert.Equal(keys.Count, keys.Select(one => one.Key).Distinct().Count());
        var assets = (await (await org.As(Role.Viewer)).Json($"/api/v1/{org.Id}/stac/collections/c/items/i"))
            .GetProperty("assets");
        foreach (var (href, key) in keys) Assert.Equal(href, Text(assets.GetProperty(key), "href"));
        Assert.Equal(Text(assets.GetProperty($"comparison:2026-03-04.{keys.Count}"), "href"),
            Text(assets.GetProperty("comparison:latest"), "href"));
    }

    [Theory, Backends]
    public async Task What_cannot_be_registered_is_refused_with_the_reason(Backend backend)
    {
        var (org, client) = await Catalogue(backend);
        var good = new { href = "/npl/a.nc" };
        await Refused(client, Address(org, item: "other"), good, HttpStatusCode.NotFound, "NOT_FOUND");
        await Refused(client, Address(org, collection: "other"), good, HttpStatusCode.NotFound, "NOT_FOUND");
        await Refused(client, Address(org), new { href = "/a", key_prefix = "a:b" }, HttpStatusCode.BadRequest,
            "INVALID_ANALYSIS");
        await Refused(client, Address(org), new { href = " " }, HttpStatusCode.BadRequest, "INVALID_ANALYSIS");
        await Refused(client, Address(org), new { href = "/a", provenance = 3 }, HttpStatusCode.BadRequest,
            "INVALID_ANALYSIS");
        await Refused(client, Address(org), new { href = "/a", date = "04.03.2026" }, HttpStatusCode.BadRequest,
            "INVALID_BODY");
        await Refused(client, Address(org), new { href = "/a", datum = "2026-03-04" }, HttpStatusCode.BadRequest,
            "UNKNOWN_FIELD");
        await Refused(await org.As(Role.Viewer), Address(org), good, HttpStatusCode.Forbidden, "FORBIDDEN");
        await Refused(await (await org.Server.NewOrg()).As(Role.OrgAdmin), Address(org), good,
            HttpStatusCode.Forbidden, "ORGANIZATION_MISMATCH");
        var external = await Post(client, $"/api/v1/{org.Id}/external/collections/c/items/i/analyses", good);
        Assert.Contains(external.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed });
        Assert.Equal(1, await org.Count($"select version as n from catalogue_items where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task Whoever_calls_from_inside_the_server_needs_no_key(Backend backend)
    {
        var (org, _) = await Catalogue(backend);
        var wish = new AnalysisWish { Href = "/npl/a.tif", Title = "Bias", Roles = ["visual"] };
        await org.Do(async tx =>
        {
            var done = await tx.RegisterAnalysis(org.Id, "c", "i", wish, Samples.Now);
            Assert.Equal(("comparison:2026-01-02", AnalysisChange.Added), (done.Key, done.Change));
            var again = await tx.RegisterAnalysis(org.Id, "c", "i", wish, Samples.Now.AddHours(1));
            Assert.Equal((done.Key, AnalysisChange.Unchanged, done.Etag), (again.Key, again.Change, again.Etag));
        });
        Assert.Equal(2, await org.Count($"select version as n from catalogue_items where org = {org.Id}"));
    }

    static async Task<(TestOrg, HttpClient)> Catalogue(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Samples.Item("c", "i", [1, 2, 3, 4],
            assets: """{"thumbnail":{"href":"/tiles/c/i/preview.png"}}""",
            links: """[{"rel":"derived_from","href":"/api/collections/c/items/j"}]"""));
        return (org, await org.As(Role.Service, "researcher"));
    }

    static string Address(TestOrg org, string collection = "c", string item = "i") =>
        $"/api/v1/{org.Id}/stac/collections/{collection}/items/{item}/analyses";

    static async Task<string> Register(
        HttpClient client, TestOrg org, string href, string? date, bool force = false)
    {
        using var answer = await Post(client, Address(org), new { href, date, force });
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.True(answer.IsSuccessStatusCode, told.GetRawText());
        return $"{Text(told, "key")} {(int)answer.StatusCode}";
    }

    static async Task<(string?, string?, string?, string?)> Hrefs(
        HttpClient client, TestOrg org, string a, string b, string c, string d)
    {
        var assets = (await client.Json($"/api/v1/{org.Id}/stac/collections/c/items/i")).GetProperty("assets");
        return (Href(a), Href(b), Href(c), Href(d));

        string? Href(string key) => Text(assets.GetProperty(key), "href");
    }

    static async Task Refused(HttpClient client, string address, object body, HttpStatusCode status, string code)
    {
        using var answer = await Post(client, address, body);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == status, $"{JsonSerializer.Serialize(body)}: {answer.StatusCode} {text}");
        Assert.Equal(code, Text(JsonElement.Parse(text), "code"));
    }

    static Task<HttpResponseMessage> Post(HttpClient client, string address, object body) =>
        client.PostAsJsonAsync(address, body, Token);

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

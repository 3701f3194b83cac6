using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Items written one by one and in lists, through the routes of STAC's transactions.</summary>
public sealed class ItemTransactionTests
{
    const string Items = "/api/collections/c/items";

    [Theory, Backends]
    public async Task An_item_is_added_read_replaced_and_deleted(Backend backend)
    {
        var client = await Client(backend);
        using var added = await client.Send("POST", Items, Item("a", "one"));
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal("application/geo+json", added.Content.Headers.ContentType!.MediaType);
        var address = added.Headers.Location!.ToString();
        Assert.EndsWith("/collections/c/items/a", address, StringComparison.Ordinal);

        using var read = await client.GetAsync(address, Token);
        Assert.Equal(added.Headers.ETag, read.Headers.ETag);
        var document = await read.Content.ReadAsStringAsync(Token);
        using var same = await client.Send("PUT", address, document);
        Assert.Equal((HttpStatusCode.NoContent, read.Headers.ETag), (same.StatusCode, same.Headers.ETag));
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(Token));

        using var other = await client.Send("PUT", address, Item("a", "two"));
        Assert.NotEqual(read.Headers.ETag, other.Headers.ETag);
        Assert.Equal("two", (await client.Json(address)).GetProperty("properties").GetProperty("title").GetString());

        using var gone = await client.DeleteAsync(address, Token);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await client.Problem(address, HttpStatusCode.NotFound);
    }

    [Theory, Backends]
    public async Task What_does_not_fit_its_place_is_refused(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.Created, "POST", Items, Item("a", "one"));
        await client.Must(HttpStatusCode.Conflict, "POST", Items, Item("a", "two"), "ITEM_EXISTS");
        await client.Must(HttpStatusCode.NotFound, "PUT", Items + "/b", Item("b", "one"), "NOT_FOUND");
        await client.Must(HttpStatusCode.NotFound, "PATCH", Items + "/b", "{}", "NOT_FOUND");
        await client.Must(HttpStatusCode.NotFound, "DELETE", Items + "/b", null, "NOT_FOUND");
        await client.Must(HttpStatusCode.BadRequest, "PUT", Items + "/a", Item("b", "one"), "ID_MISMATCH");
        await client.Must(
            HttpStatusCode.BadRequest, "POST", Items, Item("b", "x", collection: "d"), "ID_MISMATCH");
        await client.Must(
            HttpStatusCode.NotFound, "POST", "/api/collections/no/items", Item("b", "x", collection: "no"));
        await client.Must(HttpStatusCode.BadRequest, "POST", Items, "{\"type\":", "NOT_JSON");
        await client.Must(HttpStatusCode.BadRequest, "POST", Items, "{\"id\":\"a\",\"id\":\"b\"}", "NOT_JSON");
        await client.Must(HttpStatusCode.BadRequest, "POST", Items, "[]", "NOT_JSON");
        using var text = new StringContent("x", Encoding.UTF8, "text/plain");
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType, (await client.PostAsync(Items, text, Token)).StatusCode);
    }

    [Theory, Backends]
    public async Task If_Match_lets_only_him_through_who_has_seen_what_is_there(Backend backend)
    {
        var client = await Client(backend);
        using var added = await client.Send("POST", Items, Item("a", "one"));
        var tag = added.Headers.ETag!.Tag;
        foreach (var stale in new[] { "\"other\"", "\"x\", \"y\"", "W/" + tag })
            foreach (var (method, body) in new[] { ("PUT", Item("a", "x")), ("PATCH", "{}"), ("DELETE", null) })
                await client.Must(
                    HttpStatusCode.PreconditionFailed, method, Items + "/a", body, "PRECONDITION_FAILED", stale);
        await client.Must(
            HttpStatusCode.BadRequest, "PUT", Items + "/a", Item("a", "x"), "INVALID_PARAMETER", "not in quotes");

        await client.Must(HttpStatusCode.NoContent, "PUT", Items + "/a", Item("a", "two"), match: $"\"x\", {tag}");
        await client.Must(
            HttpStatusCode.PreconditionFailed, "PUT", Items + "/a", Item("a", "x"), "PRECONDITION_FAILED", tag);
        await client.Must(HttpStatusCode.NoContent, "PATCH", Items + "/a", "{}", match: "*");
        await client.Must(HttpStatusCode.NoContent, "DELETE", Items + "/a", null, match: "*");
    }

    [Theory, Backends]
    public async Task Where_the_organization_wants_it_nobody_overwrites_what_he_has_not_seen(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/catalogue/settings", "{\"require_if_match\":true}");
        var kept = await client.Json("/api/catalogue/settings");
        Assert.True(kept.GetProperty("require_if_match").GetBoolean());
        Assert.Equal("repair", kept.GetProperty("validation").GetString());
        await client.Must(HttpStatusCode.Created, "POST", Items, Item("a", "one"));
        foreach (var (method, body) in new[] { ("PUT", Item("a", "x")), ("PATCH", "{}"), ("DELETE", null) })
            await client.Must(HttpStatusCode.PreconditionRequired, method, Items + "/a", body, "PRECONDITION_REQUIRED");
        await client.Must(HttpStatusCode.NoContent, "PUT", Items + "/a", Item("a", "x"), match: "*");
    }

    [Theory, Backends]
    public async Task A_strict_organization_takes_nothing_that_has_to_be_repaired(Backend backend)
    {
        var client = await Client(backend);
        var faulty = Samples.Item("c", "a", [1, 2, 3, 4], properties: "\"end_datetime\":\"2024-06-01T00:00:00Z\"").Text;
        using var repaired = await client.Send("POST", Items, faulty);
        Assert.Equal(HttpStatusCode.Created, repaired.StatusCode);
        Assert.Contains("start_datetime", repaired.Headers.GetValues("Waypost-Repaired").Single(),
            StringComparison.Ordinal);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/catalogue/settings", "{\"validation\":\"strict\"}");
        await client.Must(HttpStatusCode.BadRequest, "PUT", Items + "/a", faulty, "STAC_INVALID");
    }

    [Theory, Backends]
    public async Task Changes_of_different_members_at_the_same_time_are_all_kept(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.Created, "POST", Items, Item("a", "one"));
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => client.Must(
            HttpStatusCode.NoContent, "PATCH", Items + "/a",
            JsonSerializer.Serialize(new { properties = new Dictionary<string, int> { ["p" + i] = i } }))));
        var properties = (await client.Json(Items + "/a")).GetProperty("properties");
        Assert.All(Enumerable.Range(0, 24), i => Assert.Equal(i, properties.GetProperty("p" + i).GetInt32()));
        Assert.Equal("one", properties.GetProperty("title").GetString());
    }

    [Theory, Backends]
    public async Task A_patch_takes_members_out_and_shows_the_document_to_him_who_wants_it(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.Created, "POST", Items, Samples.Item("c", "a", [1, 2, 3, 4],
            assets: """{"t":{"href":"/tiles/c/a/tilejson.json"},"b":{"href":"https://e.org/b"}}""").Text);
        using var request = new HttpRequestMessage(HttpMethod.Patch, Items + "/a")
        {
            Content = new StringContent(
                """{"properties":{"title":null,"n":1},"assets":{"b":null}}""", Encoding.UTF8,
                "application/merge-patch+json"),
            Headers = { { "Prefer", "return=representation" } },
        };
        using var answer = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var item = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token));
        Assert.False(item.GetProperty("properties").TryGetProperty("title", out _));
        Assert.Equal(1, item.GetProperty("properties").GetProperty("n").GetInt32());
        var asset = Assert.Single(item.GetProperty("assets").EnumerateObject());
        Assert.Equal(
            new Uri(client.BaseAddress!, "/tiles/c/a/tilejson.json").ToString(),
            asset.Value.GetProperty("href").GetString());
        await client.Must(HttpStatusCode.BadRequest, "PATCH", Items + "/a", "{\"id\":\"b\"}", "ID_MISMATCH");
        await client.Must(HttpStatusCode.BadRequest, "PATCH", Items + "/a", "{\"geometry\":5}", "STAC_INVALID");
    }

    [Theory, Backends]
    public async Task A_list_goes_in_whole_or_not_at_all(Backend backend)
    {
        var client = await Client(backend);
        using var added = await client.Send("POST", Items, List(Item("a", "1"), Item("b", "1")));
        Assert.Equal((HttpStatusCode.Created, null), (added.StatusCode, added.Headers.Location));
        var refused = await client.Must(
            HttpStatusCode.Conflict, "POST", Items, List(Item("z", "1"), Item("b", "1")), "ITEM_EXISTS");
        Assert.Equal("b", refused.GetProperty("ids")[0].GetString());
        var faulty = await client.Must(
            HttpStatusCode.BadRequest, "POST", Items, List(Item("z", "1"), "{\"type\":\"Feature\"}"), "STAC_INVALID");
        Assert.Equal(1, faulty.GetProperty("index").GetInt32());
        await client.Must(
            HttpStatusCode.BadRequest, "POST", Items, List(Item("z", "1"), Item("z", "2")), "DUPLICATE_ID");
        Assert.Equal(["a", "b"], Stac.Ids(await client.Json(Items)).Order());
    }

    [Theory, Backends]
    public async Task No_view_but_the_internal_one_is_written_to(Backend backend)
    {
        var client = await Client(backend);
        using var answer = await client.Send("POST", "/external/collections/c/items", Item("a", "one"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        using var other = await client.Send("POST", "/external/collections", Samples.Collection("d").Text);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
    }

    static string Item(string id, string title, string collection = "c") =>
        Samples.Item(collection, id, [1, 2, 3, 4], properties: $"\"title\":\"{title}\"").Text;

    static string List(params string[] items) =>
        $$"""{"type":"FeatureCollection","features":[{{string.Join(',', items)}}]}""";

    static async Task<HttpClient> Client(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c");
        return await org.As(Role.OrgAdmin);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What can be asked about and sorted by is told, declared and promoted.</summary>
public sealed class QueryableTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task What_items_have_can_be_asked_about_with_the_types_that_were_found(Backend backend)
    {
        var (_, client) = await Filled(backend);

        var (schema, type) = await Schema(client, "/api/queryables");
        Assert.Equal("application/schema+json", type);
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", Text(schema, "$schema"));
        Assert.EndsWith("/api/queryables", Text(schema, "$id"));
        Assert.Equal("object", Text(schema, "type"));
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        var names = schema.GetProperty("properties");
        Assert.Equal("number", Text(names.GetProperty("cover"), "type"));
        Assert.Equal("string", Text(names.GetProperty("platform"), "type"));
        Assert.Equal("date-time", Text(names.GetProperty("seen_at"), "format"));
        Assert.Equal("date-time", Text(names.GetProperty("datetime"), "format"));
        Assert.Equal("array", Text(names.GetProperty("tags"), "type"));
        Assert.Equal("https://geojson.org/schema/Geometry.json", Text(names.GetProperty("geometry"), "$ref"));
        Assert.True(names.TryGetProperty("only_here", out _));

        var (one, _) = await Schema(client, "/api/collections/scenes/queryables");
        Assert.EndsWith("/api/collections/scenes/queryables", Text(one, "$id"));
        Assert.False(one.GetProperty("properties").TryGetProperty("only_here", out _));
        await client.Problem("/api/collections/none/queryables", HttpStatusCode.NotFound);

        var (sortables, _) = await Schema(client, "/api/sortables");
        Assert.True(sortables.GetProperty("properties").TryGetProperty("cover", out _));
        Assert.False(sortables.GetProperty("properties").TryGetProperty("tags", out _));
        Assert.False(sortables.GetProperty("properties").TryGetProperty("geometry", out _));
        Assert.NotNull(Stac.Href(await client.Json("/api"), "http://www.opengis.net/def/rel/ogc/1.0/queryables"));
        Assert.NotNull(Stac.Href(await client.Json("/api"), "http://www.opengis.net/def/rel/ogc/1.0/sortables"));
        var collection = await client.Json("/api/collections/scenes");
        Assert.EndsWith(
            "/api/collections/scenes/queryables",
            Stac.Href(collection, "http://www.opengis.net/def/rel/ogc/1.0/queryables"));
    }

    [Theory, Backends]
    public async Task Hidden_values_and_words_say_nothing_of_what_outsiders_can_ask_about(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("scenes",
            Samples.Item("scenes", "a", properties: "\"state\":7,\"half\":3"),
            Samples.Item("scenes", "b", properties: "\"state\":\"/npl/b\",\"half\":[\"/npl/b\"]"));
        var client = await org.As(Role.OrgAdmin);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/state",
            """{"title":"See file:///npl/states","description":"Words of all","type":"number"}""");

        var (within, outside) = (await State("/api/queryables"), await State("/external/queryables"));
        Assert.Equal(("See file:///npl/states", "Words of all"), (Text(within, "title"), Text(within, "description")));
        Assert.Equal(("state", "Words of all"), (Text(outside, "title"), Text(outside, "description")));
        Assert.Equal("number", Text(outside, "type"));
        // An array of which nothing is left is none; without a declaration the types are those of what is seen.
        Assert.Equal("number", Text(await State("/external/queryables", "half"), "type"));
        Assert.Equal(
            ["array", "number"], (await State("/api/queryables", "half")).GetProperty("type").EnumerateArray()
                .Select(type => type.GetString()));

        // Nor does the type that was found for a column: that may be the hidden values'.
        await org.Put("others", Samples.Item("others", "c", properties: "\"code\":null"),
            Samples.Item("others", "d", properties: "\"code\":\"/npl/d\""));
        await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/code", """{"promoted":true}""");
        Assert.Equal("string", Text(await State("/api/queryables", "code"), "type"));
        Assert.False((await State("/external/queryables", "code")).TryGetProperty("type", out _));
        Assert.Empty(Stac.Ids(await client.Json("/external/search?filter=code>1")));
        Assert.Empty(Stac.Ids(await client.Json("/external/search?filter=code>'a'")));

        async Task<JsonElement> State(string path, string name = "state") =>
            (await Schema(client, path)).Schema.GetProperty("properties").GetProperty(name);
    }

    [Theory, Backends]
    public async Task A_promotion_misses_no_item_of_a_collection_that_is_made_at_the_same_time(Backend backend)
    {
        const int Rounds = 10;
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var fill = org.Server.Services.GetRequiredService<FillSlots>();
        for (var round = 0; round < Rounds; round++)
        {
            var collection = "c" + round;
            var writing = Task.Run(() => org.Put(
                collection, Samples.Item(collection, "i", properties: $"\"number\":{round}")), Token);
            await client.Must(
                HttpStatusCode.OK, "PUT", "/api/queryables/number", """{"type":"number","promoted":true}""");
            await fill.Fill(Token);
            await writing;
            Assert.Equal(["i"], Stac.Ids(await client.Json($"/api/search?filter=number={round}")));
            Assert.Equal(round + 1, await org.Count($"""
                select count(*) as n from catalogue_items where org = {org.Id} and n1 is not null
                """));
            await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/number", """{"type":"number"}""");
        }
    }

    [Theory, Backends]
    public async Task What_is_hidden_from_outsiders_is_no_queryable_of_theirs(Backend backend)
    {
        var (_, client) = await Filled(backend);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/inside",
            """{"title":"Where it lies","type":"string"}""");

        foreach (var path in new[] { "/external/queryables", "/external/collections/scenes/queryables" })
        {
            var names = (await Schema(client, path)).Schema.GetProperty("properties");
            Assert.True(names.TryGetProperty("cover", out _));
            Assert.False(names.TryGetProperty("inside", out _));
        }
        Assert.True((await Schema(client, "/api/queryables")).Schema.GetProperty("properties")
            .TryGetProperty("inside", out _));
        using var write = await client.PutAsJsonAsync("/external/queryables/cover", new { promoted = true }, Token);
        Assert.Equal(HttpStatusCode.NotFound, write.StatusCode);
    }

    [Theory, Backends]
    public async Task A_property_is_declared_changed_and_forgotten(Backend backend)
    {
        var (_, client) = await Filled(backend);
        await client.Problem("/api/queryables/cover", HttpStatusCode.NotFound);

        var put = await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/properties.cover",
            """{"title":"Cloud cover","description":"In percent","type":"number"}""");
        Assert.Equal("cover", Text(put, "name"));
        Assert.False(put.GetProperty("promoted").GetBoolean());
        var patched = await client.Must(HttpStatusCode.OK, "PATCH", "/api/queryables/cover",
            """{"description":null}""");
        Assert.Equal("Cloud cover", Text(patched, "title"));
        Assert.Equal(JsonValueKind.Null, patched.GetProperty("description").ValueKind);
        var shown = (await Schema(client, "/api/queryables")).Schema.GetProperty("properties").GetProperty("cover");
        Assert.Equal("Cloud cover", Text(shown, "title"));

        await client.Must(HttpStatusCode.BadRequest, "PUT", "/api/queryables/cover", """{"type":"colour"}""");
        await client.Must(HttpStatusCode.BadRequest, "PUT", "/api/queryables/geometry", """{"title":"x"}""");
        await client.Must(HttpStatusCode.BadRequest, "PUT", "/api/queryables/nowhere", """{"promoted":true}""");
        await client.Must(HttpStatusCode.NoContent, "DELETE", "/api/queryables/cover", null);
        await client.Must(HttpStatusCode.NotFound, "DELETE", "/api/queryables/cover", null);
    }

    [Theory, Backends]
    public async Task There_are_eight_columns_for_numbers_and_eight_for_texts(Backend backend)
    {
        var (_, client) = await Filled(backend);
        for (var i = 1; i <= 8; i++)
            foreach (var type in new[] { "number", "string" })
                await client.Must(HttpStatusCode.OK, "PUT", $"/api/queryables/{type}_{i}",
                    $$"""{"type":"{{type}}","promoted":true}""");

        await client.Must(HttpStatusCode.Conflict, "PUT", "/api/queryables/number_9",
            """{"type":"number","promoted":true}""");
        await client.Must(HttpStatusCode.OK, "PATCH", "/api/queryables/number_3", """{"promoted":false}""");
        await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/number_9",
            """{"type":"number","promoted":true}""");
        await client.Must(HttpStatusCode.Conflict, "PUT", "/api/queryables/string_9",
            """{"type":"string","promoted":true}""");
    }

    [Theory, Backends]
    public async Task A_promoted_property_is_filled_and_says_so(Backend backend)
    {
        var (_, client) = await Filled(backend);
        foreach (var name in new[] { "cover", "platform", "seen_at", "good" })
        {
            var promoted = await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/" + name,
                """{"promoted":true}""");
            Assert.True(promoted.GetProperty("promoted").GetBoolean());
        }
        foreach (var name in new[] { "cover", "platform", "seen_at", "good" }) await UntilFilled(client, name);
        var shown = (await Schema(client, "/api/queryables")).Schema.GetProperty("properties").GetProperty("cover");
        Assert.True(shown.GetProperty("x-promoted").GetBoolean());
    }

    internal static async Task UntilFilled(HttpClient client, string name)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(30);
        while (!(await client.Json("/api/queryables/" + name)).GetProperty("filled").GetBoolean())
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"{name} has not been filled");
    }

    static async Task<(TestOrg Org, HttpClient Client)> Filled(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("scenes",
            Item("a", 10, "S2A", true, "2024-01-01T00:00:00Z"), Item("b", 15.5, "S2B", true, "2024-01-02T00:00:00.5Z"),
            Item("c", 20, "S2A", false, "2024-01-03T00:00:00Z"));
        await org.Put("others", Samples.Item("others", "d", properties: "\"only_here\":1"));
        return (org, await org.As(Role.OrgAdmin));
    }

    static Json Item(string id, double cover, string platform, bool good, string seenAt) => Samples.Item(
        "scenes", id, properties: $$"""
            "cover":{{Samples.Numbers([cover])}},"platform":"{{platform}}","good":{{(good ? "true" : "false")}},
            "seen_at":"{{seenAt}}","tags":["x","y"],"inside":"/npl-data/{{id}}"
            """);

    static async Task<(JsonElement Schema, string? Type)> Schema(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return (JsonElement.Parse(text), response.Content.Headers.ContentType?.MediaType);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}

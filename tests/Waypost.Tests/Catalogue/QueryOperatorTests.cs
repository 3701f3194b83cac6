using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>The parameter <c>query</c> (STAC API, Query): each operator, by GET and by POST, in both views.</summary>
public sealed class QueryOperatorTests
{
    [Theory, Backends]
    public async Task Each_operator_finds_what_it_should(Backend backend)
    {
        var client = await Ships(backend);
        foreach (var (query, ids) in new[]
        {
            ("""{"length":{"eq":12.5}}""", "b"), ("""{"properties.length":{"eq":12.5}}""", "b"),
            ("""{"length":{"neq":12.5}}""", "a c"), ("""{"length":{"lt":12.5}}""", "a"),
            ("""{"length":{"lte":12.5}}""", "a b"), ("""{"length":{"gt":12.5}}""", "c"),
            ("""{"length":{"gte":12.5}}""", "b c"), ("""{"length":{"gt":8,"lt":30}}""", "b"),
            ("""{"length":{"gt":8},"name":{"eq":"Orca"}}""", "c"),
            ("""{"length":{"eq":null}}""", "d"), ("""{"length":{"neq":null}}""", "a b c"),
            ("""{"name":{"eq":"Orca"}}""", "c"), ("""{"name":{"eq":"orca"}}""", ""), ("""{"name":{"gt":"M"}}""", "c"),
            ("""{"name":{"startsWith":"Al"}}""", "a"), ("""{"name":{"endsWith":"a"}}""", "b c"),
            ("""{"name":{"contains":"ba"}}""", "a b"), ("""{"name":{"contains":"%"}}""", "b"),
            ("""{"name":{"contains":"_"}}""", "a"), ("""{"name":{"startsWith":"100%"}}""", ""),
            ("""{"name":{"in":["Orca","Kraken"]}}""", "c"), ("""{"name":{"in":[]}}""", ""),
            ("""{"length":{"in":[8,12.5,9]}}""", "a b"), ("""{"name":{"contains":""}}""", "a b c d"),
            ("""{"afloat":{"eq":true}}""", "a b"), ("""{"afloat":{"neq":true}}""", "c"),
            ("""{"launched":{"gte":"2001-01-01T00:00:00Z"}}""", "b c"),
            ("""{"launched":{"lt":"2001-01-01T01:00:00+01:00"}}""", "a"),
            ("""{"launched":{"in":["2001-01-01T00:00:00.000Z"]}}""", "b"), ("{}", "a b c d"),
            ("""{"datetime":{"lte":"2024-05-06T07:08:09Z"},"id":{"in":["a","d"]}}""", "a d"),
        })
            foreach (var root in new[] { "/api", "/external" })
            {
                var asked = $"query={Uri.EscapeDataString(query)}";
                Assert.Equal($"{query}: {ids}", $"{query}: {Ids(await client.Json($"{root}/search?{asked}"))}");
                Assert.Equal($"{query}: {ids}",
                    $"{query}: {Ids(await client.Json($"{root}/collections/ships/items?{asked}"))}");
                var body = new JsonObject { ["query"] = JsonNode.Parse(query) };
                Assert.Equal($"{query}: {ids}", $"{query}: {Ids(await client.PostJson(root + "/search", body))}");
            }
    }

    [Theory, Backends]
    public async Task What_no_operator_can_mean_is_refused_by_name(Backend backend)
    {
        var client = await Ships(backend);
        foreach (var (query, says) in new[]
        {
            ("""{"length":{"like":"x"}}""", "like"), ("""{"length":{"EQ":1}}""", "EQ"),
            ("""{"length":12}""", "length"), ("""{"length":[12]}""", "length"), ("""{"length":{"in":12}}""", "in"),
            ("""{"length":{"in":[[1]]}}""", "in"), ("""{"length":{"eq":{}}}""", "eq"), ("5", "object"),
            ("""{"length":{"lt":null}}""", "lt"), ("""{"name":{"startsWith":5}}""", "startsWith"),
            ("""{"name":{"endsWith":null}}""", "endsWith"), ("""{"name":{"contains":["a"]}}""", "contains"),
        })
        {
            var asked = Uri.EscapeDataString(query);
            foreach (var path in new[] { "/api/search", "/external/search", "/api/collections/ships/items" })
                Check(await client.Problem($"{path}?query={asked}", HttpStatusCode.BadRequest));
            Check(await client.Must(HttpStatusCode.BadRequest, "POST", "/api/search", $$"""{"query":{{query}}}"""));

            void Check(JsonElement problem)
            {
                Assert.Equal("query", problem.GetProperty("parameter").GetString());
                Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        var unknown = await client.Problem(
            "/api/search?query=" + Uri.EscapeDataString("""{"lenght":{"eq":1}}"""), HttpStatusCode.BadRequest);
        Assert.Equal("lenght", unknown.GetProperty("property").GetString());
        Assert.Equal("length", unknown.GetProperty("nearest")[0].GetString());
        var many = string.Join(',', Enumerable.Range(0, 201).Select(at => $$""" "eq":{{at}}"""));
        await client.Must(
            HttpStatusCode.BadRequest, "POST", "/api/search", $$"""{"query":{"length":{ {{many}} } } }""");
    }

    static async Task<HttpClient> Ships(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("ships",
            Samples.Item("ships", "a", properties: """
                "name":"Al_batross","length":8,"afloat":true,"launched":"1999-12-31T23:59:59Z"
                """),
            Samples.Item("ships", "b", properties: """
                "name":"Cuba%na","length":12.5,"afloat":true,"launched":"2001-01-01T00:00:00Z"
                """),
            Samples.Item("ships", "c", properties: """
                "name":"Orca","length":40,"afloat":false,"launched":"2020-02-29T12:00:00Z"
                """),
            Samples.Item("ships", "d", properties: """ "name":"", "length":null """));
        return await org.As(Role.OrgAdmin);
    }

    static string Ids(JsonElement page) => string.Join(' ', Stac.Ids(page).Order());
}

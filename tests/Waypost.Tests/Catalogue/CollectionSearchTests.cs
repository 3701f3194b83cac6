using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Collections are found by place, time, words and properties, in any order, page by page.</summary>
public sealed class CollectionSearchTests
{
    [Theory, Backends]
    public async Task Collections_are_found_by_what_was_asked(Backend backend)
    {
        var (client, _) = await Make(backend);
        foreach (var (query, expected) in new (string, string[])[]
        {
            ("", ["alps", "ocean", "old", "pacific"]),
            ("bbox=5,44,8,48", ["alps", "ocean", "old"]),
            ("bbox=5,70,8,72", ["old"]),
            ("bbox=170,-20,-170,20", ["ocean", "old", "pacific"]),
            ("bbox=-171,0,-170,1", ["ocean", "old", "pacific"]),
            ("datetime=1990-01-01T00:00:00Z", ["old"]),
            ("datetime=2021-06-01T00:00:00Z/..", ["alps", "ocean", "pacific"]),
            ("datetime=../2000-01-01T00:00:00Z", ["old"]),
            ("q=snow", ["alps"]),
            ("q=snow,WÁTER", ["alps", "ocean", "pacific"]),
            ("q=%2Bwater%20-deep", ["pacific"]),
            ("q=%22deep%20water%22", ["ocean"]),
            ("filter=title%20LIKE%20%27The%20%25%27", ["alps", "ocean"]),
            ("filter=license%20=%20%27other%27%20AND%20eo:gsd%20%3C%2020", ["alps"]),
            ("filter=eo:gsd%20IS%20NULL", ["old"]),
            ("filter=a_contains(keywords,(%27water%27))", ["ocean", "pacific"]),
            ("filter=S_INTERSECTS(geometry,POINT(6%2046))", ["alps", "ocean", "old"]),
            ("filter=T_AFTER(start_datetime,TIMESTAMP(%272019-01-01T00:00:00Z%27))", ["alps", "ocean", "pacific"]),
            ("filter=summaries.platform%20IS%20NOT%20NULL", ["alps"]),
            ("filter-lang=cql2-json&filter={\"op\":\"=\",\"args\":[{\"property\":\"id\"},\"old\"]}", ["old"]),
            ("query={\"title\":{\"startsWith\":\"The\"}}", ["alps", "ocean"]),
            ("sortby=-id", ["pacific", "old", "ocean", "alps"]),
            ("sortby=eo:gsd", ["alps", "ocean", "pacific", "old"]),
            ("sortby=-eo:gsd,id", ["ocean", "pacific", "alps", "old"]),
            ("sortby=title", ["pacific", "alps", "ocean", "old"]),
        })
        {
            var page = await client.Json("/api/collections?" + query);
            Assert.True(
                expected.SequenceEqual(Ids(page)), $"{query}: {string.Join(' ', Ids(page))}");
            Assert.Equal(expected.Length, page.GetProperty("numberMatched").GetInt32());
            Assert.Equal(expected, await Walk(client, $"/api/collections?{query}&limit=1"));
            Assert.Equal(expected, await Walk(client, $"/external/collections?{query}&limit=2"));
        }
    }

    [Theory, Backends]
    public async Task What_is_asked_for_is_answered_and_what_cannot_be_is_refused_by_name(Backend backend)
    {
        var (client, org) = await Make(backend);
        var lean = (await client.Json("/api/collections?fields=id,title,-links")).GetProperty("collections")[0];
        Assert.True(lean.TryGetProperty("title", out _));
        Assert.False(lean.TryGetProperty("description", out _) || lean.TryGetProperty("links", out _));

        foreach (var (query, parameter) in new[]
        {
            ("bbox=1,2,3", "bbox"), ("datetime=yesterday", "datetime"), ("limit=0", "limit"),
            ("filter=nothing%20like%20this", "filter"), ("filter=no_such%3D1", "filter"), ("sortby=no_such", "sortby"),
            ("sortby=keywords", "sortby"), ("sortby=geometry", "sortby"), ("token=abc", "token"),
            ("token=WyIrdGl0bGUiLCJhIl0", "token"), ("filter-lang=sql&filter=a", "filter-lang"),
            ("query={\"title\":{\"like\":1}}", "query"), ("q=%22", "q"), ("f=xml", "f"),
        })
        {
            var problem = await client.Problem("/api/collections?" + query, HttpStatusCode.BadRequest);
            Assert.True(problem.Text("parameter") == parameter, $"{query}: {problem}");
        }
        Assert.Equal("UNKNOWN_PROPERTY",
            (await client.Problem("/api/collections?sortby=titl", HttpStatusCode.BadRequest)).Text("code"));
        Assert.Equal("title", (await client.Problem("/api/collections?sortby=titl", HttpStatusCode.BadRequest))
            .GetProperty("nearest")[0].GetString());

        // A page goes on after a collection that is gone meanwhile.
        var first = await client.Json("/api/collections?sortby=-title&limit=2");
        Assert.Equal(["ocean", "alps"], Ids(first));
        using (var gone = await (await org.As(Role.OrgAdmin)).DeleteAsync(
            "/api/collections/alps", TestContext.Current.CancellationToken))
            Assert.True(gone.IsSuccessStatusCode, gone.StatusCode.ToString());
        Assert.Equal(["pacific", "old"], Ids(await client.Json(Stac.Href(first, "next")!)));
    }

    [Fact]
    public async Task Collections_say_what_they_can_be_asked_about()
    {
        var (client, _) = await Make(Backend.Sqlite);
        var all = await client.Json("/api/collections");
        var queryables = await client.Json(Stac.Href(all, "http://www.opengis.net/def/rel/ogc/1.0/queryables")!);
        Assert.False(queryables.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal("date-time", queryables.GetProperty("properties").GetProperty("created").Text("format"));
        Assert.True(queryables.GetProperty("properties").TryGetProperty("eo:gsd", out _));
        var sortables = await client.Json(Stac.Href(all, "http://www.opengis.net/def/rel/ogc/1.0/sortables")!);
        Assert.False(sortables.GetProperty("properties").TryGetProperty("geometry", out _));
        foreach (var name in sortables.GetProperty("properties").EnumerateObject().Select(one => one.Name))
            await client.Json("/api/collections?sortby=" + Uri.EscapeDataString(name));
    }

    static async Task<(HttpClient, TestOrg)> Make(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Do(async tx =>
        {
            foreach (var collection in new[]
            {
                Collection("alps", "[[5,44,16,48]]", "2020-01-01T00:00:00Z", null, "The Alps", "Snow and ice", 10,
                    "\"keywords\":[\"snow\"],\"summaries\":{\"platform\":[\"a\"]},"),
                Collection("ocean", "[[-180,-60,180,60],[150,-60,180,60],[-180,-60,-70,60]]",
                    "2020-01-01T00:00:00Z", null, "The ocean", "Deep water, everywhere", 300,
                    "\"keywords\":[\"water\",\"deep\"],"),
                Collection("pacific", "[[150,-60,-90,60]]", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z",
                    "Pacific", "Water", 300, "\"keywords\":[\"water\"],"),
                Collection("old", "[[-180,-90,180,90]]", null, "1999-01-01T00:00:00Z", null, "Long ago", null, ""),
            })
                await tx.PutCollection(org.Id, collection, Samples.Now);
        });
        return (await org.As(Role.Viewer), org);
    }

    static Json Collection(
        string id, string boxes, string? starts, string? ends, string? title, string description, int? gsd,
        string more) => new($$"""
        {"type":"Collection","stac_version":"1.1.0","id":"{{id}}","description":"{{description}}","license":"other",
         {{(title is null ? "" : $"\"title\":\"{title}\",")}}{{(gsd is null ? "" : $"\"eo:gsd\":{gsd},")}}{{more}}
         "extent":{"spatial":{"bbox":{{boxes}}},"temporal":{"interval":[[{{Quoted(starts)}},{{Quoted(ends)}}]]} },
         "links":[]}
        """);

    static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";

    static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("collections").EnumerateArray().Select(one => one.Text("id"))];

    static async Task<string[]> Walk(HttpClient client, string address)
    {
        var ids = new List<string>();
        for (string? next = address; next is not null;)
        {
            var page = await client.Json(next);
            ids.AddRange(Ids(page));
            next = Stac.Href(page, "next");
        }
        return [.. ids];
    }
}

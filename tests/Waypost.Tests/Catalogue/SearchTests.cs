using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class SearchTests
{
    const string Triangle = """{"type":"Polygon","coordinates":[[[0,0],[10,0],[0,10],[0,0]]]}""";

    [Theory, Backends]
    public async Task A_box_finds_what_it_touches_and_nothing_else(Backend backend)
    {
        var client = await With(backend,
            Samples.Item("c", "inside", [2, 2, 3, 3]), Samples.Item("c", "edge", [5, 5, 6, 6]),
            Samples.Item("c", "outside", [20, 20, 21, 21]), Samples.Item("c", "triangle", geometry: Triangle),
            Samples.Item("c", "nowhere"));

        Assert.Equal(["edge", "inside", "triangle"], await Search("bbox=1,1,5,5"));
        // The triangle's box is touched, the triangle is not.
        Assert.Empty(await Search("bbox=8,8,9,9"));
        Assert.Equal(["edge", "inside", "outside", "triangle"], await Search("bbox=-180,-90,180,90"));
        Assert.Equal(["edge", "inside", "outside", "triangle"], await Search("bbox=-170,-80,170,80"));
        Assert.Equal(["triangle"], await Search("bbox=8,1,9,90"));
        Assert.Equal(["inside", "triangle"], await Search("bbox=2.5,2.5,2.5,2.5"));
        Assert.Equal(["inside", "triangle"], await Search("bbox=2,2,-5,3,3,500"));

        async Task<string[]> Search(string query) => await Find(client, query);
    }

    [Theory, Backends]
    public async Task A_box_across_the_antimeridian_finds_both_of_its_sides(Backend backend)
    {
        const string Split = """
            {"type":"MultiPolygon","coordinates":[[[[178,0],[180,0],[180,2],[178,2],[178,0]]],
            [[[-180,0],[-178,0],[-178,2],[-180,2],[-180,0]]]]}
            """;
        var client = await With(backend,
            Samples.Item("c", "west", [175, 0, 176, 1]), Samples.Item("c", "east", [-176, 0, -175, 1]),
            Samples.Item("c", "over", [178, 0, -178, 2], geometry: Split), Samples.Item("c", "far", [0, 0, 1, 1]));

        Assert.Equal(["east", "over", "west"], await Find(client, "bbox=174,-5,-174,5"));
        Assert.Equal(["east", "over", "west"], await Find(client, "bbox=100,-90,-100,90"));
        Assert.Equal(["over"], await Find(client, "bbox=179,-5,-179,5"));
        Assert.Equal(["far"], await Find(client, "bbox=-100,-90,100,90"));
        Assert.Equal(["over"], await Find(client, "bbox=-180,1,-179,1.5"));
    }

    [Theory, Backends]
    public async Task A_geometry_finds_what_it_touches_by_either_method(Backend backend)
    {
        var client = await With(backend,
            Samples.Item("c", "in", [1, 1, 2, 2]), Samples.Item("c", "out", [8, 8, 9, 9]), Samples.Item("c", "none"));
        foreach (var (shape, found) in ((string, string[])[])
            [
                (Triangle, ["in"]),
                ("""{"type":"Point","coordinates":[1.5,1.5]}""", ["in"]),
                ("""{"type":"LineString","coordinates":[[0,0],[20,20]]}""", ["in", "out"]),
                ("""{"type":"MultiPoint","coordinates":[[1,1],[9,9]]}""", ["in", "out"]),
                ("""{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[8,8]},"""
                    + """{"type":"LineString","coordinates":[[50,50],[51,51]]}]}""", ["out"]),
            ])
        {
            Assert.Equal(found, await Find(client, "intersects=" + Uri.EscapeDataString(shape)));
            var posted = await client.PostJson("/api/search", new { intersects = JsonElement.Parse(shape) });
            Assert.Equal(found, Stac.Ids(posted).Order());
        }
    }

    [Theory, Backends]
    public async Task Times_are_moments_or_intervals_with_both_ends_included(Backend backend)
    {
        var client = await With(backend,
            Item("jan", "2024-01-15T00:00:00Z"), Item("feb", "2024-02-15T12:30:00.5Z"),
            Samples.Item("c", "winter", [0, 0, 1, 1], datetime: null,
                properties: "\"start_datetime\":\"2023-12-01T00:00:00Z\",\"end_datetime\":\"2024-02-29T00:00:00Z\""));

        Assert.Equal(["jan", "winter"], await Find(client, "datetime=2024-01-15T00:00:00Z"));
        Assert.Equal(["jan", "winter"], await Find(client, "datetime=2024-01-15t01:00:00%2B01:00"));
        Assert.Equal(["feb", "winter"], await Find(client, "datetime=2024-02-01T00:00:00Z/.."));
        Assert.Equal(["feb"],
            await Find(client, "datetime=2024-02-15T12:30:00.500000Z/2024-02-15T12:30:00.5z&ids=feb"));
        Assert.Empty(await Find(client, "datetime=2024-02-15T12:30:00.6Z&ids=feb"));
        Assert.Equal(["winter"], await Find(client, "datetime=../2023-12-31T00:00:00Z"));
        Assert.Equal(["winter"], await Find(client, "datetime=/2023-12-01T00:00:00Z"));
        Assert.Empty(await Find(client, "datetime=2025-01-01T00:00:00Z/"));
        Assert.Equal(["jan", "winter"], await Find(client, "datetime=2024-01-01T00:00:00Z/2024-01-31T00:00:00Z"));

        static Json Item(string id, string datetime) => Samples.Item("c", id, [0, 0, 1, 1], datetime);
    }

    [Theory, Backends]
    public async Task Ids_and_collections_narrow_a_search_together(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        foreach (var collection in (string[])["c", "d", "e"])
            await org.Put(collection,
                Samples.Item(collection, "a", [0, 0, 1, 1]), Samples.Item(collection, "b", [5, 5, 6, 6]));

        Assert.Equal(6, await Matched(""));
        Assert.Equal(4, await Matched("?collections=c,e"));
        Assert.Equal(3, await Matched("?ids=a"));
        Assert.Equal(2, await Matched("?ids=a,x&collections=c,d,none"));
        Assert.Equal(2, (await client.PostJson("/api/search",
            new { ids = (string[])["a", "b"], collections = (string[])["c"], bbox = (int[])[0, 0, 9, 9] }))
            .GetProperty("numberMatched").GetInt32());
        Assert.Equal(0, await Matched("?collections=none"));
        Assert.Equal(["a", "b"], Stac.Ids(await client.Json("/api/collections/d/items")));
        Assert.Equal(["b"], Stac.Ids(await client.Json("/api/collections/d/items?bbox=4,4,5,5")));

        async Task<int> Matched(string query) =>
            (await client.Json("/api/search" + query)).GetProperty("numberMatched").GetInt32();
    }

    [Theory, Backends]
    public async Task A_wrong_parameter_is_refused_by_its_name(Backend backend)
    {
        var client = await With(backend);
        foreach (var (query, parameter) in ((string, string)[])
            [
                ("bbox=1,2,3", "bbox"), ("bbox=1,2,3,4,5", "bbox"), ("bbox=1,2,3,x", "bbox"), ("bbox=1,9,3,4", "bbox"),
                ("bbox=1,2,3,99", "bbox"), ("bbox=1,2,999,4", "bbox"), ("bbox=NaN,2,3,4", "bbox"), ("bbox=", "bbox"),
                ("datetime=2024", "datetime"), ("datetime=2024-01-01", "datetime"), ("datetime=../..", "datetime"),
                ("datetime=/", "datetime"), ("datetime=2024-02-30T00:00:00Z", "datetime"),
                ("datetime=2024-01-02T00:00:00Z/2024-01-01T00:00:00Z", "datetime"),
                ("datetime=2024-01-01T00:00:00Z/2024-01-02T00:00:00Z/2024-01-03T00:00:00Z", "datetime"),
                ("datetime=2024-01-01T00:00:00", "datetime"), ("datetime=", "datetime"),
                ("datetime=0001-01-01T00:00:00%2B01:00", "datetime"),
                ("datetime=9999-12-31T23:59:59-01:00", "datetime"),
                ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"), ("limit=1.5", "limit"),
                ("token=nonsense", "token"), ("token=AAAA", "token"), ("token=%00", "token"),
                ("intersects=x", "intersects"), ("intersects={}", "intersects"),
                ("""intersects={"type":"Point","coordinates":[1,2]}&bbox=1,2,3,4""", "intersects"),
                ("""intersects={"type":"Point","coordinates":[1,"x"]}""", "intersects"),
                ("colour=red", "colour"),
                ("sortby=", "sortby"), ("sortby=id,,-id", "sortby"), ("sortby=geometry", "sortby"),
                ("sortby=a,b,c,d,e,f,g,h,i,j,k", "sortby"), ("fields=" + new string('a', 501), "fields"),
                ("fields=" + string.Join(',', Enumerable.Range(0, 201)), "fields"),
                ("q=", "q"), ("q=***", "q"), ("q=(a", "q"), ("q=a)", "q"), ("q=%22a", "q"), ("q=a AND", "q"),
                ("q=" + string.Join(',', Enumerable.Range(0, 51)), "q"), ("q=" + new string('a', 2_001), "q"),
                ("q=" + new string('(', 22) + "a" + new string(')', 22), "q"),
                ("filter=1=", "filter"), ("filter=eo:cloud_cover<<1", "filter"),
                ("filter={}&filter-lang=cql2-json", "filter"), ("filter=true&filter-lang=sql", "filter-lang"),
                ("filter=true&filter-crs=EPSG:4326", "filter-crs"), ("query=x", "query"), ("query=[]", "query"),
                ("""query={"a":1}""", "query"), ("""query={"a":{"almost":1}}""", "query"),
                ("""query={"a":{"in":1}}""", "query"), ("""query={"a":{"lt":[]}}""", "query"),
            ])
        {
            var problem = await client.Problem("/api/search?" + query, HttpStatusCode.BadRequest);
            Assert.True(problem.GetProperty("parameter").GetString() == parameter, $"{query}: {problem}");
            Assert.NotEqual("", problem.GetProperty("remedy").GetString());
        }
        await client.Problem("/api/collections/c/items?ids=a", HttpStatusCode.BadRequest);
    }

    [Theory, Backends]
    public async Task A_wrong_body_is_refused_and_says_why(Backend backend)
    {
        var client = await With(backend);
        foreach (var (body, status, says) in ((string, int, string)[])
            [
                ("""{"bbox":[1,2,3,4,5]}""", 400, "bbox"), ("""{"bbox":[1,5,3,4]}""", 400, "bbox"),
                ("""{"limit":0}""", 400, "limit"), ("""{"limit":"ten"}""", 400, "limit"),
                ("""{"datetime":"../.."}""", 400, "datetime"), ("""{"colour":"red"}""", 400, "colour"),
                ("""{"bbox":[1,2,3,4],"intersects":{"type":"Point","coordinates":[1,2]}}""", 400, "intersects"),
                ("""{"intersects":{"type":"Pint","coordinates":[1,2]}}""", 400, "intersects"),
                ("""{"limit":1""", 400, "JSON"), ("", 400, ""),
                ("""{"q":"\ud800"}""", 400, "\"q\""), ("""{"sortby":"\udc00"}""", 400, "sortby"),
                ("""{"sortby":[{"field":"\ud800"}]}""", 400, "sortby"), ("""{"q":5}""", 400, "\"q\""),
                ("""{"fields":{"include":["\ud800"]}}""", 400, "fields"), ("""{"filter":"\ud800"}""", 400, "filter"),
                ("""{"query":{"\ud800":{"eq":1}}}""", 400, "query"),
                ("""{"query":{"a":{"eq":"\u0000"}}}""", 400, "query"),
                ("""{"filter":{"op":"=","args":["\ud800",1]}}""", 400, "filter"), ("""{"filter":5}""", 400, "filter"),
                ("""{"filter":[]}""", 400, "filter"),
                ("""{"filter":"true","filter-lang":"cql2-json"}""", 400, "filter-lang"),
                ("""{"filter":{"op":"not","args":[true]},"filter-lang":"cql2-text"}""", 400, "filter-lang"),
                ("""{"query":5}""", 400, "query"), ("""{"sortby":{}}""", 400, "sortby"),
                ("""{"q":[1]}""", 400, "\"q\""),
                ("""{"ids":["a\u0000b"]}""", 400, "ids"), ("""{"collections":[null]}""", 400, "collections"),
                (Star(SearchArea.MostMended + 1), 400, "intersects"), (Star(101), 200, "FeatureCollection"),
                (Ring(SearchArea.MostPositions + 1), 400, "intersects"),
            ])
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/api/search", content, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            Assert.True((int)response.StatusCode == status, $"{body}: {response.StatusCode} {text}");
            Assert.Contains(says, text, StringComparison.Ordinal);
        }
    }

    [Theory, Backends]
    public async Task More_than_the_most_on_a_page_counts_as_the_most(Backend backend)
    {
        var client = await With(backend, Samples.Item("c", "a"));
        Assert.Equal(["a"], await Find(client, "limit=10001"));
        Assert.Equal(["a"], await Find(client, "limit=99999999999"));
    }

    static async Task<HttpClient> With(Backend backend, params Json[] items)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", items);
        return await org.As(Role.Viewer);
    }

    // By both methods of going: the whole page, and item by item.
    static async Task<string[]> Find(HttpClient client, string query)
    {
        var page = await client.Json("/api/search?" + query);
        var ids = Stac.Ids(page);
        Assert.Equal(ids.Length, page.GetProperty("numberMatched").GetInt32());
        if (!query.Contains("limit=", StringComparison.Ordinal))
            Assert.Equal(ids, await Stac.Walk(client, $"/api/search?{query}&limit=1"));
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    // Every line crosses nearly every other: what is cheap to send and dear to mend.
    static string Star(int points) => Shape(points, points / 2);

    static string Ring(int points) => Shape(points, 1);

    static string Shape(int points, int step)
    {
        var corners = Enumerable.Range(0, points + 1).Select(i => Math.Tau * ((long)i * step % points) / points)
            .Select(turn => FormattableString.Invariant($"[{Math.Cos(turn):F6},{Math.Sin(turn):F6}]"));
        return $$$"""{"intersects":{"type":"Polygon","coordinates":[[{{{string.Join(',', corners)}}}]]}}""";
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

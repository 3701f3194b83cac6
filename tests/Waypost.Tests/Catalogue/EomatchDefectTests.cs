using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Geo.Tests.Stac;
using Waypost.Storage;
using Waypost.Tests.Client;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What users of EOMatch's own catalogue server ran into, one by one, as it is here; docs/guide/catalogue.md
/// tells it. Each has tests of its own elsewhere that go further.</summary>
public sealed class EomatchDefectTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Defect_1_nothing_that_lies_inside_is_seen_from_outside(Backend backend)
    {
        var (_, client) = await Matchups(backend, Samples.Item("pair", "a", properties: """
            "made_from":"/npl-data/x.nc","land_fraction":0.25
            """, assets: """
            {"plain":{"href":"/npl-data/a.nc"},"loud":{"href":"FILE:///npl-data/b.nc"},
             "deep":{"href":"https://example.org/c.nc","alternate":{"local":{"href":"file:///npl-data/c.nc"} } } }
            """, links: """[{"rel":"related","href":"file:///npl-data/d.json"}]"""));

        var inside = await client.GetStringAsync("/api/search", Token);
        Assert.Equal(5, inside.Split("npl-data").Length - 1);
        foreach (var path in new[] { "/search", "/collections/pair/items/a", "/collections/pair/items", "/queryables" })
            Assert.DoesNotContain(
                "npl-data", await client.GetStringAsync("/external" + path, Token), StringComparison.Ordinal);
        var outside = await client.Json("/external/collections/pair/items/a");
        Assert.Equal("https://example.org/c.nc", outside.Text("assets.deep.href"));
    }

    [Theory, Backends]
    public async Task Defect_2_the_external_view_takes_no_writes_with_or_without_a_key(Backend backend)
    {
        var (org, client) = await Matchups(backend);
        foreach (var writer in new[] { client, org.Server.Anyone() })
            foreach (var root in new[] { "/external", $"/api/v1/{org.Id}/external" })
                foreach (var (method, path) in new[]
                {
                    ("POST", "/collections/pair/items"), ("PUT", "/collections/pair/items/a"),
                    ("DELETE", "/collections/pair/items/a"), ("POST", "/collections"), ("POST", "/bulk_items"),
                })
                {
                    using var answer = await writer.Send(method, root + path, Samples.Item("pair", "new").Text);
                    Assert.Contains(answer.StatusCode, new[]
                    {
                        HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized,
                    });
                }
        Assert.Equal(["a"], Stac.Ids(await client.Json("/api/search")));
    }

    [Theory, Backends]
    public async Task Defect_3_a_filter_on_what_is_hidden_answers_alike_whatever_it_guesses(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        foreach (var name in new[] { "assets.data.href", "assets.x.href", "properties.assets.data.href" })
        {
            var (right, wrong) = (await Ask("%npl%"), await Ask("%nobody%"));
            Assert.Equal(right.Replace("npl", "nobody", StringComparison.Ordinal), wrong);

            async Task<string> Ask(string pattern)
            {
                var filter = Uri.EscapeDataString($"{name} LIKE '{pattern}'");
                var problem = await client.Problem("/external/search?filter=" + filter, HttpStatusCode.BadRequest);
                return problem.Text("detail");
            }
        }
    }

    [Theory, Backends]
    public async Task Defect_4_a_search_by_POST_is_a_read_and_needs_no_key_where_reads_are_open(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        using var answer = await server.Anyone().Send("POST", "/api/search", """{"limit":1}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var written = await server.Anyone().Send("POST", "/api/collections", Samples.Collection("c").Text);
        Assert.Equal(HttpStatusCode.Unauthorized, written.StatusCode);
    }

    [Theory, Backends]
    public async Task Defect_5_a_filter_in_text_is_taken_by_POST_as_clients_send_it(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        foreach (var (filter, found) in new[] { ("land_fraction < 0.5", 1), ("land_fraction < 0.1", 0) })
        {
            var body = new JsonObject { ["filter-lang"] = "cql2-text", ["filter"] = filter };
            Assert.Equal(found, Stac.Ids(await client.PostJson("/api/search", body)).Length);
        }
    }

    [Theory, Backends]
    public async Task Defect_6_what_matches_is_counted_for_clients_of_every_age(Backend backend)
    {
        var (_, client) = await Matchups(backend, [.. "abc".Select(id => Samples.Item("pair", $"{id}"))]);
        var page = await client.PostJson("/api/search", new { collections = new[] { "pair" }, limit = 1 });
        Assert.Equal(3, page.At("numberMatched").GetInt32());
        Assert.Equal((3, 1), (page.At("context.matched").GetInt32(), page.At("context.returned").GetInt32()));
    }

    [Theory, Backends]
    public async Task Defect_7_an_end_without_a_start_is_repaired_and_reported_or_refused_if_asked(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        var item = Samples.Item("pair", "m", properties: "\"end_datetime\":\"2024-05-06T08:00:00Z\"").Text
            .ReplaceLineEndings(" ");
        foreach (var (validation, status) in new[] { ("strict", "failed"), ("repair", "created") })
        {
            var (_, report) = await client.Bulk("/api/collections/pair/bulk_items?validation=" + validation, item,
                "application/x-ndjson", "application/x-ndjson");
            var line = JsonElement.Parse(report.Split('\n')[0]);
            Assert.Equal(status, line.Text("status"));
            var told = line.At(validation == "strict" ? "problems" : "repairs").GetRawText();
            Assert.Contains("start_datetime", told, StringComparison.Ordinal);
        }
        var kept = await client.Json("/api/collections/pair/items/m");
        Assert.Equal(kept.Text("properties.datetime"), kept.Text("properties.start_datetime"));
    }

    [Theory, Backends]
    public async Task Defect_8_the_routes_that_a_key_guards_are_there(Backend backend)
    {
        var (org, client) = await Matchups(backend);
        const string items = "/api/collections/pair/items";
        var item = Samples.Item("pair", "b").Text;
        Assert.Contains("https://api.stacspec.org/v1.0.0/ogcapi-features/extensions/transaction",
            (await client.Json("/api/conformance")).At("conformsTo").EnumerateArray().Select(one => one.GetString()));
        await (await org.As(Role.Viewer)).Must(HttpStatusCode.Forbidden, "POST", items, item);
        await client.Must(HttpStatusCode.Created, "POST", items, item);
        await client.Must(HttpStatusCode.NoContent, "DELETE", items + "/b", null);
    }

    [Theory, Backends]
    public async Task Defect_9_old_data_that_came_just_now_is_fresh(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        await client.Must(HttpStatusCode.Created, "POST", "/api/collections/pair/items",
            Samples.Item("pair", "old", datetime: "1984-05-06T07:08:09Z").Text);
        var health = await client.Json("/health/catalogue");
        Assert.Equal(("ok", 2), (health.Text("status"), health.At("total_items").GetInt32()));
        Assert.True(health.At("hours_since_newest_item").GetDouble() > 24);
    }

    [Theory, Backends]
    public async Task Defect_10_no_result_is_overwritten_and_the_latest_is_the_greatest_date(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        const string item = "/api/collections/pair/items/a";
        foreach (var (href, date, key) in new[]
        {
            ("/npl/1.nc", "2026-03-04", "comparison:2026-03-04"),
            ("/npl/2.nc", "2026-03-04", "comparison:2026-03-04.2"),
            ("/npl/3.nc", "2026-03-01", "comparison:2026-03-01"),
        })
        {
            var body = $$"""{"href":"{{href}}","date":"{{date}}"}""";
            var told = await client.Must(HttpStatusCode.Created, "POST", item + "/analyses", body);
            Assert.Equal((key, key.Contains("01", StringComparison.Ordinal) ? "comparison:2026-03-04.2" : key),
                (told.Text("key"), told.Text("latest")));
        }
        var assets = (await client.Json(item)).At("assets");
        Assert.Equal("/npl/2.nc", assets.GetProperty("comparison:latest").Text("href"));
        // Who changes the whole item with what he saw before is told that it is not that any more.
        await client.Must(
            HttpStatusCode.PreconditionFailed, "PUT", item, Samples.Item("pair", "a").Text, match: "\"x\"");
    }

    [Fact]
    public async Task Defect_11_addresses_stay_and_a_folder_with_a_similar_name_is_another()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample();
        var path = Path.Combine(root, SampleCatalogue.Landsat, "2022", "5", "21", "LC09_L1GT_20220521_02_T2.json");
        var item = JsonNode.Parse(await File.ReadAllTextAsync(path, Token))!;
        item["assets"]!["inside"] = new JsonObject { ["href"] = Path.Combine(root, "catalog.json") };
        item["assets"]!["beside"] = new JsonObject { ["href"] = root + "2/b.nc" };
        await File.WriteAllTextAsync(path, item.ToJsonString(), Token);

        await run.Do("ingest", "--catalogue", root, "--api-url", run.Api, "--assets-base-url", "https://d.example/cat");

        var served = await run.Get($"/collections/{SampleCatalogue.Landsat}/items/LC09_L1GT_20220521_02_T2");
        var assets = served["assets"]!;
        Assert.Equal("https://data.example/LC09_L1GT_20220521_02_T2.tif", (string?)assets["data"]!["href"]);
        Assert.Equal("https://d.example/cat/catalog.json", (string?)assets["inside"]!["href"]);
        Assert.Equal($"file://{root}2/b.nc", (string?)assets["beside"]!["href"]);
    }

    [Fact]
    public async Task Defect_12_an_item_is_fetched_from_the_collection_that_a_link_names()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        foreach (var collection in new[] { "one", "other" })
            await run.Org.Put(collection, Samples.Item(collection, "same", properties: $"\"of\":\"{collection}\""));
        await run.Org.Put("pair", Samples.Item("pair", "m", links: """
            [{"rel":"derived_from","href":"/api/collections/other/items/same"}]
            """));

        await run.Ok("query", "--api-url", run.Api, "--output", run.At("out"), "--collections", "pair");

        var items = CatalogueRun.Documents(run.At("out"))
            .Where(document => (string?)document.Value["type"] == "Feature")
            .ToDictionary(document => document.Key.Split('/')[0], document => document.Value);
        Assert.Equal(["other", "pair"], items.Keys.Order());
        Assert.Equal("other", (string?)items["other"]["properties"]!["of"]);
        Assert.Contains("../../../../other/2024/5/6/same.json", items["pair"].ToJsonString(), StringComparison.Ordinal);
        // And below whatever root the server is asked, its links stay there.
        var served = await run.Get("/collections/pair/items/m");
        Assert.Contains($"{run.Api}/collections/other/items/same", served.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Defect_13_a_name_that_nothing_has_is_refused_with_the_one_that_was_meant(Backend backend)
    {
        var (_, client) = await Matchups(backend);
        foreach (var root in new[] { "/api", "/external" })
        {
            var filter = Uri.EscapeDataString("solar_elevation > 0");
            var problem = await client.Problem($"{root}/search?filter={filter}", HttpStatusCode.BadRequest);
            Assert.Equal("solar_elevation_deg", problem.At("nearest")[0].GetString());
            Assert.Single(Stac.Ids(await client.Json(
                $"{root}/search?filter={Uri.EscapeDataString("solar_elevation_deg > 0")}")));
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, root + "/search"), Token);
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        }
        // The tree of documents on the disk is not served: it says where everything lies.
        await client.Problem("/catalogue/catalog.json", HttpStatusCode.NotFound);
    }

    [Theory, Backends]
    public async Task Defect_14_an_id_with_a_full_stop_has_a_title_that_is_not_cut(Backend backend)
    {
        const string id = "LANDSAT_C2L1-vs-S2_20220521_-108.68_-27.96_000626";
        var (_, client) = await Matchups(backend);
        var item = Samples.Item("pair", id, properties: "\"land_fraction\":1").Text;
        await client.Must(HttpStatusCode.Created, "POST", "/api/collections/pair/items", item);
        foreach (var root in new[] { "/api", "/external" })
            Assert.Equal(id, (await client.Json($"{root}/collections/pair/items/{id}")).Text("properties.title"));
    }

    static async Task<(TestOrg Org, HttpClient Client)> Matchups(Backend backend, params Json[] items)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("pair", items.Length > 0 ? items :
        [
            Samples.Item("pair", "a", properties: "\"land_fraction\":0.25,\"solar_elevation_deg\":41.5",
                assets: """{"data":{"href":"file:///npl-data/a.nc"}}"""),
        ]);
        return (org, await org.As(Role.OrgAdmin));
    }
}

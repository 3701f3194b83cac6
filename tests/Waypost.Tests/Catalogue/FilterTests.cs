using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Geo.Tests.Cql2;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Searches by CQL2, through the front door: text and JSON, GET and POST, both views.</summary>
public sealed class FilterTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Each_operator_finds_the_rows_that_it_should(Backend backend)
    {
        foreach (var table in OperatorRows.All())
        {
            var org = await (await TestServer.Shared(backend)).NewOrg();
            await org.Put("rows", [.. table.Rows.Select(line => Row(line, table.Key, table.Place))]);
            var client = await org.As(Role.OrgAdmin);
            foreach (var (filter, expected) in table.Expected)
            {
                Assert.Equal($"{filter}: {expected}", $"{filter}: {await Get(client, "/api/search", filter)}");
                Assert.Equal($"{filter}: {expected}", $"{filter}: {await Post(client, "/external/search", filter)}");
                var byPlace = Regex.Replace(filter, $@"\b{table.Place}\b", "geometry");
                if (byPlace != filter && table.Key == "n")
                    Assert.Equal($"{filter}: {expected}", $"{filter}: {await Get(client, "/api/search", byPlace)}");
            }
        }
    }

    [Theory, Backends]
    public async Task Text_and_JSON_are_taken_by_GET_and_POST(Backend backend)
    {
        var client = await Scenes(backend);
        const string text = "cover < 20 and platform LIKE 'S2%'";
        var json = Cql2Json.Write(Cql2Text.Read(text));
        foreach (var root in new[] { "/api", "/external" })
        {
            var search = root + "/search";
            Assert.Equal("1 2", await Get(client, search, text));
            Assert.Equal("1 2", await Get(client, search, json, "&filter-lang=cql2-json"));
            Assert.Equal("1 2", await Get(client, root + "/collections/scenes/items", text));
            Assert.Equal("1 2", await Post(client, search, text));
            var body = new JsonObject { ["filter"] = text, ["filter-lang"] = "cql2-text", ["limit"] = 1000 };
            Assert.Equal("1 2", Numbers(await client.PostJson(search, body)));
        }
    }

    [Theory, Backends]
    public async Task Double_quotes_in_an_array_are_texts_where_they_name_no_property(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("tagged",
            Samples.Item("tagged", "1", properties: """ "tags":["a","b"],"own":"b" """),
            Samples.Item("tagged", "2", properties: """ "tags":["c"],"own":"b" """));
        var client = await org.As(Role.OrgAdmin);

        Assert.Equal("1", await Get(client, "/api/search", """A_CONTAINS(tags, ("a","b"))"""));
        Assert.Equal("2", await Get(client, "/api/search", """A_EQUALS(tags, ("c"))"""));
        Assert.Equal("1", await Get(client, "/api/search", """A_OVERLAPS(tags, ("own","x"))"""));
    }

    [Theory, Backends]
    public async Task What_no_item_has_is_refused_by_name_with_what_is_near(Backend backend)
    {
        var client = await Scenes(backend);

        var problem = await client.Problem("/api/search?filter=" + Uri.EscapeDataString("covr < 20"), BadRequest);
        Assert.Equal("UNKNOWN_PROPERTY", problem.GetProperty("code").GetString());
        Assert.Equal("covr", problem.GetProperty("property").GetString());
        Assert.Equal("filter", problem.GetProperty("parameter").GetString());
        Assert.Equal(["cover"], Texts(problem.GetProperty("nearest")));
        var within = "/api/collections/scenes/items?filter=" + Uri.EscapeDataString("only_here = 1");
        Assert.Equal("UNKNOWN_PROPERTY", (await client.Problem(within, BadRequest)).GetProperty("code").GetString());
        Assert.Equal("", await Get(client, "/api/search", "only_here = 2"));
        foreach (var wrong in new[]
        {
            "cover <", "cover = 'x' and cover > 1 and", "nosuch(cover) = 1", "datetime = 5", "geometry = 1",
            "S_INTERSECTS(geometry, POINT(0 100))", "cover + platform = 1 and datetime LIKE '2%'",
        })
            await client.Problem("/api/search?filter=" + Uri.EscapeDataString(wrong), BadRequest);
    }

    [Theory, Backends]
    public async Task What_only_exists_hidden_cannot_be_asked_about_from_outside(Backend backend)
    {
        var client = await Scenes(backend);
        Assert.Equal("1", await Get(client, "/api/search", "inside LIKE '/npl-data/%'"));

        foreach (var filter in new[] { "inside LIKE '%'", "inside IS NULL" })
        {
            var (hidden, unknown) = (filter, filter.Replace("inside", "inxxde", StringComparison.Ordinal));
            var one = await client.Problem("/external/search?filter=" + Uri.EscapeDataString(hidden), BadRequest);
            var other = await client.Problem("/external/search?filter=" + Uri.EscapeDataString(unknown), BadRequest);
            Assert.Equal(
                one.GetProperty("detail").GetString()!.Replace("inside", "inxxde", StringComparison.Ordinal),
                other.GetProperty("detail").GetString());
        }
        // Shown in one item, hidden in another: where it is hidden it is not there.
        Assert.Equal("1 2", await Get(client, "/api/search", "place IS NOT NULL"));
        Assert.Equal("2", await Get(client, "/external/search", "place IS NOT NULL"));
        Assert.Equal("", await Get(client, "/external/search", "place LIKE '/npl%'"));
    }

    [Theory, Backends]
    public async Task Promoted_properties_find_the_same_before_and_after_in_both_views(Backend backend)
    {
        var client = await Scenes(backend);
        (string, string)[] filters =
        [
            ("cover < 20", "1 2"), ("cover between 15 and 25", "2 3"), ("platform = 'S2A'", "1 3"), ("good", "1 2"),
            ("good = false", "3"), ("not good", "3"), ("seen_at > TIMESTAMP('2024-01-02T00:00:00Z')", "2 3"),
            ("platform in ('S2B', 'x') and cover > 1", "2"), ("seen_at = DATE('2024-01-02')", "2"),
            ("platform >= 'S2B'", "2"), ("cover * 2 = 31", "2"), ("casei(platform) = 's2b' or cover = 20", "2 3"),
            ("cover is null", "4"), ("place = 'here'", "2"),
        ];
        foreach (var (filter, ids) in filters) await Check(filter, ids);

        string[] names = ["cover", "platform", "good", "seen_at", "place"];
        foreach (var name in names)
            await client.Must(HttpStatusCode.OK, "PUT", "/api/queryables/" + name, """{"promoted":true}""");
        foreach (var (filter, ids) in filters) await Check(filter, ids);
        foreach (var name in names) await QueryableTests.UntilFilled(client, name);
        foreach (var (filter, ids) in filters) await Check(filter, ids);
        Assert.Equal("1 2", await Get(client, "/api/search", "place >= '/' and place < 'i'"));
        Assert.Equal("2", await Get(client, "/external/search", "place >= '/' and place < 'i'"));

        // What is written from now on is in the columns at once.
        using var written = await client.Send("POST", "/api/collections/scenes/items",
            Scene(5, 5, "S2C", true, "2024-01-04T00:00:00Z", "there").Text);
        Assert.Equal(HttpStatusCode.Created, written.StatusCode);
        await Check("cover < 10", "5");
        await Check("platform > 'S2B' and good", "5");

        async Task Check(string filter, string ids)
        {
            Assert.Equal($"{filter}: {ids}", $"{filter}: {await Get(client, "/api/search", filter)}");
            Assert.Equal($"{filter}: {ids}", $"{filter}: {await Get(client, "/external/search", filter)}");
        }
    }

    [Theory, Backends]
    public async Task Times_of_items_are_found_as_the_evaluator_finds_them(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        (string? At, string? Start, string? End)[] times =
        [
            ("2024-01-01T00:00:00Z", null, null), ("2024-01-01T12:00:00.5Z", null, null),
            ("2024-01-02T00:00:00Z", null, null), (null, "2023-12-31T00:00:00Z", "2024-01-02T06:00:00Z"),
            (null, "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"),
            ("2024-01-05T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"),
        ];
        await org.Put("times", [.. times.Select((time, at) => Samples.Item("times", $"{at + 1}",
            datetime: time.At, properties: time.Start is null
                ? "\"x\":1" : $"\"start_datetime\":\"{time.Start}\",\"end_datetime\":\"{time.End}\""))]);
        var client = await org.As(Role.OrgAdmin);
        string[] others =
        [
            "DATE('2024-01-01')", "TIMESTAMP('2024-01-01T12:00:00Z')", "TIMESTAMP('2024-01-02T00:00:00Z')",
            "INTERVAL('2024-01-01', '2024-01-02')", "INTERVAL('..', '2024-01-01T12:00:00Z')",
            "INTERVAL(start_datetime, end_datetime)",
        ];
        string[] relations = ["AFTER", "BEFORE", "DISJOINT", "INTERSECTS", "EQUALS", "DURING", "MEETS", "METBY"];
        var filters = others.SelectMany(other => relations.SelectMany(relation => new[]
        {
            $"T_{relation}(datetime, {other})", $"T_{relation}({other}, datetime)",
            $"NOT T_{relation}(datetime, {other})",
        })).Concat(others[..3].SelectMany(other => new[] { "=", "<>", "<", ">", "<=", ">=" }.SelectMany(how => new[]
        {
            $"datetime {how} {other}", $"{other} {how} datetime", $"properties.start_datetime {how} {other}",
        })));
        foreach (var filter in filters)
        {
            var bound = Cql2Check.Bind(Cql2Text.Read(filter), _ => Cql2Type.Timestamp, Cql2Functions.Standard);
            var expected = string.Join(' ', Enumerable.Range(1, times.Length).Where(at => Cql2Evaluation.Matches(
                bound, name => name switch
                {
                    "datetime" => times[at - 1].At,
                    "end_datetime" => times[at - 1].End,
                    _ => times[at - 1].Start,
                })));
            Assert.Equal($"{filter}: {expected}", $"{filter}: {await Get(client, "/api/search", filter)}");
        }
    }

    [Theory, Backends]
    public async Task A_number_that_no_database_keeps_is_refused_with_its_item_alone(Backend backend)
    {
        var client = await Scenes(backend);
        string[] odd = ["1e400", "-1e200000", "1e-200000", new('9', 2_000), "0." + new string('0', 20_000) + "1"];
        foreach (var number in odd)
        {
            var item = Samples.Item("scenes", "odd", properties: $"\"cover\":{number}");
            await client.Must(BadRequest, "POST", "/api/collections/scenes/items", item.Text, "NOT_JSON");
        }
        string[] kept = ["1e308", "-2.5e-308", "1E+30", "0e999", new('9', 300)];
        foreach (var (number, at) in kept.Select((number, at) => (number, at)))
        {
            var item = Samples.Item("scenes", $"{at + 10}", properties: $"\"cover\":{number}");
            await client.Must(HttpStatusCode.Created, "POST", "/api/collections/scenes/items", item.Text);
        }
        Assert.Equal("10 12 14", await Get(client, "/api/search", "cover > 1e29"));
    }

    [Theory, Backends]
    public async Task The_largest_filters_are_answered_and_larger_ones_refused_by_their_limit(Backend backend)
    {
        var client = await Scenes(backend);
        string[] allowed =
        [
            $"cover in ({string.Join(',', Enumerable.Range(0, 5_000))})",
            $"platform in ({string.Join(',', Enumerable.Range(0, 4_999).Select(i => $"'S{i}'"))},'S2B')",
            string.Join(" or ", Enumerable.Range(10, 5_000).Select(i => $"cover = {i}")),
            string.Join(" and ", Enumerable.Range(30, 5_000).Select(i => $"(cover <> {i})")),
            string.Concat(Enumerable.Repeat("not (", 60)) + "cover = 10" + new string(')', 60),
            string.Concat(Enumerable.Repeat("casei(", 60)) + "platform" + new string(')', 60) + " = 's2b'",
            $"cover = max({string.Join(',', Enumerable.Range(0, 4_999).Select(i => $"{i % 10}"))}, cover)",
            $"concat({string.Join(',', Enumerable.Repeat("platform", 5_000))}) like 'S2A%'",
            $"a_contains(({string.Join(',', Enumerable.Range(0, 5_000))}), (7, 8))",
        ];
        var nested = string.Concat(Enumerable.Range(0, 20).Select(i => $"(cover > {i} and (good or "))
            + "cover = 10" + new string(')', 40);
        foreach (var filter in allowed.Append(nested))
        {
            var body = new JsonObject { ["filter"] = filter, ["limit"] = 1000 };
            Assert.True((await client.PostJson("/api/search", body)).TryGetProperty("features", out _));
        }
        // However deep it is, it is answered or refused.
        foreach (var calculation in new[] { "1 + (", "cover * (", "2 - (cover / (3 + " })
        {
            var levels = 60 / calculation.Count(letter => letter == '(') / 2;
            var deep = string.Concat(Enumerable.Repeat(calculation, levels)) + "1"
                + new string(')', levels * calculation.Count(letter => letter == '(')) + " > 0";
            using var answer = await client.Send(
                "POST", "/api/search", new JsonObject { ["filter"] = deep }.ToJsonString());
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(answer.IsSuccessStatusCode || text.Contains("TOO_DEEP", StringComparison.Ordinal), text);
        }
        foreach (var (filter, limit) in new[]
        {
            (string.Concat(Enumerable.Repeat("not (", 70)) + "true" + new string(')', 70), "64"),
            ($"cover in ({string.Join(',', Enumerable.Range(0, 5_001))})", "5000"),
            ($"a_contains(tags, ({string.Join(',', Enumerable.Repeat("platform", 51))}))", "50"),
        })
        {
            var body = new JsonObject { ["filter"] = filter }.ToJsonString();
            var problem = await client.Must(BadRequest, "POST", "/api/search", body);
            Assert.Contains(limit, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    const HttpStatusCode BadRequest = HttpStatusCode.BadRequest;

    static async Task<HttpClient> Scenes(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("scenes",
            Scene(1, 10, "S2A", true, "2024-01-01T00:00:00Z", "/npl-data/1"),
            Scene(2, 15.5, "S2B", true, "2024-01-02T00:00:00.5Z", "here"),
            Scene(3, 20, "S2A", false, "2024-01-03T00:00:00Z", null));
        await org.Put("others", Samples.Item("others", "4", properties: "\"only_here\":1"));
        return await org.As(Role.OrgAdmin);
    }

    static Json Scene(int id, double cover, string platform, bool good, string seenAt, string? place) => Samples.Item(
        "scenes", $"{id}", properties: $$"""
            "cover":{{Samples.Numbers([cover])}},"platform":"{{platform}}","good":{{(good ? "true" : "false")}},
            {{(id == 1 ? "\"inside\":\"/npl-data/x\"," : "")}}
            {{(place is null ? "" : $"\"place\":\"{place}\",")}} "tags":["x"],"seen_at":"{{seenAt}}"
            """);

    // A row as an item: where it is stands in a property and, where it can, in its place.
    static Json Row(string line, string key, string place)
    {
        var properties = JsonNode.Parse(line)!.AsObject();
        var id = properties[key]!.ToJsonString();
        properties["datetime"] = "2024-01-01T00:00:00Z";
        // Some lie beyond the poles, where a property may and an item may not.
        var shape = properties[place];
        var isOnEarth = (string?)shape?["type"] != "Polygon"
            || shape["coordinates"]![0]!.AsArray().All(one => Math.Abs(one![1]!.GetValue<double>()) <= 90);
        return new Json(new JsonObject
        {
            ["type"] = "Feature",
            ["stac_version"] = "1.1.0",
            ["id"] = id,
            ["collection"] = "rows",
            ["geometry"] = isOnEarth ? properties[place]?.DeepClone() : null,
            ["properties"] = properties,
            ["links"] = new JsonArray(),
            ["assets"] = new JsonObject(),
        }.ToJsonString());
    }

    static async Task<string> Get(HttpClient client, string path, string filter, string more = "") => Numbers(
        await client.Json($"{path}?limit=1000&filter={Uri.EscapeDataString(filter)}{more}"));

    static async Task<string> Post(HttpClient client, string path, string filter) => Numbers(await client.PostJson(
        path, new JsonObject { ["filter"] = JsonNode.Parse(Cql2Json.Write(Cql2Text.Read(filter))), ["limit"] = 1000 }));

    static string Numbers(JsonElement page) =>
        string.Join(' ', Stac.Ids(page).Select(id => int.Parse(id, null)).Order());

    static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Items in streams: each fails or succeeds alone, and nothing is lost however many come at once.</summary>
public sealed class BulkTests
{
    const string NdJson = "application/x-ndjson";

    [Theory, Backends]
    public async Task Every_line_is_told_of_and_the_faulty_ones_fail_alone(Backend backend)
    {
        var (org, client) = await Client(backend);
        var (status, report) = await client.Bulk("/api/bulk_items", Faulty, NdJson, accept: NdJson);
        Assert.Equal(HttpStatusCode.OK, status);
        var outcomes = Lines(report);
        var told = outcomes[..^1].OrderBy(one => one.GetProperty("line").GetInt64()).Select(one => (
            one.GetProperty("line").GetInt64(), one.GetProperty("status").GetString(),
            one.GetProperty("problems").EnumerateArray().Select(problem => problem.Text("code")).FirstOrDefault()));
        Assert.Equal(
        [
            (1, "created", null), (2, "failed", "NOT_JSON"), (3, "failed", "NOT_JSON"), (5, "created", null),
            (6, "failed", "DUPLICATE_ID"), (7, "failed", "NOT_FOUND"), (8, "failed", "STAC_INVALID"),
            (9, "failed", "NOT_JSON"), (10, "created", null), (11, "failed", "NOT_JSON"),
        ], told);
        var sum = outcomes[^1];
        Assert.Equal((3, 7, 1), (sum.GetProperty("created").GetInt64(), sum.GetProperty("failed").GetInt64(),
            sum.GetProperty("repaired").GetInt64()));
        Assert.Equal(["a", "b", "d"], Stac.Ids(await client.Json("/api/search")).Order());
        Assert.Equal(3, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task A_collection_of_features_is_read_as_it_comes(Backend backend)
    {
        var (_, client) = await Client(backend);
        var body = $$"""
            {"type":"FeatureCollection","other":{"features":[1]},"features":[ {{Item("a")}} , 5, {"id":1,"id":2},
            {{Item("b, \\\"[{")}}], "links":[] }
            """;
        var (status, report) = await client.Bulk("/api/bulk_items", body, "application/geo+json");
        Assert.Equal(HttpStatusCode.OK, status);
        var sum = JsonElement.Parse(report);
        Assert.Equal((2, 2), (sum.GetProperty("created").GetInt64(), sum.GetProperty("failed").GetInt64()));
        Assert.Equal(
            [2L, 3L], sum.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("line").GetInt64()));

        var (_, broken) = await client.Bulk(
            "/api/bulk_items", $$"""{"features":[{{Item("c")}},{"id":""", "application/geo+json");
        var rest = JsonElement.Parse(broken);
        Assert.Equal((1, 1), (rest.GetProperty("created").GetInt64(), rest.GetProperty("failed").GetInt64()));
        Assert.Equal(HttpStatusCode.BadRequest,
            (await client.Bulk("/api/bulk_items", "[1]", "application/geo+json")).Status);
    }

    [Theory, Backends]
    public async Task A_word_without_end_is_kept_and_found_by_its_beginning(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        // Each letter but the first has two halves, and the cut would fall between them.
        var word = "a" + string.Concat(Enumerable.Repeat("\U00020000", 150));
        await org.Put("c", Samples.Item("c", "long", [1, 2, 3, 4], properties: $"\"title\":\"{word}\""));
        Assert.Equal(["long"], Stac.Ids(await client.Json("/api/search?q=" + Uri.EscapeDataString(word))));
    }

    [Theory, Backends]
    public async Task Only_new_items_go_in_where_that_is_wanted_and_the_same_again_changes_nothing(Backend backend)
    {
        var (_, client) = await Client(backend);
        var address = "/api/collections/c/bulk_items";
        var map = $$"""{"items":{"a":{{Item("a", collection: null)}},"x":{{Item("b")}}},"method":"insert"}""";
        var (_, first) = await client.Bulk(address, map, "application/json");
        var one = JsonElement.Parse(first);
        Assert.Equal((1, 1), (one.GetProperty("created").GetInt64(), one.GetProperty("failed").GetInt64()));
        Assert.Equal("ID_MISMATCH", one.GetProperty("items")[0].GetProperty("problems")[0].Text("code"));

        var lines = Item("a") + "\n" + Item("b") + "\n" + Item("e", collection: "d");
        var (_, second) = await client.Bulk(address + "?method=insert", lines, NdJson);
        var codes = JsonElement.Parse(second).GetProperty("items").EnumerateArray()
            .ToDictionary(item => item.Text("id"), item => item.GetProperty("problems")[0].Text("code"));
        Assert.Equal(("ITEM_EXISTS", "ID_MISMATCH"), (codes["a"], codes["e"]));
        var (_, third) = await client.Bulk(address, Item("a", collection: null) + "\n" + Item("b", "new"), NdJson);
        var again = JsonElement.Parse(third);
        Assert.Equal((0, 1, 1), (again.GetProperty("created").GetInt64(), again.GetProperty("updated").GetInt64(),
            again.GetProperty("unchanged").GetInt64()));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.Bulk(address + "?method=x", lines, NdJson)).Status);
        Assert.Equal(HttpStatusCode.NotFound,
            (await client.Bulk("/api/collections/no/bulk_items", lines, NdJson)).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await client.Bulk(address, lines, "text/plain")).Status);
    }

    [Theory, Backends]
    public async Task Four_loaders_with_the_same_items_lose_nothing_while_others_search(Backend backend)
    {
        var (org, client) = await Client(backend);
        var items = Enumerable.Range(0, 1_500).Select(i => "i" + i).ToList();
        using var done = new CancellationTokenSource();
        var searching = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await client.Json("/api/search?bbox=0,1,4,5&limit=50");
        }, Token);
        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(loader => Task.Run(async () =>
        {
            var random = new Random(loader);
            var order = items.ToArray();
            random.Shuffle(order);
            var lines = order.Take(1_200).Select((id, i) =>
                Item(id, $"by {loader}", i % 2 == 0 ? "c" : "d")).ToList();
            var (status, report) = await client.Bulk(
                "/api/bulk_items", string.Join('\n', lines), NdJson, accept: NdJson);
            Assert.Equal(HttpStatusCode.OK, status);
            return Lines(report)[..^1];
        }, Token)));
        await done.CancelAsync();
        await searching;

        var all = reports.SelectMany(report => report).ToList();
        Assert.DoesNotContain(all, one => one.Text("status") == "failed");
        var distinct = all.Select(one => (one.Text("collection"), one.Text("id"))).Distinct().Count();
        Assert.Equal(distinct, all.Count(one => one.Text("status") == "created"));
        Assert.Equal(distinct, await org.Count($"select count(*) as n from catalogue_items where org = {org.Id}"));
        Assert.Equal(distinct, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
        // Every write that was told of is there, as what is or as what was.
        Assert.Equal(4 * 1_200, await org.Count($"""
            select (select count(*) from catalogue_items where org = {org.Id})
                + (select count(*) from catalogue_history where org = {org.Id} and id <> '') as n
            """));
        Assert.Equal(distinct, await org.Count($"select count(*) as n from catalogue_bodies where org = {org.Id}"));
    }

    static string Faulty { get; } = string.Join('\n',
        Item("a"), "{\"id\":", "{\"id\":\"x\",\"id\":\"y\"}", "  ", Item("b"), Item("a", "again"),
        Item("z", collection: "no"), "{\"type\":\"Feature\",\"id\":\"z\",\"collection\":\"c\"}", Item("z", "\\u0000"),
        Samples.Item("d", "d", [1, 2, 3, 4], properties: "\"end_datetime\":\"2024-06-01T00:00:00Z\"").Text
            .ReplaceLineEndings(" "), "[]");

    static string Item(string id, string title = "x", string? collection = "c") => Samples.Item(
        "c", id, [1, 2, 3, 4], properties: $"\"title\":\"{title}\"").Text.ReplaceLineEndings(" ")
        .Replace("\"collection\":\"c\",", collection is null ? "" : $"\"collection\":\"{collection}\",",
            StringComparison.Ordinal);

    static List<JsonElement> Lines(string report) => [.. report.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonElement.Parse(line))];

    static async Task<(TestOrg, HttpClient)> Client(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c");
        await org.Put("d");
        return (org, await org.As(Role.OrgAdmin));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Pages of a search in any order, while items come and go.</summary>
public sealed class SearchOrderTests(ITestOutputHelper output)
{
    sealed record Known(string Collection, string Id, DateTimeOffset Starts, DateTimeOffset Ends)
    {
        public string Name => $"{Collection}/{Id}";

        public string Key(string name) => name switch
        {
            "datetime" => Text(Starts),
            "end_datetime" => Text(Ends),
            "id" => Id,
            _ => Collection,
        };
    }

    [Theory, Backends]
    public async Task Pages_of_any_order_hold_whatever_stays_exactly_once(Backend backend)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        foreach (var sort in (string[])
            [
                "", "-datetime", "datetime", "+id", "-properties.datetime,id", "collection", "-collection", "-id",
                "end_datetime,-collection", "-end_datetime",
            ])
            await Check(random, org, client, sort, $"seed {seed}, sortby {sort}");
    }

    [Theory, Backends]
    public async Task A_token_of_another_search_is_refused(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 5).Select(i => Samples.Item("c", $"i{i}", [1, 1, 2, 2]))]);
        var page = await client.Json("/api/search?limit=2&sortby=-id");
        var token = Stac.Href(page, "next")!.Split("token=")[1];

        Assert.Equal(["i2", "i1"], Stac.Ids(await client.Json($"/api/search?limit=2&sortby=-id&token={token}")));
        Assert.Equal(["i2"], Stac.Ids(await client.Json($"/api/search?limit=1&sortby=-id&token={token}")));
        foreach (var other in (string[])
            [
                "", "sortby=id", "sortby=-id&bbox=0,0,3,3", "sortby=-id&collections=c", "sortby=-id&ids=i1",
                "sortby=-id&datetime=2020-01-01T00:00:00Z/..", "sortby=-id&q=thing", "sortby=-id,collection",
            ])
        {
            var problem = await client.Problem($"/api/search?token={token}&{other}", HttpStatusCode.BadRequest);
            Assert.Equal("token", problem.GetProperty("parameter").GetString());
        }
        // Bent in any place it is still a 400, or by luck a position.
        for (var i = 0; i < token.Length; i++)
        {
            var bent = string.Concat(token.AsSpan(0, i), token[i] == 'A' ? "B" : "A", token.AsSpan(i + 1));
            using var response = await client.GetAsync($"/api/search?sortby=-id&token={bent}", Token);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, bent);
        }
        foreach (var cut in Enumerable.Range(0, token.Length - 1))
            if (cut > 0)
                await client.Problem($"/api/search?sortby=-id&token={token[..cut]}", HttpStatusCode.BadRequest);
    }

    [Theory, Backends]
    public async Task A_body_sorts_as_a_query_does_and_says_what_it_cannot(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 3).Select(i => Samples.Item("c", $"i{i}"))]);

        object descending = new[]
        {
            new { field = "properties.datetime", direction = "asc" }, new { field = "id", direction = "desc" },
        };
        Assert.Equal(["i2", "i1", "i0"], Stac.Ids(await client.PostJson("/api/search", new { sortby = descending })));
        Assert.Equal(["i0", "i1", "i2"],
            Stac.Ids(await client.PostJson("/api/search", new { sortby = new[] { new { field = "id" } } })));
        Assert.Equal(["i2", "i1", "i0"], Stac.Ids(await client.PostJson("/api/search", new { sortby = "-id" })));
        foreach (var odd in (object[])
            [
                1, new { field = "id" }, new[] { "id" }, new[] { new { field = 1 } },
                new[] { new { field = "id", direction = "up" } }, new[] { new { field = "id", order = "asc" } },
                new[] { new { field = "assets.x.href" } },
            ])
        {
            using var response = await client.PostAsJsonAsync("/api/search", new { sortby = odd }, Token);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.True(
                response.StatusCode == HttpStatusCode.BadRequest, $"{JsonSerializer.Serialize(odd)}: {problem}");
            Assert.Equal("sortby", problem.GetProperty("parameter").GetString());
        }
    }

    static async Task Check(Random random, TestOrg org, HttpClient client, string sort, string said)
    {
        var world = new World(random, org);
        await world.Begin(30);
        var seen = new List<string>();
        JsonElement page = default;
        var sorted = sort.Length == 0 ? "" : $"&sortby={Uri.EscapeDataString(sort)}";
        for (string? next = $"/api/search?limit=4&collections={world.Mark}0,{world.Mark}1{sorted}"; next is not null;)
        {
            page = await client.Json(next);
            seen.AddRange(Names(page));
            next = Stac.Href(page, "next");
            await world.Change();
        }
        world.Judge(seen, sort, said);

        var back = Names(page).Reverse().ToList();
        for (var prev = Stac.Href(page, "prev"); prev is not null; prev = Stac.Href(page, "prev"))
        {
            page = await client.Json(prev);
            back.AddRange(Names(page).Reverse());
        }
        back.Reverse();
        world.Judge(back, sort, said + ", on the way back");
    }

    /// <summary>Items that come and go, and those that were there all the time.</summary>
    sealed class World(Random random, TestOrg org)
    {
        readonly Dictionary<string, Known> there = new(StringComparer.Ordinal);
        readonly Dictionary<string, Known> everything = new(StringComparer.Ordinal);
        HashSet<string>? stays;

        public string Mark { get; } = "r" + random.Next(1_000_000).ToString(CultureInfo.InvariantCulture);

        public async Task Begin(int items)
        {
            var first = Enumerable.Range(0, items).Select(_ => Make()).OfType<Known>().ToList();
            foreach (var collection in (string[])[Mark + "0", Mark + "1"])
                await org.Put(collection, [.. first.Where(one => one.Collection == collection).Select(Item)]);
        }

        async Task Add()
        {
            if (Make() is { } known) await org.Do(tx => tx.PutItem(org.Id, Item(known), Samples.Now));
        }

        Known? Make()
        {
            var starts = Samples.Now.AddHours(random.Next(12));
            var known = new Known(
                Mark + random.Next(2), $"i{random.Next(1_000_000)}", starts, starts.AddHours(random.Next(3)));
            if (!everything.TryAdd(known.Name, known)) return null;
            there.Add(known.Name, known);
            return known;
        }

        public async Task Change()
        {
            stays ??= [.. there.Keys];
            for (var i = random.Next(3); i > 0; i--) await Add();
            if (random.Next(2) == 0) return;
            var gone = there.Values.ElementAt(random.Next(there.Count));
            await org.Do(tx => tx.DeleteItem(org.Id, gone.Collection, gone.Id, Samples.Now));
            there.Remove(gone.Name);
            stays.Remove(gone.Name);
        }

        public void Judge(List<string> seen, string sort, string said)
        {
            Assert.True(seen.Count == seen.Distinct().Count(), $"{said}: twice in {string.Join(' ', seen)}");
            Assert.True(stays!.IsSubsetOf(seen), $"{said}: missing {string.Join(' ', stays.Except(seen))}");
            var keys = (sort.Length == 0 ? "-datetime" : sort)
                .Replace("properties.", "", StringComparison.Ordinal).Split(',');
            for (var i = 1; i < seen.Count; i++)
                Assert.True(
                    Compare(everything[seen[i - 1]], everything[seen[i]], keys) <= 0,
                    $"{said}: {seen[i - 1]} before {seen[i]}");
        }
    }

    static int Compare(Known one, Known other, string[] keys)
    {
        foreach (var key in keys)
        {
            var name = key.TrimStart('+', '-');
            var order = string.CompareOrdinal(one.Key(name), other.Key(name));
            if (order != 0) return key[0] == '-' ? -order : order;
        }
        return 0;
    }

    static Json Item(Known known) => Samples.Item(
        known.Collection, known.Id, [1, 1, 2, 2], known.Starts == known.Ends ? Text(known.Starts) : null,
        properties: known.Starts == known.Ends ? "\"title\":\"A thing\""
            : $"\"start_datetime\":\"{Text(known.Starts)}\",\"end_datetime\":\"{Text(known.Ends)}\"");

    static string[] Names(JsonElement page) => [.. page.GetProperty("features").EnumerateArray()
        .Select(item => $"{item.GetProperty("collection")}/{item.GetProperty("id")}")];

    static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Who follows the changes has at their end what there is.</summary>
public sealed class ChangeTests(ITestOutputHelper output)
{
    [Theory, Backends]
    public async Task A_copy_that_follows_racing_writers_ends_equal(Backend backend)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c");
        await org.Put("d");
        var copy = new Copy(client, "/api/changes?include=items&limit=7");
        using var done = new CancellationTokenSource();
        var following = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await copy.Follow();
        }, Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() => Write(org, new Random(seed + n)), Token)));
        await done.CancelAsync();
        await following;
        await copy.FollowTo(org);

        await using var tx = await org.Server.Db.Read(Token);
        var there = await tx.All<Line>($"""
            select collection, id, version from catalogue_items where org = {org.Id}
            """);
        Assert.Equal(
            there.Select(line => $"{line.Collection}/{line.Id} {line.Version}").Order(StringComparer.Ordinal),
            copy.Items.Select(item => $"{item.Key} {item.Value}").Order(StringComparer.Ordinal));
    }

    [Theory, Backends]
    public async Task Changes_come_once_each_in_order_and_go_on_from_where_one_was(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c", Item("a", "1"), Item("b", "1"));
        await org.Do(tx => tx.PutItem(org.Id, Item("a", "2"), Samples.Now.AddSeconds(1)));
        await org.Do(tx => tx.DeleteItem(org.Id, "c", "b", Samples.Now.AddSeconds(2)));
        var copy = new Copy(client, "/api/changes?limit=1");
        await copy.FollowTo(org);
        Assert.Equal(["created collection c 1", "updated item a 2", "deleted item b 2"], copy.Told);

        await org.Put("c", Item("b", "3"));
        await copy.FollowTo(org);
        Assert.Equal("created item b 3", copy.Told[^1]);
        await client.Problem("/api/changes?since=x", HttpStatusCode.BadRequest);
        await client.Problem("/api/changes?since=1.2", HttpStatusCode.BadRequest);
        var unknown = await client.Problem("/api/changes?since=99999999", HttpStatusCode.Gone);
        Assert.Equal("CHANGES_POSITION_UNKNOWN", unknown.Text("code"));
        var others = await client.Json("/api/changes?collections=no");
        Assert.Equal(0, others.GetProperty("changes").GetArrayLength());
    }

    [Theory, Backends]
    public async Task A_chunk_of_many_is_read_in_pages(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c");
        var lines = Enumerable.Range(0, 250).Select(i => Item("i" + i, "x").Text.ReplaceLineEndings(" "));
        await client.Bulk("/api/bulk_items", string.Join('\n', lines), "application/x-ndjson");
        var copy = new Copy(client, "/api/changes?limit=100");
        await copy.FollowTo(org);
        Assert.Equal(250, copy.Items.Count);
        Assert.Equal(251, copy.Told.Count);
    }

    [Theory, Backends]
    public async Task Outsiders_hear_only_of_what_they_may_see(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c", Samples.Item("c", "a", [1, 2, 3, 4],
            assets: """{"secret":{"href":"file:///npl/x"},"open":{"href":"https://e.org/x"}}"""));
        await org.Put("hidden", Samples.Item("hidden", "h", [1, 2, 3, 4]));
        await client.Must(
            HttpStatusCode.OK, "PUT", "/api/collections/hidden/visibility", "{\"external\":false}");
        var inside = new Copy(client, "/api/changes?limit=3");
        await inside.FollowTo(org);
        Assert.Equal(4, inside.Told.Count);

        await client.Must(HttpStatusCode.NoContent, "DELETE", "/api/collections/hidden?items=delete", null);
        await inside.FollowTo(org);
        var text = await client.GetStringAsync("/external/changes?include=items", Token);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.DoesNotContain("npl", text, StringComparison.Ordinal);
        // It comes back as it went: hidden.
        await org.Put("hidden", Samples.Item("hidden", "h", [1, 2, 3, 4]));
        Assert.Equal(HttpStatusCode.NotFound,
            (await client.GetAsync("/external/collections/hidden", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/collections/hidden", Token)).StatusCode);
        Assert.Contains("https://e.org/x", text, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Who_follows_from_outside_begins_again_when_a_collection_was_shown_or_hidden(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c", Item("a", "1"));
        await org.Put("d", Item("x", "1", "d"), Item("y", "1", "d"));
        var inside = new Copy(client, "/api/changes?limit=100");
        await inside.FollowTo(org);
        var outside = new Copy(client, "/external/changes?limit=2");
        await outside.FollowTo(org);
        Assert.Equal(["c/a", "d/x", "d/y"], outside.Items.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(inside.Since, outside.Since);

        await client.Must(HttpStatusCode.OK, "PUT", "/api/collections/d/visibility", "{\"external\":false}");
        var gone = await client.Problem($"/external/changes?since={outside.Since}", HttpStatusCode.Gone);
        Assert.Equal("CHANGES_VIEW_CHANGED", gone.Text("code"));
        // Inside nothing was hidden.
        await client.Json($"/api/changes?since={inside.Since}");
        outside = new Copy(client, "/external/changes?limit=2");
        await outside.FollowTo(org);
        Assert.Equal(["c/a"], outside.Items.Keys);
        // What changes while it is hidden is told when it is shown again, from the beginning.
        await org.Do(tx => tx.PutItem(org.Id, Item("z", "2", "d"), Samples.Now));
        await outside.FollowTo(org);
        Assert.Equal(["c/a"], outside.Items.Keys);
        var now = await client.Json("/external/changes?since=latest");
        Assert.Equal((0, outside.Since), (now.GetProperty("changes").GetArrayLength(), now.Text("next")));

        await client.Must(HttpStatusCode.OK, "PUT", "/api/collections/d/visibility", "{\"external\":true}");
        await client.Problem($"/external/changes?since={outside.Since}", HttpStatusCode.Gone);
        // A plain number is of a time when nothing had been hidden yet.
        await client.Problem($"/external/changes?since={inside.Since}", HttpStatusCode.Gone);
        outside = new Copy(client, "/external/changes?limit=2");
        await outside.FollowTo(org);
        Assert.Equal(["c/a", "d/x", "d/y", "d/z"], outside.Items.Keys.Order(StringComparer.Ordinal));
        await client.Problem("/external/changes?since=1~", HttpStatusCode.BadRequest);
        await client.Problem("/api/changes?since=1~1", HttpStatusCode.Gone);
    }

    [Theory, Backends]
    public async Task Who_follows_what_is_shared_begins_again_when_other_collections_are(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (owner, other) = (await server.NewOrg(), await server.NewOrg());
        var (giver, reader) = (await owner.As(Role.OrgAdmin), await other.As(Role.OrgAdmin));
        await owner.Put("c", Item("a", "1"));
        await owner.Put("d", Item("x", "1", "d"));
        await giver.Must(HttpStatusCode.OK, "PUT", $"/api/collections/c/shares/{other.Id}", "{}");
        var address = $"/api/v1/{other.Id}/shared/{owner.Id}/changes?limit=2";
        var copy = new Copy(reader, address);
        await copy.FollowTo(owner);
        Assert.Equal(["c/a"], copy.Items.Keys);

        // What everybody else may see is none of this one's business, and deletions are.
        await giver.Must(HttpStatusCode.OK, "PUT", "/api/collections/c/visibility", "{\"external\":false}");
        await owner.Do(tx => tx.DeleteItem(owner.Id, "c", "a", Samples.Now));
        await copy.FollowTo(owner);
        Assert.Empty(copy.Items);

        await giver.Must(HttpStatusCode.OK, "PUT", $"/api/collections/d/shares/{other.Id}", "{}");
        await reader.Problem($"{address}&since={copy.Since}", HttpStatusCode.Gone);
        copy = new Copy(reader, address);
        await copy.FollowTo(owner);
        Assert.Equal(["d/x"], copy.Items.Keys);
        await giver.Must(HttpStatusCode.NoContent, "DELETE", $"/api/collections/c/shares/{other.Id}", null);
        await reader.Problem($"{address}&since={copy.Since}", HttpStatusCode.Gone);
    }

    [Theory, Backends]
    public async Task A_page_is_full_however_much_has_changed_again_before_it(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c");
        var bulk = org.Server.Services.GetRequiredService<BulkWriting>();
        for (var round = 0; round < 4; round++)
            await bulk.Write(org.Id, Enumerable.Range(0, 1_500).Select(i => new BulkLine(i, Encoding.UTF8.GetBytes(
                Item("i" + i, $"{round}").Text))).ToAsyncEnumerable(), new BulkOptions(), Token).CountAsync(Token);
        await new Copy(client, "/api/changes?limit=1000").FollowTo(org);
        var noted = await org.Count($"select sum(items) as n from catalogue_changes where org = {org.Id}");
        Assert.Equal(1 + 4 * 1_500, noted);

        var page = await client.Json("/api/changes?limit=700");
        Assert.Equal(700, page.GetProperty("changes").GetArrayLength());
        var copy = new Copy(client, "/api/changes?limit=700");
        await copy.FollowTo(org);
        Assert.Equal(1_501, copy.Told.Count);
        Assert.Equal(1_500, copy.Items.Count);
        Assert.All(copy.Items.Values, version => Assert.Equal(4, version));
    }

    [Theory, Backends]
    public async Task Every_version_of_an_item_can_be_read_again(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c", Item("a", "one"));
        await org.Put("c", Item("a", "two"));
        await org.Do(tx => tx.DeleteItem(org.Id, "c", "a", Samples.Now));
        await org.Put("c", Item("a", "four"));
        const string address = "/api/collections/c/items/a/versions";
        var list = await client.Json(address + "?limit=3");
        Assert.Equal(["4 False", "3 True", "2 False"], list.GetProperty("versions").EnumerateArray().Select(one =>
            $"{one.GetProperty("version").GetInt64()} {one.GetProperty("deleted").GetBoolean()}"));
        var rest = await client.Json(list.Text("next"));
        Assert.Equal(1, rest.GetProperty("versions").GetArrayLength());
        foreach (var (version, title) in new[] { (1, "one"), (2, "two"), (4, "four") })
            Assert.Equal(title, (await client.Json($"{address}/{version}")).Text("properties.title"));
        await client.Problem(address + "/3", HttpStatusCode.Gone);
        await client.Problem(address + "/5", HttpStatusCode.NotFound);
        await client.Problem("/api/collections/c/items/b/versions", HttpStatusCode.NotFound);
        await client.Problem("/external/collections/c/items/a/versions", HttpStatusCode.NotFound);
    }

    static async Task Write(TestOrg org, Random random)
    {
        var bulk = org.Server.Services.GetRequiredService<BulkWriting>();
        for (var round = 0; round < 25; round++)
        {
            var (collection, id) = (random.Next(2) == 0 ? "c" : "d", "i" + random.Next(12));
            var now = Samples.Now.AddMilliseconds(random.Next(100_000));
            if (random.Next(5) == 0)
            {
                var lines = Enumerable.Range(0, 6).Select(i => new BulkLine(i, Encoding.UTF8.GetBytes(
                    Item("i" + (random.Next(6) * 2 + i % 2) + (i == 5 ? "z" : ""), $"{random.Next()}", collection)
                        .Text))).ToAsyncEnumerable();
                await bulk.Write(org.Id, lines, new BulkOptions(), Token).CountAsync(Token);
            }
            else if (random.Next(3) == 0) await org.Do(tx => tx.DeleteItem(org.Id, collection, id, now));
            else await org.Do(tx => tx.PutItem(org.Id, Item(id, $"{random.Next()}", collection), now));
        }
    }

    static Json Item(string id, string title, string collection = "c") =>
        Samples.Item(collection, id, [1, 2, 3, 4], properties: $"\"title\":\"{title}\"");

    sealed record Line(string Collection, string Id, long Version) : IRow<Line>
    {
        public static Line Read(Row row) => new(row.Text("collection"), row.Text("id"), row.Long("version"));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A copy of a catalogue, kept as a harvester keeps it.</summary>
    sealed class Copy(HttpClient client, string address)
    {
        string since = "0";

        public string Since => since;

        public Dictionary<string, long> Items { get; } = [];

        public List<string> Told { get; } = [];

        /// <summary>Reads one page; returns the position of the last change there is.</summary>
        public async Task<long> Follow()
        {
            var page = await client.Json($"{address}&since={since}");
            foreach (var change in page.GetProperty("changes").EnumerateArray())
            {
                // Outsiders are not told any.
                var (id, version) = (change.Text("id"),
                    change.TryGetProperty("version", out var number) ? number.GetInt64() : 0);
                var key = $"{change.Text("collection")}/{id}";
                Told.Add($"{change.Text("type")} {change.Text("kind")} {id} {version}");
                if (change.Text("kind") == "collection") continue;
                if (change.Text("type") == "deleted") Items.Remove(key);
                else Items[key] = version;
                if (change.TryGetProperty("item", out var item)) Assert.Equal(id, item.Text("id"));
            }
            since = page.Text("next");
            return page.GetProperty("latest").GetInt64();
        }

        /// <summary>Reads until all that has been written is told of.</summary>
        public async Task FollowTo(TestOrg org)
        {
            while (await org.Count($"select count(*) as n from events where org = {org.Id} and position is null") > 0)
                await Follow();
            var last = await org.Count($"""
                select max(org_position) as n from events where org = {org.Id} and (type like 'item%'
                    or type in ('collection.created', 'collection.updated', 'collection.deleted'))
                """);
            while (await Follow() < last)
            {
            }
            for (var before = ""; before != since;)
            {
                before = since;
                await Follow();
            }
        }
    }
}

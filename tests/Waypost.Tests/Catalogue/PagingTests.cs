using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class PagingTests
{
    [Theory, Backends]
    public async Task Pages_hold_everything_once_latest_first_whatever_comes_and_goes_meanwhile(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 20).Select(i => Item(i * 2))]);

        var seen = new List<string>();
        var round = 0;
        for (string? next = "/api/search?limit=3"; next is not null; round++)
        {
            var page = await client.Json(next);
            seen.AddRange(Stac.Ids(page));
            next = Stac.Href(page, "next");
            var last = int.Parse(seen[^1], CultureInfo.InvariantCulture);
            await org.Do(async tx =>
            {
                // Behind us: gone, and new. Ahead of us, far: new.
                await tx.DeleteItem(org.Id, "c", seen[^1], Samples.Now);
                await tx.PutItem(org.Id, Item(last + 1), Samples.Now);
                if (round == 0) await tx.PutItem(org.Id, Item(1), Samples.Now);
            });
        }
        var expected = Enumerable.Range(0, 20).Select(i => i * 2).Append(1).OrderDescending().Select(Name);
        Assert.Equal(expected, seen);
    }

    [Theory, Backends]
    public async Task The_way_back_leads_over_the_same_pages(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 8).Select(Item)]);
        await org.Put("d", [.. Enumerable.Range(0, 3).Select(i => Item(i, "d"))]);

        var there = new List<string>();
        JsonElement page = default;
        for (string? next = "/api/search?limit=3"; next is not null; next = Stac.Href(page, "next"))
            there.Add(string.Join(' ', Stac.Ids(page = await client.Json(next))));
        var back = new List<string> { there[^1] };
        for (var prev = Stac.Href(page, "prev"); prev is not null; prev = Stac.Href(page, "prev"))
            back.Add(string.Join(' ', Stac.Ids(page = await client.Json(prev))));

        back.Reverse();
        Assert.Equal(there, back);
        Assert.Equal(4, there.Count);
    }

    [Theory, Backends]
    public async Task A_posted_search_goes_on_by_merging_the_links_body(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 7).Select(Item)]);

        var body = new JsonObject { ["collections"] = new JsonArray("c"), ["limit"] = 3 };
        var seen = new List<string>();
        while (true)
        {
            using var response = await client.PostAsJsonAsync("/api/search", body, Token);
            var page = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal(7, page.GetProperty("numberMatched").GetInt32());
            seen.AddRange(Stac.Ids(page));
            if (Stac.LinkOf(page, "next") is not { } next) break;
            Assert.Equal("POST", next.GetProperty("method").GetString());
            Assert.True(next.GetProperty("merge").GetBoolean());
            foreach (var member in next.GetProperty("body").EnumerateObject())
                body[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }
        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(Name), seen);
    }

    [Theory, Backends]
    public async Task The_number_matched_stays_exact_after_the_counts_were_folded(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        var client = await org.As(Role.Viewer);
        await org.Put("c", [.. Enumerable.Range(0, 50).Select(Item)]);
        await org.Do(tx => tx.DeleteItem(org.Id, "c", Name(3), Samples.Now));
        var tidy = new DroppedSets(server.Databases, TimeProvider.System);
        await Task.WhenAll(tidy.Tidy(Token), tidy.Tidy(Token));

        Assert.Equal(49, (await client.Json("/api/search")).GetProperty("numberMatched").GetInt32());
        Assert.True(await org.Count($"select count(*) as n from catalogue_counts where org = {org.Id}") <= 2);
    }

    static Json Item(int number) => Item(number, "c");

    static Json Item(int number, string collection) => Samples.Item(
        collection, Name(number), [1, 1, 2, 2],
        Samples.Now.AddMinutes(number).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    static string Name(int number) => number.ToString("D3", CultureInfo.InvariantCulture);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Clients_that_page_by_number_are_understood(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("things", [
            .. Enumerable.Range(0, 7).Select(i => Samples.Item("things", $"i{i}", datetime: $"202{i}-01-01T00:00:00Z")),
        ]);
        var client = await org.As(Role.Viewer);
        var page = await client.Json("/api/collections/things/items?limit=3&offset=2&f=json");
        Assert.Equal(["i4", "i3", "i2"], Stac.Ids(page));
        Assert.Equal(3, page.GetProperty("numberReturned").GetInt32());
        Assert.Equal(["i1", "i0"], Stac.Ids(await client.Json(Stac.Href(page, "next")!)));
        Assert.Empty(Stac.Ids(await client.Json("/api/collections/things/items?limit=3&offset=7")));
        foreach (var odd in new[] { "-1", "x", "10000" })
            await client.Problem(
                "/api/collections/things/items?limit=3&offset=" + odd, System.Net.HttpStatusCode.BadRequest);
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Geometry;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Compares searches on random items with going through all of them in memory.</summary>
public sealed class SearchAgainstMemoryTests(ITestOutputHelper output)
{
    const int Items = 300;
    const int Searches = 120;

    sealed record Known(
        string Collection, string Id, DateTimeOffset Starts, DateTimeOffset Ends, DateTimeOffset? Moment,
        Geometry? Place, KnownProperties Properties, Json Item);

    sealed record Asked(string Query, Func<Known, bool> Matches, string Sort = "");

    [Theory, Backends]
    public async Task Every_search_answers_what_going_through_everything_does(Backend backend)
    {
        var (random, seed) = Begin();
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        var all = await Fill(random, org, random.Next(2) == 0);
        for (var i = 0; i < Searches; i++)
        {
            var asked = Named(Ask(random), all);
            var expected = Expected(all, asked);
            var page = await client.Json("/api/search?limit=1000" + asked.Query);
            Same(expected, Stac.Ids(page), page, $"seed {seed}, search {i}: {asked.Query}");
            Assert.True(page.TryGetProperty("numberMatched", out _), $"seed {seed}, search {i}: {asked.Query}");
            if (i % 10 == 0) Assert.Equal(expected, await Stac.Walk(client, $"/api/search?limit=7{asked.Query}"));
        }
    }

    [Theory, Backends]
    public async Task Searches_that_may_hardly_work_find_the_same_page_by_page(Backend backend)
    {
        var (random, seed) = Begin();
        var limits = new SearchLimits
        {
            Few = 12,
            FirstLook = 5,
            MostLookedAt = 40,
            MostEntries = 150,
            MostSorted = 60,
        };
        await using var server = await TestServer.Start(
            backend, settings => settings with { Catalogue = new CatalogueSettings { Search = limits } });
        var (counted, refused, shortened) = (0, 0, 0);
        foreach (var promoted in new[] { true, false })
        {
            var org = await server.NewOrg();
            var client = await org.As(Role.Viewer);
            var all = await Fill(random, org, promoted);
            for (var i = 0; i < Searches; i++)
            {
                var asked = Named(Ask(random), all);
                var said = $"seed {seed}, promoted {promoted}, search {i}: {asked.Query}";
                var root = random.Next(4) == 0 ? "/external" : "/api";
                var expected = Expected(all, asked);
                if (await Walk(client, $"{root}/search?limit=30{asked.Query}", said) is not { } walked)
                {
                    Assert.True(MayBeRefused(asked.Sort, promoted && root == "/api"), said);
                    refused++;
                    continue;
                }
                Same(expected, walked.Found, walked.First, said);
                Assert.True(expected.SequenceEqual(walked.Back), $"{said}\nback {string.Join(' ', walked.Back)}");
                if (walked.First.TryGetProperty("numberMatched", out _)) counted++;
                shortened += walked.Short;
            }
        }
        output.WriteLine($"counted {counted}, refused {refused}, short pages {shortened}");
        Assert.InRange(counted, Searches / 4, 2 * Searches - 1);
        Assert.InRange(refused, 1, Searches / 2);
        Assert.InRange(shortened, 1, int.MaxValue);
    }

    [Theory, Backends]
    public async Task What_is_counted_is_all_of_the_filter_and_not_the_part_that_its_index_answers(Backend backend)
    {
        var (random, seed) = Begin();
        var limits = new SearchLimits { Few = 5, FirstLook = 5, MostLookedAt = 100, MostEntries = 250 };
        await using var server = await TestServer.Start(
            backend, settings => settings with { Catalogue = new CatalogueSettings { Search = limits } });
        var org = await server.NewOrg();
        var client = await org.As(Role.Viewer);
        var all = await Fill(random, org, promoted: true);
        foreach (var (filter, matches) in KnownProperties.Narrowed)
        {
            var page = await client.Json("/api/search?limit=1&filter=" + Uri.EscapeDataString(filter));
            Assert.True(page.TryGetProperty("numberMatched", out var matched), $"seed {seed}: {filter}");
            Assert.True(
                all.Count(item => matches(item.Properties)) == matched.GetInt32(), $"seed {seed}: {filter}: {matched}");
        }
    }

    // What an index has in order is never refused; the rest only where too much would have to be sorted.
    static bool MayBeRefused(string sort, bool promoted) => sort.Split(',') is { Length: > 1 }
        || sort.Contains("cloud", StringComparison.Ordinal) && !promoted
        || sort.Contains("platform", StringComparison.Ordinal) && !promoted
        || sort.Contains("end_datetime", StringComparison.Ordinal);

    sealed record Walked(JsonElement First, List<string> Found, List<string> Back, int Short);

    // All pages there and back; null where the search was refused.
    static async Task<Walked?> Walk(HttpClient client, string address, string said)
    {
        var (found, back, shortened) = (new List<string>(), new List<string>(), 0);
        JsonElement? first = null, last = null;
        for (string? next = address; next is not null;)
        {
            using var response = await client.GetAsync(next, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var page = JsonElement.Parse(text);
            if (response.StatusCode == HttpStatusCode.BadRequest && page.GetProperty("parameter").ValueEquals("sortby"))
                return null;
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{said}\n{text}");
            first ??= page;
            var ids = Stac.Ids(page);
            found.AddRange(ids);
            if (ids.Length > 0) last = page;
            next = Stac.Href(page, "next");
            if (next is not null && ids.Length < 30) shortened++;
            Assert.True(shortened < Items, said);
        }
        if (last is null) return new Walked(first!.Value, found, back, shortened);
        back.AddRange(Stac.Ids(last.Value).Reverse());
        for (var prev = Stac.Href(last.Value, "prev"); prev is not null;)
        {
            var page = await client.Json(prev);
            back.AddRange(Stac.Ids(page).Reverse());
            prev = Stac.Href(page, "prev");
        }
        back.Reverse();
        return new Walked(first!.Value, found, back, shortened);
    }

    (Random, int) Begin()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return (new Random(seed), seed);
    }

    static async Task<List<Known>> Fill(Random random, TestOrg org, bool promoted)
    {
        // In some catalogues nearly everything is at the same times.
        var hours = random.Next(3) == 0 ? 4 : 200;
        var all = Enumerable.Range(0, Items).Select(i => Make(random, i, hours)).ToList();
        if (promoted) await KnownProperties.Promote(org);
        foreach (var collection in all.GroupBy(item => item.Collection))
            await org.Put(collection.Key, [.. collection.Select(item => item.Item)]);
        return all;
    }

    // Instead of IDS3 all ids that end with 3.
    static Asked Named(Asked asked, List<Known> all)
    {
        var at = asked.Query.IndexOf("IDS", StringComparison.Ordinal);
        if (at < 0) return asked;
        var ids = all.Select(item => item.Id).Where(id => id[^1] == asked.Query[at + 3]).Append("nothing");
        return asked with
        {
            Query = asked.Query.Replace(
            asked.Query[at..(at + 4)], string.Join(',', ids), StringComparison.Ordinal)
        };
    }

    static List<string> Expected(List<Known> all, Asked asked) =>
        [.. Sorted(all.Where(asked.Matches), asked.Sort).Select(item => item.Id)];

    static void Same(List<string> expected, IEnumerable<string> found, JsonElement page, string said)
    {
        var matched = page.TryGetProperty("numberMatched", out var number) ? number.GetInt32() : expected.Count;
        Assert.True(
            expected.SequenceEqual(found) && matched == expected.Count,
            $"{said}\nmatched {matched}\nexpected {string.Join(' ', expected)}\nfound    {string.Join(' ', found)}");
    }

    static Known Make(Random random, int number, int hours)
    {
        var id = "i" + random.Next(10_000).ToString("D5", CultureInfo.InvariantCulture) + number;
        var collection = "c" + random.Next(3);
        var starts = Samples.Now.AddHours(random.Next(hours));
        var ends = random.Next(3) == 0 ? starts.AddHours(random.Next(60)) : starts;
        var place = Place(random);
        var properties = KnownProperties.Make(random);
        DateTimeOffset? moment = starts == ends ? starts
            : random.Next(2) == 0 ? null : starts.AddHours(random.Next(1 + (int)(ends - starts).TotalHours));
        var time = starts == ends
            ? $"\"datetime\":\"{Text(starts)}\""
            : $"\"datetime\":{(moment is { } at ? $"\"{Text(at)}\"" : "null")},"
                + $"\"start_datetime\":\"{Text(starts)}\",\"end_datetime\":\"{Text(ends)}\"";
        var bbox = place is null ? "" : $"\"bbox\":[{Samples.Numbers(GeoBox.Around(place)!.Value.ToArray())}],";
        return new Known(collection, id, starts, ends, moment, place, properties, new Json($$"""
            {"type":"Feature","stac_version":"1.1.0","id":"{{id}}","collection":"{{collection}}",{{bbox}}
             "geometry":{{GeoJsonGeometry.ToText(place)}},"properties":{ {{time}}{{properties.Text}} },
             "assets":{},"links":[]}
            """));
    }

    // Whole degrees, so that edges often meet exactly.
    static Geometry? Place(Random random)
    {
        var (west, south) = (random.Next(-180, 178), random.Next(-90, 85));
        var (width, height) = (random.Next(1, Math.Min(20, 180 - west)), random.Next(1, Math.Min(20, 90 - south)));
        return random.Next(6) switch
        {
            0 => null,
            1 => GeoFactory.Wgs84.CreatePoint(new Coordinate(west, south)),
            2 => GeoFactory.Wgs84.CreatePolygon([
                new(west, south), new(west + width, south), new(west, south + height), new(west, south)]),
            3 => new GeoBox(179, south, -179, south + height).ToGeometry(),
            _ => new GeoBox(west, south, west + width, south + height).ToGeometry(),
        };
    }

    static Asked Ask(Random random)
    {
        var asked = new Asked("", _ => true);
        if (random.Next(4) > 0) asked = And(asked, AskPlace(random));
        if (random.Next(2) == 0) asked = And(asked, AskTime(random));
        if (random.Next(3) == 0)
        {
            string[] collections = random.Next(3) switch
            {
                0 => ["c1"],
                1 => ["c0", "c2", "none"],
                _ => ["c0", "c2", .. Enumerable.Range(10, 9).Select(i => $"c{i}")],
            };
            asked = And(asked, new(
                "&collections=" + string.Join(',', collections), item => collections.Contains(item.Collection)));
        }
        if (random.Next(12) == 0)
        {
            var digit = random.Next(10).ToString(CultureInfo.InvariantCulture);
            asked = And(asked, new("&ids=IDS" + digit, item => item.Id.EndsWith(digit, StringComparison.Ordinal)));
        }
        if (random.Next(3) == 0)
        {
            var (query, matches) = KnownProperties.Ask(random);
            asked = And(asked, new(query, item => matches(item.Properties)));
        }
        if (random.Next(3) == 0) return asked;
        string[] sorts =
        [
            "cloud", "-cloud", "-properties.platform,id", "platform,-cloud", "id", "-collection", "-datetime",
            "datetime", "platform", "-platform", "-datetime,id", "start_datetime", "-start_datetime,-id",
            "collection,-start_datetime", "-end_datetime", "id,datetime", "-cloud,-start_datetime",
        ];
        var sort = sorts[random.Next(sorts.Length)];
        return asked with { Query = $"{asked.Query}&sortby={sort}", Sort = sort };
    }

    // Without a value last, and ties in the direction that the index goes on in.
    static IEnumerable<Known> Sorted(IEnumerable<Known> items, string sort)
    {
        var keys = (sort.Length == 0 ? "-start_datetime" : sort).Split(',')
            .Select(key => (Name: key.TrimStart('-').Replace("properties.", "", StringComparison.Ordinal),
                Down: key[0] == '-')).ToList();
        var (first, down) = keys[0];
        keys.AddRange(first switch
        {
            "id" => [("collection", down)],
            "collection" => [("start_datetime", !down), ("id", down)],
            "datetime" => [("collection", !down), ("id", !down)],
            _ => [("start_datetime", down), ("collection", !down), ("id", !down)],
        });
        var sorted = items.OrderBy(_ => 0);
        foreach (var (name, descending) in keys)
        {
            sorted = sorted.ThenBy(item => Key(item, name) is null);
            sorted = descending ? sorted.ThenByDescending(item => Key(item, name), StringComparer.Ordinal)
                : sorted.ThenBy(item => Key(item, name), StringComparer.Ordinal);
        }
        return sorted;
    }

    static string? Key(Known item, string name) => name switch
    {
        "id" => item.Id,
        "collection" => item.Collection,
        "datetime" => Text(item.Moment ?? item.Starts),
        "start_datetime" => Text(item.Starts),
        "end_datetime" => Text(item.Ends),
        "platform" => item.Properties.Platform,
        _ => item.Properties.Cloud?.ToString("D3", CultureInfo.InvariantCulture),
    };

    static Asked AskPlace(Random random)
    {
        var size = (int[])[2, 20, 90, 180];
        var (width, height) = (random.Next(size[random.Next(4)]), random.Next(size[random.Next(4)]));
        var south = random.Next(-90, 90);
        var box = random.Next(10) switch
        {
            0 => GeoBox.World,
            1 => new GeoBox(random.Next(150, 180), south, random.Next(-180, -150), Math.Min(90, south + height)),
            // Large ones are answered the other way.
            2 or 3 or 4 => Within(
                random.Next(-180, 0), random.Next(-90, -20), random.Next(100, 360), random.Next(60, 180)),
            _ => Within(random.Next(-180, 180), south, width, height),
        };
        var shape = box.ToGeometry();
        if (random.Next(5) == 0 && box.West < box.East && south < box.North)
        {
            shape = GeoFactory.Wgs84.CreatePolygon([
                new(box.West, south), new(box.West, box.North), new(box.East, south), new(box.West, south)]);
            var text = Uri.EscapeDataString(GeoJsonGeometry.ToText(shape));
            return new($"&intersects={text}", item => item.Place?.Intersects(shape) ?? false);
        }
        return new($"&bbox={box}", item => item.Place?.Intersects(shape) ?? false);

        static GeoBox Within(int west, int south, int width, int height) =>
            new(west, south, Math.Min(180, west + width), Math.Min(90, south + height));
    }

    static Asked AskTime(Random random)
    {
        var from = Samples.Now.AddHours(random.Next(-10, 210));
        var until = from.AddHours(random.Next(50));
        return random.Next(4) switch
        {
            0 => new($"&datetime={Text(from)}", item => item.Starts <= from && item.Ends >= from),
            1 => new($"&datetime={Text(from)}/..", item => item.Ends >= from),
            2 => new($"&datetime=../{Text(until)}", item => item.Starts <= until),
            _ => new($"&datetime={Text(from)}/{Text(until)}", item => item.Starts <= until && item.Ends >= from),
        };
    }

    static Asked And(Asked one, Asked other) =>
        new(one.Query + other.Query, item => one.Matches(item) && other.Matches(item), one.Sort);

    static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

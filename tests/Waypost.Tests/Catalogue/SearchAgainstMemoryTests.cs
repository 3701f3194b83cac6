using System.Globalization;
using NetTopologySuite.Geometries;
using Waypost.Access;
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
        string Collection, string Id, DateTimeOffset Starts, DateTimeOffset Ends, Geometry? Place, Json Item);

    sealed record Asked(string Query, Func<Known, bool> Matches);

    [Theory, Backends]
    public async Task Every_search_answers_what_going_through_everything_does(Backend backend)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        var all = Enumerable.Range(0, Items).Select(i => Make(random, i)).ToList();
        foreach (var collection in all.GroupBy(item => item.Collection))
            await org.Put(collection.Key, [.. collection.Select(item => item.Item)]);

        for (var i = 0; i < Searches; i++)
        {
            var asked = Ask(random);
            var expected = all.Where(asked.Matches)
                .OrderByDescending(item => item.Starts).ThenBy(item => item.Collection, StringComparer.Ordinal)
                .ThenBy(item => item.Id, StringComparer.Ordinal).Select(item => item.Id).ToList();
            var page = await client.Json("/api/search?limit=1000" + asked.Query);
            var matched = page.GetProperty("numberMatched").GetInt32();
            Assert.True(
                expected.SequenceEqual(Stac.Ids(page)) && matched == expected.Count,
                $"seed {seed}, search {i}, matched {matched}: {asked.Query}\n"
                + $"expected {string.Join(' ', expected)}\nfound    "
                + string.Join(' ', Stac.Ids(page)));
            if (i % 10 == 0) Assert.Equal(expected, await Stac.Walk(client, $"/api/search?limit=7{asked.Query}"));
        }
    }

    static Known Make(Random random, int number)
    {
        var id = "i" + random.Next(10_000).ToString("D5", CultureInfo.InvariantCulture) + number;
        var collection = "c" + random.Next(3);
        var starts = Samples.Now.AddHours(random.Next(200));
        var ends = random.Next(3) == 0 ? starts.AddHours(random.Next(60)) : starts;
        var place = Place(random);
        var time = starts == ends
            ? $"\"datetime\":\"{Text(starts)}\""
            : $"\"datetime\":null,\"start_datetime\":\"{Text(starts)}\",\"end_datetime\":\"{Text(ends)}\"";
        var bbox = place is null ? "" : $"\"bbox\":[{Samples.Numbers(GeoBox.Around(place)!.Value.ToArray())}],";
        return new Known(collection, id, starts, ends, place, new Json($$"""
            {"type":"Feature","stac_version":"1.1.0","id":"{{id}}","collection":"{{collection}}",{{bbox}}
             "geometry":{{GeoJsonGeometry.ToText(place)}},"properties":{ {{time}} },"assets":{},"links":[]}
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
            string[] collections = random.Next(2) == 0 ? ["c1"] : ["c0", "c2", "none"];
            asked = And(asked, new(
                "&collections=" + string.Join(',', collections), item => collections.Contains(item.Collection)));
        }
        return asked;
    }

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
        new(one.Query + other.Query, item => one.Matches(item) && other.Matches(item));

    static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

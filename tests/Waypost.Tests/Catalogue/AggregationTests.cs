using System.Globalization;
using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What is counted is what a search would have found.</summary>
public sealed class AggregationTests
{
    const int Many = 120;

    [Theory, Backends]
    public async Task Counts_are_those_of_the_items_that_a_search_finds(Backend backend)
    {
        var org = await Make(backend);
        var client = await org.As(Role.Viewer);
        foreach (var conditions in new[]
        {
            "", "collections=a", "collections=a,b&datetime=2022-01-01T00:00:00Z/..", "bbox=0,0,90,45", "ids=a1,b2",
            "filter=gsd%20%3E%2030", "filter=platform%20LIKE%20%27p%25%27&bbox=-180,-90,180,90",
            "query={\"flag\":{\"eq\":true}}", "q=even", "filter=gsd%20IS%20NULL", "collections=none",
        })
            foreach (var root in new[] { "/api", "/external" })
            {
                var items = (await client.Json($"{root}/search?limit=1000&{conditions}")).GetProperty("features")
                    .EnumerateArray().ToList();
                var answer = await client.Json(root + "/aggregate?aggregations=total_count,collection_frequency,"
                    + "datetime_min,datetime_max,datetime_frequency,platform_frequency,flag_frequency,gsd_min,gsd_max,"
                    + "gsd_avg,gsd_sum,gsd_frequency,seen_max,seen_frequency,centroid_geohash_grid_frequency,"
                    + "centroid_geotile_grid_frequency&centroid_geotile_grid_frequency_precision=5"
                    + "&datetime_frequency_interval=month&frequency_ranges=10,20,40&" + conditions);
                Assert.Equal("AggregationCollection", answer.Text("type"));
                Check(items, Named(answer), conditions);
            }
    }

    static void Check(List<JsonElement> items, Dictionary<string, JsonElement> found, string conditions)
    {
        Assert.True(items.Count == found["total_count"].GetProperty("value").GetInt64(), conditions);
        Same(items.GroupBy(item => item.Text("collection")), "collection_frequency");
        var times = items.Select(item => item.At("properties.datetime").GetDateTimeOffset()).Order().ToList();
        if (times.Count > 0)
        {
            Assert.Equal(times[0], found["datetime_min"].GetProperty("value").GetDateTimeOffset());
            Assert.Equal(times[^1], found["datetime_max"].GetProperty("value").GetDateTimeOffset());
        }
        Same(times.GroupBy(time => time.ToString("yyyy-MM-01'T'00:00:00'Z'", CultureInfo.InvariantCulture)),
            "datetime_frequency");
        Same(With("platform").GroupBy(value => value.GetString()!), "platform_frequency");
        Same(With("flag").GroupBy(value => value.GetBoolean() ? "true" : "false"), "flag_frequency");
        var numbers = With("gsd").Select(value => value.GetDouble()).ToList();
        if (numbers.Count > 0)
        {
            Assert.Equal(numbers.Min(), Value("gsd_min"));
            Assert.Equal(numbers.Max(), Value("gsd_max"));
            Assert.Equal(numbers.Average(), Value("gsd_avg"), 9);
            Assert.Equal(numbers.Sum(), Value("gsd_sum"), 9);
        }
        Assert.Equal(
            [
                numbers.Count(n => n < 10), numbers.Count(n => n is >= 10 and < 20),
                numbers.Count(n => n is >= 20 and < 40), numbers.Count(n => n >= 40),
            ],
            found["gsd_frequency"].GetProperty("buckets").EnumerateArray()
                .Select(bucket => bucket.GetProperty("frequency").GetInt32()));
        Assert.Equal(items.Count, Sum("centroid_geohash_grid_frequency"));
        Same(items.GroupBy(Tile), "centroid_geotile_grid_frequency");
        Assert.Equal(With("seen").Count(), Sum("seen_frequency"));

        IEnumerable<JsonElement> With(string name) => items
            .Select(item => item.GetProperty("properties").TryGetProperty(name, out var value) ? value : default)
            .Where(value => value.ValueKind != JsonValueKind.Undefined);

        double Value(string name) => found[name].GetProperty("value").GetDouble();

        long Sum(string name) => found[name].GetProperty("buckets").EnumerateArray()
            .Sum(bucket => bucket.GetProperty("frequency").GetInt64());

        void Same<T>(IEnumerable<IGrouping<string, T>> groups, string name) => Assert.Equal(
            groups.ToDictionary(group => group.Key, group => group.LongCount()).OrderBy(pair => pair.Key),
            found[name].GetProperty("buckets").EnumerateArray()
                .ToDictionary(bucket => bucket.Text("key"), bucket => bucket.GetProperty("frequency").GetInt64())
                .OrderBy(pair => pair.Key));
    }

    // As maps have them: the middle of the box on the square of web Mercator, from its upper left.
    static string Tile(JsonElement item)
    {
        var box = item.GetProperty("bbox").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        var (longitude, latitude) = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2 * Math.PI / 180);
        var down = (1 - Math.Log(Math.Tan(latitude) + 1 / Math.Cos(latitude)) / Math.PI) / 2;
        return $"5/{Math.Floor((longitude + 180) / 360 * 32)}/{Math.Floor(down * 32)}";
    }

    [Theory, Backends]
    public async Task They_are_asked_by_body_and_below_a_collection_too(Backend backend)
    {
        var org = await Make(backend);
        var client = await org.As(Role.Viewer);
        var byBody = await client.PostJson("/api/aggregate", new
        {
            aggregations = new[] { "total_count", "gsd_frequency" },
            collections = new[] { "a" },
            filter = new { op = "<", args = new object[] { new { property = "gsd" }, 30 } },
        });
        var byQuery = await client.Json(
            "/api/collections/a/aggregate?aggregations=total_count,gsd_frequency&filter=gsd%20%3C%2030");
        Assert.Equal(byQuery.GetProperty("aggregations").ToString(), byBody.GetProperty("aggregations").ToString());
        // Without edges they are chosen: every number is in a range.
        var ranges = Named(byBody)["gsd_frequency"].GetProperty("buckets").EnumerateArray().ToList();
        Assert.Equal(
            Named(byBody)["total_count"].GetProperty("value").GetInt64(),
            ranges.Sum(range => range.GetProperty("frequency").GetInt64()));
        Assert.InRange(ranges.Count, 3, 20);
        Assert.Empty((await client.Json("/api/aggregate")).GetProperty("aggregations").EnumerateArray());

        foreach (var at in new[] { "/api", "/api/collections/a" })
        {
            var offered = (await client.Json(at + "/aggregations")).GetProperty("aggregations").EnumerateArray()
                .Select(one => one.Text("name")).ToList();
            Assert.Contains("gsd_avg", offered);
            Assert.Contains("platform_frequency", offered);
            foreach (var some in offered.Chunk(20))
                await client.Json($"{at}/aggregate?aggregations={string.Join(',', some)}");
        }
    }

    [Theory, Backends]
    public async Task What_cannot_be_counted_is_refused_by_name(Backend backend)
    {
        var client = await (await Make(backend)).As(Role.Viewer);
        foreach (var (query, parameter) in new[]
        {
            ("aggregations=everything", "aggregations"), ("aggregations=gsdd_frequency", "aggregations"),
            ("aggregations=platform_avg", "aggregations"), ("aggregations=seen_sum", "aggregations"),
            ("aggregations=geometry_frequency", "aggregations"),
            ("aggregations=total_count&datetime_frequency_interval=fortnight", "datetime_frequency_interval"),
            ("aggregations=gsd_frequency&frequency_ranges=3,1", "frequency_ranges"),
            ("aggregations=total_count&centroid_geohash_grid_frequency_precision=13",
                "centroid_geohash_grid_frequency_precision"),
            ("aggregations=total_count&centroid_geohash_grid_frequency_precision=x",
                "centroid_geohash_grid_frequency_precision"),
            ("aggregations=total_count&centroid_geotile_grid_frequency_precision=30",
                "centroid_geotile_grid_frequency_precision"),
            ("aggregations=total_count&centroid_geotile_grid_frequency_precision=1.5",
                "centroid_geotile_grid_frequency_precision"),
            ("aggregations=total_count&limit=3", "limit"), ("aggregations=total_count&bbox=1,2", "bbox"),
            ("aggregations=total_count&filter=nothing%3D1", "filter"),
        })
        {
            var problem = await client.Problem("/api/aggregate?" + query, HttpStatusCode.BadRequest);
            Assert.True(problem.Text("parameter") == parameter, $"{query}: {problem}");
        }
        await client.Problem("/api/collections/none/aggregate", HttpStatusCode.NotFound);
        foreach (var body in new[]
        {
            "{\"aggregation\":[]}", "[]", "{\"aggregations\":\"total_count\"}", "{\"ids\":3}",
        })
        {
            using var answer = await client.PostAsync("/api/aggregate", new StringContent(
                body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Fact]
    public void Geohashes_are_those_that_everybody_knows()
    {
        var (columns, rows) = Waypost.Catalogue.Geohashes.Size(6);
        Assert.Equal("u4pruy", Waypost.Catalogue.Geohashes.Name(
            (long)Math.Floor((10.40744 + 180) / 360 * columns), (long)Math.Floor((57.64911 + 90) / 180 * rows), 6));
    }

    static Dictionary<string, JsonElement> Named(JsonElement answer) => answer.GetProperty("aggregations")
        .EnumerateArray().ToDictionary(one => one.Text("name"), StringComparer.Ordinal);

    static async Task<TestOrg> Make(Backend backend)
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        foreach (var collection in new[] { "a", "b", "c" })
            await org.Put(collection, [
                .. Enumerable.Range(0, Many / 3).Select(i => Samples.Item(
                    collection, $"{collection}{i}", [i, i / 2.0, i + 1, i / 2.0 + 1], Time(random), properties:
                    $"\"title\":\"{(i % 2 == 0 ? "even" : "odd")}\"" + Properties(random))),
            ]);
        return org;
    }

    static string Properties(Random random)
    {
        var gsd = random.Next(4) == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $",\"gsd\":{random.Next(1, 500) / 8.0}");
        var platform = random.Next(4) == 0 ? "" : $",\"platform\":\"p{random.Next(4)} é\"";
        var flag = random.Next(3) == 0 ? "" : $",\"flag\":{(random.Next(2) == 0 ? "true" : "false")}";
        return gsd + platform + flag + (random.Next(3) == 0 ? "" : $",\"seen\":\"{Time(random)}\"");
    }

    static string Time(Random random) => new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)
        .AddMinutes(random.Next(3 * 525_600)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

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

public sealed class FeatureTests(ITestOutputHelper output)
{
    [Theory, Backends]
    public async Task Features_are_paged_by_number_and_each_can_be_asked_for(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await Publish(org, "v", "s1", [.. Enumerable.Range(0, 25).Select(i => Point(i, i, i))]);

        var collection = await client.Json("/api/features/collections/v");
        Assert.Equal(25, collection.GetProperty("features").GetInt32());
        Assert.Equal([0, 0, 24, 24], collection.GetProperty("extent").GetProperty("spatial").GetProperty("bbox")[0]
            .EnumerateArray().Select(number => number.GetDouble()));
        Assert.Equal("A thing", collection.GetProperty("title").GetString());
        var first = await client.Json(Stac.Href(collection, "items")! + "?limit=10");
        Assert.Equal(25, first.GetProperty("numberMatched").GetInt32());
        Assert.Equal(Enumerable.Range(0, 25).Select(Text), await Stac.Walk(client, Stac.Href(first, "self")!));
        var one = await client.Json("/api/features/collections/v/items/7");
        Assert.Equal(first.GetProperty("features")[7].GetRawText(), one.GetRawText());
        Assert.Equal(7, one.GetProperty("properties").GetProperty("n").GetInt32());
        Assert.Equal("src-7", one.GetProperty("source_id").GetString());
        Assert.Equal("v", (await client.Json("/api/features/collections")).GetProperty("collections")[0]
            .GetProperty("id").GetString());
        Assert.Equal("v", (await client.Json(Stac.Href(collection, "describedby")!)).GetProperty("id").GetString());
    }

    [Theory, Backends]
    public async Task A_box_finds_the_features_that_going_through_all_of_them_does(Backend backend)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        var all = Enumerable.Range(0, 400).Select(i => (Number: i, Place: Place(random))).ToList();
        await Publish(org, "v", "s1", [.. all.Select(one => Feature(one.Number, one.Place))]);
        // Another set in the same place must not shine through.
        await Publish(org, "w", "s2", [.. all.Select(one => Feature(one.Number + 1000, one.Place))]);

        for (var i = 0; i < 60; i++)
        {
            var size = random.Next(2) == 0 ? 5 : 150;
            var (west, south) = (random.Next(-180, 179), random.Next(-90, 89));
            var box = random.Next(8) == 0
                ? new GeoBox(170, south, -170, 90)
                : new GeoBox(
                    west, south, Math.Min(180, west + random.Next(size)), Math.Min(90, south + random.Next(size)));
            var shape = box.ToGeometry();
            var expected = all.Where(one => one.Place?.Intersects(shape) ?? false)
                .Select(one => Text(one.Number)).ToList();
            var page = await client.Json($"/api/features/collections/v/items?limit=10000&bbox={box}");
            Assert.True(expected.SequenceEqual(Stac.Ids(page)), $"seed {seed}, {box}");
            Assert.Equal(expected.Count, page.GetProperty("numberMatched").GetInt32());
            if (i % 10 == 0)
                Assert.Equal(
                    expected, await Stac.Walk(client, $"/api/features/collections/v/items?limit=50&bbox={box}"));
        }
    }

    [Theory, Backends]
    public async Task A_new_set_replaces_the_old_one_at_one_stroke_and_old_pages_say_so(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await Publish(org, "v", "s1", [.. Enumerable.Range(0, 5).Select(i => Point(i, 1, 1))]);
        var page = await client.Json("/api/features/collections/v/items?limit=2");
        await org.Do(tx => tx.AddFeatures(org.Id, "s2", 0, [Point(0, 9, 9)]));
        Assert.Equal(5, (await Stac.Walk(client, "/api/features/collections/v/items")).Count);

        await org.Do(tx => tx.PublishFeatures(org.Id, "vectors", "v", "s2", Samples.Now));
        Assert.Single(await Stac.Walk(client, "/api/features/collections/v/items"));
        var problem = await client.Problem(Stac.Href(page, "next")!, HttpStatusCode.Gone);
        Assert.Equal("FEATURES_REPLACED", problem.GetProperty("code").GetString());
        Assert.Equal(1, await org.Count($"select count(*) as n from catalogue_features where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task A_large_old_set_stays_readable_for_a_while_and_is_then_cleared_away(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        const int Many = FeatureSets.SmallSet + 1;
        await Publish(org, "v", "s1", [.. Enumerable.Range(0, Many).Select(i => Point(i, 1, 1))]);
        var before = TimeProvider.System.GetUtcNow();
        await org.Do(async tx =>
        {
            await tx.AddFeatures(org.Id, "s2", 0, [Point(0, 9, 9)]);
            await tx.PublishFeatures(org.Id, "vectors", "v", "s2", before);
        });
        var read = 0;
        await foreach (var _ in Features.All(server.Db, org.Id, "s1", Token)) read++;
        Assert.Equal(Many, read);

        var notYet = new Later(before + DroppedSets.KeptFor - TimeSpan.FromSeconds(1));
        await new DroppedSets(server.Databases, notYet).Tidy(Token);
        Assert.Equal(Many + 1, await org.Count($"select count(*) as n from catalogue_features where org = {org.Id}"));
        await new DroppedSets(server.Databases, new Later(before + DroppedSets.KeptFor)).Tidy(Token);
        Assert.Equal(1, await org.Count($"select count(*) as n from catalogue_features where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_dropped_sets where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task What_is_asked_wrongly_or_is_not_there_says_so(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        var client = await org.As(Role.Viewer);
        await Publish(org, "v", "s1", [Point(0, 1, 1)]);
        const string Items = "/api/features/collections/v/items";
        foreach (var query in (string[])["bbox=1,2,3", "limit=0", "token=x", "datetime=2024-01-01T00:00:00Z", "f=xml"])
            await client.Problem($"{Items}?{query}", HttpStatusCode.BadRequest);
        Assert.Contains("datetime", (await client.Problem(Items + "?datetime=..", HttpStatusCode.BadRequest))
            .GetProperty("detail").GetString(), StringComparison.Ordinal);
        foreach (var feature in (string[])["1", "x", "-1", "99999999999999999999"])
            await client.Problem($"{Items}/{feature}", HttpStatusCode.NotFound);
        await client.Problem("/api/features/collections/none/items", HttpStatusCode.NotFound);

        var stranger = await (await server.NewOrg()).As(Role.OrgAdmin);
        Assert.Equal(0, (await stranger.Json("/api/features/collections")).GetProperty("collections").GetArrayLength());
        var real = (await stranger.Problem(Items, HttpStatusCode.NotFound)).GetRawText();
        var made = (await stranger.Problem("/api/features/collections/x/items", HttpStatusCode.NotFound)).GetRawText();
        Assert.Equal(made, real.Replace("collections/v", "collections/x", StringComparison.Ordinal)
            .Replace("collection v", "collection x", StringComparison.Ordinal));
        await org.Do(async tx =>
        {
            var refused = await Assert.ThrowsAsync<Refused>(
                () => tx.PublishFeatures(org.Id, "other", "v", "s1", Samples.Now));
            Assert.Equal(409, refused.Status);
        });
    }

    [Theory, Backends]
    public async Task Geometries_come_back_with_the_coordinates_they_had(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        string[] shapes =
        [
            """{"type":"Point","coordinates":[0.1,-0.30000000000000004]}""",
            """{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]],[[4,2],[4,3],[5,3],[4,2]]]]}""",
            """{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]}""",
            """{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}]}""",
            "null",
        ];
        await Publish(org, "v", "s1",
            [.. shapes.Select((shape, i) => Feature(i, GeoJsonGeometry.Read(JsonElement.Parse(shape))))]);

        var page = await client.Json("/api/features/collections/v/items");
        Assert.Equal(shapes, page.GetProperty("features").EnumerateArray()
            .Select(feature => feature.GetProperty("geometry").GetRawText()));
    }

    static async Task Publish(TestOrg org, string item, string set, StoredFeature[] features)
    {
        await org.Put("vectors", Samples.Item("vectors", item, [0, 0, 1, 1]));
        var chunks = features.Chunk(150).ToList();
        for (var i = 0; i < chunks.Count; i++)
            await org.Do(tx => tx.AddFeatures(org.Id, set, i, chunks[i]));
        await org.Do(tx => tx.PublishFeatures(org.Id, "vectors", item, set, Samples.Now));
    }

    static StoredFeature Point(int number, double lon, double lat) =>
        Feature(number, GeoFactory.Wgs84.CreatePoint(new Coordinate(lon, lat)));

    static StoredFeature Feature(int number, Geometry? place)
    {
        var box = place is null ? (GeoBox?)null : GeoBox.Around(place);
        return new StoredFeature(number, $"src-{number}", place is null ? null : Wkb.WriteWithSrid(place),
            box?.West, box?.South, box?.East, box?.North, new Json($"{{\"n\":{number}}}"));
    }

    static Geometry? Place(Random random)
    {
        var (west, south) = (random.Next(-180, 175), random.Next(-90, 85));
        return random.Next(5) switch
        {
            0 => null,
            1 => GeoFactory.Wgs84.CreatePoint(new Coordinate(west, south)),
            2 => GeoFactory.Wgs84.CreatePolygon([
                new(west, south), new(west + 5, south), new(west, south + 5), new(west, south)]),
            _ => new GeoBox(west, south, west + random.Next(1, 5), south + random.Next(1, 5)).ToGeometry(),
        };
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    sealed class Later(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

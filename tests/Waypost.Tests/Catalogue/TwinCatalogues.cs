using System.Globalization;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Geometry;
using Waypost.Storage;
using Waypost.Tests.Access;
using Xunit;
using Secrets = Waypost.Geo.Tests.Stac.Secrets;

namespace Waypost.Tests.Catalogue;

/// <summary>Two catalogues that look the same from outside: one is full of secrets, the other never had any.</summary>
/// <remarks>Whoever can tell them apart from outside, by whatever question, has learnt something that is hidden.
/// </remarks>
sealed class TwinCatalogues
{
    /// <summary>Collections that outsiders see; in the one with secrets there are others beside them.</summary>
    public static readonly string[] Collections = ["seen-a", "seen-b"];

    /// <summary>A collection that outsiders do not see.</summary>
    public const string Hidden = "hidden-" + Secrets.Mark;

    const int ItemsOfEach = 12;

    // A set's name is nobody's business: tokens of pages must not have it in them.
    const string Set = "a-set-" + Secrets.Mark;

    TwinCatalogues(TestOrg secret, TestOrg plain, TestOrg friend) =>
        (Secret, Plain, Friend) = (secret, plain, friend);

    /// <summary>The one with secrets.</summary>
    public TestOrg Secret { get; }

    /// <summary>The one without.</summary>
    public TestOrg Plain { get; }

    /// <summary>With whom both share what outsiders see of them.</summary>
    public TestOrg Friend { get; }

    /// <summary>Names of properties, with those that outsiders must not know.</summary>
    public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes both.</summary>
    public static async Task<TwinCatalogues> Make(TestServer server, int seed)
    {
        var made = new TwinCatalogues(await server.NewOrg(), await server.NewOrg(), await server.NewOrg());
        var random = new Random(seed);
        var secrets = new Secrets(random);
        var (whole, outer) = (new List<Json>(), new List<Json>());
        foreach (var collection in Collections)
        {
            Add(Identified(secrets.Collection(), collection, null, random));
            for (var i = 0; i < ItemsOfEach; i++)
            {
                var item = Identified(
                    secrets.Item(), string.Create(CultureInfo.InvariantCulture, $"i{i}"), collection, random);
                foreach (var (name, _) in item.Whole["properties"]!.AsObject()) made.Names.Add(name);
                Add(item);
            }
        }
        await Put(made.Secret, whole);
        await Put(made.Plain, outer);
        await made.Hide();
        await made.Declare();
        await made.AddFeatures(secrets);
        await made.ShareBoth();
        return made;

        void Add((JsonObject Whole, JsonObject Outer) one)
        {
            whole.Add(new Json(one.Whole.ToJsonString()));
            outer.Add(new Json(one.Outer.ToJsonString()));
        }
    }

    static (JsonObject Whole, JsonObject Outer) Identified(
        (JsonObject Whole, JsonObject Outer) one, string id, string? collection, Random random)
    {
        var (w, s) = (random.Next(-170, 160), random.Next(-80, 70));
        var time = DateTimeOffset.UnixEpoch.AddMinutes(random.Next(20_000_000)).ToString(
            "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        foreach (var document in new[] { one.Whole, one.Outer })
        {
            // What is put in the place of a hidden description.
            if (document["description"]?.ToString() == document["id"]!.ToString()) document["description"] = id;
            document["id"] = id;
            document.Remove("collection");
            if (collection is null) continue;
            document["collection"] = collection;
            document["geometry"] = JsonNode.Parse(Samples.Rectangle([w, s, w + 5, s + 5]));
            document["bbox"] = new JsonArray(w, s, w + 5, s + 5);
            document["properties"]!["datetime"] = time;
        }
        return one;
    }

    static Task Put(TestOrg org, List<Json> documents) => org.Do(async tx =>
    {
        foreach (var document in documents)
            if (document.Text.Contains("\"Collection\"", StringComparison.Ordinal))
                await tx.PutCollection(org.Id, document, Samples.Now);
            else
                await tx.PutItem(org.Id, document, Samples.Now);
    });

    Task Hide() => Secret.Do(async tx =>
    {
        await tx.PutCollection(Secret.Id, Samples.Collection(Hidden, $"A {Secrets.Mark} description"), Samples.Now);
        for (var i = 0; i < ItemsOfEach; i++)
            await tx.PutItem(Secret.Id, Samples.Item(
                Hidden, string.Create(CultureInfo.InvariantCulture, $"i{i}"), [-180, -90, 180, 90],
                "1970-01-01T00:00:00Z", properties:
                $"\"title\":\"{Secrets.Mark}\",\"keywords\":[\"{Secrets.Mark}\"],\"only:{Secrets.Mark}\":{i}"),
                Samples.Now);
        await tx.Run($"""
            update catalogue_collections set is_external = false where org = {Secret.Id} and id = {Hidden}
            """);
        Names.Add("only:" + Secrets.Mark);
    });

    // What is said about properties, and a deletion that outsiders must not hear of.
    async Task Declare()
    {
        var (inside, outside) = (await Secret.As(Role.OrgAdmin), await Plain.As(Role.OrgAdmin));
        foreach (var (client, words) in new[]
        {
            (inside, $"\"title\":\"file:///{Secrets.Mark}\",\"description\":\"/{Secrets.Mark}/x\","), (outside, ""),
        })
            foreach (var name in new[] { "title", "file:size" })
                await client.Must(System.Net.HttpStatusCode.OK, "PUT", "/api/queryables/" + name,
                    $$"""{ {{words}}"type":"string"}""");
        await inside.Must(System.Net.HttpStatusCode.OK, "PUT", $"/api/queryables/only:{Secrets.Mark}",
            """{"promoted":true}""");
        await inside.Must(System.Net.HttpStatusCode.NoContent, "DELETE", $"/api/collections/{Hidden}/items/i11",
            null);
    }

    /// <summary>Somebody who may see the external view of one of them, and nothing else.</summary>
    public static async Task<HttpClient> Outsider(TestOrg org) => org.Server.With(
        (await KeyTests.Make(await org.As(Role.OrgAdmin), org, new
        {
            name = "outsider",
            role = "viewer",
            scopes = new[] { "catalogue_read_external" },
        })).GetProperty("key").GetString()!);

    /// <summary>Changes what only those inside see of an item and of its collection.</summary>
    public async Task ChangeInside()
    {
        var client = await Secret.As(Role.OrgAdmin);
        var address = $"/api/collections/{Collections[0]}";
        foreach (var (path, property) in new[] { ("", "x:more"), ("/items/i0", "assets") })
            foreach (var again in new[] { 1, 2 })
            {
                var document = JsonNode.Parse(
                    await client.GetStringAsync(address + path, TestContext.Current.CancellationToken))!.AsObject();
                JsonNode hidden = $"/{Secrets.Mark}/{again}";
                if (property == "assets")
                    document["assets"]!["more"] = new JsonObject { ["href"] = hidden };
                else document[property] = hidden;
                using var answer = await client.Send("PUT", address + path, document.ToJsonString(Json.Options));
                Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
            }
        while ((await client.Json("/api/changes?limit=1000")).GetProperty("changes").EnumerateArray()
            .Count(change => change.GetProperty("version").GetInt64() == 3) < 2)
            await Task.Yield();
    }

    async Task AddFeatures(Secrets secrets)
    {
        var rows = Enumerable.Range(0, 5).Select(_ => secrets.Item()).ToList();
        var point = Wkb.WriteWithSrid(GeoFactory.Wgs84.CreatePoint(new NetTopologySuite.Geometries.Coordinate(1, 2)));
        foreach (var (org, outer) in new[] { (Secret, false), (Plain, true) })
            await org.Do(async tx =>
            {
                await tx.PutRaster(
                    org.Id, Collections[0], "i1",
                    new(Blobs.Key(org.Id, "data", "i1", "none.tif"), new Json("{}"), 0, 6, [0, 0, 80, 80]),
                    Samples.Now);
                await tx.AddFeatures(org.Id, Set, 0, rows.Select((row, i) => new StoredFeature(
                    i, outer ? null : "/data/" + Secrets.Mark, point, 1, 2, 1, 2,
                    new Json((outer ? row.Outer : row.Whole)["properties"]!.ToJsonString(Json.Options)))));
                await tx.PublishFeatures(org.Id, Collections[0], "i0", Set, Samples.Now);
            });
        await Secret.Do(async tx =>
        {
            await tx.AddFeatures(Secret.Id, "hidden-set", 0,
                [new StoredFeature(0, null, point, 1, 2, 1, 2, new Json($$"""{"a":"{{Secrets.Mark}}"}"""))]);
            await tx.PublishFeatures(Secret.Id, Hidden, "hidden-item", "hidden-set", Samples.Now);
            await tx.PutRaster(
                Secret.Id, Hidden, "i0",
                new(Blobs.Key(Secret.Id, "data", "i0", "none.tif"), new Json("{}"), 0, 6, [0, 0, 80, 80]), Samples.Now);
        });
    }

    /// <summary>Waits until the feed of changes tells of everything that was written.</summary>
    public static async Task Settle(HttpClient secret, HttpClient plain)
    {
        var written = Collections.Length * (ItemsOfEach + 1);
        foreach (var (client, count) in new[] { (secret, written + ItemsOfEach + 1), (plain, written) })
            while (await Told(client) < count) await Task.Yield();

        static async Task<int> Told(HttpClient client) =>
            (await client.Json("/api/changes?limit=1000")).GetProperty("changes").GetArrayLength();
    }

    async Task ShareBoth()
    {
        foreach (var org in new[] { Secret, Plain })
        {
            var admin = await org.As(Role.OrgAdmin);
            foreach (var collection in Collections)
            {
                using var body = new StringContent(
                    """{"view":"external"}""", System.Text.Encoding.UTF8, "application/json");
                using var answer = await admin.PutAsync(
                    $"/api/collections/{collection}/shares/{Friend.Id}", body, TestContext.Current.CancellationToken);
                Assert.True(answer.IsSuccessStatusCode);
            }
        }
    }
}

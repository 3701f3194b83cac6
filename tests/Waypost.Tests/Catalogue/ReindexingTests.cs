using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What outsiders may see is worked out anew when a start would do so otherwise than the rows were; until
/// then they see nothing.</summary>
public sealed class ReindexingTests
{
    const string Secret = "s3://vault/key";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static Json Item(string id, double cover = 5) => Samples.Item(
        "c", id, [1, 2, 3, 4], properties: $"\"title\":\"Grüne Wiesen\",\"cover\":{cover},\"kept_at\":\"{Secret}\"",
        assets: $$"""{"in":{"href":"{{Secret}}"},"out":{"href":"https://example.org/a.tif"} }""");

    [Theory, Backends]
    public async Task Rows_of_an_older_version_are_put_right_and_shown_to_nobody_outside_before(Backend backend)
    {
        await using var place = await Place.New(backend);
        var (org, friend) = (await place.Fill(["a", "b"]), "");
        await using (var server = await place.Start())
        {
            var other = await server.NewOrg();
            friend = await other.Key(Role.Viewer);
            await server.With(org.Key).Must(
                HttpStatusCode.OK, "PUT", $"/api/collections/c/shares/{other.Id}", """{"view":"external"}""");
        }
        var before = await place.Door(tx => Told(tx, org.Id));
        await place.Door(Spoil);

        await using var again = await place.Start(held: true);
        var client = again.With(org.Key);
        string[] closed =
        [
            "", "/search", "/collections", "/collections/c", "/collections/c/items", "/collections/c/items/a",
            "/queryables", "/collections/c/browse",
        ];
        foreach (var path in closed) await MustWait(client, "/external" + path);
        await MustWait(again.With(friend), $"/api/v1/{await IdOf(again, friend)}/shared/{org.Id}/search");
        Assert.Equal(["a", "b"], Stac.Ids(await client.Json("/api/search?sortby=id")));
        await place.Release();

        var shown = await OnceShown(
            client, "/external/search?sortby=id&filter=cover>2&q=grune&datetime=2024-05-06T00:00:00Z/..");
        Assert.Equal(["a", "b"], Stac.Ids(shown));
        Assert.Equal(
            ["out"], shown.GetProperty("features")[0].GetProperty("assets").EnumerateObject().Select(one => one.Name));
        Assert.DoesNotContain("kept_at", Names(await client.Json("/external/queryables")));
        Assert.Contains("kept_at", Names(await client.Json("/api/queryables")));
        Assert.Equal(before, await Place.Asked(again, tx => Told(tx, org.Id)));
    }

    [Theory, Backends]
    public async Task Other_schemes_show_and_hide_what_is_there_already(Backend backend)
    {
        await using var place = await Place.New(backend);
        var org = await place.Fill(["a"]);
        foreach (var isShown in new[] { true, false })
        {
            await using var server = await place.Start(isShown ? ["s3"] : []);
            var client = server.With(org.Key);
            var shown = await OnceShown(client, "/external/search");
            Assert.Equal(isShown, shown.GetRawText().Contains(Secret, StringComparison.Ordinal));
            Assert.Equal(isShown, Names(await client.Json("/external/queryables")).Contains("kept_at"));
            Assert.Equal(
                isShown ? HttpStatusCode.OK : HttpStatusCode.BadRequest,
                (await client.GetAsync("/external/search?filter=kept_at IS NOT NULL", Token)).StatusCode);
        }
    }

    [Theory, Backends]
    public async Task A_server_that_was_stopped_goes_on_where_it_was(Backend backend)
    {
        await using var place = await Place.New(backend);
        var org = await place.Fill(["a", "b", "c", "d"]);
        await place.Door(async tx =>
        {
            await Spoil(tx);
            var second = await tx.Count($"select row_id as n from catalogue_items where id = {"b"}");
            await tx.Run($"""
                insert into catalogue_forms (form, reached, is_complete)
                values ({Preparing.Default.Form}, {second}, {false})
                """);
        });

        await using var server = await place.Start();
        await OnceShown(server.With(org.Key), "/external");
        await Place.Asked(server, async tx =>
        {
            var done = await tx.All<Words>($"""
                select items.id as t from catalogue_items as items
                join catalogue_properties as props on props.row_id = items.row_id order by items.id
                """);
            Assert.Equal(["c", "d"], done.Select(row => row.T));
            return 0;
        });
    }

    [Theory, Backends]
    public async Task What_the_rules_of_today_refuse_is_no_more_than_there_for_outsiders(Backend backend)
    {
        await using var place = await Place.New(backend);
        var org = await place.Fill(["a", "b"]);
        await place.Door(async tx =>
        {
            await Spoil(tx);
            await tx.Run($"""
                update catalogue_bodies set body = {$$"""{"type":"Feature","id":"a","why":"{{Secret}}"}"""}
                where row_id in (select row_id from catalogue_items where id = {"a"})
                """);
            // What it has beside its document, of before.
            await tx.Run($"update catalogue_items set n1 = {5.0}");
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, declared, slot, is_filled)
                values ({org.Id}, '', {"cover"}, {"number"}, {new Json("""{"type":"number"}""")}, {"n1"}, {true})
                """);
            await tx.PublishFeatures(org.Id, "c", "a", "a-set", Samples.Now);
            await tx.PutRaster(org.Id, "c", "a", new("none", new Json("{}"), 0, 6, [1, 2, 3, 4]), Samples.Now);
        });

        await using var server = await place.Start();
        var client = server.With(org.Key);
        var shown = await OnceShown(client, "/external/search?sortby=id");
        Assert.Equal(["a", "b"], Stac.Ids(shown));
        Assert.Equal(
            "2024-05-06T07:08:09Z",
            shown.GetProperty("features")[0].GetProperty("properties").GetProperty("start_datetime").GetString());
        Assert.Contains(
            "vault", (await client.Json("/api/collections/c/items/a")).GetRawText(), StringComparison.Ordinal);

        Assert.Equal(["b"], Stac.Ids(await client.Json("/external/search?bbox=0,0,10,10")));
        foreach (var filter in new[] { "S_INTERSECTS(geometry,BBOX(0,0,9,9))", "cover=5" })
            Assert.Equal(["b"], Stac.Ids(await client.Json("/external/search?filter=" + filter)));
        foreach (var path in new[] { "features/collections/a", "features/collections/a/items" })
        {
            await client.Json("/api/" + path);
            await client.Problem("/external/" + path, HttpStatusCode.NotFound);
        }
        await client.Json("/tiles/c/a/tilejson.json");
        await client.Problem("/external/tiles/c/a/tilejson.json", HttpStatusCode.NotFound);
        Assert.Empty((await client.Json("/external/features/collections")).GetProperty("collections").EnumerateArray());
        Assert.Equal(1, await Place.Asked(server, tx => tx.Count($"""
            select count(*) as n from catalogue_queryables where name = {"cover"} and collection = '' and is_hidden
            """)));
    }

    [Theory, Backends]
    public async Task Who_prepares_otherwise_than_the_server_started_last_shows_nothing_and_writes_nothing(
        Backend backend)
    {
        if (backend == Backend.Sqlite) return; // Its folder has one server.
        await using var place = await Place.New(backend);
        var org = await place.Fill(["a"]);
        await using var old = await place.Start(["s3"]);
        await OnceShown(old.With(org.Key), "/external/search");
        await using var present = await place.Start();

        var shown = await OnceShown(present.With(org.Key), "/external/search");
        Assert.DoesNotContain("vault", shown.GetRawText(), StringComparison.Ordinal);
        await Until(async () => await old.With(org.Key).GetAsync("/external", Token)
            is { StatusCode: HttpStatusCode.ServiceUnavailable });
        await old.With(org.Key).Must(
            HttpStatusCode.ServiceUnavailable, "POST", "/api/collections/c/items", Item("late").Text,
            "CATALOGUE_REINDEXING");
        await present.With(org.Key).Must(
            HttpStatusCode.Created, "POST", "/api/collections/c/items", Item("late").Text);
    }

    [Theory]
    [InlineData("1:http,https", "1:http,https,s3", true)]
    [InlineData("1:http,https,s3", "1:http,https", false)]
    [InlineData("1:http,https", "2:http,https", false)]
    [InlineData("1:gs,http,https", "1:gs,http,https", true)]
    public void A_form_fits_one_of_its_version_that_hides_no_more(string mine, string present, bool fits) =>
        Assert.Equal(fits, FittingForms.Fits(mine, present));

    // Rows as a version left them that knew of no external form.
    static async Task<int> Spoil(Tx tx)
    {
        await tx.Run($"delete from catalogue_forms");
        await tx.Run($"delete from catalogue_properties");
        await tx.Run($"delete from catalogue_text");
        await tx.Run($"delete from catalogue_queryables");
        await tx.Run($"update catalogue_bodies set external = null");
        await tx.Run($"update catalogue_collections set external = null, external_title = null");
        return await tx.Run($"update catalogue_items set moment = null, lowest = 7");
    }

    // Versions, history and content.
    static async Task<string> Told(Tx tx, string org) => string.Join(' ',
        await tx.Count($"select sum(version) as n from catalogue_items where org = {org}"),
        await tx.Count($"select count(*) as n from catalogue_history where org = {org}"),
        (await tx.All<Words>($"select hash as t from catalogue_items where org = {org} order by id"))[0].T);

    static async Task MustWait(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{address}: {answer.StatusCode} {text}");
        Assert.Equal("CATALOGUE_REINDEXING", JsonElement.Parse(text).GetProperty("code").GetString());
        Assert.Contains("0 % is done", text, StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    static async Task<JsonElement> OnceShown(HttpClient client, string address)
    {
        JsonElement shown = default;
        await Until(async () =>
        {
            using var answer = await client.GetAsync(address, Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.DoesNotContain("vault", text, StringComparison.Ordinal);
                return false;
            }
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{address}: {answer.StatusCode} {text}");
            shown = JsonElement.Parse(text);
            return true;
        });
        return shown;
    }

    static async Task Until(Func<Task<bool>> holds)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await holds())
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(2), "It did not come to be so.");
    }

    static string[] Names(JsonElement queryables) =>
        [.. queryables.GetProperty("properties").EnumerateObject().Select(one => one.Name)];

    static async Task<string> IdOf(TestServer server, string key)
    {
        await using var tx = (await server.Db.Read(Token)).AcrossOrganizations("a test looks");
        return (await tx.One<Words>($"select org as t from access_keys where hash = {Caller.Hash(key)}"))!.T!;
    }

    /// <summary>Where one server after the other keeps its rows.</summary>
    sealed class Place(string folder, string? database, Func<Task> drop) : IAsyncDisposable
    {
        Tx? holding;

        StorageSettings Storage => new(folder, database, CheckStatements: true);

        public static async Task<Place> New(Backend backend)
        {
            var folder = Directory.CreateTempSubdirectory("waypost-test-").FullName;
            return backend == Backend.Postgres && await TestServer.NewDatabase() is var (database, drop)
                ? new Place(folder, database, drop)
                : new Place(folder, null, () => Task.CompletedTask);
        }

        /// <summary>A server on it. Held: it does not get to preparing anything before <see cref="Release"/>.</summary>
        public Task<TestServer> Start(IReadOnlyList<string>? schemes = null, bool held = false) => TestServer.Start(
            Backend.Sqlite, settings => settings with
            {
                Storage = Storage,
                Catalogue = new CatalogueSettings(schemes ?? [], []),
            },
            async databases =>
            {
                if (!held) return;
                holding = await databases.Shared.Begin(Token);
                await holding.All<Words>($"select form as t from catalogue_forms {holding.ForUpdate}");
            });

        public async Task Release()
        {
            await holding!.DisposeAsync();
            holding = null;
        }

        /// <summary>A server writes these items and stops; the organization's id and a key of its administrator.
        /// </summary>
        public async Task<(string Id, string Key)> Fill(string[] ids)
        {
            await using var server = await Start();
            var org = await server.NewOrg();
            await org.Put("c", [.. ids.Select(id => Item(id))]);
            return (org.Id, await org.Key(Role.OrgAdmin));
        }

        /// <summary>Works on the rows while no server has them.</summary>
        public async Task<T> Door<T>(Func<Tx, Task<T>> work)
        {
            await using var databases =
                await StorageModule.Open(Storage, WaypostApp.Modules, TimeProvider.System, Token);
            return await Work(databases.Shared, work);
        }

        public Task Door(Func<Tx, Task> work) => Door(async tx =>
        {
            await work(tx);
            return 0;
        });

        /// <summary>Works on the rows beside a server.</summary>
        public static Task<T> Asked<T>(TestServer server, Func<Tx, Task<T>> work) => Work(server.Db, work);

        public async ValueTask DisposeAsync()
        {
            if (holding is not null) await holding.DisposeAsync();
            await drop();
            Directory.Delete(folder, recursive: true);
        }

        static async Task<T> Work<T>(Db db, Func<Tx, Task<T>> work)
        {
            await using var tx = (await db.Begin(Token)).AcrossOrganizations("a test looks");
            var result = await work(tx);
            await tx.Commit();
            return result;
        }
    }
}

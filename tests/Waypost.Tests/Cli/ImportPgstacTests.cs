using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Waypost.Cli;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Stac;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class ImportPgstacTests
{
    // The shape of pgSTAC 0.9's two tables; their triggers and functions are not needed to read them.
    const string Tables = """
        create extension if not exists postgis;
        create schema pgstac;
        create function pgstac.collection_base_item(content jsonb) returns jsonb as $$
            select jsonb_build_object('type', 'Feature', 'stac_version', content->'stac_version',
                'assets', content->'item_assets', 'collection', content->'id')
        $$ language sql immutable;
        create table pgstac.collections (
            key bigint generated always as identity primary key,
            id text generated always as (content->>'id') stored unique not null,
            content jsonb not null,
            base_item jsonb generated always as (pgstac.collection_base_item(content)) stored,
            private jsonb,
            partition_trunc text
        );
        create table pgstac.items (
            id text not null, geometry geometry not null, collection text not null, datetime timestamptz not null,
            end_datetime timestamptz not null, content jsonb not null, private jsonb
        ) partition by list (collection);
        create table pgstac._items_1 partition of pgstac.items default;
        """;

    [Fact]
    public async Task Every_item_comes_over_whole_and_a_second_run_changes_nothing()
    {
        if (BackendsAttribute.PostgresUrl is null) Assert.Skip("WAYPOST_TEST_POSTGRES is not set");
        using var run = await CatalogueRun.On(Backend.Postgres);
        var (connection, drop) = await TestServer.NewDatabase();
        try
        {
            await Fill(connection, run.Sample());

            var first = await run.Ok(
                ["import-pgstac", connection, "--org", run.Org.Id, .. CatalogueIngestTests.Database(run)]);
            var again = await run.Ok(
                ["import-pgstac", connection, "--org", run.Org.Id, .. CatalogueIngestTests.Database(run)]);

            Assert.Equal((13, 0), (CatalogueIngestTests.Sum(first, "created"), (int)first["problem_count"]!));
            Assert.Equal(13, CatalogueIngestTests.Sum(again, "unchanged"));
            var item = await run.Get("/collections/with-template/items/i");
            Assert.True(JsonNode.DeepEquals(
                JsonNode.Parse("""{"data":{"href":"https://x.example/a.tif","type":"image/tiff","roles":["data"]}}"""),
                item["assets"]), item.ToJsonString());
            Assert.Equal("[[0.1,0.30000000000000004]]",
                item["geometry"]!["coordinates"]!.AsArray()[0]!.AsArray().Count == 2
                    ? $"[{item["geometry"]!["coordinates"]![0]!.ToJsonString()}]" : "");
            await run.Ok("query", "--api-url", run.Api, "--output", run.At("back"), "--collections",
                SampleCatalogue.Events);
            var event1 = CatalogueRun.Documents(run.At("back")).First(pair =>
                pair.Key.StartsWith(SampleCatalogue.Events + "/2022", StringComparison.Ordinal)).Value;
            Assert.Contains(event1.Links(), link => link.Text("matchup:role") == "matchup"
                && link.Text("href")!.StartsWith("../../../../" + SampleCatalogue.Pair, StringComparison.Ordinal));
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await drop();
        }
    }

    [Fact]
    public async Task What_is_no_pgSTAC_of_that_version_is_refused()
    {
        if (BackendsAttribute.PostgresUrl is null) Assert.Skip("WAYPOST_TEST_POSTGRES is not set");
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var (connection, drop) = await TestServer.NewDatabase();
        try
        {
            var none = await run.Do("import-pgstac", connection, "--api-url", run.Api);
            await Do(connection, Tables + "create table pgstac.base_items (base_item jsonb);");
            var newer = await run.Do("import-pgstac", connection, "--api-url", run.Api);

            Assert.Equal((ExitCodes.Usage, ExitCodes.Usage), (none.ExitCode, newer.ExitCode));
            Assert.Contains("not pgSTAC 0.9", none.Error, StringComparison.Ordinal);
            Assert.Contains("newer than 0.9", newer.Error, StringComparison.Ordinal);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await drop();
        }
    }

    [Theory]
    [InlineData(ExitCodes.Failed, "postgresql://nobody:x@127.0.0.1:1/none")]
    [InlineData(ExitCodes.Usage, "postgresql://nobody:x@:many/none")]
    [InlineData(ExitCodes.Usage, "Wirt=127.0.0.1")]
    public async Task A_connection_that_leads_nowhere_says_so(int exitCode, string connection)
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var refused = await run.Do("import-pgstac", connection, "--api-url", run.Api);
        Assert.Equal(exitCode, refused.ExitCode);
        Assert.Contains("connection", refused.Error, StringComparison.Ordinal);
    }

    // As its loader leaves items: without id, geometry, collection and type, and with links as EOMatch rewrote them.
    static async Task Fill(string connection, string root)
    {
        await Do(connection, Tables);
        var walk = new LocalCatalogueWalk(File.ReadAllBytes);
        var sending = new LocalCatalogueSending(root, null, path =>
            JsonNode.Parse(File.ReadAllText(path)) is JsonObject item
                ? (item.Text("collection")!, item.Text("id")!) : null, File.Exists);
        foreach (var container in walk.Containers(Path.Combine(root, "catalog.json"))
            .Cast<LocalCatalogueEntry.Container>().Where(container => container.IsCollection))
        {
            await Collection(connection, container.Document);
            foreach (var entry in walk.Items(container).Cast<LocalCatalogueEntry.Item>())
            {
                sending.Item(entry);
                await Item(connection, entry.Document);
            }
        }
        await Collection(connection, JsonNode.Parse("""
            {"type":"Collection","id":"with-template","stac_version":"1.0.0","description":"d","license":"proprietary",
             "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},"temporal":{"interval":[[null,null]]}},"links":[],
             "item_assets":{"data":{"type":"image/tiff","roles":["data"]},"thumbnail":{"type":"image/png","title":"t"}}}
            """)!.AsObject());
        await Item(connection, JsonNode.Parse("""
            {"id":"i","collection":"with-template",
             "geometry":{"type":"LineString","coordinates":[[0.1,0.30000000000000004],[1,2]]},"bbox":[0.1,0.3,1,2],
             "properties":{"datetime":"2022-05-21T00:00:00Z"},"links":[],
             "assets":{"data":{"href":"https://x.example/a.tif"},"thumbnail":"𒍟※"}}
            """)!.AsObject());
    }

    static Task Collection(string connection, JsonObject document) =>
        Do(connection, "insert into pgstac.collections (content) values ($1::jsonb)", document.ToJsonString());

    static Task Item(string connection, JsonObject item)
    {
        var content = (JsonObject)item.DeepClone();
        foreach (var name in (ReadOnlySpan<string>)["id", "geometry", "collection", "type"]) content.Remove(name);
        return Do(connection, """
            insert into pgstac.items (id, collection, geometry, datetime, end_datetime, content)
            values ($1, $2, st_geomfromgeojson($3), now(), now(), $4::jsonb)
            """, item.Text("id")!, item.Text("collection")!, item["geometry"]!.ToJsonString(), content.ToJsonString());
    }

    static async Task Do(string connection, string sql, params string[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}

using System.Text.Json.Nodes;
using Waypost.Cli;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Stac;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class CatalogueQueryTests
{
    [Theory, Backends]
    public async Task Items_come_with_those_they_link_to_into_a_catalogue_of_relative_links(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        await run.Fill(run.Sample());

        var first = await run.Ok(
            "query", "--api-url", run.Api, "--output", run.At("out"), "--collections", SampleCatalogue.Events,
            "--start-time", "2022-05-22", "--end-time", "2022-05-22T23:59:59Z", "--bbox", "-110", "-30", "-100", "-20");

        Assert.Equal((4, 3), (Count(first, "added"), Count(first, "referenced")));
        Assert.Empty(first["missing"]!.AsArray());
        var there = CatalogueRun.Documents(run.At("sample"));
        var here = CatalogueRun.Documents(run.At("out"));
        var items = here.Keys.Where(path => !path.EndsWith("collection.json", StringComparison.Ordinal)
            && path != "catalog.json").ToList();
        Assert.Equal(4, items.Count);
        foreach (var path in items)
        {
            Assert.Contains("/2022/5/22/", path, StringComparison.Ordinal);
            Assert.Equal(there[path]["links"]!.ToJsonString(), here[path]["links"]!.ToJsonString());
        }
        Assert.Equal("Matchups: " + SampleCatalogue.Pair,
            here[$"{SampleCatalogue.Pair}/collection.json"].Text("description"));
        Assert.Equal("matchup-catalogue", here["catalog.json"].Text("id"));
    }

    [Fact]
    public async Task A_second_query_merges_into_what_is_there_and_replaces_what_the_server_has_anew()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await run.Fill(run.Sample());
        await run.Settled();
        var root = run.At("own");
        SampleCatalogue.Write(root, events: 1);
        var own = Path.Combine(root, SampleCatalogue.Landsat, "2022", "5", "21", "LC09_L1GT_20220521_02_T2.json");
        var edited = JsonNode.Parse(await File.ReadAllTextAsync(own, Token))!;
        edited["properties"]!["mine"] = 1;
        await File.WriteAllTextAsync(own, edited.ToJsonString(), Token);

        var merged = await run.Ok("query", "--api-url", run.Api, "--output", root,
            "--collections", $"{SampleCatalogue.Landsat},{SampleCatalogue.Sentinel}");

        Assert.Equal((4, 2), (Count(merged, "added"), Count(merged, "updated")));
        Assert.Equal(8, Count(merged, "items"));
        var documents = CatalogueRun.Documents(root);
        Assert.Null(documents[Path.GetRelativePath(root, own)]["properties"]!["mine"]);
        Assert.Equal(3, documents.Keys.Count(path => path.StartsWith(
            SampleCatalogue.Sentinel + "/2022", StringComparison.Ordinal)));
        var before = Snapshot(root);

        var again = await run.Ok("query", "--api-url", run.Api, "--output", root, "--full",
            "--collections", SampleCatalogue.Landsat, "--collections", SampleCatalogue.Sentinel);

        Assert.Equal((0, 6), (Count(again, "added"), Count(again, "updated")));
        Assert.Equal(before, Snapshot(root));
    }

    [Fact]
    public async Task Many_pages_are_followed_and_a_link_to_an_item_that_nobody_has_stays_and_is_named()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await run.Fill(run.Sample(events: 4), leaveOut: SampleCatalogue.Sentinel);

        var all = await run.Ok("query", "--api-url", run.Api + "/", "--output", run.At("out"));

        Assert.Equal(12, Count(all, "added"));
        Assert.Equal(4, all["missing"]!.AsArray().Count);
        Assert.StartsWith(SampleCatalogue.Sentinel + "/S2A", (string?)all["missing"]![0], StringComparison.Ordinal);
        var matchup = CatalogueRun.Documents(run.At("out")).First(document => document.Key.StartsWith(
            SampleCatalogue.Pair + "/2022", StringComparison.Ordinal)).Value;
        Assert.Contains(matchup.Links(), link => link.Text("rel") == "derived_from"
            && link.Text("href")!.StartsWith(run.Api + "/collections/S2_MSI_L1C/items/", StringComparison.Ordinal));
    }

    [Theory, Backends]
    public async Task A_filter_is_taken_as_text_and_as_JSON_and_brings_what_its_items_link_to(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        await run.Fill(run.Sample());

        var text = await run.Ok("query", "--api-url", run.Api, "--output", run.At("text"), "--filter",
            "time_diff_s < 601 AND land_fraction < 0.3");
        var json = await run.Ok("query", "--api-url", run.Api, "--output", run.At("json"), "--filter-lang", "cql2-json",
            "--filter", """{"op":"<","args":[{"property":"time_diff_s"},601]}""", "--collections",
            SampleCatalogue.Pair);

        // A matchup, its event and its two products.
        Assert.Equal((4, 3), (Count(text, "added"), Count(text, "referenced")));
        Assert.Equal(
            CatalogueRun.Documents(run.At("text")).Keys, CatalogueRun.Documents(run.At("json")).Keys);
        Assert.Equal(4, Count(json, "items"));
    }

    [Theory, Backends]
    public async Task The_same_query_again_brings_only_what_changed_deletions_included(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        var root = run.Sample();
        await run.Ok("ingest", "--catalogue", root, "--api-url", run.Api);
        await run.Settled();
        string[] query = ["query", "--api-url", run.Api, "--output", run.At("copy"), "--filter", "time_diff_s > 0"];
        Assert.Equal("everything", (await run.Ok(query)).Text("asked"));

        // One item changes, a day comes and a day goes.
        var own = Path.Combine(root, SampleCatalogue.Landsat, "2022", "5", "21", "LC09_L1GT_20220521_02_T2.json");
        SampleCatalogue.Write(root, events: 4);
        var edited = JsonNode.Parse(await File.ReadAllTextAsync(own, Token))!;
        edited["properties"]!["gsd"] = 30;
        await File.WriteAllTextAsync(own, edited.ToJsonString(), Token);
        await run.Ok("ingest", "--catalogue", root, "--api-url", run.Api);
        await run.Delete(CatalogueRun.Documents(root).Where(pair =>
            pair.Key.Contains("/2022/5/22/", StringComparison.Ordinal)).Select(pair => pair.Value));
        await run.Settled();
        var changes = await run.Ok(query);
        var nothing = await run.Ok(query);

        Assert.Equal("changes", changes.Text("asked"));
        Assert.Equal((4, 4), (Count(changes, "added"), Count(changes, "deleted")));
        Assert.Equal((0, 0, 0), (Count(nothing, "added"), Count(nothing, "updated"), Count(nothing, "deleted")));
        await run.Ok("query", "--api-url", run.Api, "--output", run.At("fresh"), "--filter", "time_diff_s > 0");
        CatalogueIngestTests.Same(run.At("fresh"), run.At("copy"));
        Assert.Equal(12, CatalogueRun.Documents(run.At("copy")).Keys.Count(path =>
            path.Contains("/2022/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--bbox", "1", "2", "3")]
    [InlineData("--bbox", "1,2,3,north")]
    [InlineData("--start-time", "yesterday")]
    [InlineData("--filter-lang", "sql")]
    [InlineData("--filter", "{", "--filter-lang", "cql2-json")]
    [InlineData("--config", "/nowhere/config.yaml")]
    public async Task What_makes_no_sense_is_refused_by_name(params string[] args)
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var refused = await run.Do(["query", "--api-url", run.Api, "--output", run.At("out"), .. args]);
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains(args switch
        {
            ["--config", ..] => "config.yaml",
            ["--filter-lang", ..] => "cql2-json",
            _ => args[0],
        }, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.At("out")));
    }

    [Fact]
    public async Task The_configuration_names_the_server_and_the_catalogue()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await run.Fill(run.Sample(events: 1));
        Directory.CreateDirectory(run.At(".config", "eomatch"));
        await File.WriteAllTextAsync(run.At(".config", "eomatch", "user_config.yaml"), $"""
            # what find needs is left alone
            orbitx_netcdf_files: {"{}"}
            platforms: [Landsat-9, S2A]
            query:
              api_url: {run.Api}
            matchup_catalogue: {"{"} id: from-user, description: "one" {"}"}
            """, Token);
        await File.WriteAllTextAsync(
            run.At("own.yaml"), "matchup_catalogue:\n  id: from-flag\n  description:\n", Token);

        await run.Ok("query", "--output", run.At("out"), "--config", run.At("own.yaml"));

        var catalog = CatalogueRun.Documents(run.At("out"))["catalog.json"];
        Assert.Equal(("from-flag", "one"), (catalog.Text("id"), catalog.Text("description")));
    }

    [Theory, Backends]
    public async Task Status_counts_each_collection_and_says_its_newest_and_oldest(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        await run.Fill(run.Sample());

        var status = await run.Ok("status", "--api-url", run.Api);
        var table = await run.Do("status", "--api-url", run.Api);

        Assert.Equal(4, status["collections"]!.AsArray().Count);
        Assert.All(status["collections"]!.AsArray(), line => Assert.Equal(3, (int)line!["items"]!));
        Assert.Contains(SampleCatalogue.Pair, table.Out, StringComparison.Ordinal);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static int Count(JsonObject result, string name) => (int)result[name]!;

    static string Snapshot(string root) => string.Join('\n', Directory
        .EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => path + File.ReadAllText(path)));
}

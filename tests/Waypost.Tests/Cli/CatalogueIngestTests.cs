using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Waypost.Access;
using Waypost.Cli;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Raster;
using Waypost.Geo.Tests.Stac;
using Waypost.Storage;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class CatalogueIngestTests
{
    // What a catalogue may differ in when it has been on a server: docs/guide/catalogue.md says so.
    static readonly string[] Repaired = ["start_datetime", "title"];

    [Theory, Backends]
    public async Task A_catalogue_goes_through_the_API_and_comes_back_and_again_changes_nothing(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        var root = run.Sample();

        var first = await run.Ok("ingest", "--catalogue", root, "--api-url", run.Api);
        var again = await run.Ok("ingest", "--catalogue", root, "--api-url", run.Api);
        await run.Ok("query", "--api-url", run.Api, "--output", run.At("back"));

        Assert.Equal((12, 6), (Sum(first, "created"), Sum(first, "repaired")));
        Assert.Contains("start_datetime", first["repairs"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(12, Sum(again, "unchanged"));
        Same(root, run.At("back"));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_and_what_an_answer_lost_is_sent_again()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await using var proxy = await TroubledProxy.Before(run.Server.Url, Token);
        // Four collections are written first, then the items of each in a request.
        foreach (var trouble in new[] { Trouble.Busy, Trouble.TooMany, Trouble.Busy }) proxy.Ahead.Enqueue(trouble);
        var api = $"{proxy.Url}api/v1/{run.Org.Id}/stac";

        await run.Ok("ingest", "--catalogue", run.Sample(events: 1), "--api-url", api);
        for (var n = 0; n < 8; n++) proxy.Ahead.Enqueue(Trouble.Cut);
        var sent = await run.Ok("ingest", "--catalogue", run.Sample(events: 8), "--api-url", api);

        Assert.Equal(0, Sum(sent, "failed"));
        Assert.Equal(32, Sum(sent, "created") + Sum(sent, "updated") + Sum(sent, "unchanged"));
        var status = await run.Ok("status", "--api-url", run.Api);
        Assert.All(status["collections"]!.AsArray(), line => Assert.Equal(8, (int)line!["items"]!));
    }

    [Fact]
    public async Task A_key_that_may_not_write_and_a_strict_server_refuse_by_name()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample(events: 1);
        var viewer = await run.Org.Key(Role.Viewer);

        var refused = await run.Do("ingest", "--catalogue", root, "--api-url", run.Api, "--key", viewer);
        var strict = await run.Do("ingest", "--catalogue", root, "--api-url", run.Api, "--strict", "--json");

        Assert.Equal(ExitCodes.Refused, refused.ExitCode);
        Assert.Equal(ExitCodes.Failed, strict.ExitCode);
        var result = JsonNode.Parse(strict.Out)!.AsObject();
        Assert.Equal((2, 2), (Sum(result, "created"), Sum(result, "failed")));
        Assert.Contains("start_datetime", result["problems"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catalogue_goes_into_a_data_folder_without_a_server_and_a_server_serves_it()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var (root, data) = (run.Sample(), run.At("data"));

        var first = await run.Ok("ingest", "--catalogue", root, "--data", data);
        var again = await run.Ok("ingest", "--catalogue", Path.Combine(root, "catalog.json"), "--data", data);

        Assert.Equal((12, 0), (Sum(first, "created"), (int)first["problem_count"]!));
        Assert.Equal(12, Sum(again, "unchanged"));
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Storage = new StorageSettings(data, null, CheckStatements: true),
        });
        var taken = await run.Do("ingest", "--catalogue", root, "--data", data);
        Assert.Equal(ExitCodes.Failed, taken.ExitCode);
        Assert.Contains("FOLDER_TAKEN", taken.Error, StringComparison.Ordinal);
        Assert.Contains("--api-url", taken.Error, StringComparison.Ordinal);

        await run.Ok(
            "query", "--api-url", $"{server.Url}api", "--key", TestServer.AdminKey, "--output", run.At("back"));
        Same(root, run.At("back"));
    }

    [Fact]
    public async Task A_catalogue_goes_into_a_database_that_a_server_is_using()
    {
        if (BackendsAttribute.PostgresUrl is null) Assert.Skip("WAYPOST_TEST_POSTGRES is not set");
        using var run = await CatalogueRun.On(Backend.Postgres);
        var root = run.Sample();

        var first = await run.Ok(["ingest", "--catalogue", root, "--org", run.Org.Id, .. Database(run)]);
        await run.Ok("query", "--api-url", run.Api, "--output", run.At("back"));
        var nobody = await run.Do(["ingest", "--catalogue", root, "--org", "nobody", .. Database(run)]);

        Assert.Equal(12, Sum(first, "created"));
        Same(root, run.At("back"));
        Assert.Equal(ExitCodes.Failed, nobody.ExitCode);
        Assert.Contains("nobody", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_of_real_shape_comes_back_with_nothing_but_the_documented_repairs()
    {
        var sample = SharedData.File(Path.Combine("eomatch-catalogue", "catalog.json"));
        if (sample is null) Assert.Skip("The sample is not beside this checkout.");
        using var run = await CatalogueRun.On(Backend.Sqlite);

        var sent = await run.Ok("ingest", "--catalogue", sample, "--data", run.At("data"));
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Storage = new StorageSettings(run.At("data"), null, CheckStatements: true),
        });
        await run.Ok(
            "query", "--api-url", $"{server.Url}api", "--key", TestServer.AdminKey, "--output", run.At("back"));

        Assert.Equal(7, Sum(sent, "created"));
        Same(Path.GetDirectoryName(sample)!, run.At("back"));
    }

    [Fact]
    public async Task What_is_broken_fails_alone_and_is_named_with_its_file()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample();
        var landsat = Path.Combine(root, SampleCatalogue.Landsat, "2022", "5");
        await File.WriteAllTextAsync(
            Path.Combine(landsat, "21", "LC09_L1GT_20220521_02_T2.json"), "{\"land_fraction\": NaN", Token);
        File.Delete(Path.Combine(landsat, "22", "LC09_L1GT_20220522_02_T2.json"));

        var report = run.At("report.ndjson");
        var sent = await run.Do("ingest", "--catalogue", root, "--data", run.At("data"), "--report", report, "--json");

        Assert.Equal(ExitCodes.Failed, sent.ExitCode);
        var result = JsonNode.Parse(sent.Out)!.AsObject();
        Assert.Equal((10, 2), (Sum(result, "created"), Sum(result, "failed")));
        var problems = result["problems"]!.ToJsonString();
        Assert.Contains("LC09_L1GT_20220521_02_T2.json: It is not JSON", problems, StringComparison.Ordinal);
        Assert.Contains("LC09_L1GT_20220522_02_T2.json: The file is not there.", problems, StringComparison.Ordinal);
        // The matchups of those two days link to what is not there.
        Assert.Contains("links.derived_from: There is no item at", problems, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(report, Token);
        Assert.Equal(16, lines.Length);
    }

    [Fact]
    public async Task Pruning_deletes_what_is_gone_and_only_when_asked_and_only_where_all_could_be_read()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        await run.Ok("ingest", "--catalogue", run.Sample(), "--data", run.At("data"));
        var smaller = run.At("smaller");
        SampleCatalogue.Write(smaller, events: 1);
        string[] ingest = ["ingest", "--catalogue", smaller, "--data", run.At("data")];

        Assert.Equal(0, Sum(await run.Ok(ingest), "deleted"));
        Assert.Equal(8, Sum(await run.Ok([.. ingest, "--prune"]), "deleted"));
        Assert.Equal(0, Sum(await run.Ok([.. ingest, "--prune"]), "deleted"));
        File.Delete(Path.Combine(smaller, SampleCatalogue.Landsat, "2022", "5", "21", "LC09_L1GT_20220521_02_T2.json"));
        var broken = JsonNode.Parse((await run.Do([.. ingest, "--prune", "--json"])).Out)!.AsObject();
        Assert.Equal(0, Sum(broken, "deleted"));
        Assert.Contains("Nothing was pruned from LANDSAT_C2L1:", broken["problems"]!.ToJsonString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_catalogue_get_addresses_where_it_is_served_and_missing_ones_are_named()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample(events: 2);

        var sent = await run.Ok("ingest", "--catalogue", root, "--data", run.At("data"),
            "--assets-base-url", "https://data.example/cat/");

        Assert.Contains($"preview.png became https://data.example/cat/{SampleCatalogue.Pair}/2022/5/21/preview.png.",
            sent["repairs"]!.ToJsonString(CatalogueFolder.Plain), StringComparison.Ordinal);
        Assert.Equal("assets.thumbnail.href: The file preview.png is not there.",
            Assert.Single(sent["problems"]!.AsArray())!.GetValue<string>().Split(": ", 2)[1]);
    }

    [Theory]
    [InlineData("eomatch-ingest", "catalogue ingest --config x")]
    [InlineData("/usr/local/bin/eomatch-add-asset", "catalogue add-asset --config x")]
    [InlineData("eomatch-query.exe", "catalogue query --config x")]
    [InlineData("waypost", "--config x")]
    [InlineData("eomatch-find", "--config x")]
    public void The_program_answers_to_the_names_of_EOMatch(string calledAs, string expected) =>
        Assert.Equal(expected.Split(' '), InstalledNames.Arguments(calledAs, ["--config", "x"]));

    [Fact]
    public async Task The_names_of_EOMatch_are_installed_and_run_and_nothing_elses_file_is_taken()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        Assert.Equal(4, (await run.Do("install-names", run.At("bin"))).Lines.Count(line =>
            line.Contains("eomatch-", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(run.At("bin", "eomatch-query"), "theirs", Token);
        Assert.Equal(ExitCodes.Usage, (await run.Do("install-names", run.At("bin"))).ExitCode);
        Assert.Equal("theirs", await File.ReadAllTextAsync(run.At("bin", "eomatch-query"), Token));
    }

    /// <summary>The flags that name the database of the run's server.</summary>
    internal static string[] Database(CatalogueRun run)
    {
        var database = new NpgsqlConnectionStringBuilder(
            run.Server.Services.GetRequiredService<Settings>().Storage.Database);
        return
        [
            "--db-host", database.Host!, "--db-port", $"{database.Port}", "--db-name", database.Database!,
            "--db-user", database.Username!,
        ];
    }

    /// <summary>Two catalogues on a disk say the same, the documented repairs apart.</summary>
    internal static void Same(string before, string after)
    {
        var (expected, found) = (CatalogueRun.Documents(before), CatalogueRun.Documents(after));
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (path, document) in expected)
        {
            var back = found[path];
            if (document["properties"] is JsonObject properties)
            {
                foreach (var name in back["properties"]!.AsObject().Select(member => member.Key)
                    .Where(name => !properties.ContainsKey(name)).ToList())
                {
                    Assert.Contains(name, Repaired);
                    back["properties"]!.AsObject().Remove(name);
                }
                foreach (var (_, asset) in document["assets"]!.AsObject())
                    if (!LocalCatalogueHrefs.IsUrl(asset.Text("href")!))
                        asset!["href"] = LocalCatalogueHrefs.FileUrl(
                            LocalCatalogueHrefs.PathOf(asset.Text("href")!, Path.Combine(before, path))!);
            }
            Assert.True(JsonNode.DeepEquals(document, back),
                $"{path}\n{document.ToJsonString()}\n{back.ToJsonString()}");
        }
    }

    internal static int Sum(JsonObject result, string name) =>
        result["collections"]!.AsArray().Sum(collection => (int)collection![name]!);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Text.Json.Nodes;
using Waypost.Cli;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Stac;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class AddAssetTests
{
    const string Item = "LC09_L1GT_20220521_02_T2";

    [Fact]
    public async Task A_days_key_is_never_given_to_another_result_and_latest_is_the_greatest_date()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample(events: 1);

        var first = await Add(run, root, "a.nc", "--date", "2026-05-10", "--title", "Bias");
        var again = await Add(run, root, "b.tif", "--date", "2026-05-10");
        var older = await Add(run, root, "c.csv", "--date", "2026-01-15");
        var forced = await Add(run, root, "d.zarr", "--date", "2026-05-10", "--force");

        Assert.Equal(
            ["comparison:2026-05-10", "comparison:2026-05-10.2", "comparison:2026-01-15", "comparison:2026-05-10.2"],
            new[] { first, again, older, forced }.Select(result => result.Text("key")));
        Assert.Equal("comparison:2026-05-10.2", older.Text("latest"));
        var assets = Assets(root);
        Assert.Equal((run.At("a.nc"), "application/x-netcdf", "Bias"), Asset(assets, "comparison:2026-05-10"));
        Assert.Equal((run.At("d.zarr"), "application/vnd.zarr", "d.zarr"), Asset(assets, "comparison:2026-05-10.2"));
        Assert.Equal((run.At("d.zarr"), "application/vnd.zarr", "d.zarr"), Asset(assets, "comparison:latest"));
        Assert.Equal("downloaded", assets["data"].Text("scrappi:asset_state"));
    }

    [Fact]
    public async Task Of_results_that_are_registered_at_once_none_is_lost()
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample(events: 1);
        var names = Enumerable.Range(0, 12).Select(n => $"r{n}.nc").ToList();

        await Task.WhenAll(names.Select(name => Add(run, root, name, "--key-prefix", "bias", "--date", "2026-03-04")));

        var hrefs = Assets(root).Where(asset => asset.Key.StartsWith("bias:2026", StringComparison.Ordinal))
            .Select(asset => Path.GetFileName(asset.Value.Text("href"))).Order(StringComparer.Ordinal);
        Assert.Equal(names.Order(StringComparer.Ordinal), hrefs);
    }

    [Theory]
    [InlineData(ExitCodes.Failed, "no item nobody", "--item-id", "nobody")]
    [InlineData(ExitCodes.Failed, "in the collection nowhere", "--collection-id", "nowhere")]
    [InlineData(ExitCodes.Usage, "no file", "--file", "/nowhere/result.nc")]
    [InlineData(ExitCodes.Usage, "--date", "--date", "2026-13-01")]
    [InlineData(ExitCodes.Usage, "--key-prefix", "--key-prefix", "a b")]
    [InlineData(ExitCodes.Usage, "not a catalogue", "--catalogue", "/nowhere")]
    public async Task What_cannot_be_registered_is_refused_and_nothing_is_written(
        int exitCode, string words, string flag, string value)
    {
        using var run = await CatalogueRun.On(Backend.Sqlite);
        var root = run.Sample(events: 1);
        await File.WriteAllTextAsync(run.At("a.nc"), "x", TestContext.Current.CancellationToken);
        var before = Assets(root).ToJsonString();
        var flags = new Dictionary<string, string>
        {
            ["--catalogue"] = root,
            ["--collection-id"] = SampleCatalogue.Landsat,
            ["--item-id"] = Item,
            ["--file"] = run.At("a.nc"),
            [flag] = value,
        };

        var refused = await run.Do(["add-asset", .. flags.SelectMany(pair => new[] { pair.Key, pair.Value })]);

        Assert.Equal(exitCode, refused.ExitCode);
        Assert.Contains(words, refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, Assets(root).ToJsonString());
    }

    [Theory, Backends]
    public async Task A_push_registers_it_with_the_item_on_the_server(Backend backend)
    {
        using var run = await CatalogueRun.On(backend);
        var root = run.Sample(events: 1);
        await run.Fill(root);

        var here = await Add(run, root, "a.nc", "--date", "2026-05-10", "--push", "--api-url", run.Api);
        var served = await Add(run, root, Path.Combine("sample", "plots", "b 1.png"), "--date", "2026-05-11", "--push",
            "--api-url", run.Api, "--assets-base-url", "https://data.example/cat");

        Assert.Equal(("comparison:2026-05-10", "comparison:2026-05-11"), (here.Text("pushed"), served.Text("pushed")));
        var item = await run.Get($"/collections/{SampleCatalogue.Landsat}/items/{Item}");
        var assets = item["assets"]!.AsObject();
        Assert.Equal("file://" + run.At("a.nc"), assets["comparison:2026-05-10"].Text("href"));
        Assert.Equal("https://data.example/cat/plots/b%201.png", assets["comparison:latest"].Text("href"));
        Assert.Equal("b 1.png", assets["comparison:latest"].Text("title"));
        // Outsiders see what they can reach, and nothing of the rest.
        var outside = await run.Get($"/collections/{SampleCatalogue.Landsat}/items/{Item}", run.External);
        Assert.Equal(["comparison:2026-05-11", "comparison:latest", "data"],
            outside["assets"]!.AsObject().Select(asset => asset.Key).Order(StringComparer.Ordinal));
    }

    static async Task<JsonObject> Add(CatalogueRun run, string root, string file, params string[] args)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(run.At(file))!);
        await File.WriteAllTextAsync(run.At(file), "x", TestContext.Current.CancellationToken);
        return await run.Ok(["add-asset", "--catalogue", root, "--collection-id", SampleCatalogue.Landsat, "--item-id",
            Item, "--file", run.At(file), .. args]);
    }

    static JsonObject Assets(string root) =>
        CatalogueRun.Documents(root)[$"{SampleCatalogue.Landsat}/2022/5/21/{Item}.json"]["assets"]!.AsObject();

    static (string?, string?, string?) Asset(JsonObject assets, string key) =>
        (assets[key].Text("href"), assets[key].Text("type"), assets[key].Text("title"));
}

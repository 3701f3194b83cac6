using System.Globalization;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

/// <summary>Results of analyses as dated assets.</summary>
public sealed class StacAnalysesTests
{
    static readonly DateOnly Day = new(2026, 3, 4);

    [Fact]
    public void A_second_result_of_a_day_gets_a_numbered_key_and_nothing_is_overwritten()
    {
        var assets = new JsonObject();
        Assert.Equal(("comparison:2026-03-04", AnalysisChange.Added), Register(assets, "/a.nc"));
        var first = assets["comparison:2026-03-04"]!.ToJsonString();
        Assert.Equal(("comparison:2026-03-04.2", AnalysisChange.Added), Register(assets, "/b.nc"));
        Assert.Equal(("comparison:2026-03-04.3", AnalysisChange.Added), Register(assets, "/c.nc"));
        Assert.Equal(("comparison:2026-03-04.2", AnalysisChange.Unchanged), Register(assets, "/b.nc", title: "Other"));
        Assert.Equal(first, assets["comparison:2026-03-04"]!.ToJsonString());
        Assert.Equal("/c.nc", Href(assets, "comparison:latest"));
        for (var n = 4; n <= 12; n++) Register(assets, $"/{n}.nc");
        Assert.Equal("/12.nc", Href(assets, "comparison:latest"));
        Assert.Equal(13, assets.Count);
    }

    [Fact]
    public void An_older_day_does_not_move_the_latest_back()
    {
        var assets = new JsonObject();
        Register(assets, "/new.nc");
        var older = StacAnalyses.Register(assets, new AnalysisAsset("/old.nc", Day.AddDays(-1)));
        Assert.Equal(("comparison:2026-03-03", "comparison:2026-03-04"), (older.Key, older.Latest));
        Assert.Equal("/new.nc", Href(assets, "comparison:latest"));
        StacAnalyses.Register(assets, new AnalysisAsset("/newer.nc", Day.AddYears(1)));
        Assert.Equal("/newer.nc", Href(assets, "comparison:latest"));
    }

    [Fact]
    public void Force_replaces_the_days_last_result_or_the_one_of_the_same_address()
    {
        var assets = new JsonObject();
        Register(assets, "/a.nc");
        Register(assets, "/b.nc");
        Assert.Equal(("comparison:2026-03-04.2", AnalysisChange.Replaced), Register(assets, "/c.nc", force: true));
        Assert.Equal("/c.nc", Href(assets, "comparison:latest"));
        Assert.Equal(("comparison:2026-03-04", AnalysisChange.Replaced),
            Register(assets, "/a.nc", force: true, title: "Again"));
        Assert.Equal("Again", (string?)assets["comparison:2026-03-04"]!["title"]);
        Assert.Equal("/c.nc", Href(assets, "comparison:latest"));
    }

    [Fact]
    public void Analyses_of_other_prefixes_and_keys_of_other_forms_are_left_alone()
    {
        var assets = JsonNode.Parse("""
            {"data":{"href":"/d"},"comparison":{"href":"/x"},"comparison:2026-13-01":{"href":"/x"},
             "comparison:2026-03-04.1":{"href":"/x"},"comparison:2026-03-04.02":{"href":"/x"},
             "comparison:2026-03-04.":{"href":"/x"},"comparison:2026-03-04x":{"href":"/x"},
             "comparison:9999-12-31":"not an asset","bias:2027-01-01":{"href":"/x"}}
            """)!.AsObject();
        var before = assets.Select(asset => (asset.Key, asset.Value!.ToJsonString())).ToList();
        Assert.Equal(("comparison:2026-03-04", AnalysisChange.Added), Register(assets, "/a.nc"));
        Assert.Equal("/a.nc", Href(assets, "comparison:latest"));
        Assert.Equal(before, assets.Take(before.Count).Select(asset => (asset.Key, asset.Value!.ToJsonString())));
    }

    [Theory]
    [InlineData("/data/out.nc", "application/x-netcdf", "out.nc")]
    [InlineData("/data/cube.zarr/", "application/vnd.zarr", "cube.zarr")]
    [InlineData("https://example.org/a%20b.GeoJSON?x=1.png#f", "application/geo+json", "a b.GeoJSON")]
    [InlineData(@"C:\out\map.TIF", "image/tiff", "map.TIF")]
    [InlineData("s3://bucket/key/plot.jpg", "image/jpeg", "plot.jpg")]
    [InlineData("table.csv", "text/csv", "table.csv")]
    [InlineData("/data/README", "application/octet-stream", "README")]
    public void Type_and_title_follow_from_the_name(string href, string type, string title)
    {
        var assets = new JsonObject();
        Register(assets, href);
        var asset = assets["comparison:2026-03-04"]!;
        Assert.Equal((type, title), ((string?)asset["type"], (string?)asset["title"]));
        Assert.Equal("data", (string?)asset["roles"]![0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_prefix_that_would_blur_the_keys_is_refused(string prefix) =>
        Assert.Throws<ArgumentException>(() =>
            StacAnalyses.Register([], new AnalysisAsset("/a", Day) { KeyPrefix = prefix }));

    [Fact]
    public void Whatever_the_order_the_latest_is_the_greatest_and_every_result_is_kept()
    {
        var seed = Environment.GetEnvironmentVariable("WAYPOST_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"WAYPOST_SEED={seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var (assets, kept) = (new JsonObject(), new Dictionary<string, string>());
            for (var n = random.Next(1, 20); n > 0; n--)
            {
                var href = $"/{random.Next(30)}.nc";
                var done = StacAnalyses.Register(assets, new AnalysisAsset(href, Day.AddDays(random.Next(4))));
                Assert.True(kept.TryAdd(done.Key, href) || kept[done.Key] == href);
                var newest = kept.Keys.MaxBy(key => (key[..21], key.Length, key));
                Assert.Equal(newest, done.Latest);
                Assert.Equal(kept[newest!], Href(assets, "comparison:latest"));
            }
            Assert.Equal(kept.Count + 1, assets.Count);
            foreach (var (key, href) in kept) Assert.Equal(href, Href(assets, key));
        }
    }

    static (string, AnalysisChange) Register(JsonObject assets, string href, bool force = false, string? title = null)
    {
        var done = StacAnalyses.Register(assets, new AnalysisAsset(href, Day) { Title = title }, force);
        return (done.Key, done.Change);
    }

    static string? Href(JsonObject assets, string key) => (string?)assets[key]!["href"];
}

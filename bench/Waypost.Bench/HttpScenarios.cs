using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Bench;

/// <summary>What a plain GET costs; the peer is a Kestrel that answers a constant.</summary>
static class HttpScenarios
{
    const int ItemsPerTransaction = 500;

    /// <summary>The ceiling: Kestrel answering a constant text, until it is stopped.</summary>
    public static async Task ServePlaintext(Arguments arguments, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(arguments.Text("urls", "http://127.0.0.1:18081"));
        await using var app = builder.Build();
        app.MapGet("/", () => "Hello, World!");
        await app.StartAsync(ct);
        await app.WaitForShutdownAsync(ct);
    }

    /// <summary>Fills a data folder's catalogue before its server starts, and prints the path of one item.</summary>
    public static async Task FillCatalogue(Arguments arguments, CancellationToken ct)
    {
        var count = arguments.Int("items", 100_000);
        var now = TimeProvider.System.GetUtcNow();
        await using var databases = await StorageModule.Open(
            new StorageSettings(arguments.Text("data", "data"), null), WaypostApp.Modules, TimeProvider.System, ct);
        var db = databases.For("default");
        await using (var tx = await db.Begin(ct))
        {
            await tx.PutCollection("default", Collection, now);
            await tx.Commit();
        }
        foreach (var batch in Enumerable.Range(0, count).Chunk(ItemsPerTransaction))
        {
            await using var tx = await db.Begin(ct);
            foreach (var number in batch) await tx.PutItem("default", Item(number), now);
            await tx.Commit();
        }
        Console.WriteLine($"/api/collections/bench/items/scene-{count / 2}");
    }

    static readonly Json Collection = new("""
        {"type":"Collection","stac_version":"1.1.0","id":"bench","description":"Scenes for a benchmark.",
        "license":"CC0-1.0",
        "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},
        "temporal":{"interval":[["2020-01-01T00:00:00Z",null]]}},"links":[]}
        """);

    static Json Item(int number)
    {
        var west = (number * 7919L % 35_800 / 100.0) - 179;
        var south = (number * 104_729L % 16_800 / 100.0) - 84;
        var (east, north) = (west + 1, south + 1);
        var time = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(number)
            .ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new Json(string.Create(CultureInfo.InvariantCulture, $$"""
            {"type":"Feature","stac_version":"1.1.0","stac_extensions":[],"id":"scene-{{number}}","collection":"bench",
            "bbox":[{{west}},{{south}},{{east}},{{north}}],"geometry":{"type":"Polygon",
            "coordinates":[[[{{west}},{{south}}],
            [{{east}},{{south}}],[{{east}},{{north}}],[{{west}},{{north}}],[{{west}},{{south}}]]]},
            "properties":{"datetime":"{{time}}","platform":"bench-{{number % 3}}","eo:cloud_cover":{{number % 100}},
            "gsd":10},
            "links":[],"assets":{"data":{"href":"https://example.com/{{number}}.tif",
            "type":"image/tiff; application=geotiff",
            "roles":["data"] } } }
            """));
    }
}

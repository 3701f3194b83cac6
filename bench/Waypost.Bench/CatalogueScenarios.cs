using System.Diagnostics;
using System.Text.Json;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Bench;

/// <summary>How fast items go into the catalogue: 2 KB each, in the shape of EOMatch's matchups, faults included.
/// </summary>
static class CatalogueScenarios
{
    const string Org = "default";
    const string Collection = "LANDSAT_C2L1-Landsat-9-vs-S2_MSI_L1C-S2A";

    /// <summary>Writes <c>--items</c> through the call that routes and command line use, in <c>--loaders</c> streams at
    /// the same time.</summary>
    public static async Task Load(Arguments arguments, CancellationToken ct)
    {
        var (items, loaders) = (arguments.Int("items", 100_000), arguments.Int("loaders", 1));
        await using var bench = await BenchDatabase.Open(arguments, ct);
        await using (var tx = await bench.Db.Begin(ct))
        {
            await tx.PutCollection(Org, new Json($$"""
                {"type":"Collection","stac_version":"1.1.0","id":"{{Collection}}","description":"Matchups.",
                "license":"other","extent":{"spatial":{"bbox":[[-180,-90,180,90]]},
                "temporal":{"interval":[[null,null]]} },"links":[]}
                """), TimeProvider.System.GetUtcNow());
            await tx.Commit();
        }
        // Also what the first statements and the compiler cost is not what is asked.
        var lines = Enumerable.Range(0, items + Warm)
            .Select(i => new BulkLine(i, PrepareScenarios.Matchup(i))).ToList();
        var bulk = new BulkWriting(bench.Databases, Preparing.Default, TimeProvider.System);
        await Write(lines[..Warm]);

        var (cpu, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var rest = lines[Warm..];
        var created = await Task.WhenAll(Enumerable.Range(0, loaders).Select(loader => Task.Run(
            () => Write([.. rest.Where((_, i) => i % loaders == loader)]), ct)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var spent = Environment.CpuUsage.TotalTime - cpu;
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new
        {
            name = $"Waypost, bulk writing of items, {loaders} at the same time",
            items = created.Sum(),
            bytes = rest.Average(line => line.Utf8.Length),
            items_per_second = (int)(items / seconds),
            server_cpu_microseconds = Math.Round(spent.TotalMicroseconds / items, 1),
            largest_memory_mb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            durability = bench.Durability,
        }));

        async Task<int> Write(List<BulkLine> stream) => await bulk
            .Write(Org, stream.ToAsyncEnumerable(), new BulkOptions(), ct)
            .CountAsync(outcome => outcome.Status == BulkStatus.Created, ct);
    }

    const int Warm = 5_000;
}

using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text.Json;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Bench;

/// <summary>How fast items go into the catalogue: 2 KB each, in the shape of EOMatch's matchups, faults included.
/// </summary>
static class CatalogueScenarios
{
    const string Org = "default";
    internal const string Collection = "LANDSAT_C2L1-Landsat-9-vs-S2_MSI_L1C-S2A";

    /// <summary>What the first statements and the compiler cost is not what is asked.</summary>
    const int Warm = 20_000;

    /// <summary>Writes <c>--items</c> out of files of NDJSON through the call that routes and command line use, in
    /// <c>--loaders</c> streams at the same time, and counts what is there afterwards.</summary>
    public static async Task Load(Arguments arguments, CancellationToken ct)
    {
        var (items, loaders) = (arguments.Int("items", 100_000), arguments.Int("loaders", 1));
        await using var bench = await BenchDatabase.Open(arguments, ct);
        await using (var tx = await bench.Db.Begin(ct))
        {
            await tx.PutCollection(Org, new Json(CollectionJson), TimeProvider.System.GetUtcNow());
            await tx.Commit();
        }
        var bulk = new BulkWriting(bench.Databases, Preparing.Default, TimeProvider.System);
        using var files = new LoadFiles(arguments, items, loaders);
        await Write(files.Warm);

        var processes = ProcessFigures.Of(arguments).Append(Environment.ProcessId).ToArray();
        var (cpu, paused) = (processes.Sum(ProcessFigures.CpuSeconds), GC.GetTotalPauseDuration());
        var began = Stopwatch.GetTimestamp();
        var created = await Task.WhenAll(files.Loads.Select(file => Task.Run(() => Write(file), ct)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var spent = processes.Sum(ProcessFigures.CpuSeconds) - cpu;
        var kept = await bench.Db.One<Number>(
            $"select count(*) as n from catalogue_items where org = {Org} and collection = {Collection}", ct);
        if (created.Sum() != items || kept!.N != items + Warm)
            throw new InvalidOperationException(
                $"{items} were sent, {created.Sum()} reported as created, and {kept!.N - Warm} are there.");
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new
        {
            name = $"Waypost, bulk writing of items, {loaders} at the same time",
            items,
            loaders,
            bytes = files.BytesPerItem,
            lost = items + Warm - kept.N,
            items_per_second = (int)(items / seconds),
            cpu_microseconds_per_item = Math.Round(spent * 1e6 / items, 1),
            collecting_garbage_share = Math.Round((GC.GetTotalPauseDuration() - paused).TotalSeconds / seconds, 3),
            largest_memory_mb = ProcessFigures.LargestMemoryMb(Environment.ProcessId),
            durability = bench.Durability,
        }));

        async Task<int> Write(string file)
        {
            await using var stream = File.OpenRead(file);
            var body = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 16));
            return await bulk.Write(Org, BulkBodies.Lines(body, ct), new BulkOptions(), ct)
                .CountAsync(outcome => outcome.Status == BulkStatus.Created, ct);
        }
    }

    /// <summary>Sends <c>--items</c> as NDJSON to a running server, in <c>--loaders</c> requests at the same time;
    /// where it has some already, from number <c>--first</c> on.</summary>
    public static async Task LoadOverHttp(Arguments arguments, CancellationToken ct)
    {
        var (items, loaders) = (arguments.Int("items", 100_000), arguments.Int("loaders", 1));
        var processes = ProcessFigures.Of(arguments);
        using var client = new HttpClient
        {
            BaseAddress = new Uri(arguments.Text("urls", "http://127.0.0.1:18084")),
            Timeout = TimeSpan.FromHours(1),
            DefaultRequestHeaders = { { "X-API-Key", arguments.Text("key", "bench-administrator-key") } },
        };
        using (var collection = new StringContent(CollectionJson, null, "application/json"))
        using (var made = await client.PostAsync("/api/collections", collection, ct))
            if (made.StatusCode != HttpStatusCode.Conflict) made.EnsureSuccessStatusCode();
        using var files = new LoadFiles(arguments, items, loaders);
        await Send(files.Warm);

        var (cpu, began) = (processes.Sum(ProcessFigures.CpuSeconds), Stopwatch.GetTimestamp());
        var created = await Task.WhenAll(files.Loads.Select(file => Task.Run(() => Send(file), ct)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var spent = processes.Sum(ProcessFigures.CpuSeconds) - cpu;
        if (created.Sum() != items)
            throw new InvalidOperationException($"{items} were sent, and {created.Sum()} reported as created.");
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new
        {
            name = $"Waypost, POST of items as NDJSON, {loaders} at the same time",
            items,
            loaders,
            bytes = files.BytesPerItem,
            items_per_second = (int)(items / seconds),
            cpu_microseconds_per_item = Math.Round(spent * 1e6 / items, 1),
            largest_memory_mb = ProcessFigures.LargestMemoryMb(processes[0]),
        }));

        async Task<long> Send(string file)
        {
            using var body = new StreamContent(File.OpenRead(file));
            body.Headers.ContentType = new("application/x-ndjson");
            using var answer = await client.PostAsync("/api/bulk_items", body, ct);
            answer.EnsureSuccessStatusCode();
            using var report = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct));
            return report.RootElement.GetProperty("created").GetInt64();
        }
    }

    static string CollectionJson => $$"""
        {"type":"Collection","stac_version":"1.1.0","id":"{{Collection}}","description":"Matchups.",
        "license":"other","extent":{"spatial":{"bbox":[[-180,-90,180,90]]},
        "temporal":{"interval":[[null,null]]} },"links":[]}
        """;

    /// <summary>Items in files, a line each: to make them up is not what is measured, nor to hold them.</summary>
    sealed class LoadFiles : IDisposable
    {
        readonly string folder;

        public LoadFiles(Arguments arguments, int items, int loaders)
        {
            var first = arguments.Int("first", 0);
            folder = Directory.CreateDirectory(Path.Combine(
                arguments.Text("folder", Path.GetTempPath()), $"waypost-load-{Guid.CreateVersion7():N}")).FullName;
            Warm = Fill("warm", Enumerable.Range(first, CatalogueScenarios.Warm));
            Loads = [.. Enumerable.Range(0, loaders).Select(loader => Fill($"{loader}",
                Enumerable.Range(first + CatalogueScenarios.Warm, items).Where(n => n % loaders == loader)))];
            BytesPerItem = Loads.Sum(file => new FileInfo(file).Length) / items;
        }

        public string Warm { get; }

        public IReadOnlyList<string> Loads { get; }

        public long BytesPerItem { get; }

        public void Dispose() => Directory.Delete(folder, recursive: true);

        string Fill(string name, IEnumerable<int> numbers)
        {
            var path = Path.Combine(folder, name + ".ndjson");
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
            foreach (var number in numbers)
            {
                file.Write(PrepareScenarios.Matchup(number));
                file.WriteByte((byte)'\n');
            }
            return path;
        }
    }
}

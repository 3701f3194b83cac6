using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Bench;

/// <summary>Searches of a large catalogue, each with parameters that nobody has asked before.</summary>
static class SearchScenarios
{
    const string Org = "default";
    const int Chunk = 1_000;
    const int Clients = 4;

    /// <summary>Fills the catalogue of a data folder, or of the PostgreSQL database of WAYPOST_BENCH_POSTGRES.
    /// </summary>
    public static async Task Fill(Arguments arguments, CancellationToken ct)
    {
        var count = arguments.Int("items", 100_000);
        var now = TimeProvider.System.GetUtcNow();
        var postgres = arguments.Text("database", "sqlite") == "postgres";
        var connection = postgres ? Environment.GetEnvironmentVariable("WAYPOST_BENCH_POSTGRES") : null;
        await using var databases = await StorageModule.Open(
            new StorageSettings(arguments.Text("data", "data"), connection), WaypostApp.Modules, TimeProvider.System,
            ct);
        var db = databases.For(Org);
        await using (var tx = await db.Begin(ct))
        {
            // As a server says of an empty catalogue; one that is told nothing prepares every item again.
            await tx.Run($"""
                insert into catalogue_forms (form, reached, is_complete) values ({Preparing.Default.Form}, {0L}, {true})
                """);
            foreach (var pair in SearchItems.Pairs) await tx.PutCollection(Org, Collection(pair), now);
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, declared, slot, is_filled)
                values ({Org}, {""}, {"land_fraction"}, {"number"}, {new Json("""{"type":"number"}""")}, {"n1"}, {true})
                """);
            await tx.Commit();
        }
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < count; from += Chunk * SearchItems.Pairs.Length)
        {
            var numbers = Enumerable.Range(from, Math.Min(Chunk * SearchItems.Pairs.Length, count - from));
            var prepared = numbers.AsParallel().Select(n => PreparedItem.Of(SearchItems.Item(n), Preparing.Default));
            foreach (var part in prepared.ToList().GroupBy(item => item.Collection))
            {
                await using var tx = await db.Begin(ct);
                await tx.WriteItems(Org, part.Key, [.. part], false, Guid.CreateVersion7(now), now);
                await tx.Commit();
            }
        }
        Console.WriteLine(JsonSerializer.Serialize(new { items = count, seconds = watch.Elapsed.TotalSeconds }));
        if (connection is null) return;
        await using var source = NpgsqlDataSource.Create(connection);
        await using var vacuum = source.CreateCommand("vacuum analyze");
        vacuum.CommandTimeout = 600;
        await vacuum.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Asks a running server, whose processes' CPU is read before and after.</summary>
    public static async Task Search(Arguments arguments, CancellationToken ct)
    {
        var items = arguments.Int("items", 100_000);
        var limit = arguments.Int("limit", 10);
        var seconds = arguments.Int("seconds", 5);
        var processes = ProcessFigures.Of(arguments);
        using var client = new HttpClient { BaseAddress = new Uri(arguments.Text("urls", "http://127.0.0.1:18082")) };
        var kinds = Kinds(items, limit);
        var results = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, ask, _) in kinds)
            results[name] = await Measure(client, processes, ask, seconds, ct);
        var mix = kinds.Where(kind => kind.IsMixed).Select(kind => kind.Ask).ToArray();
        results["mix"] = await Measure(client, processes, random => mix[random.Next(mix.Length)](random), seconds, ct);
        Console.WriteLine(JsonSerializer.Serialize(new { items, limit, results }));
    }

    // Of the properties that have no column one condition holds for one item of a thousand, and one for half of them.
    static (string Name, Func<Random, string> Ask, bool IsMixed)[] Kinds(int items, int limit) =>
    [
        ("bbox and time", random => $"/api/search?limit={limit}&bbox={Box(random)}&datetime={Time(random)}", true),
        ("time", random => $"/api/search?limit={limit}&datetime={Time(random)}", true),
        ("ids", random => $"/api/search?limit={limit}&ids=" + string.Join(
            ',', Enumerable.Range(0, random.Next(1, 11)).Select(_ => SearchItems.Name(random.Next(items)).Id)), true),
        ("promoted property", random => $"/api/search?limit={limit}&filter=" + Range(random, "land_fraction", 1, 0.1),
            true),
        ("unpromoted property", random => $"/api/search?limit={limit}&filter="
            + Range(random, "time_diff_s", 40_000, 0.001), true),
        ("free text", random => $"/api/search?limit={limit}&q={SearchItems.Region(random.Next(500))}", true),
        ("unpromoted property and time", random => $"/api/search?limit={limit}&datetime={Time(random)}&filter="
            + Range(random, "time_diff_s", 40_000, 0.001), false),
        ("unpromoted property, common", random => $"/api/search?limit={limit}&filter="
            + Range(random, "solar_elevation_deg", 90, 0.5), false),
        ("item by id", random =>
        {
            var (collection, id) = SearchItems.Name(random.Next(items));
            return $"/api/collections/{collection}/items/{id}";
        }, false),
    ];

    // A share of the values from 0 to `most`, which are as frequent as one another.
    static string Range(Random random, string name, double most, double share)
    {
        var from = random.NextDouble() * most * (1 - share);
        return Escaped(Invariant($"{name} >= {from:F5} AND {name} < {from + most * share:F5}"));
    }

    static async Task<object> Measure(
        HttpClient client, int[] processes, Func<Random, string> ask, int seconds, CancellationToken ct)
    {
        var counted = 0L;
        var done = 0L;
        await Ask(2);
        (counted, done) = (0, 0);
        var (cpu, watch) = (processes.Sum(ProcessFigures.CpuSeconds), Stopwatch.StartNew());
        await Ask(seconds);
        var spent = processes.Sum(ProcessFigures.CpuSeconds) - cpu;
        return new
        {
            requests_per_second = Math.Round(done / watch.Elapsed.TotalSeconds),
            cpu_ms_per_request = Math.Round(spent * 1000 / done, 3),
            with_number_matched = Math.Round(counted / (double)done, 3),
        };

        async Task Ask(int during)
        {
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(n => Task.Run(async () =>
            {
                var random = new Random();
                while (clock.Elapsed.TotalSeconds < during)
                {
                    var asked = ask(random);
                    using var response = await client.GetAsync(asked, ct);
                    var answer = await response.Content.ReadAsByteArrayAsync(ct);
                    // A refusal is quick: it would make the figures better than they are.
                    if (!response.IsSuccessStatusCode)
                        throw new InvalidOperationException($"{asked}: {Encoding.UTF8.GetString(answer)}");
                    if (answer.AsSpan().IndexOf("\"numberMatched\""u8) >= 0) Interlocked.Increment(ref counted);
                    Interlocked.Increment(ref done);
                }
            }, ct)));
        }
    }

    static string Box(Random random)
    {
        var (width, height) = (2 + random.NextDouble() * 18, 2 + random.NextDouble() * 18);
        var (west, south) = (-180 + random.NextDouble() * (360 - width), -85 + random.NextDouble() * (170 - height));
        return Invariant($"{west:F5},{south:F5},{west + width:F5},{south + height:F5}");
    }

    static string Time(Random random)
    {
        var days = 1 + random.NextDouble() * 59;
        var from = SearchItems.First.AddDays(random.NextDouble() * (SearchItems.Days - days));
        return Invariant($"{from:yyyy-MM-ddTHH:mm:ss}Z/{from.AddDays(days):yyyy-MM-ddTHH:mm:ss}Z");
    }

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    static string Escaped(string text) => Uri.EscapeDataString(text);

    static Json Collection(string id) => new($$"""
        {"type":"Collection","stac_version":"1.1.0","id":"{{id}}","description":"Matchups: {{id}}","license":"other",
        "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},"temporal":{"interval":[[null,null]]} },"links":[]}
        """);
}

using System.Diagnostics;
using System.Globalization;
using Waypost.Rescue.Policy;

namespace Waypost.Bench;

/// <summary>How long the rescue matcher takes to load and to choose; nothing but memory and the processor.</summary>
static class MatchScenarios
{
    const int Kinds = 12;

    static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Loads assets and nodes, then lets random nodes pick and hold; a tenth of the assets have a copy.
    /// </summary>
    public static Task Match(Arguments arguments, CancellationToken ct)
    {
        var (assets, nodes) = (arguments.Int("assets", 300_000), arguments.Int("nodes", 10_000));
        var (sources, picks) = (arguments.Int("sources", 2_000), arguments.Int("picks", 5_000));
        var count = arguments.Int("count", 20);
        var random = new Random(20261120);
        var before = GC.GetTotalMemory(true);
        var watch = Stopwatch.StartNew();
        var matcher = new Matcher(new PolicySettings(), Now, assets);
        for (var i = 0; i < sources; i++) AddSource(matcher, random, i);
        for (var i = 1; i <= nodes; i++) matcher.Put(Node(random, i));
        for (var i = 1; i <= assets; i++) matcher.Put(Asset(random, i, sources, nodes));
        var load = watch.Elapsed;
        var bytes = GC.GetTotalMemory(true) - before;

        var (times, busy) = (new double[picks], new double[picks]);
        var (given, weighed) = (0L, 0L);
        // The first picks teach the runtime; a server that answers a campaign has had them.
        for (var i = 0; i < picks / 10; i++)
            matcher.Pick(new Wanted(random.Next(1, nodes + 1), count, random.NextDouble()), Now);
        for (var i = 0; i < picks && !ct.IsCancellationRequested; i++)
        {
            var node = Node(random, random.Next(1, nodes + 1));
            // Between picks the world moves on: the node's heartbeat, and its source's tokens with the clock.
            matcher.Put(node);
            // Processor time, not the clock's: what else the machine does is no property of the matcher.
            var used = Environment.CpuUsage.TotalTime;
            watch.Restart();
            given += matcher.PickAndHold(
                new Wanted(node.Id, count, random.NextDouble()), Now.AddSeconds(i)).Count;
            weighed += matcher.Weighed;
            times[i] = watch.Elapsed.TotalMilliseconds;
            busy[i] = (Environment.CpuUsage.TotalTime - used).TotalMilliseconds;
        }
        Array.Sort(times);
        Array.Sort(busy);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""
            {"assets":{{assets}},"nodes":{{nodes}},"sources":{{sources}},"picks":{{picks}},"count":{{count}},
            "given":{{given}},"load_seconds":{{load.TotalSeconds:F2}},"memory_mb":{{bytes / 1e6:F0}},
            "mean_ms":{{times.Average():F3}},"p50_ms":{{times[picks / 2]:F3}},"p99_ms":{{times[picks * 99 / 100]:F3}},
            "max_ms":{{times[^1]:F3}},"mean_cpu_ms":{{busy.Average():F3}},"p99_cpu_ms":{{busy[picks * 99 / 100]:F3}},
            "mean_weighed":{{weighed / picks}}}
            """));
        return Task.CompletedTask;
    }

    static void AddSource(Matcher matcher, Random random, int source)
    {
        var limits = SourceLimits.Recommended with { MostInFlight = 64, FirstInFlight = 64 };
        matcher.SetSource(source, limits, Sources.Begin(limits, Now), Between(random, 1e5, 1e7));
    }

    static NodeFacts Node(Random random, int id) => new(
        id, new NodeCapacity((long)Between(random, 1e10, 2e12), 0, 0, 1L << 42, 1L << 33, null, 100),
        Between(random, 2e5, 2e7), 0.3 + (0.7 * random.NextDouble()), 0.3 + (0.7 * random.NextDouble()),
        new Domain(id / 3, random.Next(1, 200), random.Next(1, 30), id));

    static AssetFacts Asset(Random random, int id, int sources, int nodes)
    {
        var isHeld = random.Next(10) == 0;
        // Popular hosts have most of the files: the square of a uniform number crowds the low ones.
        var source = (int)(Math.Pow(random.NextDouble(), 2) * sources);
        return new(
            id, source, Math.Pow(1 + random.Next(100_000), -0.5), 1 + (3 * random.NextDouble()),
            random.Next(20) == 0 ? null : (long)Between(random, 1e3, 1e11), random.Next(Kinds), 3, isHeld ? 1 : 0, 0,
            isHeld ? 0.8 : 0, Now.AddHours(-random.Next(2000)), true, isHeld,
            isHeld ? [random.Next(1, nodes + 1)] : []);
    }

    /// <summary>Log-uniform.</summary>
    static double Between(Random random, double least, double most) =>
        least * Math.Pow(most / least, random.NextDouble());
}

using Waypost.Rescue.Policy;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>Random assets, nodes and sources, and the plainest way to choose among them: look at all.</summary>
sealed class Fleet
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public PolicySettings Settings { get; init; } = new() { LaneShare = 0 };

    public List<AssetFacts> Assets { get; init; } = [];

    public List<NodeFacts> Nodes { get; init; } = [];

    public Dictionary<int, double> Sources { get; init; } = [];

    public static Fleet Random(Random random, int assets, int nodes, int sources, bool areSizesKnown = true)
    {
        var fleet = new Fleet();
        for (var i = 1; i <= nodes; i++) fleet.Nodes.Add(Node(random, i));
        for (var i = 0; i < sources; i++) fleet.Sources[i] = random.Next(4) == 0 ? 0 : random.Next(50_000, 5_000_000);
        for (var i = 1; i <= assets; i++)
        {
            var held = random.Next(4) == 0 ? random.Next(0, 3) : 0;
            var holders = Enumerable.Range(0, held).Select(_ => (long)random.Next(1, nodes + 1)).Distinct().ToArray();
            var copies = random.Next(holders.Length + 1);
            fleet.Assets.Add(new AssetFacts(
                i, random.Next(sources), Math.Pow(random.NextDouble(), 3) + 0.001, 1 + random.NextDouble(),
                areSizesKnown || random.Next(3) > 0 ? Size(random) : null, random.Next(3), 3, copies,
                holders.Length - copies, holders.Length * 0.8, Now.AddHours(-random.Next(1000)),
                random.Next(20) > 0, copies > 0 && random.Next(2) == 0, holders));
        }
        return fleet;
    }

    public static NodeFacts Node(Random random, int id) => new(
        id,
        new NodeCapacity(
            random.NextInt64(1L << 36), random.NextInt64(1L << 30), 0, random.NextInt64(1L << 36), 1L << 28,
            random.Next(3) == 0 ? random.NextInt64(1L << 34) : null, 1000),
        random.Next(10_000, 20_000_000), 0.2 + (0.8 * random.NextDouble()), 0.5 + (0.5 * random.NextDouble()),
        new Domain(random.Next(0, 4), random.Next(0, 6), random.Next(0, 3), id));

    public static long Size(Random random) => (long)Math.Pow(2, 4 + (random.NextDouble() * 34));

    public Matcher Matcher()
    {
        var matcher = new Matcher(Settings, Now.AddDays(-9));
        foreach (var (source, rate) in Sources)
            matcher.SetSource(source, Open(rate), Waypost.Rescue.Policy.Sources.Begin(Open(rate), Now), rate);
        foreach (var node in Nodes) matcher.Put(node);
        foreach (var asset in Assets) matcher.Put(asset);
        return matcher;
    }

    /// <summary>All scores of what this node may get, by looking at every asset.</summary>
    public List<(long Id, double Score)> Scan(NodeFacts node)
    {
        var found = new List<(long, double)>();
        foreach (var asset in Assets)
        {
            if (!asset.IsOpen || asset.Copies + asset.InFlight >= asset.Target) continue;
            if (asset.Holders.Contains(node.Id)) continue;
            var holders = asset.Holders.Select(id => Nodes.Single(n => n.Id == id).Domain).ToArray();
            if (node.Domain.Operator != 0
                && holders.Count(h => h.Operator == node.Domain.Operator) >= Settings.CopiesPerOperator) continue;
            if (!asset.FromPeers && Sources[asset.Source] <= 0) continue;
            var bytes = asset.Bytes ?? 0;
            if (bytes > node.Capacity.AvailableBytes || bytes > node.Capacity.MovableBytes) continue;
            var rate = asset.FromPeers ? double.PositiveInfinity : Sources[asset.Source];
            found.Add((asset.Id, Score.Of(
                asset.Weight * asset.Hazard, asset.CredibleCopies, node.Credibility,
                Score.Diversity(node.Domain, holders, Settings),
                Score.Eta(bytes, node.BytesPerSecond, rate, node.Duty),
                (Now - asset.WaitingSince).TotalSeconds, Settings)));
        }
        found.Sort((a, b) => b.Item2.CompareTo(a.Item2));
        return found;
    }

    /// <summary>Limits that do not matter; a source without a rate is closed by a blackout that never ends.</summary>
    static SourceLimits Open(double rate) => SourceLimits.Recommended with
    {
        MostInFlight = 100_000,
        FirstInFlight = 100_000,
        Burst = 100_000,
        Blackouts = rate > 0 ? [] : [new(0, 5040, default), new(5040, 0, default)],
    };
}

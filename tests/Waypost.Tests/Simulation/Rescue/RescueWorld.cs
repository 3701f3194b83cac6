namespace Waypost.Tests.Simulation;

/// <summary>The world that rescue policies are compared in: what there is to save, who helps, and what goes dark.
/// </summary>
/// <remarks>
/// 12,000 assets, 200 volunteers, 40 sources of which 12 go dark within three weeks, all drawn from one seed. What is
/// assumed is written in <c>docs/decisions/008</c>; nothing here knows of any policy.
/// </remarks>
sealed class RescueWorld
{
    public const double Day = 86_400;

    const int AssetCount = 12_000, NodeCount = 200, SourceCount = 40, DarkCount = 12;

    /// <summary>A file: its rank (1 is the most urgent), its value and where it is.</summary>
    public sealed record Asset(int Id, int Rank, double Value, long Bytes, int Source);

    /// <summary>A volunteer: bytes a second down and up, disk, the hours of each day in which it is on, and when it
    /// leaves for good.</summary>
    public sealed record Volunteer(
        int Id, double Down, double Up, long Disk, double OnFrom, double OnFor, double LeavesAt, int Operator,
        int Network, int Country)
    {
        public double Duty => OnFor / Day;

        public bool IsOn(double at) => OnFor >= Day || Into(at) < OnFor;

        /// <summary>When it is next switched on or off.</summary>
        public double NextSwitch(double at) =>
            OnFor >= Day ? double.PositiveInfinity : at + (IsOn(at) ? OnFor - Into(at) : Day - Into(at));

        double Into(double at) => (at - OnFrom + (2 * Day)) % Day;
    }

    /// <summary>A host: bytes a second for each connection, how many it bears before it answers 429, and when it goes
    /// dark.</summary>
    public sealed record Source(int Id, double PerConnection, int Bears, double DarkAt);

    public IReadOnlyList<Asset> Assets { get; }

    public IReadOnlyList<Volunteer> Volunteers { get; }

    public IReadOnlyList<Source> Sources { get; }

    public double Value { get; }

    public double Bytes { get; }

    public RescueWorld(int seed)
    {
        var random = new Random(seed);
        Sources = [.. Enumerable.Range(0, SourceCount).Select(id => MakeSource(random, id))];
        var dark = Enumerable.Range(0, SourceCount).OrderBy(_ => random.Next()).Take(DarkCount).ToHashSet();
        Sources = [.. Sources.Select(source => dark.Contains(source.Id)
            ? source with { DarkAt = random.NextDouble() * 21 * Day } : source)];
        Volunteers = [.. Enumerable.Range(0, NodeCount).Select(id => MakeVolunteer(random, id))];
        var shares = Enumerable.Range(1, SourceCount).Select(i => Math.Pow(i, -0.8)).ToArray();
        var ranks = Enumerable.Range(1, AssetCount).OrderBy(_ => random.Next()).ToArray();
        Assets = [.. Enumerable.Range(0, AssetCount).Select(id => new Asset(
            id, ranks[id], Math.Pow(ranks[id], -0.5), Size(random), Choose(random, shares)))];
        Value = Assets.Sum(asset => asset.Value);
        Bytes = Assets.Sum(asset => (double)asset.Bytes);
    }

    static Source MakeSource(Random random, int id) =>
        new(id, Spread(random, 1e6, 1e7), random.Next(8, 41), double.PositiveInfinity);

    /// <summary>Two of five are always on, two sleep eight hours of a night, one is on in the evening.</summary>
    static Volunteer MakeVolunteer(Random random, int id)
    {
        var down = 1.5e6 * Math.Exp(0.9 * Normal(random));
        var on = random.Next(5) switch { 0 or 1 => 24, 2 or 3 => 16, _ => 8 };
        return new(
            id, down, down * 0.4, (long)(2.5e11 * Math.Exp(Normal(random))), random.NextDouble() * Day, on * 3600,
            -Math.Log(1 - random.NextDouble()) * 120 * Day, 1 + random.Next(150), 1 + random.Next(40),
            1 + random.Next(8));
    }

    /// <summary>Log-normal: half are smaller than 35 MB, the mean is nearly a hundred times that.</summary>
    static long Size(Random random) => (long)Math.Clamp(3.5e7 * Math.Exp(3 * Normal(random)), 1e3, 1e12);

    static int Choose(Random random, double[] shares)
    {
        var at = random.NextDouble() * shares.Sum();
        for (var i = 0; i < shares.Length; i++)
            if ((at -= shares[i]) <= 0) return i;
        return shares.Length - 1;
    }

    static double Spread(Random random, double least, double most) =>
        least * Math.Pow(most / least, random.NextDouble());

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
        * Math.Cos(2 * Math.PI * random.NextDouble());
}

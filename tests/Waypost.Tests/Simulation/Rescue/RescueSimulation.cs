using Waypost.Rescue.Policy;

namespace Waypost.Tests.Simulation;

/// <summary>What a policy has reached at a moment; shares of all value and all bytes.</summary>
sealed record RescueSample(
    string Policy, int Seed, double Day, double ValueWithCopy, double ValueWithThree, double ValueLost,
    double BytesWithCopy, double Wasted, int Overloads);

/// <summary>Volunteers, sources and transfers as events in order of time, driving the shipped policy; one seed gives
/// one course.</summary>
/// <remarks>
/// A transfer runs at the slower of its share of the volunteer's line and the source's connection or the peer's upload.
/// What the policy believes differs from what is: a volunteer who leaves for good still counts for a day and a half.
/// </remarks>
sealed partial class RescueSimulation
{
    /// <summary>Transfers of one volunteer at once.</summary>
    const int Slots = 4;

    const double Connecting = 2, GraceSeconds = 36 * 3600, FixedLease = 24 * 3600;

    enum Kind { Ask, Switch, Arrived, Retry, Leave, Missed, Dark, Reopen, Renew }

    sealed class Work(int node, int asset)
    {
        public int Node { get; } = node;
        public int Asset { get; } = asset;
        public int Peer { get; set; } = -1;
        public double Left { get; set; }
        public double Moved { get; set; }
        public double Most { get; set; }
        public double Rate { get; set; }
        public double Since { get; set; }
        public double LentAt { get; set; }
        public double GrantedAt { get; set; }
        public int Tries { get; set; }
        public int Stamp { get; set; }
        public bool IsRunning { get; set; }
        public bool IsOver { get; set; }
    }

    sealed class NodeState
    {
        public long Used { get; set; }
        public long Reserved { get; set; }
        public int Uploads { get; set; }
        public bool IsGone { get; set; }
        public double Backoff { get; set; }
        public double AsksAt { get; set; } = -1;
        public List<Work> Works { get; } = [];
        public List<int> Held { get; } = [];
        public Queue<int> Planned { get; } = new();
    }

    sealed class AssetState
    {
        public List<int> Holders { get; } = [];
        public List<int> Makers { get; } = [];
        public bool IsRescued { get; set; }
        public bool IsResting { get; set; }
    }

    readonly record struct Event(Kind Kind, int Id, Work? Work, int Stamp);

    readonly RescueWorld world;
    readonly RescueVariant variant;
    readonly int seed;
    readonly Random random;
    readonly PriorityQueue<Event, (double, long)> events = new();
    readonly NodeState[] nodes;
    readonly AssetState[] assets;
    readonly SourceState[] states;
    readonly int[] realInFlight;
    readonly SourceLimits limits;
    readonly Matcher matcher;
    readonly DateTimeOffset start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
    readonly int[] byRank;
    long sequence;
    double now, moved, wasted;
    int overloads, firstByRank;

    public RescueSimulation(RescueWorld world, RescueVariant variant, int seed)
    {
        (this.world, this.variant, this.seed) = (world, variant, seed);
        random = new Random(seed ^ 0x5eed);
        nodes = [.. world.Volunteers.Select(_ => new NodeState())];
        assets = [.. world.Assets.Select(_ => new AssetState())];
        limits = SourceLimits.Recommended;
        if (!variant.KeepsLimits)
            limits = new(10_000, 10_000, 1e6, 10_000, null, limits.QuietInterval, []);
        states = [.. world.Sources.Select(_ => Sources.Begin(limits, start))];
        realInFlight = new int[world.Sources.Count];
        byRank = [.. world.Assets.OrderBy(asset => asset.Rank).Select(asset => asset.Id)];
        matcher = new Matcher(variant.Settings, start, world.Assets.Count);
        foreach (var source in world.Sources)
        {
            matcher.SetSource(source.Id, limits, states[source.Id], source.PerConnection);
            if (double.IsFinite(source.DarkAt)) At(source.DarkAt, Kind.Dark, source.Id);
        }
        foreach (var asset in world.Assets) Tell(asset.Id);
        foreach (var node in world.Volunteers)
        {
            if (node.LeavesAt < 60 * RescueWorld.Day) At(node.LeavesAt, Kind.Leave, node.Id);
            if (double.IsFinite(node.NextSwitch(0))) At(node.NextSwitch(0), Kind.Switch, node.Id);
            AskAt(node.Id, random.NextDouble() * 60);
        }
        if (variant.KnowsTheEnd) At(0, Kind.Renew, 0);
    }

    DateTimeOffset Clock => start.AddSeconds(now);

    /// <summary>Runs to each of these days in order and says what is reached there.</summary>
    public IEnumerable<RescueSample> Run(params double[] days)
    {
        foreach (var day in days)
        {
            while (events.TryPeek(out _, out var next) && next.Item1 <= day * RescueWorld.Day)
            {
                var happened = events.Dequeue();
                now = next.Item1;
                Happen(happened);
            }
            now = day * RescueWorld.Day;
            yield return Sample(day);
        }
    }

    void Happen(in Event happened)
    {
        switch (happened.Kind)
        {
            case Kind.Ask when nodes[happened.Id].AsksAt.Equals(now): Ask(happened.Id); break;
            case Kind.Ask: break;
            case Kind.Switch: Switch(happened.Id); break;
            case Kind.Arrived when happened.Work!.Stamp == happened.Stamp: Arrive(happened.Work); break;
            case Kind.Arrived: break;
            case Kind.Retry when happened.Work is { IsOver: false, IsRunning: false } work:
                if (world.Volunteers[work.Node].IsOn(now)) TryBegin(work);
                break;
            case Kind.Retry: break;
            case Kind.Leave: Leave(happened.Id); break;
            case Kind.Missed: Miss(happened.Id); break;
            case Kind.Dark: GoDark(happened.Id); break;
            case Kind.Reopen:
                assets[happened.Id].IsResting = false;
                Tell(happened.Id);
                break;
            case Kind.Renew:
                foreach (var asset in world.Assets) Tell(asset.Id);
                At(now + RescueWorld.Day, Kind.Renew, 0);
                break;
        }
    }

    /// <summary>Tells the matcher what is known of an asset now.</summary>
    void Tell(int id)
    {
        var (asset, state) = (world.Assets[id], assets[id]);
        var source = world.Sources[asset.Source];
        TimeSpan? end = variant.KnowsTheEnd && double.IsFinite(source.DarkAt)
            ? TimeSpan.FromSeconds(Math.Max(0, source.DarkAt - now)) : null;
        matcher.Put(new AssetFacts(
            id, asset.Source, asset.Value, Score.Hazard(0, 0, end, variant.Settings), asset.Bytes, 0, variant.Copies,
            state.Holders.Count, state.Makers.Count, state.Holders.Count + (0.8 * state.Makers.Count), start,
            !state.IsResting, variant.IsModern && state.Holders.Count > 0,
            [.. state.Holders.Concat(state.Makers).Select(node => (long)node)]));
    }

    void TellNode(int id)
    {
        var (node, state) = (world.Volunteers[id], nodes[id]);
        matcher.Put(new NodeFacts(
            id, new NodeCapacity(node.Disk, state.Used, state.Reserved, node.Disk - state.Used, 0, null,
                Slots - state.Works.Count),
            node.Down / Slots, node.Duty, 0.9, new Domain(node.Operator, node.Network, node.Country, id + 1)));
    }

    RescueSample Sample(double day)
    {
        double value = 0, three = 0, lost = 0, bytes = 0;
        foreach (var asset in world.Assets)
        {
            var copies = assets[asset.Id].Holders.Count(node => !nodes[node].IsGone);
            if (copies > 0) (value, bytes) = (value + asset.Value, bytes + asset.Bytes);
            if (copies > 2) three += asset.Value;
            if (copies == 0 && world.Sources[asset.Source].DarkAt <= now) lost += asset.Value;
        }
        return new(
            variant.Name, seed, day, value / world.Value, three / world.Value, lost / world.Value,
            bytes / world.Bytes, moved > 0 ? wasted / moved : 0, overloads);
    }

    void At(double time, Kind kind, int id, Work? work = null) =>
        events.Enqueue(new(kind, id, work, work?.Stamp ?? 0), (time, sequence++));

    void AskAt(int node, double time)
    {
        nodes[node].AsksAt = time;
        At(time, Kind.Ask, node);
    }
}

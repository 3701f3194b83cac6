namespace Waypost.Rescue.Policy;

/// <summary>What keeps an asset from a node.</summary>
enum Blocks
{
    UnknownAsset, UnknownNode, NodeNotActive, AssetNotOpen, HasItsCopies, HoldsIt, OperatorHasEnough, TooLarge,
    TransferSpent, NoSlot, SourceBlackout, SourceClosed, SourceAtCap, SourceHasNoToken,
}

/// <summary>One thing that is in the way, with the numbers to say it and when it may change.</summary>
/// <param name="What">Which rule.</param>
/// <param name="Needed">What it would take, in the rule's unit (bytes, copies, slots).</param>
/// <param name="Available">What there is.</param>
/// <param name="Until">When it may change by itself; null when nobody can know.</param>
readonly record struct Obstacle(
    Blocks What, double? Needed = null, double? Available = null, DateTimeOffset? Until = null);

/// <summary>Why a node gets an asset or not, with the factors of its score.</summary>
/// <param name="Obstacles">All that is in the way; empty when it may be granted now.</param>
/// <param name="Worth">Weight x hazard.</param>
/// <param name="MarginalLoss">What the copy would take off the chance of loss.</param>
/// <param name="Diversity">1, less for shared domains.</param>
/// <param name="EtaSeconds">How long it would take.</param>
/// <param name="Aging">What waiting has added.</param>
/// <param name="Score">S(a, n).</param>
readonly record struct Explanation(
    IReadOnlyList<Obstacle> Obstacles, double Worth, double MarginalLoss, double Diversity, double EtaSeconds,
    double Aging, double Score);

/// <summary>Explanations: the same rules, asked for one asset and one node, all obstacles and not the first.</summary>
sealed partial class Matcher
{
    /// <summary>Why this node gets this asset now, or what is in the way.</summary>
    public Explanation Explain(long assetId, long nodeId, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!index.TryFind(assetId, out var slot)) return Nothing(Blocks.UnknownAsset);
            if (!nodes.TryGetValue(nodeId, out var node)) return Nothing(Blocks.UnknownNode);
            return Explain(slot, node, now);
        }
    }

    /// <summary>For an asset: how many nodes each obstacle keeps from it, and how many could take it now.</summary>
    public (int Able, IReadOnlyDictionary<Blocks, int> Kept) ExplainAsset(long assetId, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!index.TryFind(assetId, out var slot))
                return (0, new Dictionary<Blocks, int> { [Blocks.UnknownAsset] = 1 });
            return Counted(nodes.Values.Select(node => Explain(slot, node, now)));
        }
    }

    /// <summary>For a node: how many assets each obstacle keeps from it, and how many it could take now. Looks at all
    /// assets.</summary>
    public (int Able, IReadOnlyDictionary<Blocks, int> Kept) ExplainNode(long nodeId, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(nodeId, out var node))
                return (0, new Dictionary<Blocks, int> { [Blocks.UnknownNode] = 1 });
            return Counted(index.Slots.Select(slot => Explain(slot, node, now)));
        }
    }

    static (int, IReadOnlyDictionary<Blocks, int>) Counted(IEnumerable<Explanation> explanations)
    {
        var (able, kept) = (0, new Dictionary<Blocks, int>());
        foreach (var explanation in explanations)
        {
            if (explanation.Obstacles.Count == 0) able++;
            foreach (var obstacle in explanation.Obstacles)
                kept[obstacle.What] = kept.GetValueOrDefault(obstacle.What) + 1;
        }
        return (able, kept);
    }

    Explanation Explain(int slot, NodeFacts node, DateTimeOffset now)
    {
        ref var entry = ref index[slot];
        var obstacles = new List<Obstacle>();
        AddOfAsset(obstacles, entry, node);
        AddOfNode(obstacles, entry, node);
        var (_, rate) = entry.FromPeers ? (0, double.PositiveInfinity) : SourceNow(entry.Source, now);
        if (!entry.FromPeers) AddOfSource(obstacles, entry.Source, now);
        var domains = entry.Holders.Where(nodes.ContainsKey).Select(holder => nodes[holder].Domain).ToArray();
        var diversity = Score.Diversity(node.Domain, domains, settings);
        var eta = Score.Eta(entry.Bytes, node.BytesPerSecond, rate, node.Duty);
        var waited = now.ToUnixTimeSeconds() - entry.WaitingSince;
        var credibility = PickRound.Credibility(node);
        return new(
            obstacles, entry.Worth,
            Score.MarginalLoss(Score.Lost(entry.CredibleCopies, settings), credibility, settings), diversity, eta,
            Score.Aging(waited, settings),
            Score.Of(entry.Worth, entry.CredibleCopies, credibility, diversity, eta, waited, settings));
    }

    void AddOfAsset(List<Obstacle> obstacles, in AssetIndex.Entry entry, in NodeFacts node)
    {
        if (!entry.IsOpen) obstacles.Add(new(Blocks.AssetNotOpen));
        else if (entry.Deficit == 0)
            obstacles.Add(new(Blocks.HasItsCopies, entry.Target, entry.Copies + entry.InFlight));
        if (entry.Holders.Contains(node.Id)) obstacles.Add(new(Blocks.HoldsIt));
        var operatorOf = node.Domain.Operator;
        var same = operatorOf == 0 ? 0 : entry.Holders.Count(
            holder => nodes.TryGetValue(holder, out var facts) && facts.Domain.Operator == operatorOf);
        if (same >= settings.CopiesPerOperator)
            obstacles.Add(new(Blocks.OperatorHasEnough, settings.CopiesPerOperator, same));
    }

    static void AddOfNode(List<Obstacle> obstacles, in AssetIndex.Entry entry, in NodeFacts node)
    {
        if (node.Standing != NodeStanding.Active)
            obstacles.Add(new(Blocks.NodeNotActive, Until: node.StandingUntil));
        var capacity = node.Capacity;
        if (entry.Bytes > capacity.AvailableBytes)
            obstacles.Add(new(Blocks.TooLarge, entry.Bytes, capacity.AvailableBytes));
        if (entry.Bytes > capacity.MovableBytes)
            obstacles.Add(new(Blocks.TransferSpent, entry.Bytes, capacity.MovableBytes));
        if (capacity.FreeSlots < 1) obstacles.Add(new(Blocks.NoSlot, 1, capacity.FreeSlots));
    }

    void AddOfSource(List<Obstacle> obstacles, int source, DateTimeOffset now)
    {
        if (!sources.TryGetValue(source, out var seat)) return;
        var room = Sources.Room(seat.Limits, seat.State, now);
        switch (room.Refusal)
        {
            case SourceRefusal.Blackout: obstacles.Add(new(Blocks.SourceBlackout, Until: room.Until)); break;
            case SourceRefusal.Closed: obstacles.Add(new(Blocks.SourceClosed, Until: room.Until)); break;
            case SourceRefusal.AtCap:
                obstacles.Add(new(Blocks.SourceAtCap, seat.State.InFlight + 1, Math.Floor(seat.State.Cap)));
                break;
            case SourceRefusal.NoToken: obstacles.Add(new(Blocks.SourceHasNoToken, Until: room.Until)); break;
            case SourceRefusal.None: break;
        }
    }

    static Explanation Nothing(Blocks what) => new([new(what)], 0, 0, 1, 0, 1, 0);
}

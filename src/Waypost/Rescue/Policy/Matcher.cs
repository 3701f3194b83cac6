namespace Waypost.Rescue.Policy;

/// <summary>Which assets a node should get, for one organization, from memory.</summary>
/// <remarks>
/// It proposes; the database decides at the grant. What is stale here costs a retry, never a wrong grant. Safe for
/// many callers at once: each call holds the index alone.
/// </remarks>
sealed partial class Matcher(PolicySettings settings, DateTimeOffset startedAt, int expectedAssets = 0)
{
    /// <summary>How many assets the last pick weighed.</summary>
    public int Weighed { get; private set; }

    /// <summary>The most assets of one request.</summary>
    public const int MostPicks = 1000;

    sealed class SourceSeat(SourceLimits limits, SourceState state, double bytesPerSecond)
    {
        public SourceLimits Limits { get; } = limits;
        public SourceState State { get; set; } = state;
        public double BytesPerSecond { get; } = bytesPerSecond;
    }

    readonly Lock gate = new();
    readonly AssetIndex index = new(settings, startedAt, expectedAssets);
    readonly Dictionary<long, NodeFacts> nodes = [];
    readonly Dictionary<int, SourceSeat> sources = [];
    readonly PickRound.Paper paper = new();
    double freeBytes;

    /// <summary>How many assets are known, and how many of them want a copy that nobody is making.</summary>
    public (int Known, long Wanting) Count
    {
        get { lock (gate) return (index.Count, index.Wanting); }
    }

    /// <summary>Adds an asset, or takes what is known of it now.</summary>
    public void Put(in AssetFacts asset)
    {
        lock (gate) index.Put(asset);
    }

    /// <summary>Forgets an asset; one that is not known is no error.</summary>
    public void Remove(long assetId)
    {
        lock (gate) index.Remove(assetId);
    }

    /// <summary>What to reserve for assets of this kind whose size is unknown; before they are put.</summary>
    public void SetKind(int kind, long p95Bytes)
    {
        lock (gate) index.SetKind(kind, p95Bytes);
    }

    /// <summary>Adds a node, or takes what is known of it now.</summary>
    public void Put(in NodeFacts node)
    {
        lock (gate)
        {
            Forget(node.Id);
            nodes[node.Id] = node;
            freeBytes += node.Capacity.AvailableBytes;
        }
    }

    /// <summary>Forgets a node. Assets remember it as a holder until they are put without it.</summary>
    public void RemoveNode(long nodeId)
    {
        lock (gate)
        {
            Forget(nodeId);
            nodes.Remove(nodeId);
        }
    }

    /// <summary>Where a source stands.</summary>
    /// <param name="source">Which.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="state">Its state, as of the last that is known.</param>
    /// <param name="bytesPerSecond">What one connection to it makes; unknown is infinite.</param>
    public void SetSource(
        int source, SourceLimits limits, SourceState state, double bytesPerSecond = double.PositiveInfinity)
    {
        lock (gate) sources[source] = new(limits, state, bytesPerSecond);
    }

    /// <summary>The best assets that this node can take now, best first, within what it and the sources have left.
    /// Nothing is changed: <see cref="Hold"/> what is granted.</summary>
    public IReadOnlyList<Picked> Pick(Wanted wanted, DateTimeOffset now)
    {
        lock (gate) return Round(wanted, now)?.Picked ?? [];
    }

    /// <summary>Picks and holds in one step, so that of two who ask at the same time each gets its own.</summary>
    public IReadOnlyList<Picked> PickAndHold(Wanted wanted, DateTimeOffset now)
    {
        lock (gate)
        {
            if (Round(wanted, now) is not { } round) return [];
            for (var i = 0; i < round.Picked.Count; i++) Hold(wanted.NodeId, round.Slots[i], round.Picked[i], now);
            return round.Picked;
        }
    }

    /// <summary>Counts a grant at once, before the database's facts come back through <c>Put</c>.</summary>
    /// <returns>False when the asset or the node is no longer known.</returns>
    public bool Hold(long nodeId, Picked picked, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!nodes.ContainsKey(nodeId) || !index.TryFind(picked.AssetId, out var slot)) return false;
            Hold(nodeId, slot, picked, now);
            return true;
        }
    }

    PickRound? Round(Wanted wanted, DateTimeOffset now)
    {
        if (!nodes.TryGetValue(wanted.NodeId, out var node) || node.Standing != NodeStanding.Active) return null;
        var round = new PickRound(index, nodes, source => SourceNow(source, now), settings, node, paper, now);
        round.Fill(wanted with { Count = Math.Min(wanted.Count, MostPicks) }, freeBytes / nodes.Count);
        Weighed = round.Weighed;
        return round;
    }

    void Hold(long nodeId, int slot, Picked picked, DateTimeOffset now)
    {
        var node = nodes[nodeId];
        freeBytes -= node.Capacity.AvailableBytes;
        node = node with { Capacity = node.Capacity.Reserve(picked.ReservedBytes) };
        freeBytes += node.Capacity.AvailableBytes;
        nodes[nodeId] = node;
        var source = index[slot].Source;
        if (!picked.FromPeers && sources.TryGetValue(source, out var seat)
            && Sources.Room(seat.Limits, seat.State, now).Connections > 0)
            seat.State = Sources.Take(seat.Limits, seat.State, now);
        index.Lease(slot, nodeId, PickRound.Credibility(node));
    }

    /// <summary>A source that nobody has described is not limited here: its limits come with its first asset.</summary>
    (int Room, double BytesPerSecond) SourceNow(int source, DateTimeOffset now) =>
        sources.TryGetValue(source, out var seat)
            ? (Sources.Room(seat.Limits, seat.State, now).Connections, seat.BytesPerSecond)
            : (int.MaxValue, double.PositiveInfinity);

    void Forget(long nodeId)
    {
        if (nodes.TryGetValue(nodeId, out var known)) freeBytes -= known.Capacity.AvailableBytes;
    }
}

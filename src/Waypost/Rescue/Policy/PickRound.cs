using System.Runtime.InteropServices;

namespace Waypost.Rescue.Policy;

/// <summary>One node's request being answered: what is left of the node and of each source while its list grows.
/// </summary>
/// <remarks>
/// Best first: the queue holds shelves, places in heaps and assets, each under the best score that it can still give;
/// an asset that comes to the front with its exact score is the best there is. Work is done only for heaps that can
/// still win.
/// </remarks>
sealed class PickRound(
    AssetIndex index, IReadOnlyDictionary<long, NodeFacts> nodes, Func<int, (int Room, double BytesPerSecond)> source,
    PolicySettings settings, NodeFacts node, PickRound.Paper paper, DateTimeOffset now)
{
    /// <summary>What one pick after the other is worked out on, so that none has to ask for memory.</summary>
    public sealed class Paper
    {
        readonly PriorityQueue<Step, double> queue = new();

        public PriorityQueue<Step, double> Empty()
        {
            queue.Clear();
            return queue;
        }
    }

    public readonly record struct Step(
        AssetIndex.Shelf? Shelf, AssetIndex.Bucket? Bucket, int At, double Bound, int Slot);

    /// <summary>The last part of a node's space, which is filled by size.</summary>
    const double TailShare = 0.1;

    readonly PriorityQueue<Step, double> queue = paper.Empty();
    readonly HashSet<int> taken = [];
    readonly List<Picked> picked = [];
    readonly List<int> pickedSlots = [];
    readonly long seconds = now.ToUnixTimeSeconds();
    readonly double gain = 1 - Score.Lost(Credibility(node), settings);
    NodeCapacity capacity = node.Capacity;
    int weighed;
    bool hasOverflowed;

    public IReadOnlyList<Picked> Picked => picked;

    public IReadOnlyList<int> Slots => pickedSlots;

    /// <summary>How many assets were weighed.</summary>
    public int Weighed => weighed;

    /// <summary>What a copy with this node counts; somebody unknown counts a little, or all would be alike.</summary>
    public static double Credibility(in NodeFacts node) => Math.Clamp(node.Credibility, 0.01, 1);

    /// <summary>Fills the list: perhaps a giant, then the best scores, and when something good no longer fits, what
    /// fills the rest best.</summary>
    public void Fill(Wanted wanted, double meanFreeBytes)
    {
        var count = Math.Min(wanted.Count, node.Capacity.FreeSlots);
        var giants = index.GiantClass(settings.LaneQuantile);
        foreach (var shelf in index.Shelves)
            shelf.Lends = shelf.Source == AssetIndex.Peers ? (int.MaxValue, double.MaxValue) : source(shelf.Source);
        if (count > 0 && TakesGiant(wanted.Chance, giants, meanFreeBytes)) Take(1, giants, 63, PickRule.Lane);
        Take(count, 0, 63, PickRule.BestScore);
        if (!IsTail) return;
        for (var sizeClass = AssetIndex.SizeClass(Left); sizeClass >= 0 && picked.Count < count; sizeClass--)
            Take(count, sizeClass, sizeClass, PickRule.BestFit);
    }

    /// <summary>Something good did not fit any more, and little is left to fill.</summary>
    bool IsTail => hasOverflowed
        && Left <= TailShare * Math.Min(node.Capacity.AvailableBytes, node.Capacity.MovableBytes);

    long Left => Math.Min(capacity.AvailableBytes, capacity.MovableBytes);

    /// <summary>The lane opens to those who can hold a giant, as often as their share of all free space says.</summary>
    bool TakesGiant(double chance, int giants, double meanFreeBytes) =>
        giants < 63 && Left >= AssetIndex.LeastBytes(giants) && meanFreeBytes > 0
        && chance < settings.LaneShare * capacity.AvailableBytes / meanFreeBytes;

    void Take(int count, int leastClass, int mostClass, PickRule rule)
    {
        queue.Clear();
        foreach (var shelf in index.Shelves)
        {
            if (shelf.Lends.Room < 1) continue;
            var bound = gain * index.Bound(shelf, Rate(shelf), seconds);
            if (bound > 0) queue.Enqueue(new(shelf, null, 0, 0, 0), -bound);
        }
        while (picked.Count < count && !(rule == PickRule.BestScore && IsTail) && queue.TryDequeue(out var step, out _))
        {
            if (step.Shelf is { } shelf) Open(shelf, leastClass, mostClass);
            else if (step.Bucket is { } bucket)
            {
                if (weighed < settings.ScanLimit) Weigh(bucket, step);
            }
            else if (Fits(step.Slot)) Add(step.Slot, step.Bound, rule);
        }
    }

    void Open(AssetIndex.Shelf shelf, int leastClass, int mostClass)
    {
        var rate = Rate(shelf);
        foreach (var bucket in CollectionsMarshal.AsSpan(shelf.Buckets))
        {
            if (bucket.Count == 0 || bucket.SizeClass < leastClass || bucket.SizeClass > mostClass) continue;
            if (AssetIndex.LeastBytes(bucket.SizeClass) > Left) continue;
            index.Age(bucket, seconds);
            Push(bucket, 0, gain * index.Bound(bucket, rate, seconds));
        }
    }

    void Push(AssetIndex.Bucket bucket, int at, double bound)
    {
        if (at >= bucket.Count) return;
        queue.Enqueue(new(null, bucket, at, bound, 0), -index[bucket.Heap[at]].Key * bound);
    }

    /// <summary>Gives the asset at a place of a heap its exact score, and lets those below it compete.</summary>
    void Weigh(AssetIndex.Bucket bucket, in Step step)
    {
        if (bucket.Shelf.Lends.Room < 1) return;
        Push(bucket, (2 * step.At) + 1, step.Bound);
        Push(bucket, (2 * step.At) + 2, step.Bound);
        weighed++;
        var slot = bucket.Heap[step.At];
        if (taken.Contains(slot)) return;
        ref var entry = ref index[slot];
        var diversity = Diversity(entry, out var isAllowed);
        if (!isAllowed || entry.Bytes > Math.Min(node.Capacity.AvailableBytes, node.Capacity.MovableBytes)) return;
        var score = Score.Of(
            entry.Worth, entry.CredibleCopies, Credibility(node), diversity,
            entry.Bytes / Rate(bucket.Shelf), seconds - entry.WaitingSince, settings);
        queue.Enqueue(new(null, null, 0, score, slot), -score);
    }

    double Diversity(in AssetIndex.Entry entry, out bool isAllowed)
    {
        isAllowed = true;
        if (entry.Holders.Length == 0) return 1;
        Span<Domain> domains = stackalloc Domain[Math.Min(16, entry.Holders.Length)];
        var (known, same) = (0, 0);
        foreach (var holder in entry.Holders)
        {
            if (holder == node.Id) isAllowed = false;
            if (!nodes.TryGetValue(holder, out var facts)) continue;
            if (node.Domain.Operator != 0 && facts.Domain.Operator == node.Domain.Operator) same++;
            if (known < domains.Length) domains[known++] = facts.Domain;
        }
        isAllowed &= same < settings.CopiesPerOperator;
        return Score.Diversity(node.Domain, domains[..known], settings);
    }

    /// <summary>Whether it still fits after what was taken before it in this round.</summary>
    bool Fits(int slot)
    {
        ref var entry = ref index[slot];
        if (entry.Bucket!.Shelf.Lends.Room < 1) return false;
        if (entry.Bytes <= Left) return true;
        hasOverflowed = true;
        return false;
    }

    void Add(int slot, double score, PickRule rule)
    {
        ref var entry = ref index[slot];
        capacity = capacity.Reserve(entry.Bytes);
        var shelf = entry.Bucket!.Shelf;
        shelf.Lends = shelf.Lends with { Room = shelf.Lends.Room - 1 };
        taken.Add(slot);
        pickedSlots.Add(slot);
        var isProbe = !entry.IsSizeKnown && settings.ProbesUnknownSizes;
        picked.Add(new(entry.Id, score, entry.Bytes, isProbe, entry.FromPeers, rule));
    }

    double Rate(AssetIndex.Shelf shelf) => Score.Rate(node.BytesPerSecond, shelf.Lends.BytesPerSecond, node.Duty);
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Waypost.Rescue.Policy;

/// <summary>The assets of one organization that want copies, sorted so that the best for any node is found without
/// looking at them all.</summary>
/// <remarks>
/// A shelf for each source and one for what peers serve; on it a heap for each (deficit, log2 size), on what does not
/// depend on the node: worth x chance of loss x time factor at a reference rate. What does depend on the node
/// multiplies a whole heap by a bound (<see cref="Bound"/>). One array of structs holds the assets.
/// </remarks>
sealed class AssetIndex(PolicySettings settings, DateTimeOffset startedAt, int expected)
{
    /// <summary>The shelf of what other nodes serve.</summary>
    public const int Peers = -1;

    const int SizeClasses = 64;
    const int MostDeficit = 3;

    /// <summary>An asset; what sorts it stands in <see cref="Key"/>.</summary>
    public struct Entry
    {
        public long Id;
        public long Bytes;
        public double Worth;
        public double Key;
        public double CredibleCopies;
        public long WaitingSince;
        public long[] Holders;
        public Bucket? Bucket;
        public int Position;
        public int Source;
        public int Kind;
        public short Target;
        public short Copies;
        public short InFlight;
        public bool IsOpen;
        public bool FromPeers;
        public bool IsSizeKnown;

        public readonly int Deficit => IsOpen ? Math.Max(0, Target - Copies - InFlight) : 0;
    }

    /// <summary>Assets of one source, deficit and size class: a heap of slots, the greatest key first.</summary>
    public sealed class Bucket(Shelf shelf, int sizeClass)
    {
        public Shelf Shelf { get; } = shelf;
        public int SizeClass { get; } = sizeClass;
        public int[] Heap { get; set; } = new int[4];
        public int Count { get; set; }

        /// <summary>The moment, in seconds of Unix time, for which the keys count what waiting has added.</summary>
        public long AgedAt { get; set; }
    }

    /// <summary>Everything that one source, or the peers, can serve.</summary>
    public sealed class Shelf(int source)
    {
        public int Source { get; } = source;
        public List<Bucket> Buckets { get; } = [];

        /// <summary>By size class, no key here is greater; found again when <see cref="IsSettled"/> is false.</summary>
        public double[] TopKeys { get; } = new double[SizeClasses];

        /// <summary>The classes that have had assets lie between these.</summary>
        public (int Least, int Most) Classes { get; set; } = (SizeClasses, -1);

        /// <summary>No bucket here is aged for an earlier moment.</summary>
        public long AgedAt { get; set; } = long.MaxValue;

        public bool IsSettled { get; set; }

        /// <summary>What the source lends to the pick that runs, and how fast; set anew by each.</summary>
        public (int Room, double BytesPerSecond) Lends { get; set; }

        public Dictionary<int, Bucket> ByClass { get; } = [];
    }

    readonly Dictionary<long, int> slots = new(expected);
    readonly Stack<int> vacant = new();
    readonly Dictionary<int, Shelf> shelves = [];
    readonly Dictionary<int, long> bytesOfKind = [];
    readonly long[] sizes = new long[SizeClasses];
    readonly Dictionary<int, double[]> factorsByRate = [];
    Entry[] entries = new Entry[Math.Max(16, expected)];
    int used;
    long wanting;
    long clock = startedAt.ToUnixTimeSeconds();

    /// <summary>How many assets are known.</summary>
    public int Count => slots.Count;

    /// <summary>How many of them want a copy.</summary>
    public long Wanting => wanting;

    public Dictionary<int, Shelf>.ValueCollection Shelves => shelves.Values;

    public ref Entry this[int slot] => ref entries[slot];

    public bool TryFind(long id, out int slot) => slots.TryGetValue(id, out slot);

    /// <summary>The slots of all assets that are known.</summary>
    public IEnumerable<int> Slots => slots.Values;

    /// <summary>What to reserve for an asset of this kind while its size is unknown: the kind's 95th percentile.
    /// </summary>
    public void SetKind(int kind, long p95Bytes) => bytesOfKind[kind] = p95Bytes;

    /// <summary>Adds an asset, or takes what is known of it now.</summary>
    public void Put(in AssetFacts facts)
    {
        if (slots.TryGetValue(facts.Id, out var slot)) Unshelve(slot);
        else
        {
            slot = vacant.TryPop(out var freed) ? freed : used++;
            if (slot == entries.Length) Array.Resize(ref entries, entries.Length * 2);
            slots.Add(facts.Id, slot);
        }
        var bytes = facts.Bytes ?? (settings.ProbesUnknownSizes ? 0 : Reserve(facts.Kind));
        entries[slot] = new Entry
        {
            Id = facts.Id,
            Bytes = bytes,
            IsSizeKnown = facts.Bytes is not null,
            Worth = facts.Weight * facts.Hazard,
            CredibleCopies = facts.CredibleCopies,
            WaitingSince = facts.WaitingSince.ToUnixTimeSeconds(),
            Holders = facts.Holders,
            Source = facts.Source,
            Kind = facts.Kind,
            Target = (short)Math.Min(facts.Target, short.MaxValue),
            Copies = (short)Math.Min(facts.Copies, short.MaxValue),
            InFlight = (short)Math.Min(facts.InFlight, short.MaxValue),
            IsOpen = facts.IsOpen,
            FromPeers = facts.FromPeers,
        };
        Shelve(slot);
    }

    /// <summary>One more lease of an asset, with this node.</summary>
    public void Lease(int slot, long nodeId, double credibility)
    {
        Unshelve(slot);
        ref var entry = ref entries[slot];
        entry.InFlight++;
        entry.CredibleCopies += credibility;
        entry.Holders = [.. entry.Holders, nodeId];
        Shelve(slot);
    }

    /// <summary>Forgets an asset; one that is not known is no error.</summary>
    public void Remove(long id)
    {
        if (!slots.Remove(id, out var slot)) return;
        Unshelve(slot);
        entries[slot] = default;
        vacant.Push(slot);
    }

    /// <summary>The size class from which on an asset is a giant: at least so large are 1 - quantile of those that
    /// want copies.</summary>
    public int GiantClass(double quantile)
    {
        var below = 0L;
        for (var c = 0; c < SizeClasses; c++)
        {
            below += sizes[c];
            if (below >= quantile * wanting && wanting > 0) return c;
        }
        return SizeClasses;
    }

    /// <summary>The size class of so many bytes: from 2^class on; 0 is for nothing, too.</summary>
    public static int SizeClass(long bytes) => bytes <= 1 ? 0 : BitOperations.Log2((ulong)bytes);

    /// <summary>The least size of a class, in bytes.</summary>
    public static long LeastBytes(int sizeClass) => sizeClass == 0 ? 0 : 1L << sizeClass;

    /// <summary>Counts what waiting has added since the keys of this bucket were made, when it is enough to matter.
    /// </summary>
    /// <remarks>Whoever has waited longer gains more, but by a factor never more than 1 + (time since) / (aging time):
    /// while that is small, the old order bounds the new one closely.</remarks>
    public void Age(Bucket bucket, long now)
    {
        clock = Math.Max(clock, now);
        if (now - bucket.AgedAt <= settings.AgingTime.TotalSeconds / 200) return;
        for (var i = 0; i < bucket.Count; i++)
        {
            ref var entry = ref entries[bucket.Heap[i]];
            entry.Key *= Score.Aging(now - entry.WaitingSince, settings)
                / Score.Aging(bucket.AgedAt - entry.WaitingSince, settings);
        }
        bucket.AgedAt = now;
        for (var i = (bucket.Count / 2) - 1; i >= 0; i--) Sink(bucket, i, bucket.Heap[i]);
        bucket.Shelf.IsSettled = false;
    }

    /// <summary>No score of this shelf is greater at this rate.</summary>
    public double Bound(Shelf shelf, double bytesPerSecond, long now)
    {
        if (!shelf.IsSettled) Settle(shelf);
        var factors = Factors(bytesPerSecond);
        var bound = 0.0;
        for (var c = shelf.Classes.Least; c <= shelf.Classes.Most; c++)
            bound = Math.Max(bound, shelf.TopKeys[c] * factors[c]);
        return bound <= 0 ? 0 : bound * Score.Aging(now - shelf.AgedAt, settings);
    }

    /// <summary>What the keys of a bucket are multiplied with, at the most, to make a score at this rate.</summary>
    public double Bound(Bucket bucket, double bytesPerSecond, long now) =>
        Factors(bytesPerSecond)[bucket.SizeClass] * Score.Aging(now - bucket.AgedAt, settings);

    /// <summary>By size class, the most that the time factor at this rate is of that at the reference rate. Rates
    /// that differ by less than a tenth share the greatest of theirs.</summary>
    double[] Factors(double bytesPerSecond)
    {
        var step = (int)Math.Floor(Math.Log2(Math.Min(bytesPerSecond, 1e12)) * 8);
        if (factorsByRate.TryGetValue(step, out var known)) return known;
        var rate = Math.Pow(2, (step + 1) / 8.0);
        var factors = new double[SizeClasses];
        // Between two sizes the ratio lies between theirs.
        for (var c = 0; c < SizeClasses; c++) factors[c] = Math.Max(Ratio(c, rate), Ratio(c + 1, rate));
        return factorsByRate[step] = factors;
    }

    double Ratio(int sizeClass, double bytesPerSecond)
    {
        var bytes = LeastBytes(Math.Min(62, sizeClass));
        return Score.TimeFactor(bytes / bytesPerSecond, settings)
            / Score.TimeFactor(bytes / Score.ReferenceBytesPerSecond, settings);
    }

    void Settle(Shelf shelf)
    {
        Array.Clear(shelf.TopKeys);
        (shelf.AgedAt, shelf.IsSettled) = (long.MaxValue, true);
        foreach (var bucket in CollectionsMarshal.AsSpan(shelf.Buckets))
        {
            if (bucket.Count == 0) continue;
            ref var top = ref shelf.TopKeys[bucket.SizeClass];
            top = Math.Max(top, entries[bucket.Heap[0]].Key);
            shelf.AgedAt = Math.Min(shelf.AgedAt, bucket.AgedAt);
        }
    }

    long Reserve(int kind) => bytesOfKind.GetValueOrDefault(kind, settings.UnknownBytes);

    void Shelve(int slot)
    {
        ref var entry = ref entries[slot];
        if (entry.Deficit == 0) return;
        entry.Key = entry.Worth * Score.Lost(entry.CredibleCopies, settings)
            * Score.TimeFactor(entry.Bytes / Score.ReferenceBytesPerSecond, settings);
        var bucket = BucketOf(entry);
        if (bucket.Count == 0) bucket.AgedAt = clock;
        entry.Key *= Score.Aging(bucket.AgedAt - entry.WaitingSince, settings);
        entry.Bucket = bucket;
        wanting++;
        sizes[bucket.SizeClass]++;
        if (bucket.Count == bucket.Heap.Length)
        {
            var heap = bucket.Heap;
            Array.Resize(ref heap, heap.Length * 2);
            bucket.Heap = heap;
        }
        bucket.Shelf.AgedAt = Math.Min(bucket.Shelf.AgedAt, bucket.AgedAt);
        ref var top = ref bucket.Shelf.TopKeys[bucket.SizeClass];
        top = Math.Max(top, entry.Key);
        Rise(bucket, bucket.Count++, slot);
    }

    void Unshelve(int slot)
    {
        ref var entry = ref entries[slot];
        if (entry.Bucket is not { } bucket) return;
        entry.Bucket = null;
        if (entry.Key >= bucket.Shelf.TopKeys[bucket.SizeClass]) bucket.Shelf.IsSettled = false;
        wanting--;
        sizes[bucket.SizeClass]--;
        var last = bucket.Heap[--bucket.Count];
        if (last == slot) return;
        var hole = entry.Position;
        if (hole > 0 && Before(last, bucket.Heap[(hole - 1) / 2])) Rise(bucket, hole, last);
        else Sink(bucket, hole, last);
    }

    Bucket BucketOf(in Entry entry)
    {
        var source = entry.FromPeers ? Peers : entry.Source;
        if (!shelves.TryGetValue(source, out var shelf)) shelves.Add(source, shelf = new Shelf(source));
        var sizeClass = SizeClass(entry.Bytes);
        var key = (Math.Min(MostDeficit, entry.Deficit) * SizeClasses) + sizeClass;
        if (shelf.ByClass.TryGetValue(key, out var bucket)) return bucket;
        bucket = new Bucket(shelf, sizeClass);
        shelf.ByClass.Add(key, bucket);
        shelf.Buckets.Add(bucket);
        shelf.Classes = (Math.Min(shelf.Classes.Least, sizeClass), Math.Max(shelf.Classes.Most, sizeClass));
        return bucket;
    }

    bool Before(int one, int other)
    {
        ref var a = ref entries[one];
        ref var b = ref entries[other];
        return a.Key > b.Key || (a.Key.Equals(b.Key) && a.Id < b.Id);
    }

    void Rise(Bucket bucket, int at, int slot)
    {
        var heap = bucket.Heap;
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!Before(slot, heap[parent])) break;
            Place(heap, at, heap[parent]);
            at = parent;
        }
        Place(heap, at, slot);
    }

    void Sink(Bucket bucket, int at, int slot)
    {
        var heap = bucket.Heap;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= bucket.Count) break;
            if (child + 1 < bucket.Count && Before(heap[child + 1], heap[child])) child++;
            if (!Before(heap[child], slot)) break;
            Place(heap, at, heap[child]);
            at = child;
        }
        Place(heap, at, slot);
    }

    void Place(int[] heap, int at, int slot)
    {
        heap[at] = slot;
        entries[slot].Position = at;
    }
}

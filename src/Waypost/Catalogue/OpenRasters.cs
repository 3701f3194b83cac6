using Waypost.Geo.Raster;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Keeps the rasters that tiles were lately made of open, so that their headers are read once.</summary>
/// <remarks>
/// One that fell out of use is closed when the last tile that is being made of it is done; never before. A blob that is
/// replaced is another raster from then on, because it is known by its time and length too.
/// </remarks>
sealed class OpenRasters(Blobs blobs) : IDisposable
{
    /// <summary>Rasters held open while nobody uses them.</summary>
    public const int Most = 16;

    /// <summary>Decoded blocks kept for each.</summary>
    const long CacheBytes = 8 << 20;

    readonly Lock gate = new();
    readonly Dictionary<string, LinkedListNode<Entry>> byName = new(StringComparer.Ordinal);
    readonly LinkedList<Entry> byUse = [];

    /// <summary>How many are in the cache.</summary>
    public int Count
    {
        get
        {
            lock (gate) return byName.Count;
        }
    }

    /// <summary>Borrows a raster; dispose of the loan when done.</summary>
    /// <param name="blob">The blob, as <see cref="Blobs.Find"/> sees it now.</param>
    /// <exception cref="FileNotFoundException">The blob has vanished.</exception>
    public Loan Borrow(BlobInfo blob)
    {
        var name = FormattableString.Invariant($"{blob.Key}@{blob.ModifiedAt.UtcTicks}+{blob.Length}");
        Entry entry;
        List<Entry>? superfluous = null;
        lock (gate)
        {
            if (byName.TryGetValue(name, out var node)) byUse.Remove(node);
            else node = byName[name] = new LinkedListNode<Entry>(new Entry(name, () => Open(blob.Key)));
            byUse.AddFirst(node);
            entry = node.Value;
            entry.Loans++;
            while (byName.Count > Most) Forget(byUse.Last!.Value, ref superfluous);
        }
        Close(superfluous);
        try
        {
            // Opening is outside the lock: others need not wait for this disk.
            return new Loan(this, entry, entry.Raster.Value);
        }
        catch
        {
            GiveBack(entry, broken: true);
            throw;
        }
    }

    /// <summary>Closes all that are not lent; the others when they come back.</summary>
    public void Dispose()
    {
        List<Entry>? superfluous = null;
        lock (gate)
            while (byUse.Last is { } last)
                Forget(last.Value, ref superfluous);
        Close(superfluous);
    }

    RasterFile Open(string key) => RasterFile.Open(blobs.OpenRead(key), new RasterOpenOptions(CacheBytes: CacheBytes));

    void GiveBack(Entry entry, bool broken)
    {
        List<Entry>? superfluous = null;
        lock (gate)
        {
            entry.Loans--;
            if (broken && !entry.Forgotten) Forget(entry, ref superfluous);
            else if (entry.Forgotten && entry.Loans == 0) (superfluous ??= []).Add(entry);
        }
        Close(superfluous);
    }

    // Under the lock. Who is lent is closed by whoever gives it back last.
    void Forget(Entry entry, ref List<Entry>? superfluous)
    {
        entry.Forgotten = true;
        byUse.Remove(byName[entry.Name]);
        byName.Remove(entry.Name);
        if (entry.Loans == 0) (superfluous ??= []).Add(entry);
    }

    static void Close(List<Entry>? entries)
    {
        foreach (var entry in entries ?? [])
            if (entry.Raster.IsValueCreated)
                entry.Raster.Value.Dispose();
    }

    sealed class Entry(string name, Func<RasterFile> open)
    {
        public string Name { get; } = name;
        public Lazy<RasterFile> Raster { get; } = new(open);
        public int Loans { get; set; }
        public bool Forgotten { get; set; }
    }

    /// <summary>A raster that stays open until this is disposed of.</summary>
    internal sealed class Loan : IDisposable
    {
        readonly OpenRasters lender;
        Entry? entry;

        internal Loan(OpenRasters lender, object entry, RasterFile raster) =>
            (this.lender, this.entry, Raster) = (lender, (Entry)entry, raster);

        public RasterFile Raster { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref entry, null) is { } lent) lender.GiveBack(lent, broken: false);
        }
    }
}

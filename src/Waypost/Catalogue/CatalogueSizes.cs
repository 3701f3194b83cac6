using System.Collections.Concurrent;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>About how much a catalogue holds, by which searches choose their way; never what an answer says.</summary>
/// <remarks>Looked up again when it is older than a few seconds: a wrong guess costs time, not truth.</remarks>
sealed class CatalogueSizes(TimeProvider clock)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    const int MostOrganizations = 10_000;

    readonly ConcurrentDictionary<string, Size> sizes = new(StringComparer.Ordinal);

    sealed record Held(string Collection, long Items) : IRow<Held>
    {
        public static Held Read(Row row) => new(row.Text("collection"), row.Long("items"));
    }

    sealed record Spans(long First, long Last) : IRow<Spans>
    {
        public static Spans Read(Row row) => new(row.LongOrNull("first") ?? 0, row.LongOrNull("last") ?? 0);
    }

    /// <summary>What an organization's catalogue holds.</summary>
    /// <param name="At">When this was looked up.</param>
    /// <param name="Items">How many items each collection has.</param>
    /// <param name="Total">How many there are.</param>
    /// <param name="First">The earliest start in microseconds since 1970.</param>
    /// <param name="Last">The latest start.</param>
    public sealed record Size(
        DateTimeOffset At, IReadOnlyDictionary<string, long> Items, long Total, long First, long Last)
    {
        /// <summary>About how many items a search goes through that looks at collections and times alone.</summary>
        public double Within(SearchWish wish)
        {
            var items = wish.Collections is { } names
                ? names.Distinct(StringComparer.Ordinal).Sum(name => Items.GetValueOrDefault(name)) : Total;
            if ((wish.From is null && wish.Until is null) || Last <= First) return items;
            var from = Math.Max(wish.From ?? First, First);
            var until = Math.Min(wish.Until ?? Last, Last);
            return until < from ? 0 : Math.Max(1, items * ((until - from) / (double)(Last - First)));
        }
    }

    /// <summary>What a view of a catalogue holds, or held some seconds ago. What the view does not show is not in it:
    /// the way that a search goes, and so whether it counts, would tell of it.</summary>
    public async Task<Size> Of(Db db, View view, CancellationToken ct)
    {
        var all = await Of(db, view.Org, ct);
        if (view.ShowsAll) return all;
        var shown = all.Items.Where(held => view.Shows(held.Key))
            .ToDictionary(held => held.Key, held => held.Value, StringComparer.Ordinal);
        // The span of time is that of all; without one the whole of it is expected.
        return new Size(all.At, shown, shown.Values.Sum(), 0, 0);
    }

    async Task<Size> Of(Db db, string org, CancellationToken ct)
    {
        if (sizes.TryGetValue(org, out var known) && clock.GetUtcNow() - known.At < Fresh) return known;
        if (sizes.Count >= MostOrganizations) sizes.Clear();
        return sizes[org] = await LookUp(db, org, ct);
    }

    async Task<Size> LookUp(Db db, string org, CancellationToken ct)
    {
        var held = await db.All<Held>($"""
            select collection, sum(items) as items from catalogue_counts where org = {org} group by collection
            """, ct);
        // Asked one by one each is at an end of the index; asked together they are found by going through all of it.
        var spans = await db.One<Spans>($"""
            select (select min(starts) from catalogue_items where org = {org}) as first,
                (select max(starts) from catalogue_items where org = {org}) as last
            """, ct);
        return new Size(
            clock.GetUtcNow(), held.ToDictionary(row => row.Collection, row => row.Items, StringComparer.Ordinal),
            held.Sum(row => row.Items), spans!.First, spans.Last);
    }
}

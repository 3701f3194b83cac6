using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts what a search matches that has too many matches to fetch; nothing where that is too much
/// work.</summary>
sealed class SearchCounts(
    SearchWish wish, CompiledFilter? filter, SearchTerms terms, CatalogueSizes.Size size, SearchLimits limits)
{
    static readonly Sql Nobody = $"null";

    sealed record Entries(long Seen, long Matched) : IRow<Entries>
    {
        public static Entries Read(Row row) => new(row.Long("seen"), row.Long("matched"));
    }

    /// <summary>How many match, as an expression of the statement that finds the page; null where it is to be counted
    /// by itself, or not at all.</summary>
    public Sql Matched()
    {
        if (wish.Area is { IsWorld: false } or { Heights: not null }) return Nobody;
        if (wish.From is null && wish.Until is null) return Known();
        return Nobody;
    }

    /// <summary>How many match by place and time; <paramref name="known"/> where that is known already.</summary>
    public async Task<long?> Total(Db db, long? known, CancellationToken ct)
    {
        if (known is not null) return known;
        if (size.Within(wish) > limits.MostEntries || wish.Area?.Heights is not null) return null;
        var sure = wish.Area is { IsWorld: false, IsBox: true } ? terms.Surely()
            : wish.Area is { IsWorld: false } ? SearchTerms.All(terms.Touches())
            : wish.Area is null ? $"true" : (Sql)$"west is not null";
        Sql entries = $"""
            select count(*) as seen, count(case when {sure} then 1 end) as matched from (
                select west, south, east, north, is_box{Geometry} from catalogue_items as items
                where {SearchTerms.All([terms.Org, .. terms.Collections(indexed: true), .. terms.Times()])}
                limit {limits.MostEntries + 1}
            ) as entries
            """;
        var counted = await db.One<Entries>(entries, ct);
        if (counted!.Seen > limits.MostEntries) return null;
        return wish.Area is { IsWorld: false, IsBox: true } ? await WithEdges(db, counted.Matched, sure, ct)
            : counted.Matched;
    }

    /// <summary>How many match conditions that each item is looked at for.</summary>
    public async Task<long?> Filtered(Db db, IReadOnlyList<Sql> conditions, SearchOrder order, CancellationToken ct)
    {
        if (filter is { DriveIsAll: true } && wish.Text is null && wish.Area is null) return await Driven(db, ct);
        if (size.Within(wish) > 2 * limits.MostLookedAt) return null;
        Sql cheap = SearchTerms.All([terms.Org, .. terms.Collections(indexed: true), .. terms.Times()]);
        var counted = await db.One<Number>($"""
            select case when (
                select count(*) from (
                    select 1 as one from catalogue_items as items where {cheap} limit {limits.MostLookedAt + 1}
                ) as candidates) > {limits.MostLookedAt} then -1
            else (
                select count(*) from {terms.From(order)} where {SearchTerms.All(conditions)}
            ) end as n
            """, ct);
        return counted!.N < 0 ? null : counted.N;
    }

    // By the index of a promoted property, and where that is all by nothing else.
    async Task<long?> Driven(Db db, CancellationToken ct)
    {
        Sql[] others = [.. terms.Collections(indexed: false), .. terms.Times()];
        var most = others.Length == 0 ? limits.MostEntries : 2 * limits.MostLookedAt;
        var found = await db.One<Number>($"""
            select count(*) as n from (
                select 1 as one from catalogue_items as items
                where {SearchTerms.All([terms.Org, filter!.Drive!, .. others])} limit {most + 1}
            ) as entries
            """, ct);
        return found!.N > most ? null : found.N;
    }

    Sql Geometry => wish.Area is { IsBox: false } ? $", geometry" : Sql.Empty;

    // Whatever the boxes alone decide was counted in the index, without the items; what lies across an edge of the area
    // is found by that edge.
    async Task<long?> WithEdges(Db db, long sure, Sql surely, CancellationToken ct)
    {
        Sql[] conditions =
        [
            terms.OrgUnindexed, terms.NearEdges(), .. terms.Collections(indexed: false), .. terms.Times(),
            $"not {surely}", .. terms.Touches(),
        ];
        var found = await db.One<Number>($"""
            select count(*) as n from (
                select 1 as one from catalogue_items as items where {SearchTerms.All(conditions)}
                limit {limits.MostLookedAt + 1}
            ) as edges
            """, ct);
        return found!.N > limits.MostLookedAt ? null : sure + found.N;
    }

    // Without a time the number is known, and nothing needs to be counted.
    Sql Known()
    {
        Sql of = SearchTerms.All([terms.Org, .. terms.Collections(indexed: true)]);
        Sql items = $"(select coalesce(sum(items.items), 0) from catalogue_counts as items where {of})";
        return wish.Area is null ? items
            : (Sql)$"({items} - (select count(*) from catalogue_items as items where west is null and {of}))";
    }
}

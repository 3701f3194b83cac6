using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>An item found, as its page needs it.</summary>
/// <param name="Matched">How many the whole search matches, the same on each row; null: nobody counted so far.</param>
/// <param name="Keys">The values that it is sorted by; null on the one row of an empty page.</param>
/// <param name="Body">The document as it is stored.</param>
sealed record Hit(long? Matched, object?[]? Keys, string Body) : IRow<Hit>
{
    public static Hit Read(Row row)
    {
        if (row.IsNull("body")) return new Hit(row.LongOrNull("matched"), null, "");
        var keys = new object?[row.Int("keys")];
        for (var i = 0; i < keys.Length; i++) keys[i] = row.Value(Names[i]);
        return new Hit(row.LongOrNull("matched"), keys, row.Text("body"));
    }

    static readonly string[] Names = [.. Enumerable.Range(0, 13).Select(i => $"k{i}")];
}

/// <summary>What a search found for one page.</summary>
/// <param name="Hits">At most one more than the page holds, in the order of travel.</param>
/// <param name="Matched">How many match in all; null: more work than is done to count.</param>
/// <param name="ReachedTo">How far items were looked at, where that was not to the end; the page may be short.</param>
sealed record Found(List<Hit> Hits, long? Matched, SearchPosition? ReachedTo = null);

/// <summary>Answers a search in one or a few statements, each of bounded work.</summary>
/// <remarks>
/// Two ways to go. Few candidates (a small box in a short time, ids, rare words, a rare value of a promoted property):
/// find them all by an index, then count and sort them. Many: walk an index that has the order, from the page's
/// position, and stop when the page is full. Each is many times dearer than the other where the other belongs.
/// </remarks>
sealed class SearchPlan
{
    readonly SearchLimits limits;
    readonly Db db;
    readonly View view;
    readonly SearchWish wish;
    readonly CompiledFilter? filter;
    readonly SearchOrder order;
    readonly SearchPosition? position;
    readonly SearchTerms terms;
    readonly SearchCounts counts;

    SearchPlan(
        Db db, View view, SearchWish wish, CompiledFilter? filter, SearchOrder order, CatalogueSizes.Size size,
        SearchLimits limits)
    {
        (this.db, this.view, this.wish, this.filter, this.order, this.limits) = (db, view, wish, filter, order, limits);
        position = SearchPosition.Read(wish, order);
        terms = new SearchTerms(db, view, wish, filter);
        counts = new SearchCounts(wish, filter, terms, size, limits);
        Backwards = position is { Backwards: true };
        Within = size.Within(wish);
    }

    bool Backwards { get; }

    double Within { get; }

    /// <summary>True where conditions are left that only the items themselves can answer.</summary>
    bool IsFiltered => wish.Text is not null || filter is not null;

    /// <summary>Answers a wish; one row more than the page holds says that there is another page.</summary>
    /// <exception cref="Refused">400: its token is not of this search, or it sorts too much.</exception>
    public static async Task<Found> Run(
        Db db, View view, SearchWish wish, CompiledFilter? filter, SearchOrder order, CatalogueSizes sizes,
        SearchLimits limits, CancellationToken ct)
    {
        var plan = new SearchPlan(db, view, wish, filter, order, await sizes.Of(db, view, ct), limits);
        return await plan.Run(ct);
    }

    /// <summary>What a wish matches, for whoever counts all of it instead of answering a page.</summary>
    /// <exception cref="Refused">400: to find that, too many would have to be looked at.</exception>
    public static async Task<Matches> Matching(
        Db db, View view, SearchWish wish, CompiledFilter? filter, bool withProperties, CatalogueSizes.Size size,
        SearchLimits limits, CancellationToken ct)
    {
        var order = SearchOrders.LatestFirst with { NeedsProperties = withProperties };
        var plan = new SearchPlan(db, view, wish with { Token = null }, filter, order, size, limits);
        if (await plan.FewBy(ct) is { } few) return new Matches(plan.terms.From(order), SearchTerms.All(few));
        var most = plan.IsFiltered || withProperties ? limits.MostEntries : limits.MostCounted;
        if (plan.Within <= most || await IsUpTo(most))
            return new Matches(plan.terms.From(order), SearchTerms.All(plan.Everything));
        throw Refused.Bad("AGGREGATION_TOO_LARGE",
            $"More than {most} items would have to be looked at to count this.",
            "Narrow the search by time, by collections, or by a promoted property.");

        async Task<bool> IsUpTo(int count)
        {
            Sql cheap = SearchTerms.All(
                [plan.terms.Org, .. plan.terms.Collections(indexed: true), .. plan.terms.Times()]);
            var found = await db.One<Number>($"""
                select count(*) as n from (
                    select 1 as one from catalogue_items as items where {cheap} limit {count + 1}
                ) as candidates
                """, ct);
            return found!.N <= count;
        }
    }

    async Task<Found> Run(CancellationToken ct)
    {
        if (await FewBy(ct) is { } few)
        {
            var found = await db.All<Hit>(Narrow(few, limits.Few), ct);
            if (found[0].Matched <= limits.Few) return Of(found, found[0].Matched);
        }
        else if (terms.RowsWithText() is { } rows)
        {
            var found = await db.All<Hit>(NarrowBy(rows), ct);
            if (found[0].Matched is { } matched) return Of(found, matched);
        }
        if (order.IsWalkable) return IsFiltered ? await Look(ct) : await Walk(ct);
        return await SortAll(ct);
    }

    // Which conditions an index finds few candidates by; null: none does.
    async Task<IReadOnlyList<Sql>?> FewBy(CancellationToken ct)
    {
        if (wish.Ids is not null)
            return [terms.OrgUnindexed, .. terms.Ids(), .. terms.Collections(indexed: false), .. terms.Times(),
                .. terms.Touches(), .. terms.Filters()];
        if (terms.Boxes is not null && Within * terms.ShareOfWorld <= limits.Few)
            return [terms.OrgUnindexed, terms.Near(), .. terms.Collections(indexed: false), .. terms.Times(),
                .. terms.Touches(), .. terms.Filters()];
        if (filter?.Drive is { } drive && await IsFew([terms.Org, drive, terms.Shown], ct))
            return [terms.Org, .. terms.Collections(indexed: false), .. terms.Times(), .. terms.Touches(),
                .. terms.Filters(), drive];
        // Everything there is, is few as well.
        return !order.IsWalkable && Within <= limits.Few ? Everything : null;
    }

    IReadOnlyList<Sql> Everything =>
    [
        terms.Org, .. terms.Collections(indexed: true), .. terms.Times(), .. terms.Touches(), .. terms.Filters(),
    ];

    async Task<bool> IsFew(IReadOnlyList<Sql> conditions, CancellationToken ct)
    {
        var found = await db.One<Number>($"""
            select count(*) as n from (
                select 1 as one from catalogue_items as items where {SearchTerms.All(conditions)} limit {limits.Few + 1}
            ) as few
            """, ct);
        return found!.N <= limits.Few;
    }

    // Finds all of them, then counts and sorts.
    Sql Narrow(IReadOnlyList<Sql> conditions, int most) => $"""
        with {Hits(conditions, most)} {Sorted($"(select count(*) from hits)")}
        """;

    // The same among so few rows; without a count where they are not few.
    Sql NarrowBy(Sql rows)
    {
        Sql isFew = $"(select count(*) from found) <= {limits.Few}";
        Sql[] conditions =
        [
            terms.OrgUnindexed, $"items.row_id in (select row_id from found)", isFew,
            .. terms.Collections(indexed: false), .. terms.Times(), .. terms.Touches(), .. terms.Filters(text: false),
        ];
        return $"""
            with found as materialized (
                select every.row_id from ({rows}) as every
                join catalogue_items as items on items.row_id = every.row_id
                where {terms.Org} and {terms.Shown} limit {limits.Few + 1}
            ),
            {Hits(conditions, limits.Few)} {Sorted($"case when {isFew} then (select count(*) from hits) end")}
            """;
    }

    Sql Hits(IReadOnlyList<Sql> conditions, int most) => $"""
        hits as materialized (
            select items.row_id, {order.Columns} from {terms.From(order)}
            where {SearchTerms.All(conditions)} limit {most + 1}
        )
        """;

    Sql Sorted(Sql matched) => $"""
        select {matched} as matched, {order.Keys.Count} as keys, {order.AliasesOf($"page")},
            {view.Body($"bodies")} as body
        from (select 1 as one) as always
        left join (
            select * from hits where {order.After(position, $"hits")}
            order by {order.By(Backwards, $"hits")} limit {wish.Limit + 1}
        ) as page on true
        left join catalogue_bodies as bodies on bodies.row_id = page.row_id
        order by {order.By(Backwards, $"page")}
        """;

    // Goes along an index, on which nearly everything that it meets matches.
    async Task<Found> Walk(CancellationToken ct)
    {
        var found = await db.All<Hit>(Page(Everything, order.After(position), wish.Limit + 1, counts.Matched()), ct);
        return Of(found, found[0].Matched);
    }

    // Goes along an index and looks at each item: a page that is not full by then goes on where this one stopped.
    async Task<Found> Look(CancellationToken ct)
    {
        var hits = new List<Hit>();
        var matched = counts.Filtered(Everything, order);
        long? counted = null;
        var from = position;
        SearchPosition? reached = null;
        for (var (looked, step) = (0, limits.FirstLook); looked < limits.MostLookedAt && hits.Count <= wish.Limit;)
        {
            step = Math.Min(step, limits.MostLookedAt - looked);
            reached = await Boundary(from, step, ct);
            Sql until = reached is null ? $"true" : (Sql)$"not ({order.After(reached)}) and {order.Until(reached)}";
            var found = await db.All<Hit>(
                Page([.. Everything, order.Indexed()], $"{order.After(from)} and {until}", wish.Limit + 1 - hits.Count,
                    looked == 0 ? matched : SearchCounts.Nobody), ct);
            if (looked == 0) counted = found[0].Matched;
            hits.AddRange(found.Where(hit => hit.Keys is not null));
            if (reached is null) break;
            (looked, step, from) = (looked + step, step * 4, reached);
        }
        if (hits.Count > wish.Limit) reached = null;
        return new Found(hits, counted, reached);
    }

    // The position of the last of so many items; null where there are not that many.
    async Task<SearchPosition?> Boundary(SearchPosition? from, int step, CancellationToken ct)
    {
        var found = await db.All<Hit>($"""
            select null as matched, {order.Keys.Count} as keys, {order.Columns}, '' as body from {terms.From(order)}
            where {SearchTerms.All([terms.Org, .. terms.Collections(indexed: true), .. terms.Times()])}
                and {order.After(from)}
            order by {order.By(Backwards)} limit 1 offset {step - 1}
            """, ct);
        return found.Count == 0 ? null : order.At(found[0].Keys!) with { Backwards = Backwards };
    }

    async Task<Found> SortAll(CancellationToken ct)
    {
        var found = await db.All<Hit>(Narrow(Everything, limits.MostSorted), ct);
        return found[0].Matched <= limits.MostSorted ? Of(found, found[0].Matched) : throw SearchWish.Bad(
            "sortby", $"sortby names what no index has in order, and more than {limits.MostSorted} items match. Narrow "
            + "the search, or sort by datetime or id.");
    }

    Sql Page(IReadOnlyList<Sql> conditions, Sql after, int most, Sql matched) => $"""
        select {matched} as matched, {order.Keys.Count} as keys, {order.AliasesOf($"page")},
            {view.Body($"bodies")} as body
        from (select 1 as one) as always
        left join (
            select items.row_id, {order.Columns} from {terms.From(order)}
            where {SearchTerms.All(conditions)} and {after}
            order by {order.By(Backwards)} limit {most}
        ) as page on true
        left join catalogue_bodies as bodies on bodies.row_id = page.row_id
        order by {order.By(Backwards, $"page")}
        """;

    static Found Of(List<Hit> rows, long? matched) => new([.. rows.Where(row => row.Keys is not null)], matched);
}

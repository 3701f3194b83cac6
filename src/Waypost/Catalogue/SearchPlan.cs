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

/// <summary>Answers a search in a few statements, each of bounded work.</summary>
/// <remarks>
/// Two ways to go. Few candidates (a small box in a short time, ids, rare words, a rare value of a promoted property):
/// find them all by an index, then count and sort them. Many: walk an index that has the order, from the page's
/// position, and stop when the page is full. Each is many times dearer than the other where the other belongs. Which
/// belongs is guessed by what the catalogue holds; whether the guess was right the statement itself says, which takes
/// no more candidates than are few.
/// </remarks>
sealed class SearchPlan
{
    /// <summary>Parts of a filter that are tried, each of which an index answers.</summary>
    const int MostTerms = 3;

    readonly SearchLimits limits;
    readonly Db db;
    readonly View view;
    readonly SearchWish wish;
    readonly CompiledFilter? filter;
    readonly SearchOrder order;
    readonly SearchPosition? position;
    readonly SearchTerms terms;
    readonly CatalogueSizes.Size size;

    SearchPlan(
        Db db, View view, SearchWish wish, CompiledFilter? filter, SearchOrder order, CatalogueSizes.Size size,
        SearchLimits limits)
    {
        (this.db, this.view, this.wish, this.filter, this.order, this.limits) = (db, view, wish, filter, order, limits);
        this.size = size;
        position = SearchPosition.Read(wish, order);
        terms = new SearchTerms(db, view, wish, filter);
        Within = size.Within(wish);
    }

    double Within { get; }

    /// <summary>Rows that an index finds, all matches among them.</summary>
    /// <param name="Rows">A select of them.</param>
    /// <param name="IsOwn">All of them are of the organization, in collections that the view shows.</param>
    /// <param name="IsText">Found by the words that are looked for.</param>
    readonly record struct Source(Sql Rows, bool IsOwn, bool IsText = false);

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
    /// <param name="db">Where.</param>
    /// <param name="view">Who asks.</param>
    /// <param name="wish">What.</param>
    /// <param name="filter">Its filter.</param>
    /// <param name="withProperties">The counts need the properties of items.</param>
    /// <param name="statements">How often all of it will be gone through.</param>
    /// <param name="size">About how much there is.</param>
    /// <param name="limits">How much may be gone through.</param>
    /// <param name="ct">Cancels it.</param>
    /// <exception cref="Refused">400: to find that, too many would have to be looked at.</exception>
    public static async Task<Matches> Matching(
        Db db, View view, SearchWish wish, CompiledFilter? filter, bool withProperties, int statements,
        CatalogueSizes.Size size, SearchLimits limits, CancellationToken ct)
    {
        var order = SearchOrders.LatestFirst with { NeedsProperties = withProperties };
        var plan = new SearchPlan(db, view, wish with { Token = null }, filter, order, size, limits);
        var terms = plan.terms;
        foreach (var (source, most) in plan.Sources())
            if (await plan.IsUpTo(source, most, ct))
                return new Matches(terms.From(order), SearchTerms.All(
                    [
                        $"items.row_id in (select row_id from ({source.Rows}) as every)",
                        .. terms.Everything(!source.IsText),
                    ]));
        var looks = wish.Text is not null || filter is not null || withProperties;
        var range = (looks ? limits.MostEntries : limits.MostCounted) / Math.Max(1, statements);
        if (await plan.IsUpTo(new Source(terms.Range($"items.row_id", range + 1), IsOwn: true), range, ct))
            return new Matches(terms.From(order), SearchTerms.All([.. terms.Indexed(), .. terms.Everything()]));
        throw Refused.Bad("AGGREGATION_TOO_LARGE",
            $"More than {range} items would have to be looked at to count this, for each of {statements} aggregations.",
            "Narrow the search by time, by collections, or by a promoted property, or ask for fewer aggregations at "
            + "once.");
    }

    async Task<Found> Run(CancellationToken ct)
    {
        if (terms.Collections is { Count: 0 }) return new Found([], 0);
        foreach (var (source, most) in Sources())
            if (await Among(source, most, ct) is { } few)
                return few;
        if (SearchLanes.Of(order, terms, view, filter) is not { } lanes)
            return await Among(new Source(terms.Range($"items.row_id", limits.MostSorted + 1), IsOwn: true),
                limits.MostSorted, ct) ?? await AmongMore(ct) ?? throw TooManyToSort();
        var counts = new SearchCounts(view, wish, filter, terms, size, limits);
        var walk = new SearchWalk(db, view, wish, filter, terms, order, lanes, limits);
        var found = await walk.Run(counts.Of(order), ct);
        return found.ReachedTo is null ? found : await AmongMore(ct) ?? found;
    }

    // What is likely to be few; more than that is not taken.
    IEnumerable<(Source Source, int Most)> Sources()
    {
        if (wish.Ids is not null) yield return (new Source(terms.RowsOfIds(), view.ShowsAll), limits.MostSorted);
        if (terms.Boxes is not null && Within * terms.ShareOfWorld <= limits.Few)
            yield return (new Source(terms.RowsNear(), IsOwn: false), limits.Few);
        foreach (var term in Terms()) yield return (term, limits.Few);
        if (terms.RowsWithText() is { } rows) yield return (new Source(rows, IsOwn: false, IsText: true), limits.Few);
    }

    IEnumerable<Source> Terms() => (filter?.Terms ?? []).Take(MostTerms).Select(term => new Source(
        $"select row_id from catalogue_items as items where {terms.Org} and {term.Condition}", view.ShowsAll));

    // More than few, where walking led nowhere.
    async Task<Found?> AmongMore(CancellationToken ct)
    {
        var sources = Terms().ToList();
        if (terms.Boxes is not null) sources.Add(new Source(terms.RowsNear(), IsOwn: false));
        foreach (var source in sources)
            if (await Among(source, limits.MostSorted, ct) is { } found)
                return found;
        return null;
    }

    Refused TooManyToSort() => SearchWish.Bad(
        "sortby", $"sortby names what no index has in order, and more than {limits.MostSorted} items would have to be "
        + "looked at to sort them. Narrow the search by collections, time, place or a promoted property, or sort by "
        + "datetime, id or a promoted property.");

    // Finds all of them, then counts and sorts; null where there are more than so many.
    async Task<Found?> Among(Source source, int most, CancellationToken ct)
    {
        Sql hits = $"""
            hits as materialized (
                select items.row_id, {order.Columns} from {terms.From(order)}
                where items.row_id in (select row_id from found) and {IsFew(source, most)}
                    and {SearchTerms.All(terms.Everything(!source.IsText))}
            )
            """;
        var rows = await db.All<Hit>($"""
            with {Found(source, most)}, {hits}
            select case when {IsFew(source, most)} then (select count(*) from hits) end as matched,
                {order.Keys.Count} as keys, {order.AliasesOf($"page")}, {view.Body($"bodies")} as body
            from (select 1 as one) as always
            left join (
                select * from hits where {order.After(position, $"hits")}
                order by {order.By(IsBackwards, $"hits")} limit {wish.Limit + 1}
            ) as page on true
            left join catalogue_bodies as bodies on bodies.row_id = page.row_id
            order by {order.By(IsBackwards, $"page")}
            """, ct);
        return rows[0].Matched is { } matched
            ? new Found([.. rows.Where(row => row.Keys is not null)], matched)
            : null;
    }

    bool IsBackwards => position is { Backwards: true };

    // The index of places has rows of all organizations, and a column's those of hidden collections. What others have
    // must not decide what is answered, and not make it endless: it does not, up to so many entries. The index of words
    // gives what it finds all at once.
    static bool IsShared(Source source) => source is { IsOwn: false, IsText: false };

    Sql Found(Source source, int most)
    {
        if (source.IsOwn)
            return $"found as materialized (select row_id from ({source.Rows}) as every limit {most + 1})";
        Sql every = IsShared(source) ? $"every" : (Sql)$"({source.Rows}) as every";
        Sql found = $"""
            found as materialized (
                select items.row_id from {every} join catalogue_items as items on items.row_id = every.row_id
                where {terms.OrgUnindexed} and {terms.Shown} limit {most + 1}
            )
            """;
        return !IsShared(source) ? found : $"""
            every as materialized (
                select row_id from ({source.Rows}) as near limit {limits.MostEntries + 1}
            ),
            {found}
            """;
    }

    Sql IsFew(Source source, int most)
    {
        Sql few = $"(select count(*) from found) <= {most}";
        return IsShared(source) ? $"{few} and (select count(*) from every) <= {limits.MostEntries}" : few;
    }

    async Task<bool> IsUpTo(Source source, int most, CancellationToken ct) => (await db.One<Number>($"""
        with {Found(source, most)} select case when {IsFew(source, most)} then 1 else 0 end as n
        """, ct))!.N == 1;
}

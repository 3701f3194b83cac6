using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Goes along indexes that have a search's order and looks at each item, until the page is full, or so many
/// were looked at; then the next page goes on where this one stopped.</summary>
sealed class SearchWalk(
    Db db, View view, SearchWish wish, CompiledFilter? filter, SearchTerms terms, SearchOrder order,
    SearchLanes lanes, SearchLimits limits)
{
    /// <summary>Each further look is at so many times as many items.</summary>
    const int Growth = 4;

    readonly SearchPosition? position = SearchPosition.Read(wish, order);

    sealed record Step(Hit Hit, int Looked, object?[]? Reached) : IRow<Step>
    {
        public static Step Read(Row row)
        {
            var hit = Hit.Read(row);
            if (row.IsNull("l_row")) return new Step(hit, row.Int("looked"), null);
            var reached = new object?[row.Int("keys")];
            for (var i = 0; i < reached.Length; i++) reached[i] = row.Value(Reaches[i]);
            return new Step(hit, row.Int("looked"), reached);
        }

        static readonly string[] Reaches = [.. Enumerable.Range(0, 13).Select(i => $"l{i}")];
    }

    static readonly Sql[] reaches =
        [$"l0", $"l1", $"l2", $"l3", $"l4", $"l5", $"l6", $"l7", $"l8", $"l9", $"l10", $"l11", $"l12"];

    bool Backwards => position is { Backwards: true };

    /// <summary>Nothing is asked but what every entry of the lanes meets.</summary>
    bool IsSure => lanes.IsWhole && order.Keys[0].Origin is KeyOrigin.Starts or KeyOrigin.Id or KeyOrigin.Collection
        && wish is { Area: null, From: null, Until: null, Ids: null, Text: null } && filter is null
        && (terms.Collections is null
            || terms.Collections.Count <= SearchTerms.MostStretches && order.Keys[0].Origin != KeyOrigin.Id);

    /// <summary>The page.</summary>
    /// <param name="matched">How many match in all: an expression for the first statement.</param>
    /// <param name="ct">Cancels it.</param>
    /// <exception cref="Access.Refused">400: too many stand in the same place of the order.</exception>
    public async Task<Found> Run(Sql matched, CancellationToken ct)
    {
        var most = Math.Max(limits.MostLookedAt, wish.Limit + 1);
        var (hits, counted, looked, asked) = (new List<Hit>(), (long?)null, 0, false);
        SearchPosition? reached = null;
        var step = Math.Min(FirstLook, most);
        foreach (var phase in Backwards ? lanes.Phases.Reverse() : lanes.Phases)
            while (true)
            {
                if (looked >= most && reached is not null) return new Found(hits, counted, reached);
                if (Entries(phase, reached ?? position, step) is not { } entries) break;
                var found = await db.All<Step>(
                    Page(entries, reached ?? position, step, wish.Limit + 1 - hits.Count,
                        asked ? SearchCounts.Nobody : matched), ct);
                if (!asked) (counted, asked) = (found[0].Hit.Matched, true);
                hits.AddRange(found.Where(one => one.Hit.Keys is not null).Select(one => one.Hit));
                if (hits.Count > wish.Limit) return new Found(hits, counted);

                var isEnd = found[0].Looked <= (lanes.IsWhole ? step - 1 : step);
                looked += found[0].Looked;
                if (found[0].Reached is { } last) reached = order.At(last) with { Backwards = Backwards };
                if (isEnd) break;
                step = found[0].Reached is null
                    ? Wider(step)
                    : Math.Max(1, Math.Min(step * Growth, most - looked));
            }
        return new Found(hits, counted);
    }

    // As many as fill the page if the area holds what its size lets expect; nobody knows that of filters.
    int FirstLook
    {
        get
        {
            var page = wish.Limit + 1;
            if (IsSure) return page;
            if (filter is not null || wish.Text is not null || wish.Ids is not null) return limits.FirstLook;
            var expected = 2 * page / Math.Max(terms.ShareOfWorld, 1e-6);
            return (int)Math.Clamp(expected, page, Math.Max(page, limits.FirstLook));
        }
    }

    // All of these stand in the same place of the first key: they can only be sorted together.
    int Wider(int step) => step < limits.MostSorted
        ? Math.Min(step * Growth, limits.MostSorted)
        : throw SearchWish.Bad(
            "sortby", $"More than {limits.MostSorted} items have the same value of the first name in sortby, too many "
            + "to sort by the next. Narrow the search by collections, place or a promoted property, or sort by the "
            + "first name alone.");

    Sql Reaches() => Sql.Join(
        $", ", order.Keys.Select((_, i) => (Sql)$"{SearchOrder.Aliases[i]} as {reaches[i]}"));

    // So many entries of the lanes from a position on; null where none can be there.
    Sql? Entries(IReadOnlyList<Lane> phase, SearchPosition? from, int step)
    {
        var columns = (Lane lane) => lanes.IsWhole ? lane.Columns(order) : (Sql)$"{lane.First} as e0";
        var parts = phase.SelectMany(lane => lane.After(order, from, lanes.IsWhole).Select(range => (Sql)$"""
            select * from (
                select items.row_id as l_row, {lane.Own} as own, {columns(lane)} from catalogue_items as items
                where {lane.Where} and {range} order by {lane.By(order, Backwards, lanes.IsWhole)}
                limit {(lanes.IsWhole ? step : step + 1)}
            ) as lane
            """)).ToList();
        return parts.Count == 0 ? null : Sql.Join($" union all ", parts);
    }

    // How far was looked is one row, found once; not once for each item of the page.
    Sql Page(Sql entries, SearchPosition? from, int step, int most, Sql matched) => $"""
        with {(lanes.IsWhole ? Looked(entries, step) : LookedInBlocks(entries, step))},
        furthest as materialized (
            select l_row, {Reaches()}
            from looked where {(lanes.IsWhole ? $"true" : order.After(from, $"looked"))}
            order by {order.By(!Backwards, $"looked")} limit 1
        )
        select {matched} as matched, {order.Keys.Count} as keys, {order.AliasesOf($"page")},
            {view.Body($"bodies")} as body, furthest.*,
            (select count(*) from {(lanes.IsWhole ? (Sql)$"looked" : $"entries")}) as looked
        from (select 1 as one) as always
        left join (
            {Matching(lanes.IsWhole ? $"true" : order.After(from, $"looked"))}
            order by {order.By(Backwards, $"looked")} limit {most}
        ) as page on true
        left join catalogue_bodies as bodies on bodies.row_id = page.row_id
        left join furthest on true
        order by {order.By(Backwards, $"page")}
        """;

    Sql Looked(Sql entries, int step) => $"""
        looked as materialized (
            select * from ({entries}) as lanes order by {order.By(Backwards, $"lanes")} limit {step}
        )
        """;

    // Whatever has the same first key as the last may go on behind it: it is left to the next look.
    Sql LookedInBlocks(Sql entries, int step)
    {
        Sql direction = order.Keys[0].Descending != Backwards ? $" desc" : Sql.Empty, opposite =
            order.Keys[0].Descending != Backwards ? Sql.Empty : $" desc";
        return $"""
            entries as materialized (
                select * from ({entries}) as lanes order by e0{direction} limit {step + 1}
            ),
            looked as materialized (
                select entries.l_row, entries.own, {order.Columns} from entries cross join {terms.From(order)}
                where items.row_id = entries.l_row and entries.own and ((select count(*) from entries) <= {step}
                    or entries.e0 <> (select e0 from entries order by e0{opposite} limit 1))
            )
            """;
    }

    Sql Matching(Sql after) => IsSure
        ? $"select looked.l_row as row_id, {order.AliasesOf($"looked")} from looked where {after}"
        : (Sql)$"""
            select looked.l_row as row_id, {order.AliasesOf($"looked")} from looked cross join {terms.From(order)}
            where items.row_id = looked.l_row and looked.own and {after} and {SearchTerms.All(terms.Everything())}
            """;
}

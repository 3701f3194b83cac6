using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts what a search matches that has too many matches to fetch: expressions for the statement that finds
/// the page, null where counting is too much work.</summary>
sealed class SearchCounts(
    View view, SearchWish wish, CompiledFilter? filter, SearchTerms terms, CatalogueSizes.Size size,
    SearchLimits limits)
{
    /// <summary>Not counted.</summary>
    public static readonly Sql Nobody = $"null";

    /// <summary>How many match.</summary>
    public Sql Of(SearchOrder order) =>
        wish.Text is not null || filter is not null || wish.Ids is not null ? Filtered(order) : ByPlaceAndTime();

    Sql ByPlaceAndTime()
    {
        if (wish.Area is { Heights: not null }) return Nobody;
        var anywhere = wish.Area is null or { IsWorld: true };
        if (anywhere && wish.From is null && wish.Until is null) return Known();
        if (size.Within(wish) > limits.MostEntries) return Nobody;
        return wish.Area is { IsWorld: false, IsBox: true } ? $"({Entries(terms.Surely())} + {Edges()})"
            : !anywhere ? Entries(SearchTerms.All(terms.Touches()))
            : Entries(wish.Area is null ? $"true" : (Sql)$"west is not null");
    }

    // Conditions that each item is looked at for.
    Sql Filtered(SearchOrder order)
    {
        if (filter is { DriveIsAll: true } && wish is { Text: null, Area: null, Ids: null }) return Driven();
        if (size.Within(wish) > 2 * limits.MostLookedAt) return Nobody;
        return $"""
            (case when (
                select count(*) from ({terms.Range($"items.row_id", limits.MostLookedAt + 1)}) as candidates
            ) <= {limits.MostLookedAt} then (
                select count(*) from {terms.From(order)}
                where {SearchTerms.All([.. terms.Indexed(), .. terms.Everything()])}
            ) end)
            """;
    }

    // Whatever the columns of the index decide is counted in it, without the items.
    Sql Entries(Sql sure)
    {
        Sql geometry = wish.Area is { IsBox: false } ? $", geometry" : Sql.Empty;
        return $"""
            (select case when count(*) <= {limits.MostEntries} then count(
                case when {sure} and {SearchTerms.All([$"true", .. terms.Times()])} then 1 end) end
            from ({terms.Range($"starts, ends, west, south, east, north, is_box{geometry}", limits.MostEntries + 1)})
                as entries)
            """;
    }

    // What lies across an edge of the area is found by that edge.
    Sql Edges()
    {
        Sql[] conditions =
        [
            terms.OrgUnindexed, .. terms.InCollections(), .. terms.Times(), $"not {terms.Surely()}", .. terms.Touches(),
        ];
        return $"""
            (with edges as materialized (
                select row_id from ({terms.RowsNearEdges()}) as near limit {limits.MostEntries + 1}
            )
            select case when (select count(*) from edges) <= {limits.MostEntries} then count(*) end
            from catalogue_items as items
            where (select count(*) from edges) <= {limits.MostEntries} and row_id in (select row_id from edges)
                and {SearchTerms.All(conditions)})
            """;
    }

    // By the index of a promoted property, and where that is all by nothing else.
    Sql Driven()
    {
        Sql[] others = [.. terms.InCollections(), .. terms.Times()];
        Sql shown = view.ShowsAll ? $"true" : terms.Shown;
        // The index alone: its entries need no row.
        if (others.Length == 0 && filter!.Terms is [{ IsWhole: true } all])
            return $"""
                (select case when count(*) <= {limits.MostEntries} then count(*) end from (
                    select 1 as one from catalogue_items as items
                    where {terms.Org} and {all.Condition} and {shown} limit {limits.MostEntries + 1}) as entries)
                """;
        var most = 2 * limits.MostLookedAt;
        return $"""
            (select case when count(*) <= {most} then count(
                case when {SearchTerms.All([filter!.Drive!, .. others])} then 1 end) end
            from (
                select id, collection, starts, ends, {Slots} from catalogue_items as items
                where {terms.Org} and {filter.Terms[0].Condition} and {shown} limit {most + 1}
            ) as items)
            """;
    }

    static readonly Sql Slots = $"n1, n2, n3, n4, n5, n6, n7, n8, t1, t2, t3, t4, t5, t6, t7, t8";

    // Without a time the number is known, and nothing needs to be counted.
    Sql Known()
    {
        Sql of = SearchTerms.All(terms.Indexed());
        Sql all = $"(select coalesce(sum(items.items), 0) from catalogue_counts as items where {of})";
        return wish.Area is null ? all : (Sql)$"""
            (select case when count(*) <= {limits.MostEntries} then {all} - count(*) end from (
                select 1 as one from catalogue_items as items
                where west is null and {of} limit {limits.MostEntries + 1}
            ) as nowhere)
            """;
    }
}

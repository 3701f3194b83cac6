using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts what a search matches that has too many matches to fetch: expressions for the statement that finds
/// the page, null where counting is too much work.</summary>
sealed class SearchCounts(
    SearchWish wish, CompiledFilter? filter, SearchTerms terms, CatalogueSizes.Size size, SearchLimits limits)
{
    /// <summary>Not counted.</summary>
    public static readonly Sql Nobody = $"null";

    /// <summary>How many match by place and time.</summary>
    public Sql Matched()
    {
        if (wish.Area is { Heights: not null }) return Nobody;
        var anywhere = wish.Area is null or { IsWorld: true };
        if (anywhere && wish.From is null && wish.Until is null) return Known();
        if (size.Within(wish) > limits.MostEntries) return Nobody;
        return wish.Area is { IsWorld: false, IsBox: true } ? $"({Entries(terms.Surely())} + {Edges()})"
            : !anywhere ? Entries(SearchTerms.All(terms.Touches()))
            : Entries(wish.Area is null ? $"true" : (Sql)$"west is not null");
    }

    /// <summary>How many match conditions that each item is looked at for.</summary>
    public Sql Filtered(IReadOnlyList<Sql> conditions, SearchOrder order)
    {
        if (filter is { DriveIsAll: true } && wish.Text is null && wish.Area is null) return Driven();
        if (size.Within(wish) > 2 * limits.MostLookedAt) return Nobody;
        return $"""
            (case when (
                select count(*) from (
                    select 1 as one from catalogue_items as items where {Cheap} limit {limits.MostLookedAt + 1}
                ) as candidates) <= {limits.MostLookedAt}
            then (select count(*) from {terms.From(order)} where {SearchTerms.All(conditions)}) end)
            """;
    }

    Sql Cheap => SearchTerms.All([terms.Org, .. terms.Collections(indexed: true), .. terms.Times()]);

    Sql Geometry => wish.Area is { IsBox: false } ? $", geometry" : Sql.Empty;

    // Whatever the columns of the index decide is counted in it, without the items.
    Sql Entries(Sql sure) => $"""
        (select case when count(*) <= {limits.MostEntries} then count(case when {sure} then 1 end) end from (
            select west, south, east, north, is_box{Geometry} from catalogue_items as items
            where {Cheap} limit {limits.MostEntries + 1}
        ) as entries)
        """;

    // What lies across an edge of the area is found by that edge.
    Sql Edges()
    {
        Sql[] conditions =
        [
            terms.OrgUnindexed, terms.NearEdges(), .. terms.Collections(indexed: false), .. terms.Times(),
            $"not {terms.Surely()}", .. terms.Touches(),
        ];
        return Bounded(conditions, limits.MostLookedAt);
    }

    // By the index of a promoted property, and where that is all by nothing else.
    Sql Driven()
    {
        Sql[] others = [.. terms.Collections(indexed: false), .. terms.Times()];
        return Bounded(
            [terms.Org, filter!.Drive!, .. others], others.Length == 0 ? limits.MostEntries : 2 * limits.MostLookedAt);
    }

    static Sql Bounded(IReadOnlyList<Sql> conditions, int most) => $"""
        (select case when count(*) <= {most} then count(*) end from (
            select 1 as one from catalogue_items as items where {SearchTerms.All(conditions)} limit {most + 1}
        ) as bounded)
        """;

    // Without a time the number is known, and nothing needs to be counted.
    Sql Known()
    {
        Sql of = SearchTerms.All([terms.Org, .. terms.Collections(indexed: true)]);
        Sql all = $"(select coalesce(sum(items.items), 0) from catalogue_counts as items where {of})";
        return wish.Area is null ? all
            : (Sql)$"({all} - (select count(*) from catalogue_items as items where west is null and {of}))";
    }
}

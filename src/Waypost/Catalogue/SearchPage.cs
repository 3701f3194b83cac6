namespace Waypost.Catalogue;

/// <summary>The items of a page, and what is before and after it.</summary>
/// <param name="Hits">In the order that was asked for.</param>
/// <param name="Next">Where the next page goes on; null: this is the last.</param>
/// <param name="Prev">Where the page before this one ends; null: this is the first.</param>
sealed record SearchPage(IReadOnlyList<Hit> Hits, SearchPosition? Next, SearchPosition? Prev)
{
    /// <summary>The page of what was found.</summary>
    public static SearchPage Of(Found found, SearchWish wish, SearchOrder order)
    {
        var hits = found.Hits;
        var more = hits.Count > wish.Limit;
        if (more) hits.RemoveAt(hits.Count - 1);
        var position = SearchPosition.Read(wish, order);
        var back = position is { Backwards: true };

        // In the direction of travel the extra row says whether more is; or else how far was looked.
        var ahead = more ? order.At(hits[^1].Keys!) : found.ReachedTo;
        // Where we came from is still there.
        var behind = position is null || hits.Count == 0 ? null : order.At(hits[0].Keys!);
        if (!back) return new SearchPage(hits, Forwards(ahead), Backwards(behind));
        hits.Reverse();
        return new SearchPage(hits, Forwards(behind), Backwards(ahead));
    }

    static SearchPosition? Forwards(SearchPosition? position) =>
        position is null ? null : position with { Backwards = false };

    static SearchPosition? Backwards(SearchPosition? position) =>
        position is null ? null : position with { Backwards = true };
}

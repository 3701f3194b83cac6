using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Makes the order of a search's items of what it asked to be sorted by.</summary>
static class SearchOrders
{
    static readonly Sql Starts = $"starts";
    static readonly Sql Ends = $"ends";
    static readonly Sql Collection = $"collection";
    static readonly Sql Id = $"id";

    /// <summary>The order of a search that does not say: latest first.</summary>
    public static readonly SearchOrder LatestFirst = new(Ties(Starts, true), IsWalkable: true, NeedsProperties: false);

    /// <summary>The order of these keys.</summary>
    public static SearchOrder Of(IReadOnlyList<SortWish> wishes)
    {
        if (wishes.Count == 0) return LatestFirst;
        var keys = wishes.Select(KeyOf).ToList();
        var first = keys[0];
        // Few items have the same time or id; whole collections have the same collection.
        var walkable = first.Expression == Starts || first.Expression == Id
            || (first.Expression == Collection && keys.Count == 1);
        foreach (var tie in Ties(first.Expression, first.Descending))
            if (!keys.Exists(key => key.Expression == tie.Expression))
                keys.Add(tie);
        return new SearchOrder(keys, walkable, NeedsProperties: false);
    }

    // An item without a datetime has a start, and stands there.
    static OrderKey KeyOf(SortWish wish) => wish.Name switch
    {
        "datetime" or "start_datetime" => new(Starts, KeyKind.Whole, wish.Descending),
        "end_datetime" => new(Ends, KeyKind.Whole, wish.Descending),
        "id" => new(Id, KeyKind.Text, wish.Descending),
        "collection" => new(Collection, KeyKind.Text, wish.Descending),
        _ => throw SearchWish.Bad(
            "sortby", $"sortby names {SearchWish.Shorten(wish.Name)}, which items cannot be sorted by."),
    };

    // In the direction in which the index of the first key goes on.
    static IReadOnlyList<OrderKey> Ties(Sql first, bool descending)
    {
        OrderKey collection = new(Collection, KeyKind.Text, !descending), id = new(Id, KeyKind.Text, !descending);
        if (first == Id)
            return [id with { Descending = descending }, collection with { Descending = descending }];
        if (first == Collection)
            return
            [
                collection with { Descending = descending }, new(Starts, KeyKind.Whole, !descending),
                id with { Descending = descending },
            ];
        return [new(Starts, KeyKind.Whole, descending), collection, id];
    }
}

using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Makes the order of a search's items of what it asked to be sorted by.</summary>
static class SearchOrders
{
    const int LongestText = 256;

    static readonly Sql Starts = $"starts";
    static readonly Sql Ends = $"ends";
    static readonly Sql Collection = $"collection";
    static readonly Sql Id = $"id";

    /// <summary>The order of a search that does not say: latest first.</summary>
    public static readonly SearchOrder LatestFirst = new(Ties(Starts, true), IsWalkable: true, NeedsProperties: false);

    /// <summary>The names that a column of every item answers, and not one of its properties.</summary>
    public static bool IsColumn(string name) =>
        name is "datetime" or "start_datetime" or "end_datetime" or "id" or "collection";

    /// <summary>The order of these keys.</summary>
    /// <param name="wishes">What was asked for.</param>
    /// <param name="columnOf">What a property is, or the refusal that there is none.</param>
    public static SearchOrder Of(IReadOnlyList<SortWish> wishes, Func<string, PropertyColumn> columnOf)
    {
        if (wishes.Count == 0) return LatestFirst;
        var columns = wishes.Where(wish => !IsColumn(wish.Name))
            .ToDictionary(wish => wish.Name, wish => columnOf(wish.Name), StringComparer.Ordinal);
        var keys = wishes.Select(wish => KeyOf(wish, columns)).ToList();
        var first = keys[0];
        // Few items have the same time or id; whole collections have the same collection.
        var walkable = first.Expression == Starts || first.Expression == Id
            || (first.Expression == Collection && keys.Count == 1);
        foreach (var tie in Ties(first.Expression, first.Descending))
            if (!keys.Exists(key => key.Expression == tie.Expression))
                keys.Add(tie);
        return new SearchOrder(keys, walkable, columns.Values.Any(column => column.NeedsProperties));
    }

    // An item without a datetime has a start, and stands there.
    static OrderKey KeyOf(SortWish wish, Dictionary<string, PropertyColumn> columns) => wish.Name switch
    {
        "datetime" or "start_datetime" => new(Starts, KeyKind.Whole, wish.Descending),
        "end_datetime" => new(Ends, KeyKind.Whole, wish.Descending),
        "id" => new(Id, KeyKind.Text, wish.Descending),
        "collection" => new(Collection, KeyKind.Text, wish.Descending),
        _ => KeyOf(wish, columns[wish.Name]),
    };

    static OrderKey KeyOf(SortWish wish, PropertyColumn column) => column.Kind switch
    {
        // So much of a text decides, and stands in the links to other pages.
        PropertyKind.Text when column.NeedsProperties => new(
            $"(substr({column.Expression}, 1, {LongestText}) collate \"C\")", KeyKind.Text, wish.Descending,
            column.IsNullable),
        PropertyKind.Text => new(column.Expression, KeyKind.Text, wish.Descending, column.IsNullable),
        PropertyKind.Moment => new(column.Expression, KeyKind.Whole, wish.Descending, column.IsNullable),
        _ => new($"({column.Expression} + 0e0)", KeyKind.Number, wish.Descending, column.IsNullable),
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

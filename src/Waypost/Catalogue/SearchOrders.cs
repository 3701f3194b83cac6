using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Makes the order of a search's items of what it asked to be sorted by.</summary>
static class SearchOrders
{
    const int LongestText = 256;

    static readonly Sql Starts = $"starts";

    /// <summary>An item without a datetime has a start, and stands there.</summary>
    static readonly Sql Datetime = $"coalesce(moment, starts)";
    static readonly Sql Ends = $"ends";
    static readonly Sql Collection = $"collection";
    static readonly Sql Id = $"id";

    /// <summary>The order of a search that does not say: what starts latest first.</summary>
    public static readonly SearchOrder LatestFirst = new(Ties(KeyOrigin.Starts, true), NeedsProperties: false);

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
        foreach (var tie in Ties(keys[0].Origin, keys[0].Descending))
            if (!keys.Exists(key => key.Origin == tie.Origin))
                keys.Add(tie);
        return new SearchOrder(keys, columns.Values.Any(column => column.NeedsProperties));
    }

    static OrderKey KeyOf(SortWish wish, Dictionary<string, PropertyColumn> columns) => wish.Name switch
    {
        "datetime" => new(Datetime, KeyKind.Whole, wish.Descending, Origin: KeyOrigin.Datetime),
        "start_datetime" => new(Starts, KeyKind.Whole, wish.Descending, Origin: KeyOrigin.Starts),
        "end_datetime" => new(Ends, KeyKind.Whole, wish.Descending),
        "id" => new(Id, KeyKind.Text, wish.Descending, Origin: KeyOrigin.Id),
        "collection" => new(Collection, KeyKind.Text, wish.Descending, Origin: KeyOrigin.Collection),
        _ => KeyOf(wish, columns[wish.Name]),
    };

    static OrderKey KeyOf(SortWish wish, PropertyColumn column) => column switch
    {
        { Slot: { } slot } => new(
            column.Expression, slot.IsText ? KeyKind.Text : KeyKind.Number, wish.Descending, column.IsNullable,
            KeyOrigin.Slot, slot),
        // So much of a text decides, and stands in the links to other pages.
        { Kind: PropertyKind.Text } => new(
            $"(substr({column.Expression}, 1, {LongestText}) collate \"C\")", KeyKind.Text, wish.Descending,
            column.IsNullable),
        { Kind: PropertyKind.Moment } => new(column.Expression, KeyKind.Whole, wish.Descending, column.IsNullable),
        _ => new($"({column.Expression} + 0e0)", KeyKind.Number, wish.Descending, column.IsNullable),
    };

    // In the direction in which the index of the first key goes on.
    static IReadOnlyList<OrderKey> Ties(KeyOrigin first, bool descending)
    {
        OrderKey starts = new(Starts, KeyKind.Whole, descending, Origin: KeyOrigin.Starts),
            collection = new(Collection, KeyKind.Text, !descending, Origin: KeyOrigin.Collection),
            id = new(Id, KeyKind.Text, !descending, Origin: KeyOrigin.Id);
        return first switch
        {
            KeyOrigin.Id => [id with { Descending = descending }, collection with { Descending = descending }],
            KeyOrigin.Collection =>
            [
                collection with { Descending = descending }, starts with { Descending = !descending },
                id with { Descending = descending },
            ],
            KeyOrigin.Datetime => [collection, id],
            _ => [starts, collection, id],
        };
    }
}

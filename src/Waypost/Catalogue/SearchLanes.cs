using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The stretches of indexes along which a search can walk in its order.</summary>
/// <param name="Phases">One after the other; those of a phase side by side.</param>
/// <param name="IsWhole">Their order is the search's; else they only have the first key in common, and what is equal in
/// it must be sorted.</param>
sealed record SearchLanes(IReadOnlyList<IReadOnlyList<Lane>> Phases, bool IsWhole)
{
    /// <summary>Those of an order; null where no index has it.</summary>
    public static SearchLanes? Of(SearchOrder order, SearchTerms terms, View view, CompiledFilter? filter)
    {
        var first = order.Keys[0];
        var same = new Dictionary<int, object?>();
        IReadOnlyList<IReadOnlyList<Lane>>? phases = first.Origin switch
        {
            KeyOrigin.Starts or KeyOrigin.Collection => [ByTime(order, terms, view, same, $"true")],
            KeyOrigin.Datetime =>
            [
                [
                    .. ByTime(order, terms, view, same, $"(moment is null or moment = starts)"),
                    new Lane($"{terms.Org} and moment <> starts and {terms.Shown}", $"moment")
                    {
                        Low = terms.LeastMoment, High = terms.GreatestMoment,
                    },
                ],
            ],
            KeyOrigin.Id => [[new Lane($"{terms.Org} and {terms.Shown}", $"id")]],
            // In a column there is what others may not see.
            KeyOrigin.Slot when view.ShowsAll =>
            [
                [OfSlot(first, terms, filter)],
                ByTime(order, terms, view, new() { [0] = null }, $"{first.Expression} is null"),
            ],
            _ => null,
        };
        if (phases is null) return null;
        var whole = phases.All(phase => phase.All(lane => HasWhole(order, lane)));
        // What has no value is in no place of its own; and whole collections have the same collection.
        return whole || first.Origin is KeyOrigin.Starts or KeyOrigin.Datetime or KeyOrigin.Id
            ? new SearchLanes(phases, whole)
            : null;
    }

    static IReadOnlyList<Lane> ByTime(
        SearchOrder order, SearchTerms terms, View view, Dictionary<int, object?> same, Sql own)
    {
        if (terms.Collections is not { Count: <= SearchTerms.MostStretches } names)
        {
            // What the view hides is not even passed: how far a page came would tell of it.
            var byCollection = order.Keys[0].Origin == KeyOrigin.Collection;
            var lane = new Lane(
                view.ShowsAll ? terms.Org : (Sql)$"{terms.Org} and {view.Visible($"collection")}",
                byCollection ? (Sql)$"collection" : $"starts")
            {
                Own = own,
                Same = same,
            };
            return [byCollection ? lane : lane with { Low = terms.LeastStart, High = terms.GreatestStart }];
        }
        var at = order.Keys.ToList().FindIndex(key => key.Origin == KeyOrigin.Collection);
        return
        [
            .. names.Select(name => new Lane($"{terms.Org} and collection = {name}", $"starts")
            {
                Own = own,
                Low = terms.LeastStart,
                High = terms.GreatestStart,
                Same = new Dictionary<int, object?>(same) { [at] = name },
            }),
        ];
    }

    // Where a filter bounds the very property, it bounds the walk.
    static Lane OfSlot(OrderKey key, SearchTerms terms, CompiledFilter? filter)
    {
        var bound = filter?.Terms.FirstOrDefault(term => term.Slot == key.Slot);
        Sql where = $"{terms.Org} and {key.Expression} is not null";
        return new Lane(bound?.Equal is { } equal ? $"{where} and {equal}" : where, key.Expression)
        {
            Low = bound?.Low,
            High = bound?.High,
        };
    }

    // The index has the keys in these directions, or all in the opposite ones.
    static bool HasWhole(SearchOrder order, Lane lane)
    {
        var left = order.Keys.Where((_, i) => !lane.Same.ContainsKey(i)).ToList();
        KeyOrigin[] index = left[0].Origin switch
        {
            KeyOrigin.Starts => [KeyOrigin.Starts, KeyOrigin.Collection, KeyOrigin.Id],
            KeyOrigin.Datetime => [KeyOrigin.Datetime, KeyOrigin.Collection, KeyOrigin.Id],
            KeyOrigin.Collection => [KeyOrigin.Collection, KeyOrigin.Starts, KeyOrigin.Id],
            KeyOrigin.Slot => [KeyOrigin.Slot, KeyOrigin.Starts, KeyOrigin.Collection, KeyOrigin.Id],
            _ => [KeyOrigin.Id, KeyOrigin.Collection],
        };
        var isOne = lane.Same.Keys.Any(i => order.Keys[i].Origin == KeyOrigin.Collection);
        return left.Select(key => key.Origin).SequenceEqual(
                index.Where(origin => !isOne || origin != KeyOrigin.Collection))
            && left.Select(key => key.Descending == FallsIn(key.Origin)).Distinct().Count() == 1;
    }

    static bool FallsIn(KeyOrigin origin) => origin is not (KeyOrigin.Collection or KeyOrigin.Id);
}

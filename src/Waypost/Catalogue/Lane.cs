using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A stretch of one index, which has its items in the order of a search: whatever place in it is asked for, it
/// is entered there, and nothing is passed over.</summary>
/// <param name="Where">The items that it has.</param>
/// <param name="First">Its first key that is not the same everywhere.</param>
sealed record Lane(Sql Where, Sql First)
{
    /// <summary>True of the entries that stand for their item here; the others are only passed.</summary>
    public Sql Own { get; init; } = $"true";

    /// <summary>From where on <see cref="First"/> is asked for; null: from the beginning.</summary>
    public Sql? Low { get; init; }

    /// <summary>Up to where.</summary>
    public Sql? High { get; init; }

    /// <summary>The keys of the order that are the same in all of it, by their place in the order, and their values.
    /// </summary>
    public IReadOnlyDictionary<int, object?> Same { get; init; } = new Dictionary<int, object?>();

    /// <summary>The conditions that together take in what comes after a position in its direction, each of which is one
    /// place of the index to enter and to go on from.</summary>
    /// <param name="order">The order.</param>
    /// <param name="at">The position; null: the beginning.</param>
    /// <param name="whole">The order is that of the index; else only their first keys are the same, and what has the
    /// first key of the position is taken in.</param>
    public IEnumerable<Sql> After(SearchOrder order, SearchPosition? at, bool whole)
    {
        if (at is null) return [Conditions(Low, High)];
        var ranges = new List<Sql>();
        Sql? equal = null;
        for (var i = 0; i < order.Keys.Count; i++)
        {
            var (key, value) = (order.Keys[i], at.Values[i]);
            if (Same.TryGetValue(i, out var here))
            {
                var compared = key.Compare(here, value, at.Backwards);
                if (compared > 0) ranges.Add(equal ?? Conditions(Low, High));
                if (compared != 0) return ranges;
                continue;
            }
            var name = equal is null ? First : key.Expression;
            if (value is null)
            {
                // What has a value comes before what has none.
                if (at.Backwards) ranges.Add(equal ?? Conditions(Low, High));
                return ranges;
            }
            // On the side where it is entered the position bounds it, on the other what is asked for.
            ranges.Add(equal is null
                ? Conditions(
                    key.Descending != at.Backwards ? Low : null, key.Descending != at.Backwards ? null : High,
                    whole ? key.Beyond(name, value, at.Backwards) : NotBefore(key, name, value, at.Backwards))
                : $"{equal} and {key.Beyond(name, value, at.Backwards)}");
            if (!whole) return ranges;
            equal = equal is null ? $"{name} = {OrderKey.Hole(value)}"
                : (Sql)$"{equal} and {name} = {OrderKey.Hole(value)}";
        }
        return ranges;
    }

    /// <summary>The words after <c>order by</c>.</summary>
    public Sql By(SearchOrder order, bool backwards, bool whole)
    {
        var keys = order.Keys.Where((_, i) => !Same.ContainsKey(i)).Select((key, i) => (Sql)$"""
            {(i == 0 ? First : key.Expression)}{(key.Descending == backwards ? Sql.Empty : (Sql)$" desc")}
            """);
        return Sql.Join($", ", whole ? keys : keys.Take(1));
    }

    /// <summary>The keys as columns k0, k1…</summary>
    public Sql Columns(SearchOrder order)
    {
        var first = Enumerable.Range(0, order.Keys.Count).First(i => !Same.ContainsKey(i));
        return Sql.Join($", ", order.Keys.Select((key, i) => (Sql)$"""
            {(i == first ? First : Same.GetValueOrDefault(i, "") is null ? $"null" : key.Expression)}
                as {SearchOrder.Aliases[i]}
            """));
    }

    static Sql NotBefore(OrderKey key, Sql name, object value, bool backwards) => key.Descending != backwards
        ? $"{name} <= {OrderKey.Hole(value)}"
        : (Sql)$"{name} >= {OrderKey.Hole(value)}";

    static Sql Conditions(params Sql?[] conditions) => conditions.OfType<Sql>().ToList() is { Count: > 0 } all
        ? SearchTerms.All(all)
        : $"true";
}

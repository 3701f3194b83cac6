using System.Globalization;
using System.Text;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What kind of value a key of an order has.</summary>
enum KeyKind
{
    /// <summary>A whole number: microseconds.</summary>
    Whole,

    /// <summary>A floating point number.</summary>
    Number,

    /// <summary>Text, in the order of its bytes.</summary>
    Text,
}

/// <summary>Which index knows a key, if any does.</summary>
enum KeyOrigin
{
    /// <summary>None.</summary>
    Property,

    /// <summary>Those of time: when an item starts.</summary>
    Starts,

    /// <summary>Those of time, and another for the items whose datetime is not their start.</summary>
    Datetime,

    /// <summary>That of ids.</summary>
    Id,

    /// <summary>That of collections.</summary>
    Collection,

    /// <summary>That of the column of a promoted property, which has the items that have a value.</summary>
    Slot,
}

/// <summary>Something that items are sorted by.</summary>
/// <param name="Expression">Its value, in terms of an item's columns and of <c>props</c>.</param>
/// <param name="Kind">What kind of value.</param>
/// <param name="Descending">The greatest first.</param>
/// <param name="IsNullable">Items may be without; these come last, whichever the direction.</param>
/// <param name="Origin">Which index knows it.</param>
/// <param name="Slot">The column of a promoted property.</param>
sealed record OrderKey(
    Sql Expression, KeyKind Kind, bool Descending, bool IsNullable = false, KeyOrigin Origin = KeyOrigin.Property,
    Slot? Slot = null)
{
    /// <summary>Where a value stands as seen from another in a direction of travel: beyond it (1), before it (-1) or
    /// beside it (0).</summary>
    public int Compare(object? value, object? other, bool backwards)
    {
        if (value is null || other is null)
            return ((value is null ? 1 : 0) - (other is null ? 1 : 0)) * (backwards ? -1 : 1);
        var order = (value, other) switch
        {
            // As the databases compare them: by their bytes.
            (string one, string two) => Encoding.UTF8.GetBytes(one).AsSpan()
                .SequenceCompareTo(Encoding.UTF8.GetBytes(two)),
            _ => Comparer<object>.Default.Compare(value, other),
        };
        return Math.Sign(Descending != backwards ? -order : order);
    }

    /// <summary>The condition to come beyond a value, which is not null, in a direction of travel.</summary>
    public Sql Beyond(Sql expression, object value, bool backwards) =>
        Descending != backwards ? $"{expression} < {Hole(value)}" : (Sql)$"{expression} > {Hole(value)}";

    /// <summary>A value of a position in a statement.</summary>
    public static Sql Hole(object value) => value switch
    {
        long whole => $"{whole}",
        double number => $"{number}",
        _ => $"{(string)value}",
    };

    /// <summary>True when this can be the key's value of some item.</summary>
    public bool Fits(object? value) => value switch
    {
        null => IsNullable,
        long => Kind == KeyKind.Whole,
        double => Kind == KeyKind.Number,
        _ => Kind == KeyKind.Text,
    };

    /// <summary>The value as the database gave it, in the type that this key has.</summary>
    public object? Value(object? read) => (read, Kind) switch
    {
        (null, _) => null,
        (_, KeyKind.Whole) => Convert.ToInt64(read, CultureInfo.InvariantCulture),
        (_, KeyKind.Number) => Convert.ToDouble(read, CultureInfo.InvariantCulture),
        _ => (string)read,
    };
}

/// <summary>In which order a search's items come: every item has one place in it.</summary>
/// <param name="Keys">What was asked for, and then what tells apart those that are equal in it; a collection and an id
/// are always among them.</param>
/// <param name="NeedsProperties">A key is read from <c>props</c>.</param>
sealed record SearchOrder(IReadOnlyList<OrderKey> Keys, bool NeedsProperties)
{
    /// <summary>The names of the keys in subselects.</summary>
    public static readonly Sql[] Aliases =
        [$"k0", $"k1", $"k2", $"k3", $"k4", $"k5", $"k6", $"k7", $"k8", $"k9", $"k10", $"k11", $"k12"];

    /// <summary>Columns k0, k1… of a select.</summary>
    public Sql Columns { get; } =
        Sql.Join($", ", Keys.Select((key, i) => (Sql)$"{key.Expression} as {Aliases[i]}"));

    /// <summary>These columns of a subselect.</summary>
    public Sql AliasesOf(Sql table) => Sql.Join($", ", Keys.Select((_, i) => (Sql)$"{table}.{Aliases[i]}"));

    /// <summary>The words after <c>order by</c>.</summary>
    /// <param name="backwards">From the end to the beginning.</param>
    /// <param name="of">The subselect that has <see cref="Columns"/>; null: the items themselves.</param>
    public Sql By(bool backwards, Sql? of = null) => Sql.Join($", ", Keys.Select((key, i) =>
    {
        var name = Name(key, i, of);
        Sql direction = key.Descending == backwards ? Sql.Empty : $" desc";
        Sql valued = $"{name}{direction}";
        if (!key.IsNullable) return valued;
        return backwards ? $"({name} is null) desc, {valued}" : (Sql)$"({name} is null), {valued}";
    }));

    /// <summary>The condition to come after a position, in its direction.</summary>
    /// <param name="at">The position; null: the beginning.</param>
    /// <param name="of">As <see cref="By"/> has it.</param>
    public Sql After(SearchPosition? at, Sql? of = null)
    {
        if (at is null) return $"true";
        Sql? after = null;
        for (var i = Keys.Count - 1; i >= 0; i--)
        {
            var (name, value) = (Name(Keys[i], i, of), at.Values[i]);
            var beyond = Beyond(Keys[i], name, value, at.Backwards);
            after = after is null ? beyond
                : value is null ? $"({beyond} or ({name} is null and {after}))"
                : (Sql)$"({beyond} or ({name} = {OrderKey.Hole(value)} and {after}))";
        }
        // Said once more and by itself, the first key is what an index is entered by.
        var first = Keys[0];
        if (first.IsNullable || at.Values[0] is not { } least) return after!;
        return first.Descending != at.Backwards
            ? $"({Name(first, 0, of)} <= {OrderKey.Hole(least)} and {after!})"
            : (Sql)$"({Name(first, 0, of)} >= {OrderKey.Hole(least)} and {after!})";
    }

    /// <summary>Where an item stands that has these values.</summary>
    public SearchPosition At(IReadOnlyList<object?> values) =>
        new(false, [.. Keys.Select((key, i) => key.Value(values[i]))]);

    static Sql Beyond(OrderKey key, Sql name, object? value, bool backwards)
    {
        if (value is null) return backwards ? $"{name} is not null" : (Sql)$"false";
        var beyond = key.Beyond(name, value, backwards);
        return key.IsNullable && !backwards ? $"({beyond} or {name} is null)" : beyond;
    }

    static Sql Name(OrderKey key, int at, Sql? of) => of is null ? key.Expression : (Sql)$"{of}.{Aliases[at]}";
}

using System.Text;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A column of <c>catalogue_items</c> that holds a property: <c>n1</c> to <c>n8</c> or <c>t1</c> to <c>t8</c>.
/// </summary>
/// <param name="Number">Its place among all sixteen, from 0; the first eight are for numbers.</param>
readonly record struct Slot(int Number)
{
    /// <summary>How many there are of each kind.</summary>
    public const int OfEachKind = 8;

    static readonly Sql[] columns =
    [
        $"n1", $"n2", $"n3", $"n4", $"n5", $"n6", $"n7", $"n8",
        $"t1", $"t2", $"t3", $"t4", $"t5", $"t6", $"t7", $"t8",
    ];

    /// <summary>The column's name in a statement.</summary>
    public Sql Column => columns[Number];

    /// <summary>True where it holds texts; otherwise numbers, moments in microseconds, and booleans as 0 and 1.
    /// </summary>
    public bool IsText => Number >= OfEachKind;

    /// <summary>As <c>catalogue_queryables</c> writes it.</summary>
    public string Name => (IsText ? "t" : "n") + (Number % OfEachKind + 1);

    /// <summary>Reads a name.</summary>
    public static Slot Of(string name) => new(name[1] - '1' + (name[0] == 't' ? OfEachKind : 0));
}

/// <summary>Which properties of an organization have a column, and what goes into it.</summary>
/// <remarks>A writer reads them after it has locked the collection it writes to: who promotes a property locks all of
/// them, so that no writer is under way that does not know of it.</remarks>
sealed class PromotedSlots
{
    /// <summary>Of a longer text only so many characters are kept: an index takes no longer ones. Comparisons with
    /// texts that are shorter than this need no more.</summary>
    public const int LongestText = 256;

    readonly List<(Slot Slot, Cql2Type Type, byte[] Name)> promoted;

    PromotedSlots(IEnumerable<Promotion> rows) =>
        promoted = [.. rows.Select(row => (row.Slot, row.Type, Encoding.UTF8.GetBytes(row.Name)))];

    /// <summary>A property that has a column.</summary>
    internal sealed record Promotion(string Name, Cql2Type Type, Slot Slot) : IRow<Promotion>
    {
        public static Promotion Read(Row row) => new(
            row.Text("name"), QueryableTypes.Declared(row.Text("types")), Slot.Of(row.Text("slot")));
    }

    /// <summary>Reads those of an organization.</summary>
    public static async Task<PromotedSlots> Read(Tx tx, string org) => new(await tx.All<Promotion>($"""
        select name, types, slot from catalogue_queryables
        where org = {org} and collection = '' and slot is not null
        """));

    /// <summary>True where no property has a column.</summary>
    public bool IsEmpty => promoted.Count == 0;

    /// <summary>The one of them alone.</summary>
    internal static PromotedSlots Of(Promotion one) => new([one]);

    /// <summary>The values of all sixteen columns for an item with these properties: numbers, then texts.</summary>
    public object?[] Of(string properties)
    {
        var values = new object?[2 * Slot.OfEachKind];
        if (promoted.Count == 0) return values;
        var json = Encoding.UTF8.GetBytes(properties);
        foreach (var (slot, type, name) in promoted) values[slot.Number] = Value(json, type, name);
        return values;
    }

    /// <summary>What the column of a property of this type holds.</summary>
    static object? Value(ReadOnlySpan<byte> json, Cql2Type type, ReadOnlySpan<byte> name) => type switch
    {
        Cql2Type.Number => PropertyReading.Number(json, name),
        Cql2Type.Boolean => PropertyReading.Boolean(json, name) is { } truth ? truth ? 1.0 : 0.0 : null,
        Cql2Type.Timestamp or Cql2Type.Date =>
            PropertyReading.Text(json, name) is { } moment ? (double?)Cql2Instant.Of(moment)?.First : null,
        _ => PropertyReading.Text(json, name) is { } text ? Short(text) : null,
    };

    /// <summary>As much of a text as a column keeps.</summary>
    public static string Short(string text)
    {
        if (text.Length <= LongestText) return text;
        var (length, characters) = (0, 0);
        for (; length < text.Length && characters < LongestText; characters++)
            length += char.IsSurrogatePair(text, length) ? 2 : 1;
        return text[..length];
    }
}

using System.Text.Json;

namespace Waypost.Geo.Vector;

/// <summary>
/// Learns, feature by feature, which properties a file has, of which types, and how often they are null.
/// </summary>
public sealed class ColumnInventory
{
    /// <summary>Columns that are listed; a file that uses names as values would have millions.</summary>
    public const int ColumnLimit = 2000;

    const int NameOnStack = 256;

    [Flags]
    enum Types
    {
        None = 0, Array = 1, Boolean = 2, Integer = 4, Number = 8, Object = 16, String = 32,
    }

    sealed class Seen(string name)
    {
        public string Name { get; } = name;

        public Types Types { get; set; }

        public long Nulls { get; set; }

        public long Present { get; set; }
    }

    readonly List<Seen> order = [];
    readonly Dictionary<string, Seen> byName = new(StringComparer.Ordinal);
    readonly Dictionary<string, Seen>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>An inventory of nothing yet.</summary>
    public ColumnInventory() => lookup = byName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Properties met beyond <see cref="ColumnLimit"/>, counted each time.</summary>
    public long Left { get; private set; }

    /// <summary>Takes one feature's properties, a JSON object in UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> properties)
    {
        Span<char> name = stackalloc char[NameOnStack];
        var reader = new Utf8JsonReader(properties);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var seen = reader.ValueSpan.Length <= NameOnStack
                ? Find(name[..reader.CopyString(name)])
                : Find(reader.GetString());
            reader.Read();
            if (seen is null)
                Left++;
            else
                Count(seen, ref reader);
            reader.Skip();
        }
    }

    /// <summary>The columns in the order first seen, with names that any database takes.</summary>
    public IReadOnlyList<VectorColumn> Columns()
    {
        var safe = SafeNames.For([.. order.Select(seen => seen.Name)]);
        return [.. order
            .Select((seen, at) => new VectorColumn(seen.Name, safe[at], Names(seen.Types), seen.Nulls, seen.Present))];
    }

    static void Count(Seen seen, ref Utf8JsonReader reader)
    {
        seen.Present++;
        if (reader.TokenType == JsonTokenType.Null)
            seen.Nulls++;
        else
            seen.Types |= TypeOf(ref reader);
    }

    static Types TypeOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartArray => Types.Array,
        JsonTokenType.StartObject => Types.Object,
        JsonTokenType.String => Types.String,
        JsonTokenType.Number => reader.TryGetInt64(out _) ? Types.Integer : Types.Number,
        _ => Types.Boolean,
    };

    static string[] Names(Types types) =>
        [.. Enum.GetValues<Types>().Where(type => type != Types.None && types.HasFlag(type)).Select(Name)];

    static string Name(Types type) => type switch
    {
        Types.Array => "array",
        Types.Boolean => "boolean",
        Types.Integer => "integer",
        Types.Number => "number",
        Types.Object => "object",
        _ => "string",
    };

    Seen? Find(ReadOnlySpan<char> name)
    {
        if (lookup.TryGetValue(name, out var seen))
            return seen;
        if (order.Count == ColumnLimit)
            return null;
        seen = new Seen(name.ToString());
        byName[seen.Name] = seen;
        order.Add(seen);
        return seen;
    }
}

using System.Collections.Frozen;

namespace Waypost.Geo.Cql2;

/// <summary>How the standard spells its operators: as the JSON encoding does; text differs only by case.</summary>
static class Cql2Names
{
    static readonly string[] ComparisonNames = ["=", "<>", "<", ">", "<=", ">="];
    static readonly string[] ArithmeticNames = ["+", "-", "*", "/", "%", "div", "^"];

    public static FrozenDictionary<string, ComparisonOperator> Comparisons { get; } =
        Enum.GetValues<ComparisonOperator>().ToFrozenDictionary(Of, StringComparer.Ordinal);

    public static FrozenDictionary<string, ArithmeticOperator> Arithmetics { get; } =
        Enum.GetValues<ArithmeticOperator>().ToFrozenDictionary(Of, StringComparer.OrdinalIgnoreCase);

    public static FrozenDictionary<string, SpatialRelation> Spatial { get; } =
        Enum.GetValues<SpatialRelation>().ToFrozenDictionary(Of, StringComparer.OrdinalIgnoreCase);

    public static FrozenDictionary<string, TemporalRelation> Temporal { get; } =
        Enum.GetValues<TemporalRelation>().ToFrozenDictionary(Of, StringComparer.OrdinalIgnoreCase);

    /// <summary>The array functions; <c>a_overlap</c> is what drafts of the standard called the last.</summary>
    public static FrozenDictionary<string, ArrayRelation> Arrays { get; } = Enum.GetValues<ArrayRelation>()
        .Select(relation => KeyValuePair.Create(Of(relation), relation))
        .Append(KeyValuePair.Create("a_overlap", ArrayRelation.Overlaps))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Words that a property or function can have as its name only in quotes.</summary>
    public static FrozenSet<string> Reserved { get; } = new[]
    {
        "and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div", "casei", "accenti", "isnull",
        "date", "timestamp", "interval", "bbox", "point", "linestring", "polygon", "multipoint", "multilinestring",
        "multipolygon", "geometrycollection",
    }.Concat(Spatial.Keys).Concat(Temporal.Keys).Concat(Arrays.Keys)
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static string Of(ComparisonOperator comparison) => ComparisonNames[(int)comparison];

    public static string Of(ArithmeticOperator arithmetic) => ArithmeticNames[(int)arithmetic];

    public static string Of(SpatialRelation relation) => $"s_{Camel(relation.ToString())}";

    public static string Of(TemporalRelation relation) => $"t_{Camel(relation.ToString())}";

    public static string Of(ArrayRelation relation) => $"a_{Camel(relation.ToString())}";

    /// <summary>True when the BNF's rule <c>identifier</c> allows the character to start a name.</summary>
    public static bool StartsName(int code) => code is ':' or '_'
        or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z')
        or (>= 0xC0 and <= 0xD6) or (>= 0xD8 and <= 0xF6) or (>= 0xF8 and <= 0x2FF)
        or (>= 0x370 and <= 0x37D) or (>= 0x37F and <= 0x1FFE) or (>= 0x200C and <= 0x200D)
        or (>= 0x2070 and <= 0x218F) or (>= 0x2C00 and <= 0x2FEF) or (>= 0x3001 and <= 0xD7FF)
        or (>= 0xF900 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFFFD) or (>= 0x10000 and <= 0xEFFFF);

    /// <summary>True when the BNF's rule <c>identifierPart</c> allows the character within a name.</summary>
    public static bool ContinuesName(int code) => StartsName(code) || code is '.' or (>= '0' and <= '9')
        or (>= 0x300 and <= 0x36F) or (>= 0x203F and <= 0x2040);

    /// <summary>True when the name may stand in text without quotes.</summary>
    public static bool IsPlain(string name)
    {
        if (name.Length == 0 || Reserved.Contains(name))
            return false;
        var first = true;
        foreach (var rune in name.EnumerateRunes())
        {
            // U+1680 and U+2000 to U+200B are spaces to a reader of text, wherever the ranges put them.
            if (!(first ? StartsName(rune.Value) : ContinuesName(rune.Value)) || System.Text.Rune.IsWhiteSpace(rune))
                return false;
            first = false;
        }
        return true;
    }

    static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

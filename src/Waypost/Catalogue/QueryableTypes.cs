using Waypost.Geo.Cql2;

namespace Waypost.Catalogue;

/// <summary>The types of properties as <c>catalogue_queryables</c> keeps them: JSON Schema's names, and
/// <c>date-time</c> and <c>date</c> for texts that are one; several with blanks between, in the alphabet's order.
/// </summary>
static class QueryableTypes
{
    /// <summary>What can be declared, and what it means to a filter.</summary>
    static readonly Dictionary<string, Cql2Type> meanings = new(StringComparer.Ordinal)
    {
        ["number"] = Cql2Type.Number,
        ["integer"] = Cql2Type.Number,
        ["string"] = Cql2Type.Text,
        ["boolean"] = Cql2Type.Boolean,
        ["date-time"] = Cql2Type.Timestamp,
        ["date"] = Cql2Type.Date,
        ["array"] = Cql2Type.Array,
        ["geometry"] = Cql2Type.Geometry,
    };

    /// <summary>What can be declared.</summary>
    public static IEnumerable<string> All => meanings.Keys;

    /// <summary>What a declared type means; any where nothing was declared.</summary>
    public static Cql2Type Declared(string types) => meanings.GetValueOrDefault(types, Cql2Type.Any);

    /// <summary>Types together, as they are kept.</summary>
    public static string Join(IEnumerable<string> types) =>
        string.Join(' ', types.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}

using System.Text.Json;

namespace Waypost.Storage;

/// <summary>Looks one property up in a JSON object as it is stored, without reading the rest of it into memory.
/// </summary>
/// <remarks>The same rules as the functions <c>cql_…</c> that the catalogue's migrations make in PostgreSQL: the
/// member of the very name, else what is nested at the dotted path; JSON null is no value.</remarks>
static class PropertyReading
{
    /// <summary>Stands before the value of this name; false where there is none.</summary>
    public static bool TryFind(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out Utf8JsonReader value)
    {
        value = new Utf8JsonReader(properties);
        if (value.Read() && Enter(ref value, name)) return value.TokenType != JsonTokenType.Null;
        if (!name.Contains((byte)'.')) return false;
        value = new Utf8JsonReader(properties);
        if (!value.Read()) return false;
        foreach (var step in name.Split((byte)'.'))
            if (!Enter(ref value, name[step])) return false;
        return value.TokenType != JsonTokenType.Null;
    }

    /// <summary>The value as a number; null where it is none, or none that a double can hold.</summary>
    public static double? Number(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name) =>
        TryFind(properties, name, out var value) ? Number(ref value) : null;

    /// <summary>The value as a text; null where it is none.</summary>
    public static string? Text(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name) =>
        TryFind(properties, name, out var value) && value.TokenType == JsonTokenType.String ? value.GetString() : null;

    /// <summary>The value as true or false; null where it is neither.</summary>
    public static bool? Boolean(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name) =>
        TryFind(properties, name, out var value) && value.TokenType is JsonTokenType.True or JsonTokenType.False
            ? value.TokenType == JsonTokenType.True
            : null;

    /// <summary>The number the reader stands at.</summary>
    public static double? Number(ref Utf8JsonReader value) =>
        value.TokenType == JsonTokenType.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : null;

    // From an object to the value of its member.
    static bool Enter(ref Utf8JsonReader at, ReadOnlySpan<byte> name)
    {
        if (at.TokenType != JsonTokenType.StartObject) return false;
        while (at.Read() && at.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = at.ValueTextEquals(name);
            at.Read();
            if (isIt) return true;
            at.Skip();
        }
        return false;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>A value that is there and compares with nothing: a JSON object, or a value of another type.</summary>
public sealed class Cql2Other
{
    /// <summary>The one there is.</summary>
    public static Cql2Other Value { get; } = new();

    Cql2Other()
    {
    }
}

/// <summary>
/// The values expressions are evaluated to: null (no value), <see cref="string"/>, <see cref="double"/>,
/// <see cref="bool"/>, <see cref="Cql2Instant"/>, <see cref="Cql2Period"/>, a geometry, a
/// <see cref="Cql2List{T}"/> of values, and <see cref="Cql2Other"/>.
/// </summary>
public static class Cql2Values
{
    /// <summary>
    /// A JSON value as a property of a type is read. A text is a moment only where a moment is asked for; an object is
    /// a geometry when it is GeoJSON. In <see cref="Cql2Type.Any"/> the JSON type decides.
    /// </summary>
    public static object? Of(JsonElement json, Cql2Type type = Cql2Type.Any)
    {
        object? value = json.ValueKind switch
        {
            JsonValueKind.String => json.GetString(),
            JsonValueKind.Number => json.TryGetDouble(out var number) && double.IsFinite(number)
                ? number : Cql2Other.Value,
            JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
            JsonValueKind.Array => json.EnumerateArray().Select(item => Of(item)).ToCql2List(),
            JsonValueKind.Object => GeometryOf(json),
            _ => null,
        };
        return As(value, type);
    }

    /// <summary>The value when it is of the type, otherwise <see cref="Cql2Other"/>; null stays null.</summary>
    public static object? As(object? value, Cql2Type type) => (type, value) switch
    {
        (_, null) => null,
        (Cql2Type.Any, _) => value,
        (Cql2Type.Text, string) or (Cql2Type.Number, double) or (Cql2Type.Boolean, bool) => value,
        (Cql2Type.Date or Cql2Type.Timestamp, Cql2Instant) => value,
        (Cql2Type.Date or Cql2Type.Timestamp, string text) =>
            Cql2Instant.Of(text) is { } instant ? instant : Cql2Other.Value,
        (Cql2Type.Geometry, NtsGeometry) or (Cql2Type.Array, Cql2List<object?>) => value,
        (Cql2Type.Interval, Cql2Period) => value,
        _ => Cql2Other.Value,
    };

    /// <summary>
    /// Less than zero, zero or more as a text sorts before, with or after another: by code point, as databases with
    /// the collation "C" do.
    /// </summary>
    public static int CompareText(string one, string other)
    {
        var shared = Math.Min(one.Length, other.Length);
        for (var i = 0; i < shared; i++)
        {
            if (one[i] == other[i])
                continue;
            // Halves of characters beyond the basic plane sort after all of the plane.
            var (a, b) = (char.IsSurrogate(one[i]), char.IsSurrogate(other[i]));
            return a == b ? one[i].CompareTo(other[i]) : a ? 1 : -1;
        }
        return one.Length.CompareTo(other.Length);
    }

    /// <summary>
    /// An element of an array as a text that equal elements share and others do not; null for what cannot be an
    /// element. Arrays within arrays are equal when they have equal elements in the same order.
    /// </summary>
    internal static string? KeyOf(object? element)
    {
        switch (element)
        {
            case null:
                return "null";
            case string text:
                return "'" + text;
            case bool boolean:
                return boolean ? "true" : "false";
            case double number:
                return (number + 0.0).ToString("R", CultureInfo.InvariantCulture);
            case Cql2List<object?> array:
                var keys = new StringBuilder("[");
                foreach (var item in array)
                {
                    if (KeyOf(item) is not { } key)
                        return null;
                    keys.Append(CultureInfo.InvariantCulture, $"{key.Length}:{key}");
                }
                return keys.ToString();
            default:
                return null;
        }
    }

    static object GeometryOf(JsonElement json)
    {
        if (!json.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !GeometryType.IsKnown(type.GetString() ?? ""))
            return Cql2Other.Value;
        try
        {
            return new GeoJsonLiteral().Read(json, "");
        }
        catch (BadCql2Exception)
        {
            // A broken geometry in the data is there and compares with nothing, as any value of another type.
            return Cql2Other.Value;
        }
    }
}

using System.Text.Json;

namespace Waypost.Catalogue;

/// <summary>Finds numbers that JSON can write and nothing here can keep: PostgreSQL refuses a whole chunk of items for
/// one of them.</summary>
static class OddNumbers
{
    /// <summary>Characters of a number; the longest that a double is written with has 24.</summary>
    const int LongestNumber = 1_000;

    /// <summary>True when a number in this JSON is larger than a double can hold, is written with an exponent of four
    /// digits or more, or with more than a thousand characters.</summary>
    public static bool AreIn(ReadOnlySpan<byte> json)
    {
        // Nearly no document has anything like it, which is quickly seen.
        if (!Suspected(json)) return false;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.Number && IsOdd(reader.ValueSpan, ref reader)) return true;
        return false;
    }

    static bool IsOdd(ReadOnlySpan<byte> number, ref Utf8JsonReader reader)
    {
        if (number.Length > LongestNumber || !reader.TryGetDouble(out var value) || !double.IsFinite(value))
            return true;
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        return exponent >= 0 && number[(exponent + 1)..].TrimStart("+-0"u8).Length > 3;
    }

    // An exponent of three digits or more, or three hundred digits in a row.
    static bool Suspected(ReadOnlySpan<byte> json)
    {
        var digits = 0;
        for (var at = 0; at < json.Length; at++)
        {
            if (char.IsAsciiDigit((char)json[at]))
            {
                if (++digits > 300) return true;
                continue;
            }
            if (digits > 0 && json[at] is (byte)'e' or (byte)'E')
            {
                var rest = json[(at + 1)..];
                if (rest.Length > 0 && rest[0] is (byte)'+' or (byte)'-') rest = rest[1..];
                if (rest.Length > 2 && char.IsAsciiDigit((char)rest[0]) && char.IsAsciiDigit((char)rest[1])
                    && char.IsAsciiDigit((char)rest[2]))
                    return true;
            }
            digits = 0;
        }
        return false;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Waypost.Geo.Geometry;

namespace Waypost.Catalogue;

/// <summary>A place in the order of a search's items: a page begins after it, or ends before it.</summary>
/// <remarks>It holds the values that an item is sorted by, not a count of items, so it stays true whatever is added or
/// taken out meanwhile, that item included.</remarks>
/// <param name="Backwards">The page ends before it.</param>
/// <param name="Values">A value for each key of the order: a long, a double, a string or null.</param>
sealed record SearchPosition(bool Backwards, IReadOnlyList<object?> Values)
{
    const int LongestToken = 16_000;
    const byte Form = 2;
    const int Head = 6;

    enum Tag : byte
    {
        Null,
        Whole,
        Number,
        Text,
    }

    /// <summary>The position as it stands in links of this search.</summary>
    public string Token(SearchWish wish, SearchOrder order)
    {
        var bytes = new ArrayBufferWriter<byte>(128);
        bytes.Write([Form, Backwards ? (byte)1 : (byte)0]);
        bytes.Write(Fingerprint(wish, order));
        foreach (var value in Values) Write(bytes, value);
        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }

    /// <summary>Reads the token of a search; null where it has none.</summary>
    /// <exception cref="Access.Refused">400: it is not one of ours, or of a search for something else.</exception>
    public static SearchPosition? Read(SearchWish wish, SearchOrder order)
    {
        if (string.IsNullOrEmpty(wish.Token)) return null;
        if (wish.Token.Length <= LongestToken && Base64Url.IsValid(wish.Token))
        {
            ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(wish.Token);
            if (bytes.Length > Head && bytes[0] == Form && bytes[1] <= 1)
            {
                if (!bytes[2..Head].SequenceEqual(Fingerprint(wish, order)))
                    throw SearchWish.Bad("token", "token belongs to a search that asked for something else or in "
                        + "another order; take it from a next or prev link of this one.");
                if (ValuesOf(bytes[Head..], order) is { } values) return new(bytes[1] == 1, values);
            }
        }
        throw SearchWish.Bad("token", "token is not one that this server gave out; take it from a next or prev link.");
    }

    // Of everything that decides which items are found and in which order.
    static byte[] Fingerprint(SearchWish wish, SearchOrder order)
    {
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{string.Join('\n', wish.Sort)}\0{wish.From}\0{wish.Until}\0{Names(wish.Ids)}\0{Names(wish.Collections)}\0"
            + $"{wish.Filter}\0{wish.Text}\0{wish.Area?.Heights}\0{order.Keys.Count}\0");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        if (wish.Area is not null) hash.AppendData(Wkb.WriteWithSrid(wish.Area.Shape));
        return hash.GetHashAndReset()[..(Head - 2)];
    }

    static string Names(IReadOnlyList<string>? names) => names is null ? "" : string.Join('\n', names);

    static void Write(ArrayBufferWriter<byte> to, object? value)
    {
        switch (value)
        {
            case long whole:
                to.Write([(byte)Tag.Whole]);
                BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), whole);
                to.Advance(8);
                break;
            case double number:
                to.Write([(byte)Tag.Number]);
                BinaryPrimitives.WriteDoubleBigEndian(to.GetSpan(8), number);
                to.Advance(8);
                break;
            case string text:
                var utf8 = Encoding.UTF8.GetBytes(text);
                to.Write([(byte)Tag.Text]);
                BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), utf8.Length);
                to.Advance(4);
                to.Write(utf8);
                break;
            default:
                to.Write([(byte)Tag.Null]);
                break;
        }
    }

    // Null where the bytes do not fit the order's keys.
    static List<object?>? ValuesOf(ReadOnlySpan<byte> bytes, SearchOrder order)
    {
        var values = new List<object?>(order.Keys.Count);
        foreach (var key in order.Keys)
        {
            if (bytes.IsEmpty || !TryRead(ref bytes, out var value) || !key.Fits(value)) return null;
            values.Add(value);
        }
        return bytes.IsEmpty ? values : null;
    }

    static bool TryRead(ref ReadOnlySpan<byte> bytes, out object? value)
    {
        var tag = (Tag)bytes[0];
        bytes = bytes[1..];
        value = null;
        switch (tag)
        {
            case Tag.Null:
                return true;
            case Tag.Whole or Tag.Number when bytes.Length >= 8:
                value = tag == Tag.Whole
                    ? BinaryPrimitives.ReadInt64BigEndian(bytes)
                    : (object)BinaryPrimitives.ReadDoubleBigEndian(bytes);
                bytes = bytes[8..];
                return value is not double number || double.IsFinite(number);
            case Tag.Text when bytes.Length >= 4:
                var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
                if (length < 0 || length > bytes.Length - 4) return false;
                var text = Encoding.UTF8.GetString(bytes.Slice(4, length));
                value = text;
                bytes = bytes[(4 + length)..];
                return !text.Contains('\0', StringComparison.Ordinal);
            default:
                return false;
        }
    }
}

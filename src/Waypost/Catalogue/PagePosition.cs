using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Waypost.Catalogue;

/// <summary>A place in the order of items: a page begins after it, or ends before it.</summary>
/// <remarks>It names the item, not a count of items, so it stays true whatever is added or taken out meanwhile, that
/// item included. Items are ordered by time, latest first, then by collection and id.</remarks>
/// <param name="Backwards">The page ends before it.</param>
/// <param name="Starts">The item's time in microseconds since 1970.</param>
/// <param name="Collection">The item's collection.</param>
/// <param name="Id">The item's id.</param>
sealed record PagePosition(bool Backwards, long Starts, string Collection, string Id)
{
    const int LongestToken = 2_000;
    const byte Form = 1;

    /// <summary>The position as it stands in links.</summary>
    public string Token()
    {
        var names = Encoding.UTF8.GetBytes($"{Collection}\0{Id}");
        var bytes = new byte[10 + names.Length];
        bytes[0] = Form;
        bytes[1] = Backwards ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2), Starts);
        names.CopyTo(bytes, 10);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a token; null where none was given.</summary>
    /// <exception cref="Access.Refused">400: it is not one of ours.</exception>
    public static PagePosition? Read(string? token)
    {
        if (string.IsNullOrEmpty(token)) return null;
        if (token.Length <= LongestToken && Base64Url.IsValid(token))
        {
            var bytes = Base64Url.DecodeFromChars(token);
            if (bytes.Length > 10 && bytes[0] == Form && bytes[1] <= 1
                && Encoding.UTF8.GetString(bytes.AsSpan(10)).Split('\0') is [var collection, var id])
                return new(bytes[1] == 1, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(2)), collection, id);
        }
        throw SearchWish.Bad("token", "token is not one that this server gave out; take it from a next or prev link.");
    }
}

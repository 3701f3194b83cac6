using System.Security.Cryptography;
using System.Text;

namespace Waypost.Access;

/// <summary>How a key looks: <c>wp_</c>, 32 random characters, and a checksum that lets scanners tell a leaked key from
/// something that merely looks like one.</summary>
static class KeyText
{
    const string Mark = "wp_";
    const int RandomCharacters = 32;
    const int ChecksumCharacters = 6;
    const int ShownCharacters = 10;
    const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The longest text that is looked at as a key.</summary>
    public const int Longest = 512;

    /// <summary>A new key: 190 bits that nobody can guess.</summary>
    public static string Make()
    {
        var random = RandomNumberGenerator.GetString(Alphabet, RandomCharacters);
        return Mark + random + Checksum(random);
    }

    /// <summary>True for a text that <see cref="Make"/> may have made.</summary>
    public static bool IsWellFormed(string key) =>
        key.Length == Mark.Length + RandomCharacters + ChecksumCharacters
        && key.StartsWith(Mark, StringComparison.Ordinal)
        && key[^ChecksumCharacters..] == Checksum(key[Mark.Length..^ChecksumCharacters]);

    /// <summary>What its owner recognises a key by; too little of it to try the rest.</summary>
    public static string Shown(string key) => key.Length >= 2 * ShownCharacters ? key[..ShownCharacters] : key[..3];

    // CRC-32 in base 62, as the well-known token formats have it.
    static string Checksum(string random)
    {
        var left = Crc32(Encoding.ASCII.GetBytes(random));
        Span<char> text = stackalloc char[ChecksumCharacters];
        for (var i = text.Length - 1; i >= 0; i--, left /= (uint)Alphabet.Length)
            text[i] = Alphabet[(int)(left % (uint)Alphabet.Length)];
        return new string(text);
    }

    static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var octet in bytes)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}

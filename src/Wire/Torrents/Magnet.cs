using System.Globalization;
using System.Text;

namespace Waypost.Wire.Torrents;

/// <summary>A link that names content by its hashes (BEP 9, BEP 53).</summary>
/// <param name="V1">The SHA-1 of the torrent's info (<c>urn:btih</c>); null: only known to version 2.</param>
/// <param name="V2">The SHA-256 of it (<c>urn:btmh</c>); null: only known to version 1.</param>
/// <param name="Name">What it is called; null: unknown.</param>
/// <param name="Bytes">How long it is; null: unknown.</param>
/// <param name="Trackers">Where peers are to be asked for.</param>
/// <param name="Sources">Where the content itself is to be had.</param>
public sealed record Magnet(
    byte[]? V1, byte[]? V2, string? Name, long? Bytes, IReadOnlyList<string> Trackers, IReadOnlyList<string> Sources)
{
    /// <summary>Characters of a link.</summary>
    public const int LongestLink = 8_000;

    const string Scheme = "magnet:?";
    const string Sha1Name = "urn:btih:";
    const string MultihashName = "urn:btmh:";

    // Multihash: the code of SHA-256 and the length of its hash.
    const string Sha256Prefix = "1220";

    /// <summary>The link with both hashes, for clients that know either.</summary>
    public override string ToString() => Write(V1, V2);

    /// <summary>The link for clients of version 1 alone; null: it has no such hash.</summary>
    public string? LinkV1 => V1 is null ? null : Write(V1, null);

    /// <summary>The link for clients of version 2 alone; null: it has no such hash.</summary>
    public string? LinkV2 => V2 is null ? null : Write(null, V2);

    /// <summary>Reads a link. Parameters that nobody here needs are left out.</summary>
    /// <exception cref="FormatException">It is none; the sentence says what is wrong.</exception>
    public static Magnet Parse(string link)
    {
        if (link.Length > LongestLink) throw new FormatException($"It has more than {LongestLink} characters.");
        if (!link.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException("It does not start with magnet:?.");
        byte[]? v1 = null, v2 = null;
        string? name = null;
        long? bytes = null;
        List<string> trackers = [], sources = [];
        foreach (var part in link[Scheme.Length..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new FormatException($"'{part}' has no value.");
            var value = Uri.UnescapeDataString(part[(equals + 1)..].Replace('+', ' '));
            switch (part[..equals].Split('.')[0])
            {
                case "xt" when value.StartsWith(Sha1Name, StringComparison.OrdinalIgnoreCase):
                    v1 = Sha1Of(value[Sha1Name.Length..]);
                    break;
                case "xt" when value.StartsWith(MultihashName, StringComparison.OrdinalIgnoreCase):
                    v2 = Sha256Of(value[MultihashName.Length..]);
                    break;
                case "dn":
                    name = value;
                    break;
                case "xl":
                    bytes = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                        ? length : throw new FormatException($"xl is '{value}' where a number of bytes was expected.");
                    break;
                case "tr":
                    trackers.Add(value);
                    break;
                case "ws":
                    sources.Add(value);
                    break;
            }
        }
        if (v1 is null && v2 is null)
            throw new FormatException("It names no content: xt=urn:btih:… or xt=urn:btmh:… is missing.");
        return new Magnet(v1, v2, name, bytes, trackers, sources);
    }

    string Write(byte[]? v1, byte[]? v2)
    {
        var link = new StringBuilder(Scheme);
        if (v1 is not null) link.Append("xt=").Append(Sha1Name).Append(Convert.ToHexStringLower(v1));
        if (v2 is not null)
            link.Append(v1 is null ? "" : "&").Append("xt=").Append(MultihashName).Append(Sha256Prefix)
                .Append(Convert.ToHexStringLower(v2));
        if (Name is not null) link.Append("&dn=").Append(Uri.EscapeDataString(Name));
        if (Bytes is { } bytes) link.Append(CultureInfo.InvariantCulture, $"&xl={bytes}");
        foreach (var tracker in Trackers) link.Append("&tr=").Append(Uri.EscapeDataString(tracker));
        foreach (var source in Sources) link.Append("&ws=").Append(Uri.EscapeDataString(source));
        return link.ToString();
    }

    static byte[] Sha1Of(string text) => text.Length switch
    {
        40 when IsHex(text) => Convert.FromHexString(text),
        32 => Base32(text),
        _ => throw new FormatException("urn:btih: is followed by 40 hexadecimal or 32 base32 characters."),
    };

    static byte[] Sha256Of(string text) =>
        text.Length == 68 && IsHex(text) && text.StartsWith(Sha256Prefix, StringComparison.Ordinal)
            ? Convert.FromHexString(text[Sha256Prefix.Length..])
            : throw new FormatException("urn:btmh: is followed by 1220 and 64 hexadecimal characters.");

    static bool IsHex(string text) => text.All(char.IsAsciiHexDigit);

    static byte[] Base32(string text)
    {
        const string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bytes = new List<byte>();
        int held = 0, bits = 0;
        foreach (var c in text)
        {
            var digit = digits.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (digit < 0) throw new FormatException($"'{c}' is not a base32 character.");
            held = ((held << 5) | digit) & 0xfff;
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(held >> bits));
        }
        return [.. bytes];
    }
}

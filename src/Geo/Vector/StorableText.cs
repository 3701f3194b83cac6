using System.Buffers.Text;

namespace Waypost.Geo.Vector;

/// <summary>
/// JSON may escape what no database stores as text: the NUL character and half of a surrogate pair. They become U+FFFD
/// in place, as the escape has the same length.
/// </summary>
internal static class StorableText
{
    /// <summary>Replaces such escapes and returns how many there were.</summary>
    public static int Repair(Span<byte> json)
    {
        var repaired = 0;
        var at = 0;
        while (at < json.Length)
        {
            var next = json[at..].IndexOf((byte)'\\');
            if (next < 0)
                break;
            at += next;
            if (Escape(json, at) is not { } unit)
            {
                at += 2;
                continue;
            }
            if (char.IsHighSurrogate(unit) && Escape(json, at + 6) is { } low && char.IsLowSurrogate(low))
            {
                at += 12;
                continue;
            }
            if (unit == 0 || char.IsSurrogate(unit))
            {
                "fffd"u8.CopyTo(json[(at + 2)..]);
                repaired++;
            }
            at += 6;
        }
        return repaired;
    }

    static char? Escape(ReadOnlySpan<byte> json, int at)
    {
        if (at + 6 > json.Length || json[at] != (byte)'\\' || json[at + 1] != (byte)'u')
            return null;
        return Utf8Parser.TryParse(json.Slice(at + 2, 4), out ushort unit, out var used, 'x') && used == 4
            ? (char)unit : null;
    }
}

using System.Buffers;

namespace Waypost.Geo.Vector;

/// <summary>
/// Finds where a JSON value ends without understanding it, going on where it stopped when more bytes have come. It
/// counts one kind of bracket only, so that long coordinate arrays are skipped at the speed of memory; the reader that
/// follows checks the rest.
/// </summary>
internal struct ValueFramer
{
    static readonly SearchValues<byte> ObjectMarks = SearchValues.Create("{}\""u8);
    static readonly SearchValues<byte> ArrayMarks = SearchValues.Create("[]\""u8);
    static readonly SearchValues<byte> StringMarks = SearchValues.Create("\"\\"u8);
    static readonly SearchValues<byte> ScalarEnds = SearchValues.Create(",]}:{[\" \t\r\n\u001e"u8);

    int scanned, depth;
    bool inString;

    /// <summary>The bytes of the value that begins at the first byte; -1 when its end is not there yet.</summary>
    /// <param name="bytes">From the value's first byte on; the same bytes and more at each call.</param>
    /// <param name="ended">True when no more will come, which ends a number or a literal.</param>
    public int TryFrame(ReadOnlySpan<byte> bytes, bool ended)
    {
        if (bytes.IsEmpty)
            return -1;
        return bytes[0] switch
        {
            (byte)'{' => Container(bytes, ObjectMarks, (byte)'{'),
            (byte)'[' => Container(bytes, ArrayMarks, (byte)'['),
            (byte)'"' => Text(bytes),
            _ => Scalar(bytes, ended),
        };
    }

    int Container(ReadOnlySpan<byte> bytes, SearchValues<byte> marks, byte open)
    {
        while (scanned < bytes.Length)
        {
            if (inString)
            {
                if (!ToStringEnd(bytes))
                    return -1;
                continue;
            }
            var next = bytes[scanned..].IndexOfAny(marks);
            if (next < 0)
            {
                scanned = bytes.Length;
                return -1;
            }
            var mark = bytes[scanned + next];
            scanned += next + 1;
            if (mark == (byte)'"')
                inString = true;
            else if (mark == open)
                depth++;
            else if (--depth == 0)
                return scanned;
        }
        return -1;
    }

    int Text(ReadOnlySpan<byte> bytes)
    {
        scanned = Math.Max(scanned, 1);
        inString = true;
        return ToStringEnd(bytes) ? scanned : -1;
    }

    int Scalar(ReadOnlySpan<byte> bytes, bool ended)
    {
        var next = bytes[scanned..].IndexOfAny(ScalarEnds);
        if (next >= 0)
            return Math.Max(scanned + next, 1);
        scanned = bytes.Length;
        return ended ? bytes.Length : -1;
    }

    /// <summary>Moves past the closing quote; false when it, or what a backslash escapes, is not there yet.</summary>
    bool ToStringEnd(ReadOnlySpan<byte> bytes)
    {
        while (scanned < bytes.Length)
        {
            var next = bytes[scanned..].IndexOfAny(StringMarks);
            if (next < 0)
            {
                scanned = bytes.Length;
                return false;
            }
            if (bytes[scanned + next] == (byte)'"')
            {
                scanned += next + 1;
                inString = false;
                return true;
            }
            if (scanned + next + 1 >= bytes.Length)
            {
                scanned += next;
                return false;
            }
            scanned += next + 2;
        }
        return false;
    }
}

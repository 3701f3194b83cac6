namespace Waypost.Geo.Raster;

/// <summary>
/// TIFF's LZW (TIFF 6.0 section 13): codes of 9 to 12 bits, highest bit first, widening one code early.
/// </summary>
/// <remarks>
/// Every string of the table is a piece of the output that was already written, so an entry is a position and a length
/// and decoding a code is one copy.
/// </remarks>
static class Lzw
{
    const int Clear = 256;
    const int End = 257;
    const int FirstFree = 258;
    const int TableSize = 4096;

    public static bool Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<int> starts = stackalloc int[TableSize];
        Span<int> lengths = stackalloc int[TableSize];
        var (next, width, to) = (FirstFree, 9, 0);
        var (previousStart, previousLength) = (0, 0);
        ulong bits = 0;
        var (held, from) = (0, 0);
        while (to < output.Length)
        {
            while (held <= 48 && from < input.Length)
            {
                bits = (bits << 8) | input[from++];
                held += 8;
            }
            if (held < width)
                return false;
            held -= width;
            var code = (int)(bits >> held) & ((1 << width) - 1);
            if (code == Clear)
            {
                (next, width, previousLength) = (FirstFree, 9, 0);
                continue;
            }
            if (code == End)
                return false;
            var start = to;
            if (!Put(code, next, starts, lengths, previousStart, previousLength, output, ref to))
                return false;
            if (previousLength > 0 && next < TableSize)
            {
                // The new string is the previous one and the first byte of this one, which follows it in the output.
                starts[next] = previousStart;
                lengths[next++] = previousLength + 1;
            }
            (previousStart, previousLength) = (start, code < Clear ? 1 : to - start);
            if (next + 1 >= 1 << width && width < 12)
                width++;
        }
        return true;
    }

    static bool Put(
        int code, int next, Span<int> starts, Span<int> lengths, int previousStart, int previousLength,
        Span<byte> output, ref int to)
    {
        if (code < Clear)
        {
            output[to++] = (byte)code;
            return true;
        }
        int start, length;
        if (code < next)
            (start, length) = (starts[code], lengths[code]);
        else if (code == next && previousLength > 0)
            (start, length) = (previousStart, previousLength + 1);
        else
            return false;
        length = Math.Min(length, output.Length - to);
        // Byte by byte where the string runs into what is being written.
        if (start + length <= to)
            output.Slice(start, length).CopyTo(output[to..]);
        else
            for (var i = 0; i < length; i++)
                output[to + i] = output[start + i];
        to += length;
        return true;
    }
}

using System.IO.Compression;

namespace Waypost.Geo.Raster;

/// <summary>
/// Undoes the compression of one block. Each fills the whole output or answers false: the block is damaged.
/// </summary>
static class Decompress
{
    public static bool Block(int scheme, byte[] input, int length, Span<byte> output) => scheme switch
    {
        TiffCompression.Lzw => Lzw.Decode(input.AsSpan(0, length), output),
        TiffCompression.PackBits => PackBits(input.AsSpan(0, length), output),
        TiffCompression.Deflate or TiffCompression.OldDeflate => Deflate(input, length, output),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    /// <summary>zlib (RFC 1950), its checksum included.</summary>
    static bool Deflate(byte[] input, int length, Span<byte> output)
    {
        using var inflate = new ZLibStream(new MemoryStream(input, 0, length), CompressionMode.Decompress);
        try
        {
            if (inflate.ReadAtLeast(output, output.Length, throwOnEndOfStream: false) < output.Length)
                return false;
            // One byte more makes zlib look at the checksum behind the data; surplus data is not an error.
            _ = inflate.ReadByte();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>TIFF 6.0 section 9.</summary>
    static bool PackBits(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var from = 0;
        var to = 0;
        while (to < output.Length)
        {
            if (from >= input.Length)
                return false;
            var head = (sbyte)input[from++];
            if (head == -128)
                continue;
            var run = Math.Min(Math.Abs((int)head) + 1, output.Length - to);
            if (head >= 0)
            {
                if (from + run > input.Length)
                    return false;
                input.Slice(from, run).CopyTo(output[to..]);
                from += run;
            }
            else
            {
                if (from >= input.Length)
                    return false;
                output.Slice(to, run).Fill(input[from++]);
            }
            to += run;
        }
        return true;
    }
}

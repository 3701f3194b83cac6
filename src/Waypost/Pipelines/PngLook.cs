using System.Buffers.Binary;
using System.IO.Compression;

namespace Waypost.Pipelines;

/// <summary>Looks at a PNG as a client's decoder would (W3C PNG, third edition): 8 bits, palette, RGB or
/// RGBA.</summary>
static class PngLook
{
    const int Signature = 8;
    const int ChunkFrame = 12;

    /// <summary>The picture's size, and how many of its pixels are not fully transparent.</summary>
    /// <exception cref="DemoFailedException">It is not such a PNG.</exception>
    public static (int Width, int Height, long Visible) At(ReadOnlySpan<byte> png)
    {
        if (!png.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]))
            throw new DemoFailedException("The tile is not a PNG.");
        var (width, height, colour) = (0, 0, 0);
        ReadOnlySpan<byte> transparency = [];
        using var packed = new MemoryStream();
        var ended = false;
        for (var at = Signature; at + ChunkFrame <= png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            if (length < 0 || length > png.Length - at - ChunkFrame)
                throw new DemoFailedException("The tile's PNG is cut off.");
            var type = png.Slice(at + 4, 4);
            var body = png.Slice(at + 8, length);
            if (type.SequenceEqual("IHDR"u8))
            {
                (width, height, colour) = (
                    BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]), body[9]);
                if (body[8] != 8 || body[12] != 0) throw new DemoFailedException(
                    "The tile's PNG is of an unusual kind.");
            }
            else if (type.SequenceEqual("tRNS"u8)) transparency = body;
            else if (type.SequenceEqual("IDAT"u8)) packed.Write(body);
            ended = type.SequenceEqual("IEND"u8);
            at += length + ChunkFrame;
        }
        if (!ended) throw new DemoFailedException("The tile's PNG is cut off.");
        var channels = colour switch
        {
            2 => 3,
            3 => 1,
            6 => 4,
            _ => throw new DemoFailedException($"The tile's PNG has the colour type {colour}."),
        };
        var rows = Unfiltered(packed, width, height, channels);
        return (width, height, Visible(rows, channels, transparency));
    }

    static byte[] Unfiltered(MemoryStream packed, int width, int height, int channels)
    {
        packed.Position = 0;
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        var stride = width * channels;
        var rows = new byte[stride * height];
        var row = new byte[stride + 1];
        for (var y = 0; y < height; y++)
        {
            inflate.ReadExactly(row);
            var line = rows.AsSpan(y * stride, stride);
            var above = y == 0 ? new byte[stride] : rows.AsSpan((y - 1) * stride, stride);
            for (var x = 0; x < stride; x++)
            {
                var left = x < channels ? 0 : line[x - channels];
                var corner = x < channels ? 0 : above[x - channels];
                line[x] = (byte)(row[x + 1] + row[0] switch
                {
                    0 => 0,
                    1 => left,
                    2 => above[x],
                    3 => (left + above[x]) / 2,
                    4 => Paeth(left, above[x], corner),
                    var other => throw new DemoFailedException($"The tile's PNG has the filter {other}."),
                });
            }
        }
        return rows;
    }

    static int Paeth(int left, int above, int corner)
    {
        var guess = left + above - corner;
        var (byLeft, byAbove, byCorner) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return byLeft <= byAbove && byLeft <= byCorner ? left : byAbove <= byCorner ? above : corner;
    }

    static long Visible(byte[] rows, int channels, ReadOnlySpan<byte> transparency)
    {
        if (channels == 3) return rows.Length / 3;
        var visible = 0L;
        if (channels == 4)
            for (var i = 3; i < rows.Length; i += 4) visible += rows[i] > 0 ? 1 : 0;
        else
            foreach (var index in rows) visible += index >= transparency.Length || transparency[index] > 0 ? 1 : 0;
        return visible;
    }
}

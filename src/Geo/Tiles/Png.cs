using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Waypost.Geo.Tiles;

/// <summary>
/// Writes pictures as PNG (W3C PNG, third edition): with a palette up to 256 colours, else RGB or RGBA.
/// </summary>
static class Png
{
    const int MostColours = 256;
    const int SlotCount = 1024;

    static readonly ZLibCompressionOptions Fast = new() { CompressionLevel = 4 };
    static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>Encodes rows of pixels 0xAABBGGRR.</summary>
    public static byte[] Encode(ReadOnlySpan<uint> pixels, int width, int height)
    {
        var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        var indexes = new byte[pixels.Length];
        if (Index(pixels, indexes) is { } colours)
        {
            header[9] = 3;
            Chunk(png, "IHDR"u8, header);
            WritePalette(png, colours);
            Chunk(png, "IDAT"u8, Compress(indexes, width, height, 1, filter: false));
        }
        else
        {
            var isOpaque = IsOpaque(pixels);
            header[9] = (byte)(isOpaque ? 2 : 6);
            Chunk(png, "IHDR"u8, header);
            var bytes = isOpaque ? WithoutAlpha(pixels) : MemoryMarshal.AsBytes(pixels);
            Chunk(png, "IDAT"u8, Compress(bytes, width, height, isOpaque ? 3 : 4, filter: true));
        }
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    // The colours in order of appearance, or null when there are too many for a palette.
    static List<uint>? Index(ReadOnlySpan<uint> pixels, Span<byte> indexes)
    {
        var colours = new List<uint>(MostColours);
        Span<int> slots = stackalloc int[SlotCount];
        slots.Fill(-1);
        var (last, lastIndex) = (0u, -1);
        for (var i = 0; i < pixels.Length; i++)
        {
            var colour = pixels[i];
            if (colour != last || lastIndex < 0)
            {
                var slot = (int)((colour * 2654435761u) >> 22);
                while (slots[slot] >= 0 && colours[slots[slot]] != colour)
                    slot = (slot + 1) % SlotCount;
                if (slots[slot] < 0)
                {
                    if (colours.Count == MostColours)
                        return null;
                    slots[slot] = colours.Count;
                    colours.Add(colour);
                }
                (last, lastIndex) = (colour, slots[slot]);
            }
            indexes[i] = (byte)lastIndex;
        }
        return colours;
    }

    static void WritePalette(Stream png, List<uint> colours)
    {
        var palette = new byte[colours.Count * 3];
        var alpha = new byte[colours.Count];
        for (var i = 0; i < colours.Count; i++)
        {
            palette[3 * i] = (byte)colours[i];
            palette[3 * i + 1] = (byte)(colours[i] >> 8);
            palette[3 * i + 2] = (byte)(colours[i] >> 16);
            alpha[i] = (byte)(colours[i] >> 24);
        }
        Chunk(png, "PLTE"u8, palette);
        if (alpha.AsSpan().ContainsAnyExcept((byte)255))
            Chunk(png, "tRNS"u8, alpha);
    }

    static bool IsOpaque(ReadOnlySpan<uint> pixels)
    {
        foreach (var pixel in pixels)
            if (pixel < 0xFF000000)
                return false;
        return true;
    }

    static byte[] WithoutAlpha(ReadOnlySpan<uint> pixels)
    {
        var bytes = new byte[pixels.Length * 3];
        for (int i = 0, to = 0; i < pixels.Length; i++, to += 3)
        {
            bytes[to] = (byte)pixels[i];
            bytes[to + 1] = (byte)(pixels[i] >> 8);
            bytes[to + 2] = (byte)(pixels[i] >> 16);
        }
        return bytes;
    }

    static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> bytes, int width, int height, int pixelBytes, bool filter)
    {
        var rowBytes = width * pixelBytes;
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, Fast, leaveOpen: true))
        {
            var line = new byte[rowBytes + 1];
            for (var y = 0; y < height; y++)
            {
                var row = bytes.Slice(y * rowBytes, rowBytes);
                Filter(row, y > 0 && filter ? bytes.Slice((y - 1) * rowBytes, rowBytes) : [], pixelBytes, filter, line);
                zlib.Write(line);
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    // The difference to the left or to the row above, whichever is smaller on the whole.
    static void Filter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixelBytes, bool filter, Span<byte> line)
    {
        line[0] = 0;
        row.CopyTo(line[1..]);
        if (!filter)
            return;
        var (left, up) = (0, 0);
        for (var i = pixelBytes; i < row.Length; i++)
        {
            left += Math.Abs((int)(sbyte)(row[i] - row[i - pixelBytes]));
            up += above.IsEmpty ? 255 : Math.Abs((int)(sbyte)(row[i] - above[i]));
        }
        if (up < left)
        {
            line[0] = 2;
            for (var i = 0; i < row.Length; i++)
                line[i + 1] = (byte)(row[i] - above[i]);
            return;
        }
        line[0] = 1;
        for (var i = pixelBytes; i < row.Length; i++)
            line[i + 1] = (byte)(row[i] - row[i - pixelBytes]);
    }

    static void Chunk(Stream png, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(name);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, name), data));
        png.Write(number);
    }

    static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        var table = CrcTable;
        foreach (var value in data)
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            table[i] = crc;
        }
        return table;
    }
}

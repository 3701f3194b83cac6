using System.Buffers.Binary;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Writes a picture in longitude and latitude as the plainest GeoTIFF there is (TIFF 6.0, uncompressed strips, OGC
/// 19-008 keys for EPSG:4326): what a person would submit, not what the pipelines make of it.
/// </summary>
public static class SampleTiff
{
    const int RowsPerStrip = 32;
    const ushort Short = 3, Long = 4, Double = 12;

    /// <summary>GeoKeys: a geographic model, pixels are areas, EPSG:4326.</summary>
    static readonly ushort[] GeoKeys = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];

    /// <summary>Writes the file; the stream stays open.</summary>
    /// <param name="stream">Where to; it need not seek.</param>
    /// <param name="rgb">Three bytes a pixel, rows from north to south.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="box">What the picture covers; not across the antimeridian.</param>
    public static void Write(Stream stream, ReadOnlySpan<byte> rgb, int width, int height, GeoBox box)
    {
        if (rgb.Length != 3L * width * height)
            throw new ArgumentException($"{rgb.Length} bytes are not {width} by {height} pixels of three.",
                nameof(rgb));
        var strips = (height + RowsPerStrip - 1) / RowsPerStrip;
        var head = new Head(13, strips);
        var lengths = new uint[strips];
        var offsets = new uint[strips];
        for (var i = 0; i < strips; i++)
        {
            lengths[i] = (uint)(3 * width * Math.Min(RowsPerStrip, height - i * RowsPerStrip));
            offsets[i] = i == 0 ? (uint)head.Length : offsets[i - 1] + lengths[i - 1];
        }
        head.Put(256, Long, [(uint)width]);
        head.Put(257, Long, [(uint)height]);
        head.Put(258, Short, [8, 8, 8]);
        head.Put(259, Short, [1]);
        head.Put(262, Short, [2]);
        head.Put(273, Long, offsets);
        head.Put(277, Short, [3]);
        head.Put(278, Long, [RowsPerStrip]);
        head.Put(279, Long, lengths);
        head.Put(284, Short, [1]);
        head.Put(33550, [box.Width / width, (box.North - box.South) / height, 0]);
        head.Put(33922, [0, 0, 0, box.West, box.North, 0]);
        head.Put(34735, Short, [.. GeoKeys.Select(key => (uint)key)]);
        stream.Write(head.Bytes);
        stream.Write(rgb);
    }

    /// <summary>The header and the one directory, with the values that do not fit into an entry behind it.</summary>
    sealed class Head
    {
        readonly byte[] bytes;
        int entry = 10, value;

        public Head(int entries, int strips)
        {
            value = 8 + 2 + 12 * entries + 4;
            var values = 3 * 2 + GeoKeys.Length * 2 + (3 + 6) * 8 + (strips > 1 ? 2 * 4 * strips : 0);
            bytes = new byte[(value + values + 7) / 8 * 8];
            "II*\0"u8.CopyTo(bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 8);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)entries);
        }

        public int Length => bytes.Length;

        public ReadOnlySpan<byte> Bytes => bytes;

        public void Put(ushort tag, ushort type, ReadOnlySpan<uint> numbers)
        {
            var size = type == Short ? 2 : 4;
            var target = Entry(tag, type, numbers.Length, size);
            foreach (var number in numbers)
            {
                if (type == Short)
                    BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)number);
                else
                    BinaryPrimitives.WriteUInt32LittleEndian(target, number);
                target = target[size..];
            }
        }

        public void Put(ushort tag, ReadOnlySpan<double> numbers)
        {
            var target = Entry(tag, Double, numbers.Length, 8);
            for (var i = 0; i < numbers.Length; i++)
                BinaryPrimitives.WriteDoubleLittleEndian(target[(8 * i)..], numbers[i]);
        }

        Span<byte> Entry(ushort tag, ushort type, int count, int size)
        {
            var at = bytes.AsSpan(entry);
            BinaryPrimitives.WriteUInt16LittleEndian(at, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], (uint)count);
            entry += 12;
            if (count * size <= 4)
                return at[8..];
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)value);
            var target = bytes.AsSpan(value, count * size);
            value += count * size;
            return target;
        }
    }
}

using System.IO.Compression;
using System.Text;
using Waypost.Geo.Raster;

namespace Waypost.Geo.Tests.Raster;

/// <summary>
/// Writes small TIFFs of every kind that the reader claims to read, by code that shares nothing with it.
/// </summary>
sealed record TestTiff
{
    public int Width { get; init; } = 70;
    public int Height { get; init; } = 50;
    public int Bands { get; init; } = 1;
    public SampleType Type { get; init; } = SampleType.UInt8;
    public int Compression { get; init; } = 1;
    public int Predictor { get; init; } = 1;
    public bool BigEndian { get; init; }
    public bool BigTiff { get; init; }
    public bool Planar { get; init; }
    public (int Width, int Height)? Tile { get; init; }
    public int RowsPerStrip { get; init; } = 16;
    public int Photometric { get; init; } = 1;
    public int[] ExtraSamples { get; init; } = [];
    public string? NoData { get; init; }
    public string? Metadata { get; init; }
    public ushort[] Palette { get; init; } = [];
    public int? Epsg { get; init; } = 32618;
    public double[] Scale { get; init; } = [30, 30, 0];
    public double[] Tie { get; init; } = [0, 0, 0, 500_000, 4_000_000, 0];
    public ushort[]? GeoKeys { get; init; }
    public Func<int, int, int, double> Value { get; init; } = (x, y, band) => (x * 7 + y * 13 + band * 50) % 251;

    int SampleBytes => Type.Bytes();

    /// <summary>The pixels as the reader should give them: rows of interleaved little-endian samples.</summary>
    public byte[] Pixels()
    {
        var pixels = new byte[Width * Height * Bands * SampleBytes];
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                for (var band = 0; band < Bands; band++)
                    Put(pixels.AsSpan(((y * Width + x) * Bands + band) * SampleBytes), Value(x, y, band),
                        bigEndian: false);
        return pixels;
    }

    public MemoryStream Stream() => new(Bytes());

    public byte[] Bytes()
    {
        var data = new MemoryStream();
        var head = BigTiff ? 16 : 8;
        data.Write(new byte[head]);
        var blocks = Blocks().Select(block =>
        {
            var at = data.Position;
            data.Write(block);
            return (Offset: (ulong)at, Count: (ulong)block.Length);
        }).ToList();
        if (data.Position % 2 == 1)
            data.WriteByte(0);
        var fields = Fields([.. blocks.Select(b => b.Offset)], [.. blocks.Select(b => b.Count)]);
        var bytes = Append(data, fields);
        bytes[0] = bytes[1] = (byte)(BigEndian ? 'M' : 'I');
        U16((ushort)(BigTiff ? 43 : 42)).CopyTo(bytes.AsSpan(2));
        if (BigTiff)
        {
            U16(8).CopyTo(bytes.AsSpan(4));
            Number((ulong)_directory, 8).CopyTo(bytes.AsSpan(8));
        }
        else
            Number((ulong)_directory, 4).CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    long _directory;

    byte[] Append(MemoryStream data, List<(ushort Tag, ushort Type, int Count, byte[] Value)> fields)
    {
        var room = BigTiff ? 8 : 4;
        var places = new List<byte[]>();
        foreach (var field in fields)
        {
            if (field.Value.Length <= room)
            {
                places.Add([.. field.Value, .. new byte[room - field.Value.Length]]);
                continue;
            }
            places.Add(Number((ulong)data.Position, room));
            data.Write(field.Value);
            if (data.Position % 2 == 1)
                data.WriteByte(0);
        }
        _directory = data.Position;
        data.Write(Number((ulong)fields.Count, BigTiff ? 8 : 2));
        foreach (var (field, place) in fields.Zip(places))
        {
            data.Write(U16(field.Tag));
            data.Write(U16(field.Type));
            data.Write(Number((ulong)field.Count, room));
            data.Write(place);
        }
        data.Write(new byte[room]);
        return data.ToArray();
    }

    List<(ushort Tag, ushort Type, int Count, byte[] Value)> Fields(ulong[] offsets, ulong[] counts)
    {
        var list = new List<(ushort, ushort, int, byte[])>();
        void Shorts(int tag, params int[] values) =>
            list.Add(((ushort)tag, 3, values.Length, [.. values.SelectMany(v => U16((ushort)v))]));
        void Longs(int tag, params ulong[] values) => list.Add(
            ((ushort)tag, (ushort)(BigTiff ? 16 : 4), values.Length,
                [.. values.SelectMany(v => Number(v, BigTiff ? 8 : 4))]));
        void Doubles(int tag, double[] values) =>
            list.Add(((ushort)tag, 12, values.Length,
                [.. values.SelectMany(v => Number(BitConverter.DoubleToUInt64Bits(v), 8))]));
        void Text(int tag, string text) =>
            list.Add(((ushort)tag, 2, text.Length + 1, [.. Encoding.ASCII.GetBytes(text), 0]));

        Longs(256, (ulong)Width);
        Longs(257, (ulong)Height);
        Shorts(258, [.. Enumerable.Repeat(SampleBytes * 8, Bands)]);
        Shorts(259, Compression);
        Shorts(262, Photometric);
        if (Tile is null)
            Longs(273, offsets);
        Shorts(277, Bands);
        if (Tile is null)
        {
            Longs(278, (ulong)RowsPerStrip);
            Longs(279, counts);
        }
        Shorts(284, Planar ? 2 : 1);
        if (Predictor != 1)
            Shorts(317, Predictor);
        if (Palette.Length > 0)
            Shorts(320, [.. Palette.Select(v => (int)v)]);
        if (Tile is { } tile)
        {
            Longs(322, (ulong)tile.Width);
            Longs(323, (ulong)tile.Height);
            Longs(324, offsets);
            Longs(325, counts);
        }
        if (ExtraSamples.Length > 0)
            Shorts(338, ExtraSamples);
        var kind = Type.IsFloat() ? 3 : Type is SampleType.Int8 or SampleType.Int16 or SampleType.Int32 ? 2 : 1;
        Shorts(339, [.. Enumerable.Repeat(kind, Bands)]);
        if (Scale.Length > 0)
            Doubles(33550, Scale);
        if (Tie.Length > 0)
            Doubles(33922, Tie);
        if (GeoKeys is { } keys)
            Shorts(34735, [.. keys.Select(v => (int)v)]);
        else if (Epsg is { } epsg)
            Shorts(34735, epsg is 4326 ? [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, epsg]
                : [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg]);
        if (Metadata is { } metadata)
            Text(42112, metadata);
        if (NoData is { } noData)
            Text(42113, noData);
        return list;
    }

    IEnumerable<byte[]> Blocks()
    {
        var (blockWidth, blockHeight) = Tile ?? (Width, Math.Min(RowsPerStrip, Height));
        for (var plane = 0; plane < (Planar ? Bands : 1); plane++)
            for (var top = 0; top < Height; top += blockHeight)
                for (var left = 0; left < Width; left += blockWidth)
                {
                    var rows = Tile is null ? Math.Min(blockHeight, Height - top) : blockHeight;
                    var bands = Planar ? new[] { plane } : [.. Enumerable.Range(0, Bands)];
                    yield return Compress(Block(left, top, blockWidth, rows, bands));
                }
    }

    byte[] Block(int left, int top, int width, int rows, int[] bands)
    {
        var block = new MemoryStream();
        for (var y = top; y < top + rows; y++)
        {
            var row = new byte[width * bands.Length * SampleBytes];
            for (var x = 0; x < width; x++)
                for (var i = 0; i < bands.Length; i++)
                {
                    var value = Value(Math.Min(left + x, Width - 1), Math.Min(y, Height - 1), bands[i]);
                    Put(row.AsSpan((x * bands.Length + i) * SampleBytes), value, Predictor == 3 || BigEndian);
                }
            block.Write(Predictor switch
            {
                2 => Differences(row, bands.Length),
                3 => Planes(row, bands.Length),
                _ =>
                row
            });
        }
        return block.ToArray();
    }

    byte[] Differences(byte[] row, int bands)
    {
        var size = SampleBytes;
        for (var at = row.Length - size; at >= bands * size; at -= size)
        {
            var difference = Get(row.AsSpan(at, size)) - Get(row.AsSpan(at - bands * size, size));
            Number(difference, size).CopyTo(row.AsSpan(at));
        }
        return row;
    }

    byte[] Planes(byte[] row, int bands)
    {
        var values = row.Length / SampleBytes;
        var sorted = new byte[row.Length];
        for (var i = 0; i < values; i++)
            for (var plane = 0; plane < SampleBytes; plane++)
                sorted[plane * values + i] = row[i * SampleBytes + plane];
        for (var i = sorted.Length - 1; i >= bands; i--)
            sorted[i] -= sorted[i - bands];
        return sorted;
    }

    byte[] Compress(byte[] block)
    {
        if (Compression is 8 or 32946)
        {
            var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                zlib.Write(block);
            return packed.ToArray();
        }
        return Compression switch { 5 => TestLzw.Encode(block), 32773 => PackBits(block), _ => block };
    }

    static byte[] PackBits(byte[] block)
    {
        var packed = new List<byte>();
        for (var at = 0; at < block.Length;)
        {
            var run = 1;
            while (at + run < block.Length && run < 128 && block[at + run] == block[at])
                run++;
            if (run > 1)
                packed.AddRange([(byte)(1 - run), block[at]]);
            else
                packed.AddRange([0, block[at]]);
            at += run;
        }
        return [.. packed];
    }

    void Put(Span<byte> at, double value, bool bigEndian)
    {
        var bits = Type switch
        {
            SampleType.Float32 => BitConverter.SingleToUInt32Bits((float)value),
            SampleType.Float64 => BitConverter.DoubleToUInt64Bits(value),
            _ => unchecked((ulong)(long)value),
        };
        for (var i = 0; i < SampleBytes; i++)
            at[bigEndian ? SampleBytes - 1 - i : i] = (byte)(bits >> (8 * i));
    }

    ulong Get(ReadOnlySpan<byte> at)
    {
        ulong value = 0;
        for (var i = 0; i < at.Length; i++)
            value |= (ulong)at[BigEndian ? at.Length - 1 - i : i] << (8 * i);
        return value;
    }

    byte[] U16(ushort value) => Number(value, 2);

    byte[] Number(ulong value, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[BigEndian ? size - 1 - i : i] = (byte)(value >> (8 * i));
        return bytes;
    }

    public override string ToString()
    {
        var blocks = Tile is { } tile ? $"tiles {tile.Width}x{tile.Height}" : $"strips of {RowsPerStrip}";
        var flags = $"{(BigEndian ? " MM" : "")}{(BigTiff ? " big" : "")}{(Planar ? " planar" : "")}";
        return $"{Type} x{Bands} compression {Compression} predictor {Predictor}{flags} {blocks}";
    }
}

/// <summary>The compressor of TIFF 6.0 section 13, written after its pseudocode.</summary>
static class TestLzw
{
    public static byte[] Encode(byte[] data)
    {
        var output = new List<byte>();
        var (held, count) = (0L, 0);
        void Write(int code, int width)
        {
            held = (held << width) | (uint)code;
            for (count += width; count >= 8; count -= 8)
                output.Add((byte)(held >> (count - 8)));
        }
        var table = new Dictionary<(int Prefix, byte Last), int>();
        var (next, width, prefix) = (258, 9, -1);
        Write(256, width);
        foreach (var letter in data)
        {
            if (prefix < 0)
                prefix = letter;
            else if (table.TryGetValue((prefix, letter), out var known))
                prefix = known;
            else
            {
                Write(prefix, width);
                table[(prefix, letter)] = next++;
                if (next is 512 or 1024 or 2048)
                    width++;
                prefix = letter;
                if (next < 4095)
                    continue;
                Write(prefix, width);
                Write(256, width);
                table.Clear();
                (next, width, prefix) = (258, 9, -1);
            }
        }
        if (prefix >= 0)
        {
            Write(prefix, width);
            if (++next is 512 or 1024 or 2048)
                width++;
        }
        Write(257, width);
        Write(0, 7);
        return [.. output];
    }
}

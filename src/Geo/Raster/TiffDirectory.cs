using System.Text;

namespace Waypost.Geo.Raster;

/// <summary>One image file directory (TIFF 6.0 section 2): fields by tag, their values read when asked for.</summary>
sealed class TiffDirectory
{
    const int MostFields = 4096;
    const int MostDirectories = 256;
    const int MostTextBytes = 1 << 20;

    readonly TiffSource _source;
    readonly Dictionary<ushort, Field> _fields = [];

    TiffDirectory(TiffSource source, long offset) => (_source, Offset) = (source, offset);

    readonly record struct Field(ushort Type, ulong Count, long ValueOffset);

    /// <summary>Where it starts in the file.</summary>
    public long Offset { get; }

    /// <summary>What holds its bytes.</summary>
    public TiffSource Source => _source;

    /// <summary>All directories of a file in the order of their chain.</summary>
    public static List<TiffDirectory> ReadAll(TiffSource source)
    {
        var all = new List<TiffDirectory>();
        var seen = new HashSet<long>();
        for (var offset = source.FirstDirectory; offset != 0;)
        {
            if (!seen.Add(offset))
                throw RasterFaults.Corrupt("its chain of images runs in a circle");
            if (all.Count == MostDirectories)
                throw RasterFaults.TooLarge($"more than {MostDirectories} images in one file");
            var directory = new TiffDirectory(source, offset);
            offset = directory.ReadFields();
            all.Add(directory);
        }
        return all;
    }

    public bool Has(ushort tag) => _fields.ContainsKey(tag);

    /// <summary>How many values a tag has; 0 when it is absent.</summary>
    public ulong Count(ushort tag) => _fields.TryGetValue(tag, out var field) ? field.Count : 0;

    /// <summary>The first value of an integer tag.</summary>
    public ulong Number(ushort tag, ulong otherwise)
    {
        var values = Numbers(tag, 1);
        return values.Length > 0 ? values[0] : otherwise;
    }

    /// <summary>Values of an integer tag, at most so many; empty when it is absent.</summary>
    public ulong[] Numbers(ushort tag, int most)
    {
        if (!_fields.TryGetValue(tag, out var field) || field.Type is not (1 or 3 or 4 or 13 or 16))
            return [];
        var bytes = Raw(tag, field, most);
        var size = TiffType.Size(field.Type);
        var values = new ulong[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * size);
            values[i] = size switch { 1 => at[0], 2 => _source.U16(at), 4 => _source.U32(at), _ => _source.U64(at) };
        }
        return values;
    }

    /// <summary>Values of a DOUBLE tag, at most so many; empty when it is absent.</summary>
    public double[] Doubles(ushort tag, int most)
    {
        if (!_fields.TryGetValue(tag, out var field) || field.Type != TiffType.Double)
            return [];
        var bytes = Raw(tag, field, most);
        var values = new double[bytes.Length / 8];
        for (var i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt64BitsToDouble(_source.U64(bytes.AsSpan(i * 8)));
        return values;
    }

    /// <summary>Text of an ASCII tag up to its closing zero; null when it is absent.</summary>
    public string? Text(ushort tag)
    {
        if (!_fields.TryGetValue(tag, out var field) || field.Type != TiffType.Ascii)
            return null;
        return Encoding.UTF8.GetString(Raw(tag, field, MostTextBytes)).TrimEnd('\0');
    }

    /// <summary>An ASCII tag byte by byte, its closing zeros included; empty when it is absent.</summary>
    public byte[] Ascii(ushort tag) =>
        _fields.TryGetValue(tag, out var field) && field.Type == TiffType.Ascii ? Raw(tag, field, MostTextBytes) : [];

    byte[] Raw(ushort tag, Field field, int most)
    {
        var count = (int)Math.Min(field.Count, (ulong)most);
        // The array has to be in the file before anything is allocated for it.
        var size = (long)count * TiffType.Size(field.Type);
        if (field.ValueOffset < 0 || field.ValueOffset > _source.Length - size)
            throw RasterFaults.Truncated($"the value of tag {tag}", _source.Length);
        var bytes = new byte[size];
        _source.Read(field.ValueOffset, bytes, $"the value of tag {tag}");
        return bytes;
    }

    long ReadFields()
    {
        var big = _source.IsBig;
        const string what = "the directory of an image";
        Span<byte> number = stackalloc byte[8];
        var head = big ? 8 : 2;
        _source.Read(Offset, number[..head], what);
        var count = big ? _source.U64(number) : _source.U16(number);
        if (count is 0 or > MostFields)
            throw RasterFaults.Corrupt($"an image has {count} fields");
        var entry = big ? 20 : 12;
        var tail = big ? 8 : 4;
        var bytes = new byte[(int)count * entry + tail];
        _source.Read(Offset + head, bytes, what);
        for (var i = 0; i < (int)count; i++)
            ReadField(bytes.AsSpan(i * entry, entry), Offset + head + (long)i * entry);
        var next = bytes.AsSpan((int)count * entry);
        var offset = big ? _source.U64(next) : _source.U32(next);
        if (offset > (ulong)_source.Length)
            throw RasterFaults.Truncated("the directory of a further image", _source.Length);
        return (long)offset;
    }

    void ReadField(ReadOnlySpan<byte> entry, long at)
    {
        var big = _source.IsBig;
        var type = _source.U16(entry[2..]);
        var size = TiffType.Size(type);
        if (size == 0)
            return;
        var count = big ? _source.U64(entry[4..]) : _source.U32(entry[4..]);
        var inline = big ? 12 : 8;
        var room = (ulong)(entry.Length - inline);
        var pointer = big ? _source.U64(entry[inline..]) : _source.U32(entry[inline..]);
        var where = count <= room / (ulong)size
            ? at + inline
            : (long)Math.Min(pointer, long.MaxValue);
        // The first of a repeated tag counts, as in other readers.
        _fields.TryAdd(_source.U16(entry), new Field(type, count, where));
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Waypost.Geo.Raster;

/// <summary>Lays out header, ghost area and directories of a COG, then says where every tile goes.</summary>
sealed class CogDirectories
{
    const int TrailerAndLeader = 8;
    const long MostClassic = uint.MaxValue - (1 << 20);

    // Texts about the image that are handed on: document name, description, software, date, artist, host, copyright.
    static readonly ushort[] Texts = [269, 270, 305, 306, 315, 316, 33432];

    readonly RasterFile _source;
    readonly int _predictor;
    readonly CogSpool _spool;
    readonly IReadOnlyList<CogOverview> _sizes;

    public CogDirectories(RasterFile source, int predictor, CogSpool spool, IReadOnlyList<CogOverview> sizes)
    {
        (_source, _predictor, _spool, _sizes) = (source, predictor, spool, sizes);
        var data = Enumerable.Range(0, spool.Levels)
            .Sum(level => spool.Tiles(level).Sum(tile => (long)tile.Length + TrailerAndLeader));
        IsBig = data > MostClassic - Enumerable.Range(0, spool.Levels).Sum(level => 16L * spool.Tiles(level).Count);
    }

    /// <summary>One field of a directory with its value as bytes.</summary>
    readonly record struct Field(ushort Tag, ushort Type, long Count, byte[] Value);

    /// <summary>True when the file needs offsets of 64 bits.</summary>
    public bool IsBig { get; }

    /// <summary>Everything before the first tile.</summary>
    public byte[] Bytes()
    {
        // Sizes do not depend on the offsets, so a first round without them tells where tiles begin.
        var start = Write(new long[_spool.Levels]).Length;
        var starts = new long[_spool.Levels];
        long at = start;
        for (var level = _spool.Levels - 1; level >= 0; level--)
        {
            starts[level] = at;
            at += _spool.Tiles(level).Sum(tile => (long)tile.Length + TrailerAndLeader);
        }
        return Write(starts);
    }

    byte[] Write(long[] starts)
    {
        var file = new MemoryStream();
        var first = (IsBig ? 16 : 8) + CogGhost.Written.Length;
        first += first % 2;
        file.Write("II"u8);
        file.Write(IsBig ? [43, 0, 8, 0, 0, 0] : [42, 0]);
        file.Write(Number(first));
        file.Write(CogGhost.Written);
        file.Write(new byte[first - (int)file.Position]);
        for (var level = 0; level < _spool.Levels; level++)
            WriteDirectory(file, Fields(level, starts[level]), isLast: level == _spool.Levels - 1);
        return file.ToArray();
    }

    void WriteDirectory(MemoryStream file, List<Field> fields, bool isLast)
    {
        var room = IsBig ? 8 : 4;
        var at = file.Position + (IsBig ? 8 : 2) + fields.Count * (IsBig ? 20 : 12) + room;
        var values = new MemoryStream();
        file.Write(IsBig ? Bytes<ulong>([(ulong)fields.Count]) : Bytes<ushort>([(ushort)fields.Count]));
        foreach (var field in fields)
        {
            file.Write(Bytes<ushort>([field.Tag, field.Type]));
            file.Write(Number(field.Count));
            if (field.Value.Length <= room)
            {
                file.Write(field.Value);
                file.Write(new byte[room - field.Value.Length]);
                continue;
            }
            file.Write(Number(at + values.Position));
            values.Write(field.Value);
            if (values.Position % 2 == 1)
                values.WriteByte(0);
        }
        var end = at + values.Length;
        // Directories start at even places, those of BigTIFF at multiples of eight for the offsets' sake.
        var padding = (int)(-end & (IsBig ? 7 : 1));
        file.Write(Number(isLast ? 0 : end + padding));
        file.Write(values.ToArray());
        file.Write(new byte[padding]);
    }

    List<Field> Fields(int level, long start)
    {
        var format = _source.Format;
        var size = _sizes[level];
        var fields = new List<Field>
        {
            Longs(TiffTag.NewSubfileType, level == 0 ? 0u : 1u),
            Longs(TiffTag.ImageWidth, (uint)size.Width),
            Longs(TiffTag.ImageLength, (uint)size.Height),
            Shorts(TiffTag.BitsPerSample, Repeat(format.Type.Bytes() * 8)),
            Shorts(TiffTag.Compression, TiffCompression.Deflate),
            Shorts(TiffTag.Photometric, (ushort)format.Photometric),
            Shorts(TiffTag.SamplesPerPixel, (ushort)format.Bands),
            Shorts(TiffTag.PlanarConfiguration, 1),
            Shorts(TiffTag.Predictor, (ushort)_predictor),
            Longs(TiffTag.TileWidth, CogPyramid.TileSize),
            Longs(TiffTag.TileLength, CogPyramid.TileSize),
            TileOffsets(level, start),
            Longs(TiffTag.TileByteCounts, [.. _spool.Tiles(level).Select(tile => (uint)tile.Length)]),
            Shorts(TiffTag.SampleFormat, Repeat(
                format.Type.IsFloat() ? 3 : format.Type.Range().Min < 0 ? 2 : 1)),
        };
        if (format.ExtraSamples.Length > 0)
            fields.Add(Shorts(TiffTag.ExtraSamples,
                [.. format.ExtraSamples.Select(kind => (ushort)(kind > 2 ? 0 : kind))]));
        if (_source.Palette is { } palette)
            fields.Add(Shorts(TiffTag.ColorMap,
                [.. _source.Main.Numbers(TiffTag.ColorMap, 3 * palette.Count).Select(value => (ushort)value)]));
        if (NoDataText() is { } noData)
            fields.Add(Ascii(TiffTag.GdalNoData, [.. Encoding.ASCII.GetBytes(noData), 0]));
        if (level == 0)
            AddPlace(fields);
        fields.Sort((a, b) => a.Tag.CompareTo(b.Tag));
        return fields;

        ushort[] Repeat(int value) => [.. Enumerable.Repeat((ushort)value, format.Bands)];
    }

    // Position, keys and texts are handed on as the source has them, so that nothing is rounded or renamed.
    void AddPlace(List<Field> fields)
    {
        var main = _source.Main;
        foreach (var tag in (ushort[])[TiffTag.ModelPixelScale, TiffTag.ModelTiepoint, TiffTag.ModelTransformation])
            if (main.Doubles(tag, 16) is { Length: > 0 } values)
                fields.Add(new(tag, TiffType.Double, values.Length, Bytes<double>(values)));
        foreach (var tag in (ushort[])[.. Texts, TiffTag.GdalMetadata])
            if (main.Ascii(tag) is { Length: > 0 } text)
                fields.Add(Ascii(tag, text));
        if (_source.CrsIsAssumed)
        {
            fields.Add(Shorts(TiffTag.GeoKeyDirectory, AssumedKeys()));
            return;
        }
        const int mostKeys = 4 * 1025;
        fields.Add(Shorts(TiffTag.GeoKeyDirectory,
            [.. main.Numbers(TiffTag.GeoKeyDirectory, mostKeys).Select(value => (ushort)value)]));
        if (main.Doubles(TiffTag.GeoDoubleParams, mostKeys * 4) is { Length: > 0 } doubles)
            fields.Add(new(TiffTag.GeoDoubleParams, TiffType.Double, doubles.Length, Bytes<double>(doubles)));
        if (main.Ascii(TiffTag.GeoAsciiParams) is { Length: > 0 } names)
            fields.Add(Ascii(TiffTag.GeoAsciiParams, names));
    }

    ushort[] AssumedKeys()
    {
        var crs = _source.Crs;
        var code = (ushort)(crs.Epsg ?? throw new InvalidOperationException("An assumed system has an EPSG code."));
        var type = (ushort)(GeoKeys.Read(_source.Main).PixelIsPoint ? 2 : 1);
        return
        [
            1, 1, 0, 3, GeoKeys.ModelType, 0, 1, (ushort)(crs.IsGeographic ? 2 : 1), GeoKeys.RasterType, 0, 1, type,
            (ushort)(crs.IsGeographic ? GeoKeys.GeographicType : GeoKeys.ProjectedType), 0, 1, code,
        ];
    }

    string? NoDataText() => _source.NoData is not { } value ? null
        : _source.Main.Text(TiffTag.GdalNoData)?.Trim() is { Length: > 0 } text ? text
        : value.ToString(CultureInfo.InvariantCulture);

    Field TileOffsets(int level, long start)
    {
        var at = start;
        var offsets = new long[_spool.Tiles(level).Count];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = at + 4;
            at += _spool.Tiles(level)[i].Length + TrailerAndLeader;
        }
        return IsBig
            ? new(TiffTag.TileOffsets, TiffType.Long8, offsets.Length, Bytes<long>(offsets))
            : Longs(TiffTag.TileOffsets, [.. offsets.Select(offset => (uint)offset)]);
    }

    byte[] Number(long value)
    {
        var bytes = new byte[IsBig ? 8 : 4];
        if (IsBig)
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        return bytes;
    }

    static Field Shorts(ushort tag, params ushort[] values) =>
        new(tag, TiffType.Short, values.Length, Bytes<ushort>(values));
    static Field Longs(ushort tag, params uint[] values) => new(tag, TiffType.Long, values.Length, Bytes<uint>(values));
    static Field Ascii(ushort tag, byte[] text) => new(tag, TiffType.Ascii, text.Length, text);
    static byte[] Bytes<T>(ReadOnlySpan<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}

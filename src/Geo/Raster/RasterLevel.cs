using System.Buffers;

namespace Waypost.Geo.Raster;

/// <summary>One resolution of a raster: the full one or an overview. It knows its blocks and decodes them.</summary>
public sealed class RasterLevel
{
    /// <summary>The largest block that is decoded: what one block may cost in memory.</summary>
    public const int MostBlockBytes = 64 << 20;

    const int MostBlocks = 4 << 20;
    const int CutStripBytes = 1 << 20;

    // DEFLATE cannot do better than 1032 to 1; the slack lets small files with long runs through.
    const long MostRatio = 1100;
    const long MostRatioUncompressed = 16;
    const long RatioSlack = 16 << 20;

    readonly TiffDirectory _directory;
    readonly SampleFormat _format;
    readonly Lazy<BlockTable> _table;

    internal RasterLevel(TiffDirectory directory, SampleFormat format)
    {
        (_directory, _format) = (directory, format);
        Width = Dimension(directory.Number(TiffTag.ImageWidth, 0));
        Height = Dimension(directory.Number(TiffTag.ImageLength, 0));
        IsTiled = directory.Has(TiffTag.TileWidth);
        BlockWidth = IsTiled ? Dimension(directory.Number(TiffTag.TileWidth, 0)) : Width;
        BlockHeight = IsTiled
            ? Dimension(directory.Number(TiffTag.TileLength, 0))
            : (int)Math.Min(directory.Number(TiffTag.RowsPerStrip, (ulong)Height), (ulong)Height);
        if (BlockHeight == 0)
            throw RasterFaults.Corrupt("its strips have no rows");
        CutLongStrips();
        _table = new(ReadTable, LazyThreadSafetyMode.ExecutionAndPublication);
    }

    readonly record struct BlockTable(ulong[] Offsets, ulong[] Counts);

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>True for tiles, false for strips.</summary>
    public bool IsTiled { get; }

    /// <summary>Columns of one block.</summary>
    public int BlockWidth { get; }

    /// <summary>Rows of one block; the last strip may have fewer.</summary>
    public int BlockHeight { get; private set; }

    /// <summary>Blocks side by side.</summary>
    public int BlocksAcross => (int)(((long)Width + BlockWidth - 1) / BlockWidth);

    /// <summary>Blocks on top of each other.</summary>
    public int BlocksDown => (int)(((long)Height + BlockHeight - 1) / BlockHeight);

    internal TiffDirectory Directory => _directory;

    // How many blocks one strip of the file was cut into.
    int Cuts { get; set; } = 1;
    int StripHeight { get; set; }

    long Planes => _format.Planar ? _format.Bands : 1;
    long PlanePixelBytes => _format.PixelBytes / Planes;

    /// <summary>Rows that a block of this block row holds.</summary>
    internal int RowsOfBlock(int blockRow) =>
        IsTiled ? BlockHeight : Math.Min(BlockHeight, Height - blockRow * BlockHeight);

    /// <summary>
    /// Looks at sizes and positions of all blocks, so that a lie in the header is found before any work.
    /// </summary>
    internal void Check()
    {
        var table = _table.Value;
        var blockBytes = (decimal)BlockWidth * BlockHeight * _format.PixelBytes;
        var stored = table.Offsets.Count(offset => offset != 0) * (blockBytes / Planes);
        if (stored > Plausible() && Claimed > Plausible())
            throw TooMuchFor();
        for (var i = 0; i < table.Offsets.Length; i++)
            CheckBlock(i);
    }

    /// <summary>
    /// Decodes a block to rows of interleaved little-endian samples, <see cref="BlockWidth"/> pixels each.
    /// </summary>
    internal void Decode(int column, int row, Span<byte> block)
    {
        var index = row * BlocksAcross + column;
        if (!_format.Planar)
        {
            DecodePlane(index, column, row, block, _format.Bands);
            return;
        }
        var sampleBytes = _format.Type.Bytes();
        var pixels = block.Length / _format.PixelBytes;
        var rented = ArrayPool<byte>.Shared.Rent(pixels * sampleBytes);
        var plane = rented.AsSpan(0, pixels * sampleBytes);
        for (var band = 0; band < _format.Bands; band++)
        {
            DecodePlane(index + band * BlocksAcross * BlocksDown, column, row, plane, 1);
            for (var i = 0; i < pixels; i++)
                plane.Slice(i * sampleBytes, sampleBytes)
                    .CopyTo(block[(i * _format.PixelBytes + band * sampleBytes)..]);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    void DecodePlane(int index, int column, int row, Span<byte> block, int samples)
    {
        var (offset, count) = (_table.Value.Offsets[index], _table.Value.Counts[index]);
        if (offset == 0 || count == 0)
        {
            FillAbsent(block);
            return;
        }
        var source = _directory.Source;
        if (_format.Compression == TiffCompression.None)
        {
            if (count < (ulong)block.Length)
                throw Damaged(index, column, row);
            source.Read((long)offset, block, $"block {index}");
        }
        else
        {
            // Twice the pixels is more than any scheme needs; a larger count is not worth reading.
            var length = (int)Math.Min(count, (ulong)block.Length * 2 + 4096);
            var compressed = ArrayPool<byte>.Shared.Rent(length);
            source.Read((long)offset, compressed.AsSpan(0, length), $"block {index}");
            var isWhole = Decompress.Block(_format.Compression, compressed, length, block);
            ArrayPool<byte>.Shared.Return(compressed);
            if (!isWhole)
                throw Damaged(index, column, row);
        }
        var sampleBytes = _format.Type.Bytes();
        if (source.BigEndian && _format.Predictor != Predictor.Float)
            SwapBytes(block, sampleBytes);
        Predictor.Undo(_format.Predictor, block, BlockWidth * samples * sampleBytes, samples, sampleBytes);
    }

    BadGeodataException Damaged(int index, int column, int row) => RasterFaults.Corrupt(
        $"block {index + 1} of {_table.Value.Offsets.Length} cannot be decoded "
        + $"(columns from {column * BlockWidth}, rows from {row * BlockHeight})");

    // A block that was never written reads as nodata, as in GDAL.
    void FillAbsent(Span<byte> block)
    {
        var sample = Samples.ToBytes(_format.Type, _format.NoData ?? 0);
        for (var at = 0; at < block.Length; at += sample.Length)
            sample.CopyTo(block[at..]);
    }

    static void SwapBytes(Span<byte> block, int sampleBytes)
    {
        if (sampleBytes == 1)
            return;
        for (var at = 0; at + sampleBytes <= block.Length; at += sampleBytes)
            block.Slice(at, sampleBytes).Reverse();
    }

    // A long uncompressed strip is as good as many short ones, which cost less memory.
    void CutLongStrips()
    {
        StripHeight = BlockHeight;
        var rowBytes = (long)Width * PlanePixelBytes;
        if (IsTiled || _format.Compression != TiffCompression.None || rowBytes * BlockHeight <= CutStripBytes)
            return;
        var rows = (int)Math.Max(1, CutStripBytes / rowBytes);
        while (StripHeight < Height && StripHeight % rows != 0)
            rows--;
        BlockHeight = rows;
        Cuts = (StripHeight + rows - 1) / rows;
    }

    // The sizes that are allocated or multiplied from here on have been looked at.
    void CheckSize()
    {
        if (BlocksAcross * (long)BlocksDown * Planes > MostBlocks)
            throw RasterFaults.TooLarge($"{Width} x {Height} pixels in blocks of {BlockWidth} x {BlockHeight}");
        if ((decimal)BlockWidth * BlockHeight * _format.PixelBytes <= MostBlockBytes)
            return;
        throw Claimed > Plausible()
            ? TooMuchFor()
            : RasterFaults.Layout(
                $"blocks of {BlockWidth} x {BlockHeight} pixels hold more than {MostBlockBytes >> 20} MB",
                "Rewrite it in tiles: `gdal_translate -co TILED=YES -co COMPRESS=DEFLATE in.tif out.tif`.");
    }

    BlockTable ReadTable()
    {
        CheckSize();
        var planeBlocks = BlocksAcross * BlocksDown;
        var strips = IsTiled ? planeBlocks : (Height + StripHeight - 1) / StripHeight;
        var all = (int)(strips * Planes);
        var offsets = Values(IsTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets, all);
        var counts = Counts(all);
        if (Cuts == 1)
            return new(offsets, counts);
        var cutOffsets = new ulong[planeBlocks * Planes];
        var cutCounts = new ulong[cutOffsets.Length];
        var rowBytes = (ulong)(Width * PlanePixelBytes);
        for (var i = 0; i < cutOffsets.Length; i++)
        {
            var row = i % planeBlocks;
            var strip = i / planeBlocks * strips + row / Cuts;
            var skipped = (ulong)(row % Cuts) * (ulong)BlockHeight * rowBytes;
            cutOffsets[i] = offsets[strip] == 0 ? 0 : offsets[strip] + skipped;
            cutCounts[i] = Math.Min(
                counts[strip] > skipped ? counts[strip] - skipped : 0, (ulong)RowsOfBlock(row) * rowBytes);
        }
        return new(cutOffsets, cutCounts);
    }

    ulong[] Values(ushort tag, int count)
    {
        var values = _directory.Numbers(tag, count);
        if (values.Length >= count)
            return values;
        throw Claimed > Plausible()
            ? TooMuchFor()
            : RasterFaults.Corrupt($"it lists {values.Length} of its {count} blocks");
    }

    // Byte counts may be missing where nothing is compressed (TIFF 6.0 calls them required; old writers disagree).
    ulong[] Counts(int all)
    {
        var tag = IsTiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts;
        if (_directory.Has(tag) || _format.Compression != TiffCompression.None)
            return Values(tag, all);
        var counts = new ulong[all];
        Array.Fill(counts, (ulong)(BlockWidth * PlanePixelBytes * (IsTiled ? BlockHeight : StripHeight)));
        return counts;
    }

    void CheckBlock(int index)
    {
        var (offset, count) = (_table.Value.Offsets[index], _table.Value.Counts[index]);
        var length = (ulong)_directory.Source.Length;
        var row = index % (BlocksAcross * BlocksDown) / BlocksAcross;
        if (_format.Compression == TiffCompression.None)
            count = Math.Min(count, (ulong)(RowsOfBlock(row) * BlockWidth * PlanePixelBytes));
        if (offset != 0 && count != 0 && (offset > length || count > length - offset))
            throw RasterFaults.Truncated($"block {index + 1} of {_table.Value.Offsets.Length}", (long)length);
    }

    decimal Claimed => (decimal)Width * Height * _format.PixelBytes;

    decimal Plausible() => RatioSlack + (decimal)_directory.Source.Length
        * (_format.Compression == TiffCompression.None ? MostRatioUncompressed : MostRatio);

    BadGeodataException TooMuchFor() => RasterFaults.TooLarge(
        $"{Claimed / 1_000_000_000:0.0} GB of pixels in a file of {_directory.Source.Length / 1_000_000m:0.0} MB");

    static int Dimension(ulong value) => value switch
    {
        0 => throw RasterFaults.Corrupt("an image or its blocks have no width or height"),
        > int.MaxValue / 2 => throw RasterFaults.TooLarge($"a side of {value} pixels"),
        _ => (int)value,
    };
}

/// <summary>What all resolutions of one raster share.</summary>
sealed record SampleFormat(
    SampleType Type, int Bands, int Compression, int Predictor, bool Planar, int Photometric, int[] ExtraSamples,
    double? NoData)
{
    public int PixelBytes => Bands * Type.Bytes();
}

using System.Buffers;
using System.IO.Compression;

namespace Waypost.Geo.Raster;

/// <summary>
/// Takes rows of full resolution and makes all overviews at once: each level holds one row of tiles, and passes its
/// rows,
/// halved, on to the next when it is full.
/// </summary>
sealed class CogPyramid
{
    /// <summary>Side of a tile.</summary>
    public const int TileSize = 512;

    const int ProbeRows = 32;

    static readonly ZLibCompressionOptions Matching = new() { CompressionLevel = 6 };
    static readonly ZLibCompressionOptions SingleBytes = new()
    {
        CompressionLevel = 6,
        CompressionStrategy = ZLibCompressionStrategy.HuffmanOnly,
    };

    readonly SampleFormat _format;
    readonly Thinning _thinning;
    readonly CogSpool _spool;
    readonly int _predictor;
    readonly List<Level> _levels = [];
    readonly CancellationToken _ct;

    public CogPyramid(SampleFormat format, Thinning thinning, CogSpool spool, int predictor,
        IReadOnlyList<CogOverview> sizes, CancellationToken ct)
    {
        (_format, _thinning, _spool, _predictor, _ct) = (format, thinning, spool, predictor, ct);
        foreach (var size in sizes)
            _levels.Add(new Level(size.Width, size.Height));
        // The rows of the full resolution stay in the caller's buffer.
        foreach (var level in _levels.Skip(1))
            level.Rows = GC.AllocateUninitializedArray<byte>(
                level.Width * Math.Min(TileSize, level.Height) * format.PixelBytes);
    }

    sealed class Level(int width, int height)
    {
        public int Width { get; } = width;
        public int Height { get; } = height;
        public byte[] Rows { get; set; } = [];
        public int Filled { get; set; }
        public int Done { get; set; }
        public bool IsFull => Filled == TileSize || Done + Filled == Height;
    }

    /// <summary>The sizes of all levels: halved, odd ones rounded up, until both sides fit in one tile.</summary>
    public static List<CogOverview> Sizes(int width, int height)
    {
        List<CogOverview> sizes = [new(width, height)];
        while (width > TileSize || height > TileSize)
            sizes.Add(new(width = (width + 1) / 2, height = (height + 1) / 2));
        return sizes;
    }

    /// <summary>Takes the next row of tiles: 512 rows of pixels, fewer at the bottom.</summary>
    public void Add(byte[] rows, int count)
    {
        var level = _levels[0];
        (level.Rows, level.Filled) = (rows, count);
        Flush(0);
    }

    void Flush(int index)
    {
        var level = _levels[index];
        WriteTiles(index, level);
        if (index + 1 < _levels.Count)
        {
            var next = _levels[index + 1];
            _thinning.Halve(level.Rows, level.Width, level.Filled, next.Rows,
                next.Filled * next.Width * _format.PixelBytes);
            next.Filled += (level.Filled + 1) / 2;
        }
        level.Done += level.Filled;
        level.Filled = 0;
        if (index + 1 < _levels.Count && _levels[index + 1].IsFull)
            Flush(index + 1);
    }

    void WriteTiles(int index, Level level)
    {
        var across = (level.Width + TileSize - 1) / TileSize;
        var tiles = new (byte[] Bytes, int Length)[across];
        Parallel.For(0, across, new ParallelOptions { CancellationToken = _ct }, () => new Encoder(this),
            (column, _, encoder) =>
            {
                tiles[column] = encoder.Encode(level.Rows, level.Width, level.Filled, column);
                return encoder;
            },
            encoder => encoder.Dispose());
        foreach (var (bytes, length) in tiles)
        {
            _spool.Append(index, bytes.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>One core's buffers for making tiles.</summary>
    sealed class Encoder : IDisposable
    {
        readonly SampleFormat _format;
        readonly int _predictor;
        readonly int _rowBytes;
        readonly byte[] _block;
        readonly byte[] _row;

        public Encoder(CogPyramid of)
        {
            (_format, _predictor) = (of._format, of._predictor);
            _rowBytes = TileSize * _format.PixelBytes;
            _block = ArrayPool<byte>.Shared.Rent(TileSize * _rowBytes);
            _row = ArrayPool<byte>.Shared.Rent(_rowBytes);
        }

        public (byte[] Bytes, int Length) Encode(byte[] rows, int width, int count, int column)
        {
            Fill(rows, width, count, column);
            return Pack(0, TileSize * _rowBytes, Choose(count));
        }

        // Noise repeats nothing: to look for matches in it costs twice as much as to code single bytes well, and gains
        // nothing. A strip from the middle of the tile tells.
        ZLibCompressionOptions Choose(int count)
        {
            var rows = Math.Min(ProbeRows, count);
            var from = (count - rows) / 2 * _rowBytes;
            return Measure(SingleBytes) <= Measure(Matching) ? SingleBytes : Matching;

            int Measure(ZLibCompressionOptions how)
            {
                var (bytes, length) = Pack(from, rows * _rowBytes, how);
                ArrayPool<byte>.Shared.Return(bytes);
                return length;
            }
        }

        (byte[] Bytes, int Length) Pack(int from, int size, ZLibCompressionOptions how)
        {
            // DEFLATE adds at most 5 bytes to every 16 kB that it cannot compress.
            var target = ArrayPool<byte>.Shared.Rent(size + size / 1024 + 1024);
            using var packed = new MemoryStream(target);
            using (var zlib = new ZLibStream(packed, how, leaveOpen: true))
                zlib.Write(_block, from, size);
            return (target, (int)packed.Position);
        }

        // Beyond the edges of the image the last pixel and the last row are repeated: they cost next to nothing.
        void Fill(byte[] rows, int width, int count, int column)
        {
            var pixel = _format.PixelBytes;
            var left = column * TileSize;
            var bytes = Math.Min(TileSize, width - left) * pixel;
            var sampleBytes = _format.Type.Bytes();
            for (var y = 0; y < TileSize; y++)
            {
                var target = _block.AsSpan(y * _rowBytes, _rowBytes);
                if (y >= count)
                {
                    _block.AsSpan((y - 1) * _rowBytes, _rowBytes).CopyTo(target);
                    continue;
                }
                ReadOnlySpan<byte> source = rows.AsSpan((y * width + left) * pixel, bytes);
                if (bytes < _rowBytes)
                {
                    source.CopyTo(_row);
                    for (var at = bytes; at < _rowBytes; at += pixel)
                        source[^pixel..].CopyTo(_row.AsSpan(at));
                    source = _row.AsSpan(0, _rowBytes);
                }
                Predictor.Apply(_predictor, source, target, _format.Bands, sampleBytes);
            }
        }

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_block);
            ArrayPool<byte>.Shared.Return(_row);
        }
    }
}

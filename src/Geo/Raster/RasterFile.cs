using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>How to open a raster.</summary>
/// <param name="AssumedCrs">Used when the file names no system of its own; null: such a file is refused.</param>
/// <param name="CacheBytes">Decoded blocks kept at hand, in bytes.</param>
/// <param name="LeaveOpen">True: the stream stays the caller's to dispose.</param>
public sealed record RasterOpenOptions(
    CoordinateSystem? AssumedCrs = null, long CacheBytes = 32 << 20, bool LeaveOpen = false);

/// <summary>
/// A GeoTIFF opened for reading: what its pixels are, where they lie, and the pixels of any window at any resolution.
/// </summary>
/// <remarks>
/// TIFF 6.0 and BigTIFF, GeoTIFF 1.1 (OGC 19-008). Several threads may read at the same time. Nothing is allocated from
/// a number of the header before it was found plausible, and no block above 64 MB is decoded.
/// </remarks>
public sealed class RasterFile : IDisposable
{
    /// <summary>More bands than this are refused.</summary>
    public const int MostBands = 100;

    readonly Stream? _stream;
    readonly BlockCache _cache;

    RasterFile(Stream stream, TiffDirectory main, SampleFormat format, RasterOpenOptions options)
    {
        _stream = options.LeaveOpen ? null : stream;
        _cache = new(options.CacheBytes);
        (Main, Format) = (main, format);
        Crs = CoordinateSystem.Wgs84;
    }

    /// <summary>Columns at full resolution.</summary>
    public int Width => Levels[0].Width;

    /// <summary>Rows at full resolution.</summary>
    public int Height => Levels[0].Height;

    /// <summary>Samples per pixel, an alpha band included.</summary>
    public int BandCount => Format.Bands;

    /// <summary>What each sample is; the same in all bands.</summary>
    public SampleType SampleType => Format.Type;

    /// <summary>Bytes of one pixel with all its bands.</summary>
    public int PixelBytes => Format.PixelBytes;

    /// <summary>
    /// The value that means "nothing here" (GDAL_NODATA); null when there is none or no sample can have it.
    /// </summary>
    public double? NoData => Format.NoData;

    /// <summary>Index of the alpha band (ExtraSamples), or null.</summary>
    public int? AlphaBand { get; private init; }

    /// <summary>True when the first three bands are red, green and blue.</summary>
    public bool IsRgb => Format.Photometric == 2 && Format.Bands >= 3;

    /// <summary>Colours by pixel value, 0xAARRGGBB; null unless the raster has a palette.</summary>
    public IReadOnlyList<uint>? Palette { get; private init; }

    /// <summary>The coordinate reference system.</summary>
    public CoordinateSystem Crs { get; private init; }

    /// <summary>Where pixels of the full resolution lie.</summary>
    public GeoTransform Transform { get; private init; }

    /// <summary>GDAL_METADATA as it is in the file (XML), or null.</summary>
    public string? GdalMetadata { get; private init; }

    /// <summary>Full resolution first, then the overviews from large to small.</summary>
    public IReadOnlyList<RasterLevel> Levels { get; private init; } = [];

    /// <summary>What was found that did not stop the reading.</summary>
    public IReadOnlyList<GeodataWarning> Warnings { get; private init; } = [];

    /// <summary>Name of the compression of the pixels.</summary>
    public string Compression => TiffCompression.Name(Format.Compression);

    /// <summary>Length of the file in bytes.</summary>
    public long Bytes => Main.Source.Length;

    internal TiffDirectory Main { get; }
    internal SampleFormat Format { get; }

    /// <summary>
    /// True when the system was not in the file but assumed by <see cref="RasterOpenOptions.AssumedCrs"/>.
    /// </summary>
    internal bool CrsIsAssumed { get; private init; }

    /// <summary>
    /// Opens a raster. Unless left open, the stream is disposed with it, and also when opening fails.
    /// </summary>
    /// <exception cref="BadGeodataException">The input is at fault; the code says how.</exception>
    public static RasterFile Open(Stream seekable, RasterOpenOptions? options = null)
    {
        var how = options ?? new();
        try
        {
            return RasterHeader.Read(seekable, how);
        }
        catch when (!how.LeaveOpen)
        {
            seekable.Dispose();
            throw;
        }
    }

    internal static RasterFile Make(Stream stream, RasterOpenOptions options, RasterHeader header) =>
        new(stream, header.Main, header.Format, options)
        {
            AlphaBand = header.AlphaBand,
            Palette = header.Palette,
            Crs = header.Crs,
            CrsIsAssumed = header.CrsIsAssumed,
            Transform = header.Transform,
            GdalMetadata = header.Main.Text(TiffTag.GdalMetadata),
            Levels = header.Levels,
            Warnings = header.Warnings,
        };

    /// <summary>
    /// Reads a window: rows of interleaved little-endian samples without gaps. The window lies within the level.
    /// </summary>
    /// <exception cref="BadGeodataException"><c>RASTER_CORRUPT</c> with the first damaged block,
    /// <c>RASTER_TRUNCATED</c>.</exception>
    public void Read(int level, int x, int y, int width, int height, Span<byte> into)
    {
        var from = Levels[level];
        if (x < 0 || y < 0 || width <= 0 || height <= 0 || x > from.Width - width || y > from.Height - height)
            throw new ArgumentOutOfRangeException(nameof(level),
                $"Window {x},{y} {width}x{height} is not in level {level}.");
        for (var row = y / from.BlockHeight; row <= (y + height - 1) / from.BlockHeight; row++)
            for (var column = x / from.BlockWidth; column <= (x + width - 1) / from.BlockWidth; column++)
                CopyPart(from, (column, row), Block(level, column, row), (x, y, width, height), into);
    }

    /// <summary>
    /// The decoded block at a place of the grid of blocks, out of the cache when it was used lately. Not to be changed.
    /// </summary>
    internal byte[] Block(int level, int column, int row) => _cache.Get((level, column, row), () =>
    {
        var from = Levels[level];
        var block = GC.AllocateUninitializedArray<byte>(from.RowsOfBlock(row) * from.BlockWidth * PixelBytes);
        from.Decode(column, row, block);
        return block;
    });

    /// <summary>Copies what a block and a window share.</summary>
    internal void CopyPart(
        RasterLevel from, (int Column, int Row) at, ReadOnlySpan<byte> block,
        (int X, int Y, int Width, int Height) window,
        Span<byte> into)
    {
        var (left, top) = (at.Column * from.BlockWidth, at.Row * from.BlockHeight);
        var first = Math.Max(left, window.X);
        var length = (Math.Min(left + from.BlockWidth, window.X + window.Width) - first) * PixelBytes;
        var last = Math.Min(top + from.RowsOfBlock(at.Row), window.Y + window.Height);
        for (var y = Math.Max(top, window.Y); y < last; y++)
            block.Slice(((y - top) * from.BlockWidth + first - left) * PixelBytes, length)
                .CopyTo(into[(((y - window.Y) * window.Width + first - window.X) * PixelBytes)..]);
    }

    /// <summary>Closes the stream, unless it was to be left open.</summary>
    public void Dispose() => _stream?.Dispose();
}

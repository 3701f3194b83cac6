namespace Waypost.Geo.Raster;

/// <summary>
/// Compressed tiles on disk, in the order in which they were made; the file is gone when this is disposed.
/// </summary>
sealed class CogSpool : IDisposable
{
    const int BufferBytes = 1 << 20;

    readonly FileStream _file;
    readonly List<(long Offset, int Length)>[] _tiles;

    public CogSpool(string folder, int levels)
    {
        var path = Path.Combine(folder, $"cog-{Path.GetRandomFileName()}.tiles");
        _file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes,
            FileOptions.DeleteOnClose);
        _tiles = [.. Enumerable.Range(0, levels).Select(_ => new List<(long, int)>())];
    }

    public int Levels => _tiles.Length;

    /// <summary>The tiles of a level in rows from the top.</summary>
    public IReadOnlyList<(long Offset, int Length)> Tiles(int level) => _tiles[level];

    /// <summary>Adds the next tile of a level.</summary>
    public void Append(int level, ReadOnlySpan<byte> tile)
    {
        _tiles[level].Add((_file.Position, tile.Length));
        _file.Write(tile);
    }

    /// <summary>Reads a tile back.</summary>
    public void Read((long Offset, int Length) tile, Span<byte> into)
    {
        if (_file.Position != tile.Offset)
            _file.Position = tile.Offset;
        _file.ReadExactly(into[..tile.Length]);
    }

    public void Dispose() => _file.Dispose();
}

namespace Waypost.Geo.Raster;

/// <summary>Decoded blocks that were used last, within a budget of bytes.</summary>
/// <remarks>
/// Two threads may decode the same block at the same time; the second result replaces the first, harmlessly.
/// </remarks>
sealed class BlockCache(long budgetBytes)
{
    readonly Lock _gate = new();
    readonly Dictionary<(int Level, int Column, int Row), LinkedListNode<Entry>> _byPlace = [];
    readonly LinkedList<Entry> _byUse = [];
    long _bytes;

    readonly record struct Entry((int Level, int Column, int Row) Place, byte[] Block);

    public byte[] Get((int Level, int Column, int Row) place, Func<byte[]> decode)
    {
        lock (_gate)
        {
            if (_byPlace.TryGetValue(place, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Block;
            }
        }
        var block = decode();
        lock (_gate)
            Put(place, block);
        return block;
    }

    void Put((int Level, int Column, int Row) place, byte[] block)
    {
        if (_byPlace.ContainsKey(place) || block.Length > budgetBytes)
            return;
        _byPlace[place] = _byUse.AddFirst(new Entry(place, block));
        _bytes += block.Length;
        while (_bytes > budgetBytes && _byUse.Last is { } oldest)
        {
            _byUse.RemoveLast();
            _byPlace.Remove(oldest.Value.Place);
            _bytes -= oldest.Value.Block.Length;
        }
    }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Waypost.Wire.Torrents;

/// <summary>The shape of a file's tree of SHA-256 hashes (BEP 52): leaves are the hashes of 16 KiB blocks, the last one
/// of what is left; beyond the end of the file stand hashes of zeros, up to a power of two.</summary>
public static class HashTree
{
    /// <summary>Bytes of a block, the unit that a leaf stands for.</summary>
    public const int LeafBytes = 16 * 1024;

    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>The longest piece that is proposed, in bytes.</summary>
    public const int LongestPieceBytes = 64 * 1024 * 1024;

    /// <summary>The longest file that has a tree, in bytes: leaves are counted with an int.</summary>
    public const long LongestFileBytes = (1L << 30) * LeafBytes;

    /// <summary>Pieces that a file is cut into, where its pieces need not be longer than
    /// <see cref="LongestPieceBytes"/> for that.</summary>
    const int MostPieces = 2_048;

    static readonly byte[][] Zeros = ZeroHashes();

    /// <summary>The length of a piece that suits a file of this length: a power of two of at least a block.</summary>
    public static int PieceBytes(long fileBytes)
    {
        CheckLength(fileBytes);
        var piece = LeafBytes;
        while (piece < LongestPieceBytes && fileBytes > (long)piece * MostPieces) piece *= 2;
        return piece;
    }

    /// <summary>How many blocks a file of this length has.</summary>
    public static int Leaves(long fileBytes)
    {
        CheckLength(fileBytes);
        return (int)((fileBytes + LeafBytes - 1) / LeafBytes);
    }

    /// <summary>How many hashes lie between a leaf and the root: the length of a proof.</summary>
    public static int Height(long fileBytes)
    {
        var leaves = Leaves(fileBytes);
        return leaves <= 1 ? 0 : BitOperations.Log2((uint)leaves - 1) + 1;
    }

    /// <summary>How long a block is: <see cref="LeafBytes"/>, and less for the last one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such block.</exception>
    public static int LengthOfLeaf(long fileBytes, int leaf)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, Leaves(fileBytes));
        return (int)Math.Min(LeafBytes, fileBytes - (long)leaf * LeafBytes);
    }

    /// <summary>The root over hashes of one layer, the rest of which, up to a power of two, lies beyond the end of the
    /// file.</summary>
    /// <param name="layer">Hashes one behind the other; none gives the hash of zeros.</param>
    /// <param name="height">How high above the leaves the layer lies.</param>
    /// <param name="width">Hashes that the layer has with its padding: a power of two; 0: the next one.</param>
    public static byte[] Root(ReadOnlySpan<byte> layer, int height, int width = 0)
    {
        if (layer.Length % HashBytes != 0) throw new ArgumentException("Not whole hashes.", nameof(layer));
        var count = layer.Length / HashBytes;
        if (width == 0) width = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count));
        if (!BitOperations.IsPow2(width) || width < count)
            throw new ArgumentException("A power of two that holds the layer.", nameof(width));
        if (count == 0) return Zero(height + BitOperations.Log2((uint)width));

        var hashes = layer.ToArray();
        for (; width > 1; width /= 2, height++)
        {
            var parents = (count + 1) / 2;
            for (var i = 0; i < parents; i++)
            {
                var left = hashes.AsSpan(2 * i * HashBytes, HashBytes);
                var right = 2 * i + 1 < count ? hashes.AsSpan((2 * i + 1) * HashBytes, HashBytes) : Zeros[height];
                Parent(left, right, hashes.AsSpan(i * HashBytes, HashBytes));
            }
            count = parents;
        }
        return hashes[..HashBytes];
    }

    /// <summary>The hash of two hashes.</summary>
    public static void Parent(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> parent)
    {
        Span<byte> both = stackalloc byte[2 * HashBytes];
        left.CopyTo(both);
        right.CopyTo(both[HashBytes..]);
        SHA256.HashData(both, parent);
    }

    /// <summary>What stands at this height above leaves that all lie beyond the end of the file.</summary>
    public static byte[] Zero(int height) => [.. Zeros[height]];

    /// <summary>The blocks that an audit asks for: drawn by its nonce, so that nobody knows them before; the same
    /// again for whoever checks the answer. Each once, in ascending order; all of them where the file has no more.
    /// </summary>
    /// <param name="nonce">Chosen at random for one audit.</param>
    /// <param name="fileBytes">The length of the file.</param>
    /// <param name="count">How many blocks are wanted.</param>
    public static IReadOnlyList<int> Drawn(ReadOnlySpan<byte> nonce, long fileBytes, int count)
    {
        var leaves = Leaves(fileBytes);
        if (leaves <= count) return [.. Enumerable.Range(0, leaves)];
        var drawn = new SortedSet<int>();
        Span<byte> hash = stackalloc byte[HashBytes];
        var seed = new byte[nonce.Length + sizeof(int)];
        nonce.CopyTo(seed);
        for (var i = 0; drawn.Count < count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(seed.AsSpan(nonce.Length), i);
            SHA256.HashData(seed, hash);
            // 64 bits over at most 2^30 leaves: the bias of the remainder is beyond measure.
            drawn.Add((int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (uint)leaves));
        }
        return [.. drawn];
    }

    internal static void CheckLength(long fileBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fileBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fileBytes, LongestFileBytes);
    }

    static byte[][] ZeroHashes()
    {
        var zeros = new byte[32][];
        zeros[0] = new byte[HashBytes];
        for (var height = 1; height < zeros.Length; height++)
        {
            zeros[height] = new byte[HashBytes];
            Parent(zeros[height - 1], zeros[height - 1], zeros[height]);
        }
        return zeros;
    }
}

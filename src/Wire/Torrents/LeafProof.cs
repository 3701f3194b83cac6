using System.Numerics;
using System.Security.Cryptography;

namespace Waypost.Wire.Torrents;

/// <summary>Shows that a block belongs to a file of which only the length and the root are known: the block itself
/// and the hashes beside its way to the root. Whoever can make one has the block.</summary>
/// <param name="Leaf">Which block; counts from 0.</param>
/// <param name="Block">Its bytes.</param>
/// <param name="Beside">The sibling of each hash from the leaf upwards, one behind the other.</param>
public sealed record LeafProof(int Leaf, byte[] Block, byte[] Beside)
{
    /// <summary>True when the block is what stands there in the file of this length and root.</summary>
    public bool Holds(long fileBytes, ReadOnlySpan<byte> root)
    {
        HashTree.CheckLength(fileBytes);
        if (Leaf < 0 || Leaf >= HashTree.Leaves(fileBytes)) return false;
        if (Block.Length != HashTree.LengthOfLeaf(fileBytes, Leaf)) return false;
        if (Beside.Length != HashTree.Height(fileBytes) * HashTree.HashBytes) return false;

        Span<byte> hash = stackalloc byte[HashTree.HashBytes];
        SHA256.HashData(Block, hash);
        var at = Leaf;
        for (var i = 0; i < Beside.Length; i += HashTree.HashBytes, at >>= 1)
        {
            var beside = Beside.AsSpan(i, HashTree.HashBytes);
            if ((at & 1) == 0) HashTree.Parent(hash, beside, hash);
            else HashTree.Parent(beside, hash, hash);
        }
        return hash.SequenceEqual(root);
    }

    /// <summary>Proves one block.</summary>
    /// <param name="file">The file as it was hashed.</param>
    /// <param name="leaf">Which block.</param>
    /// <param name="piece">The bytes of the piece that the block lies in, as they are on the disk now.</param>
    /// <exception cref="InvalidDataException">The piece is no longer what was hashed.</exception>
    public static LeafProof Of(HashedFile file, int leaf, ReadOnlySpan<byte> piece)
    {
        var blockBytes = HashTree.LengthOfLeaf(file.Bytes, leaf);
        var leavesOfPiece = file.PieceBytes / HashTree.LeafBytes;
        var number = leaf / leavesOfPiece;
        var expected = Math.Min(file.PieceBytes, file.Bytes - (long)number * file.PieceBytes);
        if (piece.Length != expected) throw Changed(number);

        var leaves = new byte[HashTree.Leaves(expected) * HashTree.HashBytes];
        for (var (i, start) = (0, 0); start < piece.Length; i++, start += HashTree.LeafBytes)
            SHA256.HashData(
                piece.Slice(start, Math.Min(HashTree.LeafBytes, piece.Length - start)),
                leaves.AsSpan(i * HashTree.HashBytes, HashTree.HashBytes));

        var isWithinOnePiece = file.Pieces == 1;
        var beside = new List<byte>();
        var width = isWithinOnePiece ? 0 : leavesOfPiece;
        if (!HashTree.Root(leaves, 0, width).AsSpan().SequenceEqual(file.PieceHash(number))) throw Changed(number);
        Climb(leaves, leaf % leavesOfPiece, 0, width, beside);
        if (!isWithinOnePiece) Climb(file.PieceLayer, number, file.PieceHeight, 0, beside);

        var from = leaf % leavesOfPiece * HashTree.LeafBytes;
        return new LeafProof(leaf, piece.Slice(from, blockBytes).ToArray(), [.. beside]);
    }

    // The sibling at each height, from a layer to its root.
    static void Climb(ReadOnlySpan<byte> layer, int at, int height, int width, List<byte> beside)
    {
        var hashes = layer.ToArray();
        var count = hashes.Length / HashTree.HashBytes;
        if (width == 0) width = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        for (; width > 1; width /= 2, at /= 2, height++)
        {
            var sibling = at ^ 1;
            beside.AddRange(sibling < count
                ? hashes.AsSpan(sibling * HashTree.HashBytes, HashTree.HashBytes)
                : HashTree.Zero(height));
            var parents = (count + 1) / 2;
            for (var i = 0; i < parents; i++)
                HashTree.Root(hashes.AsSpan(
                    2 * i * HashTree.HashBytes, Math.Min(2, count - 2 * i) * HashTree.HashBytes), height, 2)
                    .CopyTo(hashes.AsSpan(i * HashTree.HashBytes));
            count = parents;
        }
    }

    static InvalidDataException Changed(int piece) =>
        new($"Piece {piece} is not what it was when the file was hashed.");
}

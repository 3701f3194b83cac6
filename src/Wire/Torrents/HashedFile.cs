using System.Numerics;
using System.Security.Cryptography;

namespace Waypost.Wire.Torrents;

/// <summary>What is known of a file whose every byte was read: all that a receipt, a torrent and an audit need.
/// </summary>
/// <param name="Bytes">Its length.</param>
/// <param name="PieceBytes">The length of its pieces: a power of two of at least <see cref="HashTree.LeafBytes"/>.
/// </param>
/// <param name="Sha256">The hash of the whole file as publishers state it.</param>
/// <param name="Root">The root of its tree (BEP 52 <c>pieces root</c>); zeros for an empty file, which has no tree.
/// </param>
/// <param name="PieceLayer">The hashes of its pieces, one behind the other: the layer of the tree at their height.
/// </param>
/// <param name="Sha1Pieces">The SHA-1 of each piece, one behind the other, for clients of version 1 (BEP 3).</param>
public sealed record HashedFile(
    long Bytes, int PieceBytes, byte[] Sha256, byte[] Root, byte[] PieceLayer, byte[] Sha1Pieces)
{
    /// <summary>How many pieces it has.</summary>
    public int Pieces => PieceLayer.Length / HashTree.HashBytes;

    /// <summary>The hash of one piece in the tree.</summary>
    public ReadOnlySpan<byte> PieceHash(int piece) =>
        PieceLayer.AsSpan(piece * HashTree.HashBytes, HashTree.HashBytes);

    /// <summary>How high above the leaves the layer of pieces lies.</summary>
    internal int PieceHeight => BitOperations.Log2((uint)(PieceBytes / HashTree.LeafBytes));
}

/// <summary>Hashes a file in one pass over its bytes, in whatever portions they come: its tree, its pieces, the whole.
/// </summary>
/// <remarks>Keeps one hash for each piece and those of one piece's blocks: a file of a terabyte costs a few hundred
/// kilobytes.</remarks>
public sealed class FileHashing : IDisposable
{
    readonly int pieceBytes;
    readonly IncrementalHash whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5350 // BEP 3 names SHA-1; nothing here is trusted for it.
    readonly IncrementalHash piece = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
    readonly byte[] block = new byte[HashTree.LeafBytes];
    readonly byte[] leaves;
    readonly MemoryStream layer = new();
    readonly MemoryStream sha1Pieces = new();
    int inBlock;
    int inLeaves;

    /// <summary>For pieces of this length.</summary>
    /// <param name="pieceBytes">A power of two of at least a block: see <see cref="HashTree.PieceBytes"/>.</param>
    public FileHashing(int pieceBytes)
    {
        if (pieceBytes < HashTree.LeafBytes || !BitOperations.IsPow2(pieceBytes))
            throw new ArgumentOutOfRangeException(
                nameof(pieceBytes), pieceBytes, $"A power of two of at least {HashTree.LeafBytes} bytes.");
        this.pieceBytes = pieceBytes;
        leaves = new byte[pieceBytes / HashTree.LeafBytes * HashTree.HashBytes];
    }

    /// <summary>How many bytes were taken so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes the next bytes of the file.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        HashTree.CheckLength(Bytes + bytes.Length);
        whole.AppendData(bytes);
        while (!bytes.IsEmpty)
        {
            var take = Math.Min(bytes.Length, block.Length - inBlock);
            bytes[..take].CopyTo(block.AsSpan(inBlock));
            inBlock += take;
            Bytes += take;
            bytes = bytes[take..];
            if (inBlock == block.Length) EndBlock();
        }
    }

    /// <summary>What the file is, now that all of it was taken.</summary>
    public HashedFile Finish()
    {
        if (inBlock > 0) EndBlock();
        var isWithinOnePiece = layer.Length == 0;
        byte[] root;
        if (isWithinOnePiece)
        {
            // The tree of a file within a piece is only as high as its own blocks need (BEP 52).
            root = HashTree.Root(leaves.AsSpan(0, inLeaves), 0);
            if (inLeaves > 0) EndPiece(root);
        }
        else
        {
            if (inLeaves > 0) EndPiece(null);
            root = HashTree.Root(layer.ToArray(), BitOperations.Log2((uint)(pieceBytes / HashTree.LeafBytes)));
        }
        return new HashedFile(
            Bytes, pieceBytes, whole.GetHashAndReset(), root, layer.ToArray(), sha1Pieces.ToArray());
    }

    /// <summary>Hashes what a stream still has.</summary>
    /// <param name="stream">Read to its end.</param>
    /// <param name="pieceBytes">The length of pieces.</param>
    /// <param name="ct">Stops between two portions.</param>
    public static async Task<HashedFile> Of(Stream stream, int pieceBytes, CancellationToken ct)
    {
        using var hashing = new FileHashing(pieceBytes);
        var buffer = new byte[1024 * 1024];
        while (await stream.ReadAsync(buffer, ct) is var read and > 0) hashing.Append(buffer.AsSpan(0, read));
        return hashing.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        whole.Dispose();
        piece.Dispose();
        layer.Dispose();
        sha1Pieces.Dispose();
    }

    void EndBlock()
    {
        piece.AppendData(block.AsSpan(0, inBlock));
        SHA256.HashData(block.AsSpan(0, inBlock), leaves.AsSpan(inLeaves, HashTree.HashBytes));
        inLeaves += HashTree.HashBytes;
        inBlock = 0;
        // A full first piece that nothing follows is a file within one piece: its hash is the same either way.
        if (inLeaves == leaves.Length) EndPiece(null);
    }

    void EndPiece(byte[]? hash)
    {
        layer.Write(hash ?? HashTree.Root(leaves.AsSpan(0, inLeaves), 0, leaves.Length / HashTree.HashBytes));
        sha1Pieces.Write(piece.GetHashAndReset());
        inLeaves = 0;
    }
}

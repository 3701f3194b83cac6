using Waypost.Wire.Torrents;

namespace Waypost.Cli.Node;

/// <summary>Proves to the hub that a copy is still there: the blocks that it asks for, with their way to the root.
/// </summary>
static class AnswerAudit
{
    /// <summary>Blocks of one answer.</summary>
    public const int MostBlocks = 64;

    /// <summary>The proofs, from what lies on the disk now.</summary>
    /// <param name="shelf">Where it lies.</param>
    /// <param name="root">Which copy.</param>
    /// <param name="nonce">Draws the blocks (<see cref="HashTree.Drawn"/>).</param>
    /// <param name="count">How many blocks are asked for.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null: the copy is not held, or is no longer what it was.</returns>
    public static async Task<IReadOnlyList<LeafProof>?> Of(
        Shelf shelf, string root, byte[] nonce, int count, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostBlocks);
        if (shelf.Find(root) is not { } copy) return null;
        var proofs = new List<LeafProof>();
        try
        {
            await using var file = shelf.OpenCopy(copy);
            foreach (var leaf in HashTree.Drawn(nonce, copy.File.Bytes, count))
            {
                var start = (long)leaf * HashTree.LeafBytes / copy.File.PieceBytes * copy.File.PieceBytes;
                var piece = new byte[Math.Min(copy.File.PieceBytes, copy.File.Bytes - start)];
                file.Position = start;
                await file.ReadExactlyAsync(piece, ct);
                proofs.Add(LeafProof.Of(copy.File, leaf, piece));
            }
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            // Shorter, unreadable or changed: a disk that lost it has nothing to prove.
            return null;
        }
        return proofs;
    }
}

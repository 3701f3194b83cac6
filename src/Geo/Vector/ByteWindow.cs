using System.Numerics;
using System.Security.Cryptography;

namespace Waypost.Geo.Vector;

/// <summary>
/// The part of a stream that is in memory: it grows up to a limit while a value is being collected and shrinks again
/// afterwards, and it hashes every byte that passes.
/// </summary>
internal sealed class ByteWindow(Stream stream, int limit) : IDisposable
{
    const int UsualBytes = 1 << 18, KeptBytes = 1 << 22;

    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    byte[] buffer = new byte[UsualBytes];
    int at, end, pinned = -1;
    long offset;

    /// <summary>The bytes that are there, from the current place on.</summary>
    public Span<byte> Bytes => buffer.AsSpan(at, end - at);

    /// <summary>The current place, counted from the start of the stream.</summary>
    public long Position => offset + at;

    /// <summary>How much of the stream has been read.</summary>
    public long BytesRead => offset + end;

    /// <summary>True when the stream has no more bytes than those in the window.</summary>
    public bool Ended { get; private set; }

    /// <summary>Goes on by some bytes that are in the window.</summary>
    public void Skip(int count) => at += count;

    /// <summary>Keeps everything from here on in memory until <see cref="Unpin"/>.</summary>
    public void Pin() => pinned = at;

    /// <summary>Lets go of what was kept.</summary>
    public void Unpin() => pinned = -1;

    /// <summary>Goes back to where <see cref="Pin"/> was called, and lets go.</summary>
    public void Rewind()
    {
        at = pinned;
        pinned = -1;
    }

    /// <summary>
    /// Reads on. False when nothing was added: the stream has <see cref="Ended"/>, or the window is at its limit.
    /// </summary>
    public async ValueTask<bool> More(CancellationToken stop)
    {
        if (Ended || !MakeRoom())
            return false;
        var count = await stream.ReadAsync(buffer.AsMemory(end), stop);
        hash.AppendData(buffer, end, count);
        end += count;
        Ended = count == 0;
        return count > 0;
    }

    /// <summary>The SHA-256 of the whole stream, lower-case hex; asked once, after its end.</summary>
    public string Sha256Hex() => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();

    bool MakeRoom()
    {
        if (buffer.Length - end >= buffer.Length / 4)
            return true;
        var first = pinned >= 0 ? pinned : at;
        var kept = end - first;
        if (kept >= limit)
            return false;
        // Room for as much again; what one great feature needed is given back after it, modest growth is kept.
        var wanted = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)kept * 2), (uint)limit + UsualBytes);
        var size = Math.Max(wanted, Math.Clamp(buffer.Length, UsualBytes, KeptBytes));
        var to = size == buffer.Length ? buffer : new byte[size];
        buffer.AsSpan(first, kept).CopyTo(to);
        buffer = to;
        offset += first;
        at -= first;
        end = kept;
        pinned = pinned >= 0 ? 0 : -1;
        return true;
    }
}

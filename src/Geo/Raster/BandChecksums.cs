using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Waypost.Geo.Raster;

/// <summary>
/// SHA-256 of each band's samples in rows from the top, little-endian: the same pixels give the same value whatever the
/// layout and compression of the file.
/// </summary>
sealed class BandChecksums : IDisposable
{
    readonly IncrementalHash[] _hashes;

    public BandChecksums(int bands) =>
        _hashes = [.. Enumerable.Range(0, bands).Select(_ => IncrementalHash.CreateHash(HashAlgorithmName.SHA256))];

    /// <summary>Takes in the samples of one band, which follow those taken in before.</summary>
    public void Append(int band, ReadOnlySpan<byte> samples) => _hashes[band].AppendData(samples);

    /// <summary>Takes in rows of interleaved samples, all bands.</summary>
    public void AppendRows(ReadOnlyMemory<byte> rows, int sampleBytes, CancellationToken ct) =>
        Parallel.For(0, _hashes.Length, new ParallelOptions { CancellationToken = ct }, band =>
        {
            if (_hashes.Length == 1)
            {
                _hashes[band].AppendData(rows.Span);
                return;
            }
            const int samplesAtOnce = 1 << 14;
            var plane = new byte[samplesAtOnce * sampleBytes];
            var pixelBytes = sampleBytes * _hashes.Length;
            for (var at = 0; at < rows.Length; at += samplesAtOnce * pixelBytes)
            {
                var part = rows.Span.Slice(at, Math.Min(samplesAtOnce * pixelBytes, rows.Length - at));
                _hashes[band].AppendData(plane.AsSpan(0, BandOf(part, band, _hashes.Length, sampleBytes, plane)));
            }
        });

    /// <summary>The checksums so far, lower-case hex, by band.</summary>
    public IReadOnlyList<string> Finish() =>
        [.. _hashes.Select(hash => Convert.ToHexStringLower(hash.GetHashAndReset()))];

    public void Dispose()
    {
        foreach (var hash in _hashes)
            hash.Dispose();
    }

    /// <summary>Picks one band out of interleaved samples; answers how many bytes it has.</summary>
    public static int BandOf(ReadOnlySpan<byte> pixels, int band, int bands, int sampleBytes, Span<byte> into)
    {
        var count = pixels.Length / (bands * sampleBytes);
        switch (sampleBytes)
        {
            case 1: Pick(pixels, band, bands, into[..count]); break;
            case 2: Pick(Cast<ushort>(pixels), band, bands, Cast<ushort>(into)[..count]); break;
            case 4: Pick(Cast<uint>(pixels), band, bands, Cast<uint>(into)[..count]); break;
            default: Pick(Cast<ulong>(pixels), band, bands, Cast<ulong>(into)[..count]); break;
        }
        return count * sampleBytes;
    }

    static ReadOnlySpan<T> Cast<T>(ReadOnlySpan<byte> bytes) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes);

    static Span<T> Cast<T>(Span<byte> bytes) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes);

    static void Pick<T>(ReadOnlySpan<T> pixels, int band, int bands, Span<T> into)
    {
        for (int i = 0, from = band; i < into.Length; i++, from += bands)
            into[i] = pixels[from];
    }
}

using System.Runtime.CompilerServices;

namespace Waypost.Geo.Vector;

/// <summary>
/// A vector file on its way into a feature table: read, mended and reported on in one pass with bounded memory.
/// </summary>
/// <param name="stream">The file, from its first byte; it stays its owner's to close.</param>
/// <param name="limits">How much may be held in memory at once.</param>
public sealed class VectorReading(Stream stream, GeoJsonLimits? limits = null) : IDisposable
{
    readonly GeoJsonReader reader = new(stream, limits);
    readonly VectorRepair repair = new();
    VectorReport? report;

    /// <summary>Bytes read so far, for progress.</summary>
    public long BytesRead => reader.BytesRead;

    /// <summary>What the file held and what was done; known once every feature has been taken.</summary>
    public VectorReport Report =>
        report ?? throw new InvalidOperationException("The file has not been read to its end.");

    /// <summary>The features that are kept, in the file's order, each mended.</summary>
    /// <exception cref="BadGeodataException">
    /// As <see cref="GeoJsonReader.Read"/> says, and VECTOR_EMPTY when none can be kept.
    /// </exception>
    public async IAsyncEnumerable<VectorFeature> Features([EnumeratorCancellation] CancellationToken stop = default)
    {
        await foreach (var raw in reader.Read(stop))
        {
            if (repair.Mend(raw) is { } feature)
                yield return feature;
        }
        report = repair.Report(reader.Sha256, reader.BytesRead);
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}

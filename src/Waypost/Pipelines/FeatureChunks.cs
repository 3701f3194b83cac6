using System.IO.Compression;
using System.Text;
using Waypost.Catalogue;
using Waypost.Geo.Geometry;
using Waypost.Geo.Vector;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Mended features on their way from the one who reads the file to those who write the table.</summary>
/// <remarks>A chunk is a blob of its own: whoever writes it into the table needs nothing else, and may do so twice.
/// </remarks>
sealed class FeatureChunks(Blobs blobs, string org, string job, int? mostFeatures, long mostBytes)
{
    readonly List<VectorFeature> waiting = [];
    long bytes;
    long features;

    /// <summary>Chunks written so far.</summary>
    public int Written { get; private set; }

    /// <summary>Adds a feature; true when that filled a chunk, which was written.</summary>
    public async Task<bool> Add(VectorFeature feature, CancellationToken ct)
    {
        waiting.Add(feature);
        bytes += feature.PropertiesUtf8.Length + feature.Geometry.NumPoints * 2L * sizeof(double);
        if (mostFeatures is { } most ? waiting.Count < most && bytes < 16 * mostBytes : bytes < mostBytes) return false;
        await Finish(ct);
        return true;
    }

    /// <summary>Writes what is left.</summary>
    public async Task Finish(CancellationToken ct)
    {
        if (waiting.Count == 0) return;
        await blobs.Put(KeyOf(org, job, Written), async stream =>
        {
            await using var packed = new DeflateStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            await using var writer = new BinaryWriter(packed, Encoding.UTF8, leaveOpen: true);
            writer.Write(waiting.Count);
            foreach (var feature in waiting) Write(writer, feature, features++);
        }, ct);
        Written++;
        bytes = 0;
        waiting.Clear();
    }

    /// <summary>Reads a chunk as the table takes it.</summary>
    public static async Task<List<StoredFeature>> Read(Blobs blobs, string org, string job, int chunk,
        CancellationToken ct)
    {
        using var content = new MemoryStream();
        await using (var stream = blobs.OpenRead(KeyOf(org, job, chunk)))
        await using (var packed = new DeflateStream(stream, CompressionMode.Decompress))
            await packed.CopyToAsync(content, ct);
        content.Position = 0;
        using var reader = new BinaryReader(content, Encoding.UTF8);
        var count = reader.ReadInt32();
        var read = new List<StoredFeature>(count);
        for (var i = 0; i < count; i++) read.Add(Read(reader));
        return read;
    }

    /// <summary>Removes the chunks of a job that is done with them; returns how many there were.</summary>
    public static int Delete(Blobs blobs, string org, string job, int chunks) =>
        Enumerable.Range(0, chunks).Count(chunk => blobs.Delete(KeyOf(org, job, chunk)));

    /// <summary>How many chunks of a job there are.</summary>
    public static int Count(Blobs blobs, string org, string job, int chunks) =>
        Enumerable.Range(0, chunks).Count(chunk => blobs.Find(KeyOf(org, job, chunk)) is not null);

    static void Write(BinaryWriter writer, VectorFeature feature, long number)
    {
        var ewkb = Wkb.WriteWithSrid(feature.Geometry);
        var box = feature.Geometry.EnvelopeInternal;
        writer.Write(number);
        writer.Write(IdOf(feature) is { } id ? "+" + id : "");
        writer.Write(ewkb.Length);
        writer.Write(ewkb);
        writer.Write(box.MinX);
        writer.Write(box.MinY);
        writer.Write(box.MaxX);
        writer.Write(box.MaxY);
        writer.Write(feature.PropertiesUtf8.Length);
        writer.Write(feature.PropertiesUtf8.Span);
    }

    static StoredFeature Read(BinaryReader reader)
    {
        var number = reader.ReadInt64();
        var id = reader.ReadString();
        var ewkb = reader.ReadBytes(reader.ReadInt32());
        var (west, south, east, north) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(),
            reader.ReadDouble());
        var properties = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
        return new StoredFeature(number, id.Length > 0 ? id[1..] : null, ewkb, west, south, east, north,
            new Json(properties));
    }

    static string? IdOf(VectorFeature feature) => feature.IdJson is { } json
        ? new Json(json) is { CanBeKept: true, Element: { ValueKind: System.Text.Json.JsonValueKind.String } text }
            ? text.GetString() : json
        : null;

    static string KeyOf(string org, string job, int chunk) => Blobs.Key(org, "chunks", job, $"{chunk:D5}.bin");
}

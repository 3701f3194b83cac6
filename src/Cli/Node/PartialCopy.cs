using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Cli.Node;

/// <summary>What is known of the version that a partial copy is of, so that another's bytes never join it.</summary>
/// <param name="Source">The address that it comes from.</param>
/// <param name="ETag">The version as the source named it; null: it does not.</param>
/// <param name="LastModified">When it changed last, as the source says; null: it does not.</param>
/// <param name="IsDateSafe">Whether its second had passed when that was said, so that it names one version.</param>
/// <param name="Bytes">How long all of it is; null: the source does not say.</param>
/// <param name="SafeBytes">How much of the file is on the disk for certain, even after a power cut.</param>
sealed record PartialState(
    string Source, string? ETag, DateTimeOffset? LastModified, bool IsDateSafe, long? Bytes, long SafeBytes);

/// <summary>A copy that is being made: a file that grows, and beside it what it is of. Survives being killed, with the
/// process or with the machine.</summary>
sealed class PartialCopy : IAsyncDisposable
{
    /// <summary>Bytes after which what came is brought to the disk: what a power cut may cost.</summary>
    const long SyncEvery = 64L * 1024 * 1024;

    readonly string path;
    readonly FileStream file;
    PartialState? state;

    PartialCopy(string path, FileStream file, PartialState? state)
    {
        this.path = path;
        this.file = file;
        this.state = state;
    }

    /// <summary>How much there is.</summary>
    public long Length => file.Length;

    /// <summary>What it is of; null: nothing came yet.</summary>
    public PartialState? State => state;

    /// <summary>Where its bytes are.</summary>
    public string Path => path;

    /// <summary>Opens what an earlier attempt left, or begins anew.</summary>
    /// <param name="path">Of the bytes; what it is of stands beside it.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PartialCopy> Open(string path, CancellationToken ct)
    {
        PartialState? state = null;
        try
        {
            await using var saved = File.OpenRead(StatePath(path));
            state = await JsonSerializer.DeserializeAsync<PartialState>(saved, cancellationToken: ct);
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException)
        {
            // Nothing is known of what lies there, so it counts for nothing.
        }
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite,
            FileShare.Read | FileShare.Delete, bufferSize: 0);
        // What came after the last sync may be anything once the machine went down.
        file.SetLength(Math.Min(file.Length, state?.SafeBytes ?? 0));
        file.Position = file.Length;
        return new PartialCopy(path, file, state);
    }

    /// <summary>Begins anew, with a version of this kind.</summary>
    public async Task Begin(PartialState anew, CancellationToken ct)
    {
        file.SetLength(0);
        file.Position = 0;
        await Save(anew with { SafeBytes = 0 }, ct);
    }

    /// <summary>Notes how long all of it is, which the source has now said.</summary>
    public Task Learn(long bytes, CancellationToken ct) =>
        state!.Bytes == bytes ? Task.CompletedTask : Save(state with { Bytes = bytes }, ct);

    /// <summary>Appends what came.</summary>
    public async Task Append(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await file.WriteAsync(bytes, ct);
        if (file.Length - state!.SafeBytes >= SyncEvery) await Sync(ct);
    }

    /// <summary>Brings what there is to the disk.</summary>
    public async Task Sync(CancellationToken ct)
    {
        file.Flush(flushToDisk: true);
        if (state is not null && state.SafeBytes != file.Length)
            await Save(state with { SafeBytes = file.Length }, ct);
    }

    /// <summary>The bytes from their beginning.</summary>
    public Stream Read() => new FileStream(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Forgets all of it.</summary>
    public static void Drop(string path)
    {
        File.Delete(StatePath(path));
        File.Delete(path);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => file.DisposeAsync();

    static string StatePath(string path) => path + ".json";

    async Task Save(PartialState anew, CancellationToken ct)
    {
        await WholeFiles.Write(StatePath(path), JsonSerializer.SerializeToUtf8Bytes(anew), ct);
        state = anew;
    }
}

/// <summary>Files that are there whole or not at all, whatever happens while they are written.</summary>
static class WholeFiles
{
    /// <summary>Writes the file under another name, brings it to the disk and gives it its own.</summary>
    public static async Task Write(string path, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var beside = path + ".new";
        await using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            await file.WriteAsync(bytes, ct);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        Disk.FlushFolder(System.IO.Path.GetDirectoryName(path)!);
    }
}

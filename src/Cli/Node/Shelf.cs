using System.Text.Json;
using Waypost.Storage;
using Waypost.Wire.Torrents;

namespace Waypost.Cli.Node;

/// <summary>What a copy is of.</summary>
/// <param name="AssetId">The asset.</param>
/// <param name="Version">Which version of it.</param>
readonly record struct HeldFor(long AssetId, int Version);

/// <summary>A copy that a node holds.</summary>
/// <param name="For">What it is a copy of: some addresses give the same file.</param>
/// <param name="Name">What the file is called.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="GotAt">When it was whole.</param>
/// <param name="File">Its hashes.</param>
sealed record HeldCopy(
    IReadOnlyList<HeldFor> For, string Name, string Source, DateTimeOffset GotAt, HashedFile File)
{
    /// <summary>What it is known by: the root of its tree.</summary>
    public string Root => Convert.ToHexStringLower(File.Root);
}

/// <summary>A node's folder: what it holds, by the hash of its content, and what is on its way. One agent at a time.
/// </summary>
/// <remarks>The names of files are hashes and numbers alone: nothing that a source or a hub says becomes a path.
/// </remarks>
sealed class Shelf : IDisposable
{
    readonly string folder;
    readonly long reserveBytes;
    readonly FileStream claim;

    Shelf(string folder, long reserveBytes, FileStream claim)
    {
        this.folder = folder;
        this.reserveBytes = reserveBytes;
        this.claim = claim;
    }

    /// <summary>Opens the folder, makes it where it is not there, and claims it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="reserveBytes">What is to stay free on its disk.</param>
    /// <exception cref="NotDoneException">Another agent has it, or it cannot be written.</exception>
    public static Shelf Open(string folder, long reserveBytes)
    {
        try
        {
            folder = Path.GetFullPath(folder);
            Directory.CreateDirectory(Path.Combine(folder, "partial"));
            Directory.CreateDirectory(Path.Combine(folder, "copies"));
            return new Shelf(folder, reserveBytes, new FileStream(
                Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NotDoneException("STORE_UNUSABLE",
                $"The folder {folder} cannot be used: {exception.Message}",
                "Stop the other agent that has it, or name another folder with --store.");
        }
    }

    /// <summary>How much may still be written before the volunteer's own reserve is touched.</summary>
    public long RoomBytes => Math.Max(0, new DriveInfo(folder).AvailableFreeSpace - reserveBytes);

    /// <summary>Where a copy of this version grows.</summary>
    public string PartialPath(long assetId, int version) =>
        Path.Combine(folder, "partial", FormattableString.Invariant($"{assetId}-{version}"));

    /// <summary>Forgets what is on its way and is not among these.</summary>
    public void DropPartials(IReadOnlySet<(long AssetId, int Version)> wanted)
    {
        var kept = wanted.Select(one => PartialPath(one.AssetId, one.Version)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, "partial")).ToList())
            if (!kept.Contains(path) && !kept.Any(one => path.StartsWith(one + ".", StringComparison.Ordinal)))
                File.Delete(path);
    }

    /// <summary>Takes a finished copy in: from now on it is held, whatever happens.</summary>
    /// <returns>The copy, with all that it is of.</returns>
    public async Task<HeldCopy> Keep(PartialCopy partial, HeldCopy copy, CancellationToken ct)
    {
        var path = PathOf(copy.Root);
        if (Find(copy.Root) is { } held) copy = held with { For = [.. held.For.Union(copy.For)] };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await partial.Sync(ct);
        await WholeFiles.Write(path + ".json", JsonSerializer.SerializeToUtf8Bytes(copy), ct);
        File.Move(partial.Path, path, overwrite: true);
        Disk.FlushFolder(Path.GetDirectoryName(path)!);
        PartialCopy.Drop(partial.Path);
        return copy;
    }

    /// <summary>Every copy that is held whole.</summary>
    public IEnumerable<HeldCopy> Held()
    {
        foreach (var path in Directory.EnumerateFiles(
            Path.Combine(folder, "copies"), "*.json", SearchOption.AllDirectories))
            if (Read(path) is { } copy) yield return copy;
    }

    /// <summary>The copy with this root; null: it is not held.</summary>
    /// <param name="root">64 hexadecimal digits, in lower case; anything else is not held.</param>
    public HeldCopy? Find(string root) => IsRoot(root) ? Read(PathOf(root) + ".json") : null;

    /// <summary>The bytes of a copy that is held.</summary>
    public FileStream OpenCopy(HeldCopy copy) => new(
        PathOf(copy.Root), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0,
        FileOptions.Asynchronous);

    /// <summary>Lets a copy go: its bytes when nothing else is the same file.</summary>
    public async Task Drop(string root, HeldFor no, CancellationToken ct)
    {
        if (Find(root) is not { } held) return;
        var left = held.For.Where(one => one != no).ToList();
        if (left.Count > 0)
        {
            await WholeFiles.Write(
                PathOf(root) + ".json", JsonSerializer.SerializeToUtf8Bytes(held with { For = left }), ct);
            return;
        }
        File.Delete(PathOf(root));
        File.Delete(PathOf(root) + ".json");
    }

    /// <inheritdoc/>
    public void Dispose() => claim.Dispose();

    string PathOf(string root) => Path.Combine(folder, "copies", root[..2], root);

    static bool IsRoot(string root) =>
        root.Length == 64 && root.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    // Written before the bytes were moved there: without them the copy is not held.
    static HeldCopy? Read(string path)
    {
        if (!File.Exists(path) || !File.Exists(path[..^".json".Length])) return null;
        return JsonSerializer.Deserialize<HeldCopy>(File.ReadAllBytes(path));
    }
}

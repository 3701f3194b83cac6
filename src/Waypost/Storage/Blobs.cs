using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Waypost.Storage;

/// <summary>What is known of a blob.</summary>
/// <param name="Key">Where it is: <c>{org}/{kind}/{id}/{name}</c>.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ModifiedAt">When it was written; changes with every replacement.</param>
/// <param name="Sha256">The content's SHA-256 in lower-case hex when it was just written; null when it was only looked
/// up, which reads no content.</param>
public sealed record BlobInfo(string Key, long Length, DateTimeOffset ModifiedAt, string? Sha256);

/// <summary>Large files of organizations, kept in the data folder beside the database.</summary>
/// <remarks>
/// A blob appears whole or not at all: it is written beside its place, brought to the disk and then renamed into it.
/// Whoever has an older content open keeps reading that one.
/// </remarks>
public sealed class Blobs
{
    const int LongestPart = 200;
    const int Buffer = 1 << 16;

    readonly string root;
    readonly string scratch;

    /// <summary>Blobs under <c>blobs</c> and unfinished work under <c>scratch</c> of this folder.</summary>
    public Blobs(string dataFolder)
    {
        root = Path.GetFullPath(Path.Combine(dataFolder, "blobs"));
        scratch = Path.GetFullPath(Path.Combine(dataFolder, "scratch"));
        Directory.CreateDirectory(root);
        Directory.CreateDirectory(scratch);
    }

    /// <summary>Makes the key of a blob, checking each part.</summary>
    /// <exception cref="ArgumentException">A part is empty, too long, or has a character that a key may
    /// not.</exception>
    public static string Key(string org, string kind, string id, string name)
    {
        var key = $"{org}/{kind}/{id}/{name}";
        Check(key);
        return key;
    }

    /// <summary>Writes a blob, or replaces it, with whatever <paramref name="write"/> puts into the stream.</summary>
    /// <param name="key">Its key, as <see cref="Key"/> makes it.</param>
    /// <param name="write">Writes the content; it may seek. When it throws, nothing has changed.</param>
    /// <param name="ct">Stops the writing.</param>
    public async Task<BlobInfo> Put(string key, Func<Stream, Task> write, CancellationToken ct)
    {
        var path = PathOf(key);
        MakeFolderOf(path);
        var partial = Partial(path);
        try
        {
            await using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite,
                FileShare.None, Buffer, FileOptions.Asynchronous))
            {
                await write(stream);
                await stream.FlushAsync(ct);
                stream.Flush(flushToDisk: true);
            }
            return await Place(key, partial, path, ct);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Makes a blob of a finished file, which is moved, not copied, when it lies in the data folder.</summary>
    /// <param name="key">Its key, as <see cref="Key"/> makes it.</param>
    /// <param name="file">The file; afterwards it is not there any more.</param>
    /// <param name="ct">Stops it before the file has been moved.</param>
    public async Task<BlobInfo> PutFile(string key, string file, CancellationToken ct)
    {
        var path = PathOf(key);
        MakeFolderOf(path);
        var partial = Partial(path);
        try
        {
            // First next to its place: across file systems a move is a copy, and a copy can be cut short.
            File.Move(file, partial);
            using (var handle = File.OpenHandle(partial, FileMode.Open, FileAccess.ReadWrite))
                RandomAccess.FlushToDisk(handle);
            return await Place(key, partial, path, ct);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Opens a blob for reading any range of it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public FileStream OpenRead(string key)
    {
        try
        {
            return new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete,
                Buffer, FileOptions.Asynchronous | FileOptions.RandomAccess);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new FileNotFoundException($"There is no blob {key}.", missing);
        }
    }

    /// <summary>What is known of a blob without reading it; null when there is none.</summary>
    public BlobInfo? Find(string key)
    {
        var file = new FileInfo(PathOf(key));
        return file.Exists ? new BlobInfo(key, file.Length, Modified(file), null) : null;
    }

    /// <summary>Removes a blob; true when there was one.</summary>
    public bool Delete(string key)
    {
        var path = PathOf(key);
        if (!File.Exists(path)) return false;
        File.Delete(path);
        Disk.FlushFolder(Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>A folder for unfinished work, made when it is not there; on the same disk as the blobs, so that
    /// <see cref="PutFile"/> from it costs nothing. Whoever asked for it deletes it.</summary>
    /// <param name="name">One part as in a key: <c>task-{id}</c>, <c>uploads-{org}</c>.</param>
    public string ScratchFolder(string name)
    {
        CheckPart(name, name);
        return Directory.CreateDirectory(Path.Combine(scratch, name)).FullName;
    }

    static async Task<BlobInfo> Place(string key, string partial, string path, CancellationToken ct)
    {
        var hash = await Hash(partial, ct);
        File.Move(partial, path, overwrite: true);
        Disk.FlushFolder(Path.GetDirectoryName(path)!);
        var file = new FileInfo(path);
        return new BlobInfo(key, file.Length, Modified(file), hash);
    }

    // Read back rather than hashed on the way: a writer may seek, and what counts is what is in the file.
    static async Task<string> Hash(string path, CancellationToken ct)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1,
            FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
    }

    // Each new folder's name must be on the disk too, or the file in it is lost with it.
    void MakeFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var made = new List<string>();
        for (var above = folder; above != root && !Directory.Exists(above); above = Path.GetDirectoryName(above)!)
            made.Add(above);
        Directory.CreateDirectory(folder);
        foreach (var one in made) Disk.FlushFolder(Path.GetDirectoryName(one)!);
    }

    string PathOf(string key)
    {
        Check(key);
        return Path.Combine(root, key.Replace('/', Path.DirectorySeparatorChar));
    }

    static string Partial(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetRandomFileName()}.part");

    static DateTimeOffset Modified(FileInfo file) => new(file.LastWriteTimeUtc, TimeSpan.Zero);

    static void Check(string key)
    {
        var parts = key.Split('/');
        if (parts.Length != 4)
            throw new ArgumentException($"A blob's key has four parts (org/kind/id/name), not '{key}'.", nameof(key));
        foreach (var part in parts) CheckPart(part, key);
    }

    // An allow-list, so that no name means anything to any file system: no separators, no dots in front, no colons.
    static void CheckPart(string part, string key)
    {
        if (part.Length is 0 or > LongestPart || part[0] == '.' || part[^1] == '.'
            || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException(
                $"'{part}' cannot be part of a blob's key: letters, digits, '-', '_' and '.' inside are allowed, "
                + $"{LongestPart} at the most.", nameof(key));
    }
}

/// <summary>Makes the names in a folder survive a power cut, where the system has a way to.</summary>
public static class Disk
{
    const int ReadOnly = 0;

    /// <summary>Returns when the folder's entries are on the disk; on Windows they are without asking.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"The folder {folder} cannot be opened to bring it to the disk.");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // Some file systems (network shares) have no such call for folders; their names are as safe as they get.
        _ = Sync(descriptor);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Open(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Sync(int descriptor);
}

using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>Keeps a second server away from a data folder whose SQLite file one is already writing.</summary>
/// <remarks>The operating system releases it when the process ends, however it ends. Servers on one PostgreSQL may
/// share a
/// folder; they take no lock.</remarks>
sealed class FolderLock : IDisposable
{
    const string FileName = "waypost.lock";
    const string HolderName = "waypost.pid";

    readonly FileStream? file;

    FolderLock(FileStream? file) => this.file = file;

    /// <summary>Nothing is locked.</summary>
    public static FolderLock None => new(null);

    /// <summary>Takes the folder for this process.</summary>
    /// <exception cref="CannotStartException">Another process has it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Beside the lock: a locked file cannot be read.
            File.WriteAllText(Path.Combine(folder, HolderName), $"{Environment.ProcessId}\n");
            return new FolderLock(file);
        }
        catch (UnauthorizedAccessException error)
        {
            throw Unwritable(folder, error);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new CannotStartException(
                $"Another Waypost (process {Holder(folder)}) is using the data folder {Path.GetFullPath(folder)}. Stop "
                + "it, "
                + "or give this one another folder with --data; several servers share one PostgreSQL, not one SQLite.",
                error);
        }
        catch (IOException error)
        {
            throw Unwritable(folder, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    static CannotStartException Unwritable(string folder, Exception error) => new(
        $"The data folder {Path.GetFullPath(folder)} cannot be written: {error.Message} Make it writable for the "
        + "server's "
        + "user, or choose another with --data or WAYPOST_DATA.", error);

    static string Holder(string folder)
    {
        var path = Path.Combine(folder, HolderName);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "unknown";
    }
}

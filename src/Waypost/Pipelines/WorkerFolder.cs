namespace Waypost.Pipelines;

/// <summary>Where a worker's tasks keep their unfinished files: gone when the worker stops, and when it was killed,
/// gone when the next one on the same data folder starts.</summary>
/// <remarks>A living worker holds a lock in its folder, which the operating system releases however it ends; so servers
/// that share a data folder leave each other's alone.</remarks>
sealed class WorkerFolder : IDisposable
{
    const string Prefix = "worker-";
    const string LockName = "alive.lock";

    readonly FileStream alive;

    WorkerFolder(string path, FileStream alive) => (Path, this.alive) = (path, alive);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Clears away what dead workers left below this folder, and makes a new one.</summary>
    public static WorkerFolder New(string parent)
    {
        Directory.CreateDirectory(parent);
        foreach (var left in Directory.EnumerateDirectories(parent, Prefix + "*").ToList()) Clear(left);
        var path = Directory.CreateDirectory(
            System.IO.Path.Combine(parent, $"{Prefix}{Environment.ProcessId}-{Guid.CreateVersion7():N}")).FullName;
        return new WorkerFolder(path, Lock(path, FileMode.CreateNew));
    }

    /// <summary>Removes the folder with all that is in it.</summary>
    public void Dispose()
    {
        alive.Dispose();
        Clear(Path);
    }

    static void Clear(string folder)
    {
        try
        {
            using (Lock(folder, FileMode.Open)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            // Its worker lives, or a task has not let go of a file yet: the next start tries again.
        }
    }

    static FileStream Lock(string folder, FileMode mode) =>
        new(System.IO.Path.Combine(folder, LockName), mode, FileAccess.ReadWrite, FileShare.None);
}

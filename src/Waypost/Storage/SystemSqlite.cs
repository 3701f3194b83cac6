using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Waypost.Storage;

/// <summary>Binds the driver to the operating system's own SQLite, which its distributor keeps patched.</summary>
static class SystemSqlite
{
    /// <summary>3.38 brought the JSON functions in by default, and unixepoch.</summary>
    static readonly Version Oldest = new(3, 38);

    static readonly Lazy<string> bound = new(Bind);

    /// <summary>Loads the library once; returns its version.</summary>
    /// <exception cref="StorageRefusedException">It is missing or too old.</exception>
    public static string Load() => bound.Value;

    static string Bind()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (name, assembly, path) =>
            name == "e_sqlite3" ? LoadFirst() : IntPtr.Zero);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        // To count the bytes it uses, every allocation of every connection would take one lock.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        var version = raw.sqlite3_libversion().utf8_to_string();
        if (Version.Parse(version) < Oldest)
            throw new StorageRefusedException(
                $"The system's SQLite is {version}; Waypost needs {Oldest} or newer. Update it with the system's "
                + "package manager, or set WAYPOST_DATABASE to a PostgreSQL connection string.");
        return version;
    }

    static IntPtr LoadFirst()
    {
        string[] candidates = OperatingSystem.IsWindows() ? ["winsqlite3.dll", "sqlite3.dll"]
            : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
            : ["libsqlite3.so.0", "libsqlite3.so"];
        foreach (var candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, out var library))
                return library;
        throw new StorageRefusedException(
            $"SQLite was not found on this system (looked for {string.Join(", ", candidates)}). Install it (Debian "
            + "and Ubuntu: apt-get install libsqlite3-0), or set WAYPOST_DATABASE to a PostgreSQL connection string.");
    }

    /// <summary>Turns SQLite's error into ours where it means "not now".</summary>
    public static Exception Explain(Exception exception) => exception is not SqliteException error
        ? exception
        : error.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => new StorageUnavailableException(
                "The disk that holds the database is full; nothing of this change was kept.",
                "Free some space; the server goes on by itself.", exception),
            raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN => new StorageUnavailableException(
                "The database's file could not be read or written; nothing of this change was kept.",
                "Look at the disk and the data folder's permissions; the server goes on by itself.", exception),
            raw.SQLITE_READONLY => new StorageUnavailableException(
                "The database is read-only; nothing of this change was kept.",
                "Make the data folder and its files writable for the server's user.", exception),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StorageUnavailableException(
                "Another program holds the database's file.",
                "Close the other program, or wait for it to finish.", exception),
            raw.SQLITE_ERROR when error.Message.Contains("parser stack overflow", StringComparison.Ordinal)
                || error.Message.Contains("Expression tree is too large", StringComparison.Ordinal) =>
                new StatementTooDeepException(exception),
            _ => exception,
        };
}

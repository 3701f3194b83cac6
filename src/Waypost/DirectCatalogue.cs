using Waypost.Access;
using Waypost.Hosting;
using Waypost.Storage;

namespace Waypost;

/// <summary>One organization's rows without a server, for programs that load a catalogue where the database is: the
/// same modules write, so that versions, events and the external form are kept as if a server had done it.</summary>
public sealed class DirectCatalogue : IAsyncDisposable
{
    readonly IDisposable taken;
    readonly Databases databases;

    DirectCatalogue(IDisposable taken, Databases databases, string org)
    {
        this.taken = taken;
        this.databases = databases;
        Org = org;
    }

    /// <summary>Whose rows.</summary>
    public string Org { get; }

    /// <summary>Where they are.</summary>
    public Db Db => databases.For(Org);

    /// <summary>Opens a data folder that no server is using, or a PostgreSQL database whoever is using it.</summary>
    /// <param name="dataFolder">The data folder, made where it is missing; null where there is a connection
    /// string: nothing but rows is written.</param>
    /// <param name="postgres">A connection string; null: SQLite in the data folder.</param>
    /// <param name="org">Whose rows.</param>
    /// <param name="clock">The time.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="CannotStartException">A server has the folder, or a setting is wrong.</exception>
    /// <exception cref="StorageRefusedException">The database cannot be used.</exception>
    /// <exception cref="Refused">There is no such organization.</exception>
    public static async Task<DirectCatalogue> Open(
        string? dataFolder, string? postgres, string org, TimeProvider clock, CancellationToken ct)
    {
        dataFolder ??= postgres is null ? throw new ArgumentNullException(nameof(dataFolder)) : Path.GetTempPath();
        var storage = new StorageSettings(dataFolder, postgres);
        if (storage.Problem() is { } problem) throw new CannotStartException(problem);
        IDisposable taken = postgres is null ? FolderLock.Take(dataFolder) : FolderLock.None;
        Databases? databases = null;
        try
        {
            databases = await StorageModule.Open(storage, WaypostApp.Modules, clock, ct);
            // A folder that no server ever started on becomes one that a server can start on.
            if (postgres is null)
                await FirstStart.Run(databases, new AccessSettings(null, null), dataFolder, clock, ct);
            return await Organizations.IsThere(databases, org, ct)
                ? new DirectCatalogue(taken, databases, org)
                : throw Refused.NotFound($"The organization {org}");
        }
        catch
        {
            if (databases is not null) await databases.DisposeAsync();
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await databases.DisposeAsync();
        taken.Dispose();
    }
}

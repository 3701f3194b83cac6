using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Hosting;
using Waypost.Storage;

namespace Waypost;

/// <summary>One organization's rows without a server, for programs that load a catalogue where the database is: the
/// same modules write, so that versions, events and the external form are kept as if a server had done it.</summary>
public sealed class DirectCatalogue : IAsyncDisposable
{
    readonly IDisposable taken;
    readonly Databases databases;

    DirectCatalogue(IDisposable taken, Databases databases, BulkWriting bulk, string org)
    {
        this.taken = taken;
        this.databases = databases;
        Bulk = bulk;
        Org = org;
    }

    /// <summary>Whose rows.</summary>
    public string Org { get; }

    /// <summary>Where they are.</summary>
    public Db Db => databases.For(Org);

    /// <summary>Writes items in streams.</summary>
    public BulkWriting Bulk { get; }

    /// <summary>Opens a data folder that no server is using, or a PostgreSQL database whoever is using it.</summary>
    /// <param name="dataFolder">The data folder, whose <c>waypost.json</c> counts; made where it is missing. Null
    /// beside a connection string: then every setting has its default, and outsiders see web addresses only.</param>
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
        if (dataFolder is null && postgres is null) throw new ArgumentNullException(nameof(dataFolder));
        var storage = new StorageSettings(dataFolder ?? Path.GetTempPath(), postgres);
        var settings = dataFolder is null ? new CatalogueSettings()
            : ReadSettings.ReadFile(Path.Combine(dataFolder, ReadSettings.FileName)).Catalogue;
        if ((storage.Problem() ?? settings.Problem()) is { } problem) throw new CannotStartException(problem);
        var preparing = new Preparing(new StacSchemes(settings.ExternalSchemes), Validation.Repair);
        IDisposable taken = postgres is null ? FolderLock.Take(storage.DataFolder) : FolderLock.None;
        Databases? databases = null;
        try
        {
            databases = await StorageModule.Open(storage, WaypostApp.Modules, clock, ct);
            // A folder that no server ever started on becomes one that a server can start on.
            if (postgres is null)
            {
                await FirstStart.Run(databases, new AccessSettings(null, null), storage.DataFolder, clock, ct);
                await new CatalogueForms(databases, preparing, clock).Claim(ct);
            }
            return await Organizations.IsThere(databases, org, ct)
                ? new DirectCatalogue(taken, databases, new BulkWriting(databases, preparing, clock), org)
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

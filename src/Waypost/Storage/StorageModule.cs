using Npgsql;

namespace Waypost.Storage;

/// <summary>Where everything is kept.</summary>
/// <param name="DataFolder">The folder of the SQLite file, the blobs and the keys.</param>
/// <param name="Database">A PostgreSQL connection string; null: SQLite in the data folder.</param>
/// <param name="CheckStatements">Refuse statements that forget their organization; on in tests.</param>
public sealed record StorageSettings(string DataFolder, string? Database, bool CheckStatements = false)
{
    /// <summary>Says what is wrong with these settings, without repeating a password; null when nothing is.</summary>
    public string? Problem()
    {
        try
        {
            return Database is null || new NpgsqlConnectionStringBuilder(Database).Host is { Length: > 0 } ? null
                : "WAYPOST_DATABASE names no host. Expected: Host=…;Username=…;Password=…;Database=…";
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return "WAYPOST_DATABASE is not a connection string of PostgreSQL. Expected: "
                + "Host=…;Username=…;Password=…;Database=…";
        }
    }
}

/// <summary>Opens the database and the blobs, and brings the schema up to date.</summary>
static class StorageModule
{
    const string FileName = "waypost.db";

    /// <summary>Opens the configured database, ready to use.</summary>
    /// <exception cref="StorageRefusedException">It cannot be used; the sentence says why and what to do.</exception>
    public static async Task<Databases> Open(
        StorageSettings settings, IReadOnlyList<string> modules, TimeProvider clock, CancellationToken ct)
    {
        CreateFolder(settings.DataFolder);
        var db = await Connect(settings, ct);
        try
        {
            var migrations = Schema.Of(modules);
            await Schema.Apply(db, migrations, clock, ct);
            if (settings.CheckStatements)
                db.Rule = new StatementRule(migrations.SelectMany(file => StatementRule.TenantTables(file.Text)));
            await db.Start(ct);
            return new Databases(db);
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    static async Task<Db> Connect(StorageSettings settings, CancellationToken ct)
    {
        if (settings.Database is not { } connectionString)
            return new SqliteDb(Path.Combine(settings.DataFolder, FileName));

        var postgres = new PostgresDb(connectionString);
        await postgres.Check(ct);
        return postgres;
    }

    static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException(
                $"The data folder {Path.GetFullPath(folder)} cannot be made: {error.Message} Choose another with "
                + "--data or WAYPOST_DATA, or make it writable for the server's user.", error);
        }
    }
}

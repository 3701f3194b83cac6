using Npgsql;
using Waypost.Storage;

namespace Waypost.Bench;

/// <summary>An empty database for one scenario: <c>--database sqlite</c> (in <c>--folder</c> or a temporary one) or
/// <c>postgres</c> (WAYPOST_BENCH_POSTGRES, a database that is emptied).</summary>
sealed class BenchDatabase(Databases databases, string folder, string durability) : IAsyncDisposable
{
    public Databases Databases => databases;

    public Db Db => databases.Shared;

    /// <summary>What a commit means here.</summary>
    public string Durability => durability;

    public static async Task<BenchDatabase> Open(Arguments arguments, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(Path.Combine(
            arguments.Text("folder", Path.GetTempPath()), $"waypost-bench-{Guid.CreateVersion7():N}")).FullName;
        var connection = arguments.Text("database", "sqlite") == "postgres"
            ? Environment.GetEnvironmentVariable("WAYPOST_BENCH_POSTGRES")
                ?? throw new InvalidOperationException(
                    "WAYPOST_BENCH_POSTGRES names the database to be used and emptied.")
            : null;
        var durability = "journal_mode=WAL, synchronous=FULL";
        if (connection is not null) durability = await Empty(connection, ct);
        var databases = await StorageModule.Open(
            new StorageSettings(folder, connection), WaypostApp.Modules, TimeProvider.System, ct);
        return new BenchDatabase(databases, folder, $"{databases.Shared.Name}, {durability}");
    }

    public async ValueTask DisposeAsync()
    {
        await databases.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    static async Task<string> Empty(string connection, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var drop = source.CreateCommand("drop schema if exists public cascade; create schema public"))
            await drop.ExecuteNonQueryAsync(ct);
        await using var show = source.CreateCommand(
            "select 'fsync=' || current_setting('fsync') "
            + "|| ', synchronous_commit=' || current_setting('synchronous_commit')");
        return (string)(await show.ExecuteScalarAsync(ct))!;
    }
}

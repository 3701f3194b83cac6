using Npgsql;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

/// <summary>What an operator meets when the database is not as it should be: a sentence, and nothing lost.</summary>
public sealed class BrokenDatabaseTests
{
    [Theory, Backends]
    public async Task A_database_of_a_newer_version_is_refused_by_the_migration_it_knows(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        await Change(database, $"""
            insert into schema_migrations (name, checksum, applied_at)
            values ({"Work/Schema/999_future.sql"}, {"x"}, {"now"})
            """);

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(database.Reopen);
        Assert.Contains("newer Waypost", refused.Message, StringComparison.Ordinal);
        Assert.Contains("999_future", refused.Message, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task A_migration_that_was_edited_after_use_is_refused(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        await Change(database, $"update schema_migrations set checksum = {"0123456789"} where name like {"Events/%"}");

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(database.Reopen);
        Assert.Contains("has been edited", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var folder = Directory.CreateTempSubdirectory("waypost-nodb-").FullName;
        var file = Path.Combine(folder, "waypost.db");
        await File.WriteAllTextAsync(file, new string('!', 5000), Token);

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(() => Open(folder));
        Assert.Contains("SQLite database", refused.Message, StringComparison.Ordinal);
        Assert.Equal(new string('!', 5000), await File.ReadAllTextAsync(file, Token));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused_with_the_setting_to_change()
    {
        var file = Path.GetTempFileName();

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(() => Open(Path.Combine(file, "data")));
        Assert.Contains("WAYPOST_DATA", refused.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory, Backends]
    public async Task Lost_connections_lose_nothing_acknowledged_and_heal_without_a_restart(Backend backend)
    {
        // SQLite has no connection to lose: there the same story is told by a writer that races a reopen.
        await using var database = await TestDatabase.New(backend);
        var acknowledged = new List<long>();
        for (var n = 0; n < 60; n++)
        {
            if (n % 20 == 10 && backend == Backend.Postgres) await CutAllConnections(database);
            if (n % 20 == 10 && backend == Backend.Sqlite) await database.Reopen();
            try
            {
                await database.Write(n);
                acknowledged.Add(n);
            }
            catch (StorageUnavailableException)
            {
                Assert.Equal(Backend.Postgres, backend);
            }
        }

        Assert.InRange(acknowledged.Count, 50, 60);
        Assert.Superset(acknowledged.ToHashSet(), (await database.Notes()).ToHashSet());
        Assert.Equal(59, acknowledged[^1]);
    }

    static async Task CutAllConnections(TestDatabase database)
    {
        var name = (await database.Db.One<Words>($"select current_database() as t", Token))!.T!;
        await using var source =
            NpgsqlDataSource.Create(BackendsAttribute.PostgresUrl + ";Database=postgres;Pooling=false");
        await using var cut =
            source.CreateCommand("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1");
        cut.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await cut.ExecuteNonQueryAsync(Token);
    }

    static async Task Change(TestDatabase database, Sql sql)
    {
        await using var tx = await database.Db.Begin(Token);
        Assert.NotEqual(0, await tx.Run(sql));
        await tx.Commit();
    }

    static Task<Databases> Open(string folder) => StorageModule.Open(
        new StorageSettings(folder, null), WaypostApp.Modules, TimeProvider.System, Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

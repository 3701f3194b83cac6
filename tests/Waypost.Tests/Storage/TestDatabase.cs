using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

/// <summary>A database without a server around it, for tests that break it.</summary>
sealed class TestDatabase(string folder, string? connectionString, Func<Task> drop) : IAsyncDisposable
{
    public string Folder => folder;

    public Databases Databases { get; private set; } = null!;

    public Db Db => Databases.Shared;

    public static async Task<TestDatabase> New(Backend backend)
    {
        var (connectionString, drop) = backend == Backend.Postgres
            ? await TestServer.NewDatabase()
            : (null, () => Task.CompletedTask);
        var made = new TestDatabase(
            Directory.CreateTempSubdirectory("waypost-storage-").FullName, connectionString, drop);
        await made.Open();
        await using var tx = await made.Db.Begin(Token);
        await tx.Run($"create table storage_notes (org text not null, n bigint primary key, body text)");
        await tx.Commit();
        return made;
    }

    /// <summary>Opens it again, as a restarted server would.</summary>
    public async Task Reopen()
    {
        await Databases.DisposeAsync();
        await Open();
    }

    public async Task Write(long n, string body = "")
    {
        await using var tx = await Db.Begin(Token);
        await tx.Run($"insert into storage_notes (org, n, body) values ({"o"}, {n}, {body})");
        await tx.Commit();
    }

    public async Task<List<long>> Notes() =>
        [.. (await Db.All<Number>($"select n from storage_notes where org = {"o"} order by n", Token))
            .Select(x => x.N)];

    public async ValueTask DisposeAsync()
    {
        await Databases.DisposeAsync();
        await drop();
        Directory.Delete(folder, recursive: true);
    }

    async Task Open() => Databases = await StorageModule.Open(
        new StorageSettings(folder, connectionString, CheckStatements: true),
        WaypostApp.Modules, TimeProvider.System, Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests;

/// <summary>The real server, on a real port and a database of its own; nothing in it is faked.</summary>
/// <remarks>
/// <see cref="Shared"/> gives all tests one server per database, each test its own <see cref="NewOrg"/>: they run in
/// parallel and prove isolation all day long. A test that breaks or restarts the server starts its own.
/// </remarks>
sealed class TestServer(WebApplication app, Func<Task> cleanUp) : IAsyncDisposable
{
    public const string AdminKey = "test-administrator-key";

    static readonly ConcurrentDictionary<Backend, Lazy<Task<TestServer>>> shared = new();

    public IServiceProvider Services => app.Services;

    public Databases Databases => app.Services.GetRequiredService<Databases>();

    public Db Db => Databases.Shared;

    public Uri Url => new(app.Urls.Single());

    /// <summary>The server that all tests of this database share.</summary>
    public static Task<TestServer> Shared(Backend backend) =>
        shared.GetOrAdd(backend, b => new Lazy<Task<TestServer>>(() => Start(b))).Value;

    /// <summary>A server of the test's own.</summary>
    /// <param name="backend">The database it has.</param>
    /// <param name="change">Settings that are not the usual ones.</param>
    /// <param name="beforeStart">What is done once the database is open, before the first loop and request.</param>
    public static async Task<TestServer> Start(
        Backend backend, Func<Settings, Settings>? change = null, Func<Databases, Task>? beforeStart = null)
    {
        var folder = Directory.CreateTempSubdirectory("waypost-test-").FullName;
        var (database, dropDatabase) = backend == Backend.Postgres ? await NewDatabase()
            : (null, () => Task.CompletedTask);
        var settings = new Settings
        {
            Urls = "http://127.0.0.1:0",
            LogLevel = LogLevel.Warning,
            Storage = new StorageSettings(folder, database, CheckStatements: true),
            Access = new AccessSettings(AdminKey, openReads: null),
            // The fakes of somebody else's servers live here; every other private address stays refused.
            Outbound = new OutboundSettings(["127.0.0.1"]),
            Delivery = new DeliverySettings { FirstBackoff = TimeSpan.FromMilliseconds(5), DisableAfter = 3 },
        };
        var app = await WaypostApp.Build(change?.Invoke(settings) ?? settings, Token);
        if (beforeStart is not null) await beforeStart(app.Services.GetRequiredService<Databases>());
        await app.StartAsync(Token);
        return new TestServer(app, async () =>
        {
            await dropDatabase();
            Directory.Delete(folder, recursive: true);
        });
    }

    /// <summary>A new organization; every test has its own.</summary>
    public async Task<TestOrg> NewOrg(string? tier = null)
    {
        var org = "o" + Guid.CreateVersion7().ToString("N");
        await using var tx = await Db.Begin(Token);
        await tx.Run($"""
            insert into organizations (id, name, tier, created_at)
            values ({org}, {org}, {tier}, {TimeProvider.System.GetUtcNow()})
            """);
        await tx.Commit();
        return new TestOrg(this, org);
    }

    /// <summary>A client without any key.</summary>
    public HttpClient Anyone() => new() { BaseAddress = Url };

    /// <summary>A client with this key.</summary>
    public HttpClient With(string key)
    {
        var client = Anyone();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await cleanUp();
    }

    /// <summary>A new, empty PostgreSQL database, and how to drop it.</summary>
    public static async Task<(string, Func<Task>)> NewDatabase()
    {
        var server = BackendsAttribute.PostgresUrl!;
        var name = "waypost_" + Guid.CreateVersion7().ToString("N");
        await Admin($"create database {name}");
        return ($"{server};Database={name}", () => Admin($"drop database {name} with (force)"));

        async Task Admin(string sql)
        {
            await using var source = NpgsqlDataSource.Create(server + ";Database=postgres;Pooling=false");
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

/// <summary>One test's organization on a server.</summary>
sealed record TestOrg(TestServer Server, string Id)
{
    /// <summary>A client holding a new key of this organization with this role.</summary>
    public async Task<HttpClient> As(Role role, string clientId = "ddh") => Server.With(await Key(role, clientId));

    /// <summary>A new key of this organization with this role.</summary>
    public async Task<string> Key(Role role, string clientId = "ddh")
    {
        var key = "wp_test_" + Guid.CreateVersion7().ToString("N");
        await using var tx = await Server.Db.Begin(TestContext.Current.CancellationToken);
        await tx.Run($"""
            insert into access_keys (id, org, name, client_id, hash, prefix, role, scopes, created_at)
            values ({Guid.CreateVersion7()}, {Id}, {"test"}, {clientId}, {Caller.Hash(key)}, {key[..12]}, {role},
                {new Json("[]")}, {TimeProvider.System.GetUtcNow()})
            """);
        await tx.Commit();
        return key;
    }

    /// <summary>Writes in one transaction.</summary>
    public async Task Do(Func<Tx, Task> work)
    {
        await using var tx = await Server.Databases.For(Id).Begin(TestContext.Current.CancellationToken);
        await work(tx);
        await tx.Commit();
    }

    /// <summary>Reads <c>select … as n</c>.</summary>
    public async Task<long> Count(Sql count)
    {
        await using var tx = await Server.Databases.For(Id).Read(TestContext.Current.CancellationToken);
        return await tx.Count(count);
    }
}

using Npgsql;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Tests.Fakes;
using Waypost.Tests.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Streams of items that come in an awkward order, or into a database that breaks on the way.</summary>
public sealed class BulkStreamTests
{
    const string Org = "default";

    [Theory, Backends]
    public async Task Collections_that_take_turns_in_a_stream_are_written_in_chunks_all_the_same(Backend backend)
    {
        const int collections = 100;
        const int items = 12_000;
        await using var database = await TestDatabase.New(backend);
        await using (var tx = await database.Db.Begin(Token))
        {
            for (var c = 0; c < collections; c++)
                await tx.PutCollection(Org, Samples.Collection($"c{c}"), Samples.Now);
            await tx.Commit();
        }
        var outcomes = await Write(database.Databases, Enumerable.Range(0, items)
            .Select(i => Samples.Item($"c{i % collections}", $"i{i}", [1, 2, 3, 4])));

        Assert.Equal(Enumerable.Range(0, items).Select(i => (long)i), outcomes.Select(one => one.Line).Order());
        Assert.All(outcomes, one => Assert.Equal(BulkStatus.Created, one.Status));
        await using var read = (await database.Db.Read(Token)).AcrossOrganizations("a test counts");
        Assert.Equal(items, await read.Count($"select count(*) as n from catalogue_items"));
        Assert.InRange(
            await read.Count($"select count(*) as n from events where type = 'items.written'"), 1, items / 40);
    }

    [Theory, Backends]
    public async Task A_chunk_whose_commit_was_not_answered_is_told_of_as_what_it_is(Backend backend)
    {
        // SQLite's commit is a call: it has no answer that could be lost.
        if (backend == Backend.Sqlite) return;
        var (connection, drop) = await TestServer.NewDatabase();
        var behind = new NpgsqlConnectionStringBuilder(connection);
        await using var wire = new ForgetfulWire(behind.Host!, behind.Port);
        var folder = Directory.CreateTempSubdirectory("waypost-forgetful-").FullName;
        var before = new NpgsqlConnectionStringBuilder(connection)
        {
            Host = "127.0.0.1",
            Port = wire.Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        await using (var databases = await StorageModule.Open(
            new StorageSettings(folder, before.ToString()), WaypostApp.Modules, TimeProvider.System, Token))
        {
            await using (var tx = await databases.Shared.Begin(Token))
            {
                await tx.PutCollection(Org, Samples.Collection("c"), Samples.Now);
                await tx.Commit();
            }
            wire.Arm();
            var outcomes = await Write(
                databases, Enumerable.Range(0, 10).Select(i => Samples.Item("c", $"i{i}", [1, 2, 3, 4])),
                onlyNew: true);

            Assert.Equal(1, wire.Breaks);
            Assert.All(outcomes, one => Assert.Equal((BulkStatus.Created, 0), (one.Status, one.Problems.Count)));
            await using var read = (await databases.Shared.Read(Token)).AcrossOrganizations("a test counts");
            Assert.Equal(10, await read.Count($"select count(*) as n from catalogue_items where version = 1"));
            Assert.Equal(10, await read.Count($"select sum(items) as n from catalogue_counts"));
            Assert.Equal(1, await read.Count($"select count(*) as n from events where type = 'items.written'"));
        }
        await drop();
        Directory.Delete(folder, recursive: true);
    }

    static async Task<List<BulkOutcome>> Write(Databases databases, IEnumerable<Json> items, bool onlyNew = false) =>
        await new BulkWriting(databases, Preparing.Default, TimeProvider.System).Write(
            Org, items.Select((item, line) => new BulkLine(line, System.Text.Encoding.UTF8.GetBytes(item.Text)))
                .ToAsyncEnumerable(), new BulkOptions(OnlyNew: onlyNew), Token).ToListAsync(Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

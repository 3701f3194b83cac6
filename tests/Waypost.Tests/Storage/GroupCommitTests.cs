using Microsoft.Data.Sqlite;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

/// <summary>SQLite's shared commit: what the members of a group owe each other, and what they do not.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task Many_waiting_transactions_share_one_fsync()
    {
        var folder = Directory.CreateTempSubdirectory("waypost-group-").FullName;
        await using var db = new SqliteDb(Path.Combine(folder, "x.db"), oldestGroup: TimeSpan.FromMinutes(1));
        var first = await db.Begin(Token);
        await first.Run($"create table notes (n bigint primary key)");
        Task others;
        using (ExecutionContext.SuppressFlow())
            others = Race(200, async n =>
            {
                await using var tx = await db.Begin(Token);
                await tx.Run($"insert into notes (n) values ({(long)n})");
                await tx.Commit();
            });
        while (db.Waiting < 200) await Task.Yield();
        var before = db.Commits;

        await first.Commit();
        await others;
        await first.DisposeAsync();

        Assert.Equal(before + 1, db.Commits);
        Assert.Equal(200, (await db.One<Number>($"select count(*) as n from notes", Token))!.N);
        await db.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_member_that_breaks_a_rule_does_not_take_its_neighbours_with_it()
    {
        await using var database = await TestDatabase.New(Backend.Sqlite);
        await database.Write(0);

        var refused = 0;
        await Race(300, async i =>
        {
            try
            {
                await database.Write(i % 3 == 0 ? 0 : i);
            }
            catch (SqliteException)
            {
                Interlocked.Increment(ref refused);
            }
        });

        Assert.Equal(100, refused);
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i == 0 || i % 3 != 0).Select(i => (long)i),
            await database.Notes());
    }

    [Fact]
    public async Task A_full_disk_refuses_whole_transactions_keeps_what_was_acknowledged_and_goes_on_when_there_is_room(
        )
    {
        await using var database = await TestDatabase.New(Backend.Sqlite);
        var body = new string('x', 3000);
        await LimitPages(database, 150);

        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<long>();
        var refused = 0;
        await Race(400, async i =>
        {
            try
            {
                await database.Write(i, body);
                acknowledged.Add(i);
            }
            catch (StorageUnavailableException full)
            {
                Assert.Contains("full", full.Message, StringComparison.Ordinal);
                Interlocked.Increment(ref refused);
            }
        });
        Assert.NotEqual(0, refused);
        Assert.Equal(acknowledged.Order(), await database.Notes());

        await LimitPages(database, 100_000);
        await database.Write(1000, body);
        await database.Reopen();
        Assert.Equal(acknowledged.Order().Append(1000), await database.Notes());
    }

    [Fact]
    public async Task A_transaction_that_keeps_the_writer_too_long_is_undone_and_the_next_one_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("waypost-hold-").FullName;
        await using var db = new SqliteDb(Path.Combine(folder, "x.db"), TimeSpan.FromMilliseconds(200));
        await using (var setUp = await db.Begin(Token))
        {
            await setUp.Run($"create table notes (n bigint primary key)");
            await setUp.Commit();
        }

        var slow = await db.Begin(Token);
        await slow.Run($"insert into notes (n) values ({1})");
        // Another flow waits for the writer, which the slow one gives up only because its time is over.
        Task other;
        using (ExecutionContext.SuppressFlow())
            other = Task.Run(
                async () =>
                {
                    await using var next = await db.Begin(CancellationToken.None);
                    await next.Run($"insert into notes (n) values ({2})");
                    await next.Commit();
                },
                Token);
        await other;

        await Assert.ThrowsAsync<StorageUnavailableException>(() => slow.Run($"insert into notes (n) values ({3})"));
        await slow.DisposeAsync();
        Assert.Equal([2], (await db.All<Number>($"select n from notes", Token)).Select(x => x.N));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_first_of_a_group_is_undone_and_whoever_waits_goes_on()
    {
        await using var database = await TestDatabase.New(Backend.Sqlite);
        var first = await database.Db.Begin(Token);
        await first.Run($"insert into storage_notes (org, n) values ({"o"}, {1L})");
        Task other;
        using (ExecutionContext.SuppressFlow()) other = Task.Run(() => database.Write(2), Token);
        while (((SqliteDb)database.Db).Waiting < 1) await Task.Yield();

        await first.DisposeAsync();
        await other;

        Assert.Equal([2], await database.Notes());
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_undone_alone_gives_the_writer_back_and_says_so_to_all_of_its_group()
    {
        var folder = Directory.CreateTempSubdirectory("waypost-group-").FullName;
        await using var db = new SqliteDb(Path.Combine(folder, "x.db"), oldestGroup: TimeSpan.FromMinutes(1));
        var first = await db.Begin(Token);
        await first.Run($"create table notes (n bigint primary key)");
        Task<Tx> beginning;
        using (ExecutionContext.SuppressFlow()) beginning = Task.Run(() => db.Begin(Token), Token);
        while (db.Waiting < 1) await Task.Yield();
        var committed = first.Commit();
        var second = await beginning;
        await second.Run($"insert into notes (n) values ({1})");
        // Without its savepoint there is nothing to go back to, as after a disk that failed halfway.
        await second.Run($"release one");

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await second.DisposeAsync());
        await Assert.ThrowsAsync<StorageUnavailableException>(() => committed);

        await using (var next = await db.Begin(Token))
        {
            await next.Run($"create table notes (n bigint primary key)");
            await next.Commit();
        }
        await db.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task One_who_gives_up_waiting_leaves_the_group_to_the_others()
    {
        await using var database = await TestDatabase.New(Backend.Sqlite);
        await Race(200, async i =>
        {
            using var impatient = new CancellationTokenSource();
            var begin = database.Db.Begin(impatient.Token);
            if (i % 2 == 0) await impatient.CancelAsync();
            try
            {
                await using var tx = await begin;
                await tx.Run($"insert into storage_notes (org, n) values ({"o"}, {(long)i})");
                await tx.Commit();
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 2);
            }
        });
        await database.Write(1001);

        Assert.Superset(
            Enumerable.Range(0, 200).Where(i => i % 2 == 1).Select(i => (long)i).Append(1001).ToHashSet(),
            (await database.Notes()).ToHashSet());
    }

    static async Task LimitPages(TestDatabase database, int pages)
    {
        await using var tx = await database.Db.Begin(Token);
        Sql limit = pages == 150 ? (Sql)$"pragma max_page_count = 150" : $"pragma max_page_count = 100000";
        await tx.All<PageLimit>(limit);
        await tx.Commit();
    }

    sealed record PageLimit : IRow<PageLimit>
    {
        public static PageLimit Read(Row row) => new();
    }

    static Task Race(int count, Func<int, Task> act) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i), Token)));

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

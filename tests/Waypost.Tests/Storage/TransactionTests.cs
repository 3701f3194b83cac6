using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Storage;

public sealed class TransactionTests
{
    [Theory, Backends]
    public async Task What_is_committed_is_there_and_what_is_not_is_not(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        await using (var undone = await server.Db.Begin(Token)) await Rename(undone, org, "never");
        await org.Do(tx => Rename(tx, org, "kept"));

        Assert.Equal("kept",
            (await server.Db.One<Words>($"select name as t from organizations where id = {org.Id}", Token))!.T);
    }

    [Theory, Backends]
    public async Task A_transaction_inside_another_is_refused_at_once(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        await using var outer = await server.Db.Begin(Token);

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Db.Begin(Token));
    }

    [Theory, Backends]
    public async Task A_thousand_writers_at_once_all_keep_what_they_were_told(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() => org.Do(tx =>
            tx.Run($"""
                insert into events (id, org, type, at, body)
                values ({Guid.CreateVersion7()}, {org.Id}, {"t"}, {TimeProvider.System.GetUtcNow()}, {Json.Of(i)})
                """)), Token)));

        Assert.Equal(1000, await org.Count($"select count(*) as n from events where org = {org.Id}"));
    }

    static Task Rename(Tx tx, TestOrg org, string name) =>
        tx.Run($"update organizations set name = {name} where id = {org.Id}");

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

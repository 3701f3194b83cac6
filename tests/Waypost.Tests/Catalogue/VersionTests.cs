using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What is replaced or deleted stays as history, and the counting goes on.</summary>
public sealed class VersionTests
{
    sealed record Line(string Id, long Version, bool HasBody) : IRow<Line>
    {
        public static Line Read(Row row) => new(row.Text("id"), row.Long("version"), !row.IsNull("body"));
    }

    [Theory, Backends]
    public async Task A_replaced_version_stays_and_one_says_that_the_item_is_gone_and_a_new_one_counts_on(
        Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Item("first"));
        await org.Put("c", Item("second"));
        await org.Do(async tx => Assert.True(await tx.DeleteItem(org.Id, "c", "a", Samples.Now)));
        await org.Put("c", Item("third"));

        Assert.Equal([new("a", 1, true), new("a", 2, true), new("a", 3, false)], await History(org));
        Assert.Equal(4, await org.Count($"select version as n from catalogue_items where org = {org.Id}"));
        Assert.Equal(1, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task A_collection_keeps_its_versions_and_is_taken_out_only_when_it_is_empty(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Item("first"));
        await org.Do(tx => tx.PutCollection(org.Id, Samples.Collection("c", "Other things."), Samples.Now));
        await org.Do(async tx => Assert.Equal("COLLECTION_NOT_EMPTY", (await Assert.ThrowsAsync<Refused>(
            () => tx.DeleteCollection(org.Id, "c", Samples.Now))).Code));
        await org.Do(tx => tx.DeleteItem(org.Id, "c", "a", Samples.Now));
        await org.Do(async tx => Assert.True(await tx.DeleteCollection(org.Id, "c", Samples.Now)));
        await org.Do(async tx => Assert.False(await tx.DeleteCollection(org.Id, "c", Samples.Now)));
        await org.Put("c");

        Assert.Equal(
            [new("", 1, true), new("", 2, true), new("", 3, false), new("a", 1, true), new("a", 2, false)],
            await History(org));
        Assert.Equal(4, await org.Count($"select version as n from catalogue_collections where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task Every_version_knows_the_event_that_told_of_it(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Item("first"));
        await org.Put("c", Item("second"));
        await org.Do(tx => tx.DeleteItem(org.Id, "c", "a", Samples.Now));
        Assert.Equal(4, await org.Count($"select count(*) as n from events where org = {org.Id}"));
        Assert.Equal(4, await org.Count($"""
            select count(*) as n from events where org = {org.Id} and id in (
                select change_id from catalogue_history where org = {org.Id}
                union select change_id from catalogue_collections where org = {org.Id})
            """));
    }

    static Json Item(string title) => Samples.Item("c", "a", [1, 2, 3, 4], properties: $"\"title\":\"{title}\"");

    static async Task<List<Line>> History(TestOrg org)
    {
        await using var tx = await org.Server.Db.Read(TestContext.Current.CancellationToken);
        return await tx.All<Line>(
            $"select id, version, body from catalogue_history where org = {org.Id} order by id, version");
    }
}

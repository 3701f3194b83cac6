using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class WritingTests
{
    [Theory, Backends]
    public async Task An_item_is_created_then_updated_and_the_same_again_changes_nothing(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var written = new List<Written>();
        var other = Item("a", "\"title\":\"New\"");
        foreach (var item in (Json[])[Item("a"), Item("a"), other, other])
            await org.Do(async tx =>
            {
                await tx.PutCollection(org.Id, Samples.Collection("c"), Samples.Now);
                written.Add(await tx.PutItem(org.Id, item, Samples.Now));
            });

        Assert.Equal([Written.Created, Written.Unchanged, Written.Updated, Written.Unchanged], written);
        Assert.Equal(["collection.created", "item.created", "item.updated"], await EventTypes(org));
        Assert.Equal(1, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
    }

    [Theory, Backends]
    public async Task A_deleted_item_is_gone_with_its_tiles_and_its_features(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Item("a"));
        await org.Do(async tx =>
        {
            await tx.PutRaster(org.Id, "c", "a", new("k", Json.EmptyObject, 0, 3, [0, 0, 1, 1]), Samples.Now);
            await tx.AddFeatures(org.Id, "s", 0, [new(0, null, null, null, null, null, null, Json.EmptyObject)]);
            await tx.PublishFeatures(org.Id, "c", "a", "s", Samples.Now);
        });
        await org.Do(async tx => Assert.True(await tx.DeleteItem(org.Id, "c", "a", Samples.Now)));
        await org.Do(async tx => Assert.False(await tx.DeleteItem(org.Id, "c", "a", Samples.Now)));

        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_items where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_rasters where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_features where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
        Assert.Equal(["collection.created", "item.created", "item.deleted"], await EventTypes(org));
    }

    [Theory, Backends]
    public async Task An_item_of_no_collection_is_refused(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Do(async tx =>
        {
            var refused = await Assert.ThrowsAsync<Refused>(() => tx.PutItem(org.Id, Item("a"), Samples.Now));
            Assert.Equal(404, refused.Status);
        });
    }

    [Theory, Backends]
    public async Task What_is_not_STAC_is_refused_with_the_reason(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c");
        foreach (var (bad, why) in Wrong())
            await org.Do(async tx =>
            {
                var refused = await Assert.ThrowsAsync<Refused>(() => tx.PutItem(org.Id, new Json(bad), Samples.Now));
                Assert.Equal(400, refused.Status);
                Assert.Contains(why, refused.Message, StringComparison.Ordinal);
            });
    }

    [Theory, Backends]
    public async Task A_chunk_of_features_written_twice_is_there_once(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        foreach (var _ in (int[])[1, 2])
            await org.Do(tx => tx.AddFeatures(org.Id, "s", 3, Enumerable.Range(0, 10).Select(n =>
                new StoredFeature(n, null, null, null, null, null, null, Json.EmptyObject))));

        Assert.Equal(10, await org.Count($"select count(*) as n from catalogue_features where org = {org.Id}"));
    }

    static IEnumerable<(string Bad, string Why)> Wrong()
    {
        var good = Samples.Item("c", "a", [1, 2, 3, 4]).Text;
        yield return ("[1]", "not a JSON object");
        yield return ("{", "not JSON");
        yield return (good.Replace("\"type\":\"Feature\"", "\"type\":\"Future\"", StringComparison.Ordinal), "type");
        yield return (good.Replace("\"id\":\"a\"", "\"id\":\"a/b\"", StringComparison.Ordinal), "slash");
        yield return (good.Replace("\"id\":\"a\"", "\"id\":\"a\",\"id\":\"b\"", StringComparison.Ordinal), "not JSON");
        yield return (good.Replace("2024-05-06T", "2024-05-32T", StringComparison.Ordinal), "datetime");
        yield return (good.Replace("\"2024-05-06T07:08:09Z\"", "null", StringComparison.Ordinal), "datetime");
        yield return (good.Replace("\"Polygon\"", "\"Polygone\"", StringComparison.Ordinal), "geometry");
    }

    static Json Item(string id, string properties = "\"title\":\"A thing\"") =>
        Samples.Item("c", id, [1, 2, 3, 4], properties: properties);

    static async Task<List<string?>> EventTypes(TestOrg org)
    {
        await using var tx = await org.Server.Db.Read(TestContext.Current.CancellationToken);
        var types = await tx.All<Words>($"select type as t from events where org = {org.Id} order by type");
        return [.. types.Select(type => type.T)];
    }
}

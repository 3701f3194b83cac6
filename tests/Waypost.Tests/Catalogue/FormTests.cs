using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Rows of an older version are prepared again before outsiders see any.</summary>
public sealed class FormTests
{
    [Theory, Backends]
    public async Task Rows_of_before_are_made_ready_and_until_then_outsiders_see_nothing(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        var org = await server.NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c", [.. Enumerable.Range(0, 520).Select(i => Samples.Item("c", "i" + i, [1, 2, 3, 4],
            properties: $"\"title\":\"Word{i}\",\"n\":{i}",
            assets: """{"s":{"href":"file:///npl/x"},"b":{"href":"s3://bucket/x"}}"""))]);
        await AsBefore(server, org);
        var forms = new CatalogueForms(server.Databases, Preparing.Default, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<Refused>(() => forms.MustBeComplete(Token));
        Assert.Equal((503, "CATALOGUE_REINDEXING"), (refused.Status, refused.Code));

        await forms.Complete(Token);
        await forms.MustBeComplete(Token);
        var item = await client.Json("/external/collections/c/items/i7");
        Assert.Empty(item.GetProperty("assets").EnumerateObject());
        Assert.Equal("Word7", item.Text("properties.title"));
        Assert.Equal(520, await org.Count($"select count(*) as n from catalogue_properties where org = {org.Id}"));
        Assert.Equal(520, await org.Count($"select count(*) as n from catalogue_text where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_history where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"""
            select count(*) as n from catalogue_items where org = {org.Id} and change_id is null
            """));
        Assert.Equal(520, await org.Count($"""
            select count(*) as n from catalogue_items where org = {org.Id} and version = 1 and moment is not null
            """));
    }

    // As the version before left its rows.
    static Task AsBefore(TestServer server, TestOrg org) => org.Do(async tx =>
    {
        await tx.Run($"delete from catalogue_properties where org = {org.Id}");
        await tx.Run($"delete from catalogue_text where org = {org.Id}");
        await tx.Run($"delete from catalogue_queryables where org = {org.Id}");
        await tx.Run($"update catalogue_bodies set external = {(string?)null} where org = {org.Id}");
        await tx.Run($"""
            update catalogue_items set change_id = {(Guid?)null}, created_at = {(DateTimeOffset?)null},
                moment = {(long?)null} where org = {org.Id}
            """);
        await tx.Run($"delete from catalogue_forms");
    });

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

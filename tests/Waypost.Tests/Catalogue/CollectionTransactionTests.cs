using System.Net;
using System.Text.Json;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Collections written through the routes of STAC's transactions.</summary>
public sealed class CollectionTransactionTests
{
    const string Collections = "/api/collections";

    [Theory, Backends]
    public async Task A_collection_is_added_replaced_changed_and_deleted(Backend backend)
    {
        var (_, client) = await Client(backend);
        using var added = await client.Send("POST", Collections, Samples.Collection("c").Text);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.EndsWith("/collections/c", added.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var read = await client.GetAsync(Collections + "/c", TestContext.Current.CancellationToken);
        Assert.Equal(added.Headers.ETag, read.Headers.ETag);

        await client.Must(
            HttpStatusCode.Conflict, "POST", Collections, Samples.Collection("c").Text, "COLLECTION_EXISTS");
        await client.Must(
            HttpStatusCode.NotFound, "PUT", Collections + "/d", Samples.Collection("d").Text, "NOT_FOUND");
        await client.Must(
            HttpStatusCode.BadRequest, "PUT", Collections + "/c", Samples.Collection("d").Text, "ID_MISMATCH");
        await client.Must(HttpStatusCode.PreconditionFailed, "PUT", Collections + "/c", Samples.Collection("c").Text,
            "PRECONDITION_FAILED", "\"another\"");
        await client.Must(HttpStatusCode.NoContent, "PUT", Collections + "/c", Samples.Collection("c", "Other.").Text,
            match: added.Headers.ETag!.Tag);
        await client.Must(HttpStatusCode.NoContent, "PATCH", Collections + "/c", "{\"title\":\"New\"}");
        var now = await client.Json(Collections + "/c");
        Assert.Equal(("New", "Other."),
            (now.GetProperty("title").GetString(), now.GetProperty("description").GetString()));
        await client.Must(HttpStatusCode.NoContent, "DELETE", Collections + "/c", null);
        await client.Problem(Collections + "/c", HttpStatusCode.NotFound);
        await client.Must(HttpStatusCode.NotFound, "DELETE", Collections + "/c", null, "NOT_FOUND");
    }

    [Theory, Backends]
    public async Task A_collection_goes_with_its_items_only_when_that_is_said(Backend backend)
    {
        var (org, client) = await Client(backend);
        await org.Put("c", [.. Enumerable.Range(0, 1_050).Select(i => Samples.Item("c", "i" + i, [1, 2, 3, 4]))]);
        await org.Put("d", Samples.Item("d", "stays", [1, 2, 3, 4]));
        await client.Must(HttpStatusCode.Conflict, "DELETE", Collections + "/c", null, "COLLECTION_NOT_EMPTY");
        await client.Must(
            HttpStatusCode.BadRequest, "DELETE", Collections + "/c?items=all", null, "INVALID_PARAMETER");
        await client.Must(HttpStatusCode.NoContent, "DELETE", Collections + "/c?items=delete", null);

        Assert.Equal(["stays"], Stac.Ids(await client.Json("/api/search")));
        Assert.Equal(1, await org.Count($"select sum(items) as n from catalogue_counts where org = {org.Id}"));
        Assert.Equal(1_050, await org.Count($"""
            select count(*) as n from catalogue_history where org = {org.Id} and id <> '' and body is null
            """));
        await client.Must(HttpStatusCode.Created, "POST", Collections, Samples.Collection("c").Text);
    }

    static async Task<(TestOrg, HttpClient)> Client(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        return (org, await org.As(Role.OrgAdmin));
    }
}

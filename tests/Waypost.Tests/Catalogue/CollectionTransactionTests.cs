using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Tests.Pipelines;
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

    [Theory, Backends]
    public async Task A_collection_is_deleted_with_its_items_however_many_go_on_loading_into_it(Backend backend)
    {
        var (org, client) = await Client(backend);
        await org.Put("c");
        await client.Bulk("/api/bulk_items", Lines(0, 5_000), "application/x-ndjson");
        using var done = new CancellationTokenSource();
        var loaded = new ConcurrentBag<string>();
        var loaders = Enumerable.Range(1, 2).Select(n => Task.Run(async () =>
        {
            for (var from = n * 100_000; !done.IsCancellationRequested; from += 300)
            {
                var (_, report) = await client.Bulk(
                    "/api/bulk_items", Lines(from, 300), "application/x-ndjson", "application/x-ndjson");
                foreach (var line in report.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    var one = JsonElement.Parse(line);
                    if (!one.TryGetProperty("id", out _)) continue;
                    if (one.Text("status") == "created") loaded.Add(one.Text("id"));
                    else if (one.Text("status") == "failed")
                        Assert.Contains(one.GetProperty("problems")[0].Text("code"),
                            new[] { "COLLECTION_BEING_DELETED", "NOT_FOUND" });
                }
            }
        }, TestContext.Current.CancellationToken)).ToList();
        await client.Must(HttpStatusCode.NoContent, "DELETE", Collections + "/c?items=delete", null);
        await done.CancelAsync();
        await Task.WhenAll(loaders);

        Assert.Equal(0, await org.Count($"select count(*) as n from catalogue_items where org = {org.Id}"));
        Assert.Equal(5_000 + loaded.Distinct().Count(), await org.Count($"""
            select count(*) as n from catalogue_history where org = {org.Id} and id <> '' and body is null
            """));
        await client.Problem(Collections + "/c", HttpStatusCode.NotFound);
        // What was told of as written is told of as deleted, and the collection last.
        Assert.Equal(5_000 + loaded.Count, await org.Count($"""
            select count(distinct id) as n from catalogue_history where org = {org.Id} and id <> ''
                and change_id in (select id from events where org = {org.Id} and type = 'items.deleted')
            """));
        Assert.Equal(1, await org.Count($"""
            select count(*) as n from events where org = {org.Id} and type = 'collection.deleted'
            """));
    }

    [Theory, Backends]
    public async Task A_deletion_that_was_cut_off_takes_nothing_more_and_is_finished_by_itself(Backend backend)
    {
        var (org, client) = await Client(backend);
        await org.Put("c", Samples.Item("c", "a", [1, 2, 3, 4]));
        await org.Do(async tx =>
        {
            await DeleteCollections.Close(tx, org.Id, "c");
            foreach (var write in new Func<Task>[]
            {
                () => tx.PutCollection(org.Id, Samples.Collection("c"), Samples.Now),
                () => tx.PutItem(org.Id, Samples.Item("c", "b", [1, 2, 3, 4]), Samples.Now),
                () => tx.DeleteItem(org.Id, "c", "a", Samples.Now),
                () => tx.HoldItem(org.Id, "c", "a"),
            })
                Assert.Equal("COLLECTION_BEING_DELETED", (await Assert.ThrowsAsync<Refused>(write)).Code);
        });
        await org.Server.Services.GetRequiredService<DeleteCollections>()
            .FinishAll(TestContext.Current.CancellationToken);
        await client.Problem(Collections + "/c", HttpStatusCode.NotFound);
        await client.Must(HttpStatusCode.Created, "POST", Collections, Samples.Collection("c").Text);
        await client.Must(
            HttpStatusCode.Created, "POST", Collections + "/c/items", Samples.Item("c", "a", [1, 2, 3, 4]).Text);
    }

    static string Lines(int from, int count) => string.Join('\n', Enumerable.Range(from, count)
        .Select(i => Samples.Item("c", "i" + i, [1, 2, 3, 4]).Text.ReplaceLineEndings(" ")));

    static async Task<(TestOrg, HttpClient)> Client(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        return (org, await org.As(Role.OrgAdmin));
    }
}

using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Rescue.Compatible;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>Nodes that speak the existing dispatcher's protocol get its answers, and no longer each other's work.
/// </summary>
public sealed class DispatchTests
{
    const string Unknown = "The error can be the following: the rescuer doesn't exist in the database; or at least one "
        + "asset doesn't exist in the database; or the asset data you provided don't match the ones in the database. "
        + "Make sure to provide an existing rescuer, existing assets and correct asset data.";

    [Theory, Backends]
    public async Task The_answers_are_those_of_the_existing_service_byte_for_byte(Backend backend)
    {
        var campaign = await Recorded(backend);
        Assert.Equal((HttpStatusCode.OK, "\"Hello rescuer 👋\""), await campaign.Ask("GET", "/"));
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, """{"detail":"No available assets matching the criteria"}"""),
            await campaign.Ask("POST", "/dispatch", """{"name":"n","description":"d","free_space_gb":0.001}"""));
        var (status, text) = await campaign.Ask(
            "POST", "/dispatch", """{"name":"n","description":"d","free_space_gb":0.05,"node_id":"1"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith(Campaign.Flat("""
            {"status":"success","message":"Request received and processed","received_data":{"name":"n",
            "description":"d","free_space_gb":0.05,"node_id":"1"},"asset":[{"path":"","name":"","priority":1,
            "size_mb":5.0,"ds_id":
            """), text, StringComparison.Ordinal);
        var assets = JsonElement.Parse(text).GetProperty("asset");
        Assert.Equal(
            [5.0, 8.0, 11.0, 14.0],
            assets.EnumerateArray().Select(one => one.GetProperty("size_mb").GetDouble()));
        Assert.EndsWith("\"magnet_link\":null,\"status\":null}]}", text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, Campaign.Flat("""
            {"detail":[{"loc":["body","name"],"msg":"field required","type":"value_error.missing"},
            {"loc":["body","description"],"msg":"field required","type":"value_error.missing"},
            {"loc":["body","free_space_gb"],"msg":"field required","type":"value_error.missing"}]}
            """)), await campaign.Ask(
                "POST", "/dispatch", """{"node_id":"node-123","capacity_gb":100,"priority_level":"high"}"""));
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "{\"detail\":\"The rescues don't contain any asset, make sure they "
                + "have at least one asset to be able to upsert them.\"}"),
            await campaign.Ask("POST", "/assets-downloaded", """{"rescuer_id":1,"message":"m","assets":[]}"""));
    }

    [Theory, Backends]
    public async Task Two_nodes_in_turn_get_different_assets_until_the_most_copies_are_reached(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,rank,copies_min,copies_max\n"
            + "https://a.example.org/1,1048576,1,1,2\nhttps://a.example.org/2,1048576,2,1,2\n");
        Assert.Equal([1], await Given(campaign, "n1", 1));
        Assert.Equal([2], await Given(campaign, "n2", 1));
        // Whoever asks again gets what it has, not more than it has room for.
        Assert.Equal([1], await Given(campaign, "n1", 1));
        Assert.Equal([1], await Given(campaign, "n3", 1));
        Assert.Equal([1, 2], await Given(campaign, "n1", 5));
        Assert.Empty(await Given(campaign, "n4", 100));
        Assert.All(await campaign.All("/assets"), asset => Assert.Equal("leased", asset.Text("state")));

        Assert.Equal("""{"status":"success"}""",
            (await campaign.Ask("POST", "/release", """{"asset_id":2,"node_id":"n2"}""")).Text);
        Assert.Equal([2], await Given(campaign, "n4", 100));
        Assert.Equal(4, (await campaign.Get("/status")).Number("active_allocations"));
    }

    [Theory, Backends]
    public async Task An_asset_of_unknown_size_costs_something_and_is_given_to_nobody(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,rank\nhttps://a.example.org/1,,1\nhttps://a.example.org/2,1048576,1\n");
        Assert.Equal([2], await Given(campaign, "n1", 100));
        Assert.Empty(await Given(campaign, "n2", 0));
    }

    [Theory, Backends]
    public async Task However_many_ask_at_once_nobody_gets_more_than_there_is_and_no_asset_goes_to_too_many(
        Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,copies_min,copies_max\n" + string.Concat(
            Enumerable.Range(0, 60).Select(i => $"https://a.example.org/{i},1048576,1,1\n")));
        var given = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Given(campaign, $"n{i}", 5)));
        Assert.All(given, one => Assert.InRange(one.Count, 0, 5));
        var all = given.SelectMany(one => one).ToList();
        Assert.Equal(all.Distinct().Count(), all.Count);
        // Whoever came away short asks again, until nothing is left.
        for (var i = 0; i < 12; i++) await Given(campaign, $"n{i}", 5);
        Assert.Equal(60, (await campaign.Get("/status")).Number("active_allocations"));
        Assert.Equal(0, await campaign.Org.Count($"""
            select count(*) as n from rescue_assets where org = {campaign.Org.Id} and in_flight <> 1
            """));
    }

    [Theory, Backends]
    public async Task A_report_needs_its_rescuer_and_assets_and_a_failure_leaves_the_asset_to_be_given_again(
        Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,copies_min,copies_max\nhttps://a.example.org/1,1048576,1,1\n");
        await campaign.Post("/rescuers", new { name = "n1" });
        Assert.Equal([1], await Given(campaign, "n1", 1));
        foreach (var (rescuer, asset, url) in new[]
        {
            (2, 1, "https://a.example.org/1"), (1, 2, "https://a.example.org/1"), (1, 1, "https://a.example.org/2"),
        })
        {
            var (status, text) = await Report(campaign, rescuer, asset, url, "SUCCESS");
            Assert.Equal(
                (HttpStatusCode.UnprocessableEntity, Unknown), (status, JsonElement.Parse(text).Text("detail")));
        }
        Assert.Contains(Campaign.Flat("""
            "updated_rescues":[],"inserted_rescues":[{"asset_id":1,"rescuer_id":1,"magnet_link":null,
            "status":"fail"}],"not_committed_rescues":[]}
            """), (await Report(campaign, 1, 1, "https://a.example.org/1", "FAIL")).Text, StringComparison.Ordinal);
        Assert.Equal("ready", (await campaign.Get("/assets/1")).Text("state"));
        Assert.Equal([1], await Given(campaign, "n2", 1));
        // A status that is left out is no error: the route says what was done.
        Assert.Contains("\"updated_rescues\":[{\"asset_id\":1",
            (await Report(campaign, 1, 1, "HTTPS://A.example.org:443/1", null)).Text, StringComparison.Ordinal);
        var claimed = await campaign.Get("/assets/1");
        Assert.Equal(("verifying", 1, 0), (claimed.Text("state"), claimed.Number("claims"), claimed.Number("copies")));
        Assert.Equal("success", (await campaign.All("/rescues?rescuer=1")).Single().Text("status"));
    }

    [Theory, Backends]
    public async Task A_rescuer_that_a_nodes_key_registered_is_reported_for_by_that_key_alone(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes\nhttps://a.example.org/1,1048576\n");
        var (node, other) = (await campaign.Org.As(Role.Node), await campaign.Org.As(Role.Node));
        var made = await campaign.Ask("POST", "/rescuers", """{"name":"mine"}""", by: node);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await Report(campaign, 1, 1, "https://a.example.org/1", "SUCCESS", other)).Status);
        Assert.Equal(HttpStatusCode.OK,
            (await Report(campaign, 1, 1, "https://a.example.org/1", "SUCCESS", node)).Status);
    }

    [Theory, Backends]
    public async Task What_is_not_heard_of_for_a_day_is_given_to_others(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,copies_min,copies_max\nhttps://a.example.org/1,1048576,1,1\n");
        Assert.Equal([1], await Given(campaign, "n1", 1));
        var now = TimeProvider.System.GetUtcNow();
        await campaign.Org.Do(tx => tx.ExpireReservations(now + Reservations.Lasts * 0.9, campaign.Org.Id));
        Assert.Empty(await Given(campaign, "n2", 1));
        await campaign.Org.Do(tx => tx.ExpireReservations(now + Reservations.Lasts * 1.1, campaign.Org.Id));
        Assert.Equal([1], await Given(campaign, "n2", 1));
    }

    [Theory, Backends]
    public async Task The_first_versions_routes_allocate_rank_and_tell_how_things_stand(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv(
            "url,size_bytes,title\nhttps://a.example.org/1,1572864,One\nhttps://a.example.org/2,1,Two\n");
        Assert.Equal((HttpStatusCode.OK, """{"status":"success","updated_items":1}"""), await campaign.Ask("POST",
            "/update-ckan", """{"updates":[{"asset_id":1,"new_priority":1},{"asset_id":9,"new_priority":1}]}"""));
        Assert.Equal((HttpStatusCode.OK,
                """[{"id":1,"url":"https://a.example.org/1","size_mb":1.5,"priority":1,"name":"One"}]"""),
            await campaign.Ask("POST", "/allocate", """{"free_space_gb":0.0014648438,"node_id":"n1"}"""));
        Assert.Equal(HttpStatusCode.NotFound,
            (await campaign.Ask("POST", "/allocate", """{"free_space_gb":0}""")).Status);
        var status = await campaign.Get("/status");
        Assert.Equal((0, 1), (status.Number("ckan_datasets"), status.Number("active_allocations")));
        Assert.Equal([1, 999_999], (await campaign.Post("/ranking", new { })).GetProperty("asset").EnumerateArray()
            .Select(one => one.Number("priority")));
        Assert.Equal((HttpStatusCode.OK, """{"message":"Hello D4G"}"""), await campaign.Ask("GET", "/v1/hello"));
        Assert.Equal((HttpStatusCode.OK, "[]"), await campaign.Ask("POST", "/test_ranking", "{}"));
        Assert.Equal("ok", (await campaign.Get("/health")).Text("status"));
    }

    [Theory, Backends]
    public async Task What_a_rescuer_says_is_read_and_changed_as_in_the_rescue_database(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes\nhttps://a.example.org/1,1048576\n");
        await campaign.Post("/rescuers", new { name = "n1" });
        const string Path = "/v1/rescuers/1/assets/1";
        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Rescue not found"}"""), await campaign.Ask("GET", Path));
        Assert.Equal(HttpStatusCode.NotFound, (await campaign.Ask("PUT", Path + "?magnet_link=x&status=fail")).Status);
        await Report(campaign, 1, 1, "https://a.example.org/1", "SUCCESS");
        Assert.Equal("success", (await campaign.Get(Path)).Text("status"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await campaign.Ask("PUT", Path + "?magnet_link=x&status=lost")).Status);
        var (status, text) = await campaign.Ask("PUT", Path + "?magnet_link=magnet:x&status=fail");
        Assert.True(status == HttpStatusCode.OK, text);
        Assert.Equal("magnet:x", JsonElement.Parse(text).Text("magnet_link"));
        Assert.Equal(0, (await campaign.Get("/assets/1")).Number("claims"));
    }

    [Theory, Backends]
    public async Task The_desktop_app_is_sent_to_the_source_first_and_to_who_shares_it_afterwards(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes\nhttps://a.example.org/x/one.csv,1048576\n");
        using var plain = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = campaign.Org.Server.Url,
        };
        plain.DefaultRequestHeaders.Authorization = campaign.Client.DefaultRequestHeaders.Authorization;
        using var first = await plain.GetAsync(
            $"/api/v1/{campaign.Org.Id}/rescue/app/datasets?id=1", TestContext.Current.CancellationToken);
        Assert.Equal("https://a.example.org/x/one.csv", first.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, (await campaign.Ask("GET", "/app/datasets")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await campaign.Ask("GET", "/app/datasets?id=7")).Status);
        var magnet = "magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";
        var shared = await campaign.Ask("POST", "/app/datasets/magnet-link",
            JsonSerializer.Serialize(new { datasetId = "1", magnetLink = magnet, clientId = "app-1" }));
        Assert.True(shared.Status == HttpStatusCode.Created, shared.Text);
        Assert.Equal(
            $$"""{"id":"1","name":"one.csv","magnetLink":"{{magnet}}","isFirstDownload":false}""",
            (await campaign.Ask("GET", "/app/datasets?id=1")).Text);
        Assert.Equal("***", (await campaign.Get("/app/datasets/all"))[0].Text("magnetLink"));
    }

    static async Task<IReadOnlyList<long>> Given(Campaign campaign, string node, double megabytes)
    {
        var (status, text) = await campaign.Ask("POST", "/dispatch", JsonSerializer.Serialize(new
        {
            name = node,
            description = "",
            free_space_gb = megabytes / 1024,
            node_id = node,
        }));
        if (status == HttpStatusCode.UnprocessableEntity) return [];
        Assert.True(status == HttpStatusCode.OK, text);
        return [.. JsonElement.Parse(text).GetProperty("asset").EnumerateArray()
            .Select(one => one.GetProperty("asset_id").GetInt64()).Order()];
    }

    static Task<(HttpStatusCode Status, string Text)> Report(
        Campaign campaign, int rescuer, int asset, string url, string? status, HttpClient? by = null)
    {
        var sent = new Dictionary<string, object?>
        {
            ["path"] = "",
            ["name"] = "",
            ["priority"] = 1,
            ["size_mb"] = null,
            ["ds_id"] = 0,
            ["res_id"] = 0,
            ["asset_id"] = asset,
            ["url"] = url,
        };
        if (status is not null) sent["status"] = status;
        return campaign.Ask("POST", "/assets-downloaded",
            JsonSerializer.Serialize(new { rescuer_id = rescuer, message = "m", assets = new[] { sent } }), by: by);
    }

    // What the recorded answers were made of: files of 5 MB and 3 MB more each, all of rank 1.
    static async Task<Campaign> Recorded(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv("url,size_bytes,rank\n" + string.Concat(Enumerable.Range(0, 10).Select(i =>
            $"https://data.example.gov/dataset/1000/resource/{5000 + i}/download/f{i}.csv,{(5 + 3 * i) << 20},1\n")));
        return campaign;
    }
}

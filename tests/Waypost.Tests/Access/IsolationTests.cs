using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Tests.Raster;
using Waypost.Tests.Fakes;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>Organization A can never see, change or infer anything of B, on whatever route there is.</summary>
public sealed class IsolationTests
{
    const string Points = """
        {"type":"FeatureCollection","features":[{"type":"Feature","id":"a-feature-of-the-victim",
        "geometry":{"type":"Point","coordinates":[10,50]},"properties":{"name":"a secret place"}}]}
        """;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task A_strangers_key_learns_and_changes_nothing_on_any_route(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        var (victim, ids) = await Victim(server);
        var own = await server.NewOrg();
        var findings = await new IsolationWalk(victim, ids, own, await own.As(Role.OrgAdmin)).Run();
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    /// <summary>The walk itself: with a key of the organization it must find that the ids are known.</summary>
    [Fact]
    public async Task The_walk_notices_a_key_that_does_see_the_rows()
    {
        await using var server = await TestServer.Start(Backend.Sqlite);
        var (victim, ids) = await Victim(server);
        var findings = await new IsolationWalk(victim, ids, victim, await victim.As(Role.OrgAdmin)).Run();
        foreach (var sign in new[]
        {
            "GET /api/v1/{org_id}/jobs/{job_id} tells a real id", "GET /platform/status/{request_id} tells a real id",
            "GET /api/collections/{collection}/items/{item} tells a real id", "GET /api/search tells a real id",
            "POST /platform/stac/search tells a real id", "DELETE /api/v1/{org_id}/webhooks/{webhook_id} changed",
            "GET /api/v1/{org_id}/keys shows the key_id unasked", "GET /tiles/{collection}/{item}/preview.png tells",
            "GET /api/v1/{org_id} tells a real organization",
        })
            Assert.True(
                findings.Any(finding => finding.StartsWith(sign, StringComparison.Ordinal)),
                sign + " is missing in\n" + string.Join('\n', findings));
    }

    /// <summary>An organization with something of everything, made through the front door and come to rest.</summary>
    static async Task<(TestOrg, IReadOnlyDictionary<string, string>)> Victim(TestServer server)
    {
        await using var receiver = await FakeReceiver.Start();
        var org = await server.NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        var platform = new Platform(org, admin);
        var api = $"/api/v1/{org.Id}";

        var job = (await Post(admin, $"{api}/jobs", new { kind = "hello_world", parameters = new { n = 2 } }))
            .Text("job_id");
        await admin.GetFromJsonAsync<JsonElement>($"{api}/jobs/{job}?wait=30", Token);
        var tasks = await admin.GetFromJsonAsync<JsonElement>($"{api}/jobs/{job}/tasks", Token);

        var raster =
            await platform.Ended(Platform.Body("raster", await platform.Upload("a.tif", new TestTiff().Bytes())));
        var vector = await platform.Ended(Platform.Body(
            "vector", await platform.Upload("points.geojson", Points), dataset: "points"));
        Assert.Equal(("completed", "completed"), (raster.Text("status"), vector.Text("status")));
        var item = raster.Text("outputs.stac_item_id");
        var features = vector.Text("outputs.stac_item_id");
        var page = await admin.GetFromJsonAsync<JsonElement>($"{api}/features/collections/{features}/items", Token);
        var upload = "kept-by-the-victim.geojson";
        await platform.Upload(upload, Points);

        var hook = (await Post(admin, $"{api}/webhooks", new { url = receiver.Url, events = new[] { "mission.*" } }))
            .Text("id");
        await Post(admin, $"{api}/webhooks/{hook}/ping", null);
        await receiver.Next();
        await admin.PutAsJsonAsync($"{api}/clients/of-the-victim/webhook-secret",
            new { secret = "sixteen letters or more" }, Token);
        var key = (await KeyTests.Make(admin, org, new { name = "victim", role = "viewer" })).Text("key_id");
        var schedule = (await Post(admin, $"{api}/schedules", new { kind = "hello_world", cron = "@yearly" }))
            .Text("id");
        var rescue = await IsolationRescue.Fill(org, admin);
        var delivery = await AtRest(org, admin, $"{api}/webhooks/{hook}/deliveries");
        return (org, new Dictionary<string, string>(rescue)
        {
            ["organization_id"] = org.Id,
            ["owner"] = (await server.NewOrg()).Id,
            ["with_org"] = (await server.NewOrg()).Id,
            ["job_id"] = job,
            ["schedule_id"] = schedule,
            ["key_id"] = key,
            ["webhook_id"] = hook,
            ["task_id"] = tasks.GetProperty("tasks")[0].Text("task_id"),
            ["delivery_id"] = delivery,
            ["request_id"] = vector.Text("request_id"),
            ["dataset_id"] = "points",
            ["name"] = upload,
            ["collection"] = raster.Text("outputs.stac_collection_id"),
            ["item"] = item,
            ["item_id"] = features,
            ["feature"] = page.GetProperty("features")[0].GetProperty("id").ToString(),
            ["client_id"] = "of-the-victim",
        });
    }

    // Until the relay has stamped the last event and the delivery has been written down, rows change by themselves.
    static async Task<string> AtRest(TestOrg org, HttpClient admin, string deliveries)
    {
        while (true)
        {
            var list = await admin.GetFromJsonAsync<JsonElement>(deliveries, Token);
            var delivery = list.GetProperty("deliveries").EnumerateArray().FirstOrDefault();
            var moving = await org.Count($"""
                select count(*) as n from events where org = {org.Id} and position is null
                """);
            if (moving == 0 && delivery.ValueKind == JsonValueKind.Object && delivery.Text("status") == "sent")
                return delivery.Text("id");
        }
    }

    static async Task<JsonElement> Post(HttpClient client, string url, object? body)
    {
        var response = await client.PostAsync(url, body is null ? null : JsonContent.Create(body), Token);
        Assert.True(response.IsSuccessStatusCode, $"{url}: {await response.Content.ReadAsStringAsync(Token)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}

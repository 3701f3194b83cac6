using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Raster;
using Waypost.Storage;
using Waypost.Tests.Fakes;
using Xunit;
using static Waypost.Tests.Pipelines.Platform;

namespace Waypost.Tests.Pipelines;

/// <summary>The thirteen defects of the seed's contract, each settled.</summary>
public sealed class SeedDefectTests
{
    [Theory, Backends]
    public async Task Defect_1_two_clients_may_use_the_same_names_without_meeting(Backend backend)
    {
        var one = await Of(backend);
        var other = one with { Client = await one.Org.As(Role.Service, "other_hub") };
        var body = Body("vector", await one.Upload("a.geojson", Samples.Points));

        var (first, second) = (await one.Ended(body), await other.Ended(body));

        Assert.NotEqual(first.Text("request_id"), second.Text("request_id"));
        Assert.Equal(["completed", "completed"], [first.Text("status"), second.Text("status")]);
        Assert.NotEqual(first.Text("outputs.stac_item_id"), second.Text("outputs.stac_item_id"));
    }

    [Theory, Backends]
    public async Task Defect_2_the_status_is_one_of_four_words_and_accepted_is_beside_it(Backend backend)
    {
        var platform = await Of(backend);

        var response = await platform.Submit(Body("vector", await platform.Upload("a.geojson", Samples.Points)));

        var answer = await Read(response);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.True(answer.At("accepted").GetBoolean());
        Assert.Contains(answer.Text("status"), new[] { "pending", "processing", "completed", "failed" });
        Assert.Equal(answer.Text("status_url"), response.Headers.Location!.ToString());
        Assert.Equal("/platform/status/" + answer.Text("request_id"), answer.Text("status_url"));
    }

    [Theory, Backends]
    public async Task Defect_3_a_failed_request_is_tried_again_by_saying_so_and_not_returned_for_ever(Backend backend)
    {
        var platform = await Of(backend);
        var body = Body("vector", await platform.Upload("a.geojson", "[]"));
        var failed = await platform.Ended(body);
        var id = failed.Text("request_id");
        Assert.Equal("failed", failed.Text("status"));

        var refusal = await Refusal(await platform.Submit(body), HttpStatusCode.Conflict, "REQUEST_FAILED");
        Assert.Contains("/platform/resubmit", refusal.Text("remedy"));

        await platform.Upload("a.geojson", Samples.Points);
        var again = await platform.Client.PostAsJsonAsync("/platform/resubmit", new { request_id = id }, Token);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(1, (await Read(again)).At("cleanup_summary.tables_dropped").GetInt32());
        var completed = await platform.Ended(id);
        Assert.Equal(("completed", 2), (completed.Text("status"), completed.At("release.revision").GetInt32()));
        await Refusal(
            await platform.Client.PostAsJsonAsync("/platform/resubmit", new { request_id = id }, Token),
            HttpStatusCode.Conflict, "REQUEST_NOT_FAILED");
    }

    [Theory, Backends]
    public async Task Defect_4_the_same_names_with_other_contents_are_refused_with_the_difference(Backend backend)
    {
        var platform = await Of(backend);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));
        var first = await platform.Ended(body);
        body["source_path"] = await platform.Upload("b.geojson", Samples.Points);
        body["title"] = "Floods";

        var refusal = await Refusal(await platform.Submit(body), HttpStatusCode.Conflict, "IDEMPOTENCY_MISMATCH");

        Assert.Equal("upload:a.geojson", refusal.Text("differences.source_path.stored"));
        Assert.Equal("upload:b.geojson", refusal.Text("differences.source_path.sent"));
        Assert.Equal("Floods", refusal.Text("differences.title.sent"));
        Assert.False(refusal.At("differences").TryGetProperty("request_type", out _));

        body["processing_config"] = new { overwrite = true };
        var replaced = await platform.Ended(body);
        Assert.Equal(first.Text("request_id"), replaced.Text("request_id"));
        Assert.Equal(2, replaced.At("release.revision").GetInt32());
        Assert.Equal("Floods", replaced.At("stac_metadata.properties").Text("title"));
        var same = await platform.Submit(body);
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
    }

    [Theory, Backends]
    public async Task Defect_5_a_job_that_fails_or_is_cancelled_ends_its_request(Backend backend)
    {
        var hold = new TaskCompletionSource();
        await using var site = await FakeReceiver.Start(_ => hold.Task);
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Outbound = new([site.Host]),
        });
        var platform = await Of(server, Role.OrgAdmin);
        var submitted = await platform.Submitted(Body("raster", new Uri(site.Url, "/a.tif").ToString()));
        await site.Next();
        var job = submitted.Text("job_id");

        var cancelled = await platform.Client.PostAsync(
            $"/api/v1/{platform.Org.Id}/jobs/{job}/cancel", null, Token);
        Assert.True(cancelled.IsSuccessStatusCode, await cancelled.Content.ReadAsStringAsync(Token));
        var status = await platform.Ended(submitted.Text("request_id"));
        hold.SetResult();

        Assert.Equal(("failed", "JOB_CANCELLED"), (status.Text("status"), status.Text("error.code")));
        var bad = await platform.Ended(Body("raster", await platform.Upload("a.tif", "not a tiff"), resource: "b"));
        Assert.Equal(("failed", "NOT_A_TIFF"), (bad.Text("status"), bad.Text("error.code")));
        Assert.Equal("failed", bad.Text("job.status"));
    }

    [Theory, Backends]
    public async Task Defect_6_requests_for_the_same_content_share_the_job_that_works_on_it(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.tif", new TestTiff().Bytes());

        var requests = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(i => platform.Ended(Body("raster", source, resource: $"r{i}"))));

        Assert.All(requests, request => Assert.Equal("completed", request.Text("status")));
        Assert.Single(requests.Select(request => request.Text("job.job_id")).Distinct());
        Assert.Equal(8, await platform.Org.Count(
            $"select count(*) as n from pipelines_request_jobs where org = {platform.Org.Id}"));
        Assert.Equal(4, requests.Select(request => request.Text("endpoints.stac_item")).Distinct().Count());
    }

    [Theory, Backends]
    public async Task Defect_7_a_raster_is_validated_once_and_what_it_goes_through_is_declared(Backend backend)
    {
        var platform = await Of(backend);

        var status = await platform.Ended(Body("raster", await platform.Upload("a.tif", new TestTiff().Bytes())));

        Assert.Equal(("process_raster", 2, 2), (
            status.Text("job.job_type"), status.At("job.step").GetInt32(), status.At("job.steps").GetInt32()));
        Assert.Equal(["create_cog"], status.At("job.stages").EnumerateArray().Select(stage => stage.Text("name")));
    }

    [Theory, Backends]
    public async Task Defect_8_the_estimate_is_null_until_five_runs_and_then_from_them(Backend backend)
    {
        var platform = await Of(backend);
        for (var i = 0; i < 5; i++)
        {
            var seed = i;
            var source = await platform.Upload($"{i}.tif",
                new TestTiff { Value = (x, y, _) => (x * y + seed) % 251 }.Bytes());
            var submitted = await platform.Submitted(Body("raster", source, resource: $"r{i}"));
            Assert.True(submitted.IsNull("estimated_completion"));
            await platform.Ended(submitted.Text("request_id"));
        }

        var sixth = await platform.Submitted(Body(
            "raster", await platform.Upload("6.tif", new TestTiff { Value = (x, y, _) => x + y + 6 }.Bytes()),
                resource: "r6"));

        Assert.Equal(JsonValueKind.String, sixth.At("estimated_completion").ValueKind);
    }

    [Theory, Backends]
    public async Task Defect_9_the_item_is_valid_STAC_with_box_links_and_the_current_names(Backend backend)
    {
        var platform = await Of(backend);
        var vector = await platform.Ended(Body("vector", await platform.Upload("a.geojson", Samples.Points)));
        var raster = await platform.Ended(Body(
            "raster", await platform.Upload("a.tif", new TestTiff().Bytes()), resource: "r"));

        foreach (var status in new[] { vector, raster })
        {
            var item = await platform.Get(status.Text("endpoints.stac_item"));
            Assert.Empty(StacRules.Check(item));
            Assert.Equal("1.1.0", item.Text("stac_version"));
            Assert.Equal(4, item.At("bbox").GetArrayLength());
            Assert.Contains("self", item.At("links").EnumerateArray().Select(link => link.Text("rel")));
            var properties = item.At("properties");
            Assert.Equal(("floods", "v1"), (properties.Text("ddh:dataset_id"), properties.Text("ddh:version_id")));
            Assert.Equal(JsonValueKind.String, properties.At("datetime").ValueKind);
            Assert.StartsWith("EPSG:", properties.Text("proj:code"));
        }
        Assert.Equal(3, vector.At("stac_metadata.properties").At("table:row_count").GetInt32());
    }

    [Theory, Backends]
    public async Task Defect_10_success_and_failure_are_told_signed_and_until_they_arrive(Backend backend)
    {
        await using var site = await FakeReceiver.Start();
        site.AnswerWith(500);
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Outbound = new([site.Host]),
            Delivery = settings.Delivery with { FirstBackoff = TimeSpan.FromMilliseconds(10) },
        });
        var platform = await Of(server, Role.OrgAdmin);
        const string secret = "a secret of both sides";
        var put = await platform.Client.PutAsJsonAsync(
            $"/api/v1/{platform.Org.Id}/clients/ddh/webhook-secret", new { secret }, Token);
        Assert.True(put.IsSuccessStatusCode);
        var good = Body("vector", await platform.Upload("a.geojson", Samples.Points));
        good["callback_url"] = new Uri(site.Url, "/done").ToString();

        var status = await platform.Ended(good);
        var (first, second) = (await site.Next(), await site.Next());

        Assert.Equal(first.Headers["webhook-id"], second.Headers["webhook-id"]);
        Assert.True(second.Headers.ContainsKey("webhook-timestamp"));
        Assert.Equal(
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), second.Body)),
            second.Headers["X-Platform-Signature"]);
        var body = JsonElement.Parse(second.Text);
        Assert.Equal(
            (status.Text("request_id"), "floods", "dhaka", "v1", "completed"),
            (body.Text("request_id"), body.Text("dataset_id"), body.Text("resource_id"), body.Text("version_id"),
                body.Text("status")));
        Assert.Equal(status.Text("endpoints.features"), body.Text("endpoints.features"));
        Assert.Equal("floods_dhaka_v1", body.Text("stac_metadata.id"));
        Assert.True(body.At("processing_time_seconds").GetDouble() >= 0);
        await CallbackIs(platform, status.Text("request_id"), "sent");

        var bad = Body("vector", await platform.Upload("b.geojson", "[]"), resource: "b");
        bad["callback_url"] = good["callback_url"];
        await platform.Ended(bad);
        var told = JsonElement.Parse((await site.Next()).Text);
        Assert.Equal(("failed", "NOT_GEOJSON"), (told.Text("status"), told.Text("error.code")));
    }

    [Theory, Backends]
    public async Task Defect_10_a_callback_to_a_private_address_is_refused_before_anything_begins(Backend backend)
    {
        var platform = await Of(backend);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));
        body["callback_url"] = "http://10.0.0.1/done";

        var refusal = await Refusal(await platform.Submit(body), HttpStatusCode.BadRequest, "OUTBOUND_REFUSED");

        Assert.Equal("callback_url", refusal.Text("field"));
        Assert.Equal(0, await platform.Org.Count(
            $"select count(*) as n from pipelines_requests where org = {platform.Org.Id}"));
    }

    [Theory, Backends]
    public async Task Defect_11_every_route_asks_for_a_key_that_may(Backend backend)
    {
        var platform = await Of(backend);
        var nobody = platform.Org.Server.Anyone();
        var viewer = await platform.Org.As(Role.Viewer);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));

        await Refusal(
            await nobody.PostAsJsonAsync("/platform/submit", body, Token), HttpStatusCode.Unauthorized, "KEY_NEEDED");
        await Refusal(
            await viewer.PostAsJsonAsync("/platform/submit", body, Token), HttpStatusCode.Forbidden, "FORBIDDEN");
        await Refusal(
            await nobody.PostAsJsonAsync("/platform/stac/search", new { }, Token), HttpStatusCode.Unauthorized,
                "KEY_NEEDED");
        var status = await platform.Ended(body);
        var stranger = await Of(platform.Org.Server);
        await Refusal(
            await stranger.Client.GetAsync("/platform/status/" + status.Text("request_id"), Token),
            HttpStatusCode.NotFound, "NOT_FOUND");
        await Refusal(
            await stranger.Client.GetAsync(status.Text("endpoints.download"), Token), HttpStatusCode.NotFound,
                "NOT_FOUND");
    }

    [Theory, Backends]
    public async Task Defect_12_a_mistake_is_a_problem_with_a_code_and_nothing_of_the_inside(Backend backend)
    {
        var platform = await Of(backend);

        var missing = await Refusal(
            await platform.Submit(new { dataset_id = "a" }), HttpStatusCode.BadRequest, "MISSING_FIELD");
        var unknown = await Refusal(
            await platform.Submit(new { dataset_id = "a", resource_id = "b", file = "x" }), HttpStatusCode.BadRequest,
            "MISSING_FIELD");
        var notJson = await platform.Client.PostAsync(
            "/platform/submit", new StringContent("{", Encoding.UTF8, "application/json"), Token);

        Assert.Equal("resource_id", missing.Text("field"));
        Assert.DoesNotContain("Exception", missing.ToString() + unknown, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, notJson.StatusCode);
        Assert.Equal("application/problem+json", notJson.Content.Headers.ContentType?.MediaType);
    }

    [Theory, Backends]
    public async Task Defect_13_what_the_download_promises_is_there(Backend backend)
    {
        var platform = await Of(backend);
        var status = await platform.Ended(Body("vector", await platform.Upload("a.geojson", Samples.Points)));
        var href = status.At("stac_metadata.assets.data").Text("href");
        Assert.Equal($"/platform/data/{status.Text("request_id")}/download", href);

        var all = await platform.Get(href + "?format=geojson");

        Assert.Equal(3, all.At("features").GetArrayLength());
        Assert.Equal("Ä", all.At("features")[0].At("properties").Text("name"));
        var refusal = await Refusal(
            await platform.Client.GetAsync(href + "?format=gpkg", Token), HttpStatusCode.BadRequest,
                "UNSUPPORTED_FORMAT");
        Assert.Equal("geojson", refusal.At("allowed")[0].GetString());
    }

    static async Task CallbackIs(Platform platform, string id, string expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await platform.Get("/platform/status/" + id)).Text("callback_status") != expected)
            patience.Token.ThrowIfCancellationRequested();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Tests.Raster;
using Waypost.Pipelines;
using Waypost.Tests.Fakes;
using Xunit;
using static Waypost.Tests.Pipelines.Platform;

namespace Waypost.Tests.Pipelines;

public sealed class SubmitTests
{
    static readonly string[] StatusMembers =
    [
        "success", "request_id", "status", "progress_percent", "message", "endpoints", "stac_metadata", "asset",
            "release",
        "job_status", "progress", "error", "job", "warnings", "outputs", "services", "approval", "versions",
    ];

    [Theory, Backends]
    public async Task The_final_contracts_body_means_the_same_request(Backend backend)
    {
        var platform = await Of(backend);
        await platform.Upload("a.geojson", Samples.Points);
        var seed = await platform.Submitted(Body("vector", "upload:a.geojson"));

        var response = await platform.Submit(new
        {
            dataset_id = "floods",
            resource_id = "dhaka",
            version_id = "v1",
            operation = "CREATE",
            container_name = "uploads",
            file_name = "a.geojson",
            client_id = "ddh",
        });

        var final = await Read(response);
        Assert.Equal((HttpStatusCode.OK, seed.Text("request_id")), (response.StatusCode, final.Text("request_id")));
        Assert.True(final.At("success").GetBoolean());
    }

    [Theory, Backends]
    public async Task A_draft_has_a_title_tags_and_access_and_every_status_has_every_member(Backend backend)
    {
        var platform = await Of(backend);
        await platform.Upload("a.tif", new TestTiff().Bytes());

        var status = await platform.Ended(new
        {
            dataset_id = "floods",
            resource_id = "dhaka",
            container_name = "uploads",
            file_name = "a.tif",
            title = "Height",
            access_level = "PUBLIC",
            description = "Of the land.",
            tags = new[] { "dem" },
            processing_options = new { },
        });

        Assert.All(StatusMembers, member => Assert.True(status.TryGetProperty(member, out _), member));
        Assert.Equal("completed", status.Text("status"));
        Assert.Equal("floods_dhaka_draft", status.Text("outputs.stac_item_id"));
        Assert.Equal(("public", "approved"),
            (status.Text("release.clearance_state"), status.Text("release.approval_state")));
        Assert.Equal("Height", status.At("stac_metadata.properties").Text("title"));
        Assert.NotEmpty(status.Text("services.tiles"));
        Assert.Equal(100, status.At("progress_percent").GetInt32());
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        { """{"request_type":"collection"}""", "COLLECTION_NOT_YET", "request_type" },
        { """{"request_type":"blockchain"}""", "INVALID_VALUE", "request_type" },
        { """{"dataset_id":".a"}""", "INVALID_ID", "dataset_id" },
        { """{"version_id":7}""", "INVALID_VALUE", "version_id" },
        { """{"version_id":null}""", "MISSING_FIELD", "version_id" },
        { """{"colour":"red"}""", "UNKNOWN_FIELD", "colour" },
        { """{"processing_config":{"tier":1}}""", "UNKNOWN_OPTION", "processing_config.tier" },
        { """{"processing_config":{"input_crs":"EPSG:32618"}}""", "UNKNOWN_OPTION", "processing_config.input_crs" },
        { """{"processing_config":{"chunk_size":5}}""", "INVALID_VALUE", "processing_config.chunk_size" },
        { """{"source_path":"upload:none"}""", "SOURCE_NOT_FOUND", "source_path" },
        { """{"source_path":"../etc/passwd"}""", "SOURCE_NOT_FOUND", "source_path" },
        { """{"source_path":"abfs://a/b"}""", "SOURCE_SCHEME", "source_path" },
        { """{"operation":"DELETE"}""", "NOT_YET", "operation" },
        { """{"callback_url":"no url"}""", "INVALID_VALUE", "callback_url" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Each_mistake_is_refused_by_its_field(string change, string code, string field)
    {
        var platform = await Of(Backend.Sqlite);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));
        foreach (var member in JsonElement.Parse(change).EnumerateObject()) body[member.Name] = member.Value;

        var refusal = await Refusal(await platform.Submit(body), HttpStatusCode.BadRequest, code);

        Assert.Equal(field, refusal.Text("field"));
    }

    [Fact]
    public async Task A_dry_run_is_refused_by_name_until_it_is_offered()
    {
        var platform = await Of(Backend.Sqlite);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));

        await Refusal(
            await platform.Client.PostAsJsonAsync("/platform/submit?dry_run=true", body, Token),
            HttpStatusCode.BadRequest, "NOT_YET");
    }

    [Theory, Backends]
    public async Task Another_clients_name_is_for_administrators_only(Backend backend)
    {
        var platform = await Of(backend);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));
        body["client_id"] = "other_hub";

        await Refusal(await platform.Submit(body), HttpStatusCode.Forbidden, "CLIENT_MISMATCH");

        var admin = platform with { Client = await platform.Org.As(Role.OrgAdmin) };
        await admin.Submitted(body);
    }

    [Theory, Backends]
    public async Task Fifty_at_once_with_the_same_body_make_one_request(Backend backend)
    {
        var platform = await Of(backend);
        var body = Body("vector", await platform.Upload("a.geojson", Samples.Points));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => platform.Submit(body)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(49, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(1, await platform.Org.Count(
            $"select count(*) as n from pipelines_request_jobs where org = {platform.Org.Id} and step = 0"));
    }

    [Theory, Backends]
    public async Task Names_that_form_the_same_item_id_keep_apart(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.geojson", Samples.Points);

        var first = await platform.Ended(Body("vector", source, "a_b", "c"));
        var second = await platform.Ended(Body("vector", source, "a", "b_c"));

        Assert.Equal("a_b_c_v1", first.Text("outputs.stac_item_id"));
        Assert.StartsWith("a_b_c_v1_", second.Text("outputs.stac_item_id"));
        Assert.Equal(3, (await platform.Get(second.Text("endpoints.features"))).At("numberMatched").GetInt32());
    }

    [Theory, Backends]
    public async Task Requests_are_listed_by_status_and_data_set_and_failures_by_cause(Backend backend)
    {
        var platform = await Of(backend);
        var good = await platform.Upload("a.geojson", Samples.Points);
        var bad = await platform.Upload("b.geojson", "[]");
        await platform.Ended(Body("vector", good, "one"));
        await platform.Ended(Body("vector", bad, "two"));
        await platform.Ended(Body("vector", bad, "two", "again"));

        var all = await platform.Get("/platform/status?limit=2");
        var failed = await platform.Get("/api/platform/status?status=failed&dataset_id=two&offset=1");
        var failures = await platform.Get("/platform/failures");

        Assert.Equal((2, 3), (all.At("count").GetInt32(), all.At("total").GetInt32()));
        Assert.Equal("NOT_GEOJSON", failed.At("requests")[0].Text("error_code"));
        Assert.Equal((1, 2), (failed.At("count").GetInt32(), failed.At("total").GetInt32()));
        Assert.Equal(2, failures.At("patterns")[0].At("count").GetInt32());
        await Refusal(
            await platform.Client.GetAsync("/platform/status?status=lost", Token), HttpStatusCode.BadRequest,
                "INVALID_PARAMETER");
        var health = await platform.Get("/platform/health");
        Assert.Equal((0, 2), (health.At("queue_backlog").GetInt32(), health.At("failed_last24h").GetInt32()));
    }

    [Theory, Backends]
    public async Task The_platforms_search_finds_what_requests_made_and_nothing_else(Backend backend)
    {
        var platform = await Of(backend);
        await platform.Ended(Body("vector", await platform.Upload("a.geojson", Samples.Points)));
        var client = platform.Org.Server.Anyone();
        client.DefaultRequestHeaders.Add("X-Platform-API-Key", await platform.Org.Key(Role.Viewer));

        var found = await client.PostAsJsonAsync("/platform/stac/search", new { bbox = new[] { 9, 49, 12, 52 } },
            Token);
        var other = await client.PostAsJsonAsync("/platform/stac/search", new { collections = new[] { "secret" } },
            Token);

        Assert.Equal("application/geo+json", found.Content.Headers.ContentType?.MediaType);
        Assert.Equal("floods_dhaka_v1", (await Read(found)).At("features")[0].Text("id"));
        await Refusal(other, HttpStatusCode.Forbidden, "COLLECTION_NOT_OFFERED");
    }

    [Theory, Backends]
    public async Task A_file_of_an_import_folder_is_read_and_none_outside_it(Backend backend)
    {
        var folder = Directory.CreateTempSubdirectory("waypost-import-").FullName;
        var outside = Directory.CreateTempSubdirectory("waypost-outside-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.geojson"), Samples.Points, Token);
        await File.WriteAllTextAsync(Path.Combine(outside, "b.geojson"), Samples.Points, Token);
        File.CreateSymbolicLink(Path.Combine(folder, "link.geojson"), Path.Combine(outside, "b.geojson"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "way"), outside);
        var folders = new OpenedFolders([folder, "acme=" + outside]);
        var name = Path.GetFileName(folder);

        Assert.NotNull(folders.Find("default", "a.geojson"));
        Assert.NotNull(folders.Find("default", $"{name}/a.geojson"));
        Assert.NotNull(folders.Find("default", Path.Combine(folder, "a.geojson")));
        Assert.NotNull(folders.Find("acme", "b.geojson"));
        Assert.All(
            (string[])["link.geojson", "way/b.geojson", $"../{Path.GetFileName(outside)}/b.geojson", "/etc/passwd",
                Path.Combine(outside, "b.geojson"), "", ".", "a.geojson\0", "nothing"],
            path => Assert.Null(folders.Find("default", path)));
        Assert.Null(folders.Find("acme", "a.geojson"));

        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Pipelines = settings.Pipelines with { ImportFolders = [folder] },
        });
        var platform = new Platform(new TestOrg(server, Caller.DefaultOrg), server.With(TestServer.AdminKey));
        var status = await platform.Ended(Body("vector", $"{name}/a.geojson"));
        Assert.Equal("completed", status.Text("status"));
        Assert.DoesNotContain(folder, status.ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
        Directory.Delete(outside, recursive: true);
    }

    [Theory, Backends]
    public async Task A_file_of_a_web_server_is_fetched_and_one_that_is_not_there_is_said_to_be_missing(Backend backend)
    {
        await using var site = await FakeReceiver.Start(async http =>
        {
            http.Response.StatusCode = http.Request.Path == "/a.geojson" ? 200 : 404;
            if (http.Response.StatusCode == 200)
                await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Samples.Points), Token);
        });
        await using var server = await TestServer.Start(backend, settings =>
            settings with { Outbound = new([site.Host]) });
        var platform = await Of(server);

        var good = await platform.Ended(Body("vector", new Uri(site.Url, "/a.geojson").ToString()));
        var gone = await platform.Ended(Body("vector", new Uri(site.Url, "/b.geojson").ToString(), resource: "b"));

        Assert.Equal("completed", good.Text("status"));
        Assert.Equal(("failed", "SOURCE_UNREACHABLE"), (gone.Text("status"), gone.Text("error.code")));
    }

    [Theory, Backends]
    public async Task The_organizations_own_routes_answer_with_links_that_stay_there(Backend backend)
    {
        var platform = await Of(backend);
        await platform.Upload("a.geojson", Samples.Points);
        var twin = $"/api/v1/{platform.Org.Id}/platform";
        var submitted = await Read(await platform.Client.PostAsJsonAsync(
            twin + "/submit", Body("vector", "upload:a.geojson"), Token));
        Assert.StartsWith(twin + "/status/", submitted.Text("status_url"));

        await platform.Ended(submitted.Text("request_id"));
        var status = await platform.Get(submitted.Text("status_url"));

        foreach (var endpoint in status.At("endpoints").EnumerateObject())
        {
            Assert.Contains($"/api/v1/{platform.Org.Id}/", endpoint.Value.GetString(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await platform.Client.GetAsync(endpoint.Value.GetString(), Token))
                .StatusCode);
        }
    }

    [Theory, Backends]
    public async Task Every_endpoint_of_a_raster_works(Backend backend)
    {
        var platform = await Of(backend);
        var status = await platform.Ended(Body("raster", await platform.Upload("a.tif", new TestTiff().Bytes())));

        foreach (var endpoint in status.At("endpoints").EnumerateObject().Where(endpoint => endpoint.Name != "tiles"))
            Assert.True(
                (await platform.Client.GetAsync(endpoint.Value.GetString(), Token))
                    .StatusCode == HttpStatusCode.OK, endpoint.Name);
    }
}

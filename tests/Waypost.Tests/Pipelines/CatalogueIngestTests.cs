using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Tests.Stac;
using Waypost.Tests.Catalogue;
using Xunit;

namespace Waypost.Tests.Pipelines;

/// <summary>A catalogue on the disk, brought in by a job, once or by schedule.</summary>
public sealed class CatalogueIngestTests
{
    const string Api = "/api/v1/default";

    [Theory, Backends]
    public async Task A_catalogue_of_an_import_folder_comes_in_whole_and_again_changes_nothing(Backend backend)
    {
        await using var world = await World.Start(backend);
        SampleCatalogue.Write(world.Folder, events: 3);
        var report = await world.Run(new { path = world.Name });
        Assert.Equal("4 0 0 0", Counts(report, "collections"));
        Assert.Equal("12 0 0 0", Counts(report, "items"));
        // Upstream's end_datetime without start_datetime, in events and matchups.
        Assert.Equal(6, report.GetProperty("items").GetProperty("repaired").GetInt32());
        Assert.Empty(report.GetProperty("problems").EnumerateArray());

        var matchups = await world.Client.Json($"{Api}/stac/collections/{SampleCatalogue.Pair}/items");
        var matchup = matchups.GetProperty("features")[0];
        foreach (var rel in (string[])["derived_from", "related"])
            await world.Client.Json(Stac.Href(matchup, rel)!);
        Assert.StartsWith("file:///", matchup.GetProperty("assets").GetProperty("thumbnail").GetProperty("href")
            .GetString(), StringComparison.Ordinal);

        var again = await world.Run(new { path = world.Name + "/catalog.json", run = "2" });
        Assert.Equal("0 0 4 0", Counts(again, "collections"));
        Assert.Equal("0 0 12 0", Counts(again, "items"));
    }

    [Theory, Backends]
    public async Task What_is_wrong_with_one_document_is_reported_and_the_others_come_in(Backend backend)
    {
        await using var world = await World.Start(backend);
        SampleCatalogue.Write(world.Folder, events: 3);
        var items = Directory.EnumerateFiles(world.Folder, "LC09*.json", SearchOption.AllDirectories).Order().ToList();
        await File.WriteAllTextAsync(items[0], "{\"type\":\"Feature\",", Token);
        var other = (await File.ReadAllTextAsync(items[1], Token)).Replace(
            "\"1.1.0\"", "\"a\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(items[1], other, Token);
        File.Delete(items[2]);

        var report = await world.Run(new { path = world.Name, assets_base_url = "https://data.example/catalogue/" });
        Assert.Equal("4 0 0 0", Counts(report, "collections"));
        Assert.Equal("9 0 0 3", Counts(report, "items"));
        var problems = report.GetProperty("problems").EnumerateArray()
            .ToLookup(problem => problem.GetProperty("path").GetString()!, problem =>
                problem.GetProperty("sentence").GetString()!);
        Assert.Contains("not JSON", problems[Below(world, items[0])].Single(), StringComparison.Ordinal);
        Assert.NotEmpty(problems[Below(world, items[1])]);
        Assert.Contains("not there", problems[Below(world, items[2])].Single(), StringComparison.Ordinal);
        Assert.DoesNotContain(world.Folder, report.GetRawText(), StringComparison.Ordinal);
        var matchup = (await world.Client.Json($"{Api}/stac/collections/{SampleCatalogue.Pair}/items"))
            .GetProperty("features")[0];
        Assert.StartsWith($"https://data.example/catalogue/{SampleCatalogue.Pair}/2022/", matchup.GetProperty("assets")
            .GetProperty("thumbnail").GetProperty("href").GetString(), StringComparison.Ordinal);

        SampleCatalogue.Write(world.Folder, events: 3);
        var mended = await world.Run(new
        {
            path = world.Name,
            assets_base_url = "https://data.example/catalogue/",
            run = "mended",
        });
        // The matchups of what was not there link to it now.
        Assert.Equal("3 2 7 0", Counts(mended, "items"));
    }

    [Theory, Backends]
    public async Task Nothing_outside_the_import_folders_is_read_or_told_of(Backend backend)
    {
        await using var world = await World.Start(backend);
        var outside = Directory.CreateTempSubdirectory("waypost-outside-").FullName;
        SampleCatalogue.Write(outside, events: 1);
        Directory.CreateSymbolicLink(Path.Combine(world.Folder, "way"), outside);
        var links = new[]
        {
            "./way/catalog.json", Path.Combine(outside, "catalog.json"), "file://" + outside + "/catalog.json",
            $"../{Path.GetFileName(outside)}/catalog.json", "/etc/passwd", "./missing.json",
        };
        await File.WriteAllTextAsync(Path.Combine(world.Folder, "catalog.json"), JsonSerializer.Serialize(new
        {
            type = "Catalog",
            id = "a",
            stac_version = "1.1.0",
            description = "Leads elsewhere",
            links = links.Select(href => new { rel = "child", href }),
        }), Token);
        var report = await world.Run(new { path = world.Name });
        var told = report.GetProperty("problems").EnumerateArray()
            .Select(problem => problem.GetProperty("sentence").GetString()).Distinct();
        Assert.Equal(["The file is not there."], told);
        Assert.Equal("0 0 0 0", Counts(report, "collections"));

        foreach (var path in (string[])[outside, $"{world.Name}/way", "../" + Path.GetFileName(outside), "nothing"])
            Assert.Equal("SOURCE_NOT_FOUND",
                (await world.Ended(new { path }, "failed")).GetProperty("error").GetProperty("code").GetString());
        Directory.Delete(outside, recursive: true);
    }

    [Theory, Backends]
    public async Task A_schedule_ingests_and_remembers_how_it_went(Backend backend)
    {
        await using var world = await World.Start(backend);
        SampleCatalogue.Write(world.Folder, events: 1);
        var made = await world.Client.PostAsJsonAsync($"{Api}/schedules", new
        {
            id = "nightly",
            kind = "catalogue_ingest",
            parameters = new { path = world.Name },
            cron = "@yearly",
        }, Token);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        foreach (var expected in (string[])["4 0 0 0", "0 0 4 0"])
        {
            var started = await (await world.Client.PostAsync($"{Api}/schedules/nightly/run", null, Token)).Content
                .ReadFromJsonAsync<JsonElement>(Token);
            var job = await world.Job(started.GetProperty("job_id").GetString()!);
            Assert.Equal(expected, Counts(job.GetProperty("result"), "items"));
            var run = (await world.Client.Json($"{Api}/schedules/nightly")).GetProperty("last_run");
            Assert.Equal("completed", run.GetProperty("outcome").GetString());
        }
        foreach (var wrong in (object[])[
            new { }, new { path = 3 }, new { path = "a", folder = "b" }, new { path = "a", assets_base_url = "/x" }])
        {
            var refused = await world.Client.PostAsJsonAsync($"{Api}/schedules", new
            {
                kind = "catalogue_ingest",
                parameters = wrong,
                cron = "@daily",
            }, Token);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Theory, Backends]
    public async Task A_large_collection_comes_in_by_several_chunks(Backend backend)
    {
        const int Items = 1001;
        await using var world = await World.Start(backend);
        var ids = Enumerable.Range(0, Items).Select(n => $"i{n:D4}").ToList();
        foreach (var id in ids)
            await Write(id, Catalogue.Samples.Item("large", id, [1, 2, 3, 4]).Text);
        var links = string.Concat(ids.Select(id => $$"""{"rel":"item","href":"./{{id}}.json"},"""));
        await Write("collection", Catalogue.Samples.Collection("large").Text
            .Replace("\"links\":[", "\"links\":[" + links, StringComparison.Ordinal));
        var report = await world.Run(new { path = world.Name + "/collection.json" });
        Assert.Equal($"{Items} 0 0 0", Counts(report, "items"));
        Assert.Equal((2, 0), (report.GetProperty("chunks").GetInt32(), report.GetProperty("chunks_failed").GetInt32()));

        Task Write(string name, string text) =>
            File.WriteAllTextAsync(Path.Combine(world.Folder, name + ".json"), text, Token);
    }

    static string Counts(JsonElement report, string of) => string.Join(' ',
        ((string[])["created", "updated", "unchanged", "failed"]).Select(name =>
            report.GetProperty(of).GetProperty(name).GetInt64()));

    static string Below(World world, string path) =>
        Path.GetRelativePath(world.Folder, path).Replace('\\', '/');

    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed class World(TestServer server, string folder) : IAsyncDisposable
    {
        public HttpClient Client { get; } = server.With(TestServer.AdminKey);

        public string Folder => folder;

        public string Name => Path.GetFileName(folder);

        public static async Task<World> Start(Backend backend)
        {
            var folder = Directory.CreateTempSubdirectory("waypost-catalogue-").FullName;
            return new World(await TestServer.Start(backend, settings => settings with
            {
                Pipelines = settings.Pipelines with { ImportFolders = [folder] },
            }), folder);
        }

        public async Task<JsonElement> Run(object parameters) =>
            (await Ended(parameters, "completed")).GetProperty("result");

        public async Task<JsonElement> Ended(object parameters, string status)
        {
            using var answer = await Client.PostAsJsonAsync(
                $"{Api}/jobs", new { kind = "catalogue_ingest", parameters }, Token);
            var told = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, told.GetRawText());
            var job = await Job(told.GetProperty("job_id").GetString()!);
            Assert.True(job.GetProperty("status").GetString() == status, job.GetRawText());
            return job;
        }

        public Task<JsonElement> Job(string id) => Client.Json($"{Api}/jobs/{id}?wait=60");

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}

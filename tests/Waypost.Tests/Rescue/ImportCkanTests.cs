using System.Net;
using System.Text.Json;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>A CKAN catalogue comes in, again and again, and the answer says what is new, changed and gone.</summary>
public sealed class ImportCkanTests
{
    const string A = "https://data.example.gov/a.csv";
    const string B = "https://data.example.gov/b.csv";

    [Theory, Backends]
    public async Task Pages_become_publishers_datasets_resources_and_one_asset_for_each_address(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var report = await campaign.Ckan(
            Campaign.Page(Campaign.Package("p1", A, B)) + "\n"
            + Campaign.Page(Campaign.Package("p2", "HTTPS://DATA.example.gov:443/a.csv#top"), Campaign.Package("p3")));

        Assert.Equal((3, 0, 0), Counts(report, "datasets"));
        Assert.Equal((3, 0, 0), Counts(report, "resources"));
        Assert.Equal(2, report.Number("assets.created"));
        Assert.Equal(3, (await campaign.All("/datasets")).Count);
        Assert.Equal("noaa-gov", (await campaign.All("/publishers")).Single().Text("name"));
        var assets = await campaign.All("/assets");
        Assert.Equal([A, B], assets.Select(asset => asset.Text("url")));
        Assert.Equal("https://data.example.gov:443", assets[0].Text("source"));
        Assert.Equal(("csv", "ready", 1000L), (assets[0].Text("kind"), assets[0].Text("state"),
            assets[0].GetProperty("size_bytes").GetInt64()));
        var shared = await campaign.Get($"/assets/{assets[0].GetProperty("id")}");
        Assert.Equal(2, shared.GetProperty("resources").GetArrayLength());
        var dataset = (await campaign.All("/datasets?q=TEMPERATURE p1")).Single();
        Assert.Equal("2020-11-10T16:22:44.123456+00:00", dataset.Text("metadata_created"));
        var package = await campaign.Get($"/datasets/{dataset.GetProperty("id")}/package");
        Assert.Equal("Sea ice of p1", package.Text("title"));
    }

    [Theory, Backends]
    public async Task The_same_again_does_nothing_and_what_changed_or_vanished_is_named(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var page = Campaign.Page(Campaign.Package("p1", A), Campaign.Package("p2", B));
        await campaign.Ckan(page);
        var again = await campaign.Ckan(page, "?complete=true");
        Assert.Equal((0, 0, 2), Counts(again, "datasets"));
        Assert.Equal(0, again.Number("assets.created"));

        var other = Campaign.Package("p1", B, "https://data.example.gov/c.csv");
        other["title"] = "Sea ice, revised";
        var third = await campaign.Ckan(Campaign.Page(other), "?complete=true");
        Assert.Equal((0, 1, 0), Counts(third, "datasets"));
        var change = third.GetProperty("changes")[0];
        Assert.Equal("name-of-p1", change.Text("name"));
        Assert.Equal(["resources", "title"], change.GetProperty("fields").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal(1, change.GetProperty("resources_added").GetInt32());
        Assert.Equal("p2", third.GetProperty("vanished")[0].Text("dg_id"));
        Assert.Equal(["p2"], (await campaign.All("/datasets?vanished=true")).Select(one => one.Text("dg_id")));

        // What another catalogue has is not this one's to miss; and what comes back is there again.
        await campaign.Ckan(Campaign.Page(Campaign.Package("p9")), "?complete=true&source=another");
        Assert.Equal(1, (await campaign.Ckan(page, "?complete=true")).Number("datasets.changed"));
        Assert.Empty(await campaign.All("/datasets?vanished=true"));
    }

    [Theory, Backends]
    public async Task A_package_that_cannot_be_read_fails_by_its_name_and_alone_and_then_nothing_counts_as_gone(
        Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Ckan(Campaign.Page(Campaign.Package("old")));
        var nameless = Campaign.Package("p2");
        nameless.Remove("id");
        var strange = Campaign.Package("p3");
        strange["resources"] = "many";
        var report = await campaign.Ckan(
            Campaign.Page(Campaign.Package("p1", A), nameless, strange, 17, Campaign.Package("p1")), "?complete=true");

        Assert.Equal(1, report.Number("datasets.created"));
        Assert.Equal(3, report.Number("datasets.failed"));
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Equal(0, report.Number("datasets.vanished"));
        Assert.Equal(
            ["name-of-p2: It has no id.", "name-of-p3: resources should be a list.",
                "name-of-p1: An earlier one in the stream has the same id."],
            report.GetProperty("failures").EnumerateArray().Select(f => $"{f.Text("name")}: {f.Text("detail")}"));
    }

    [Theory, Backends]
    public async Task An_address_that_nobody_can_fetch_is_named_and_its_resource_kept(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var report = await campaign.Ckan(Campaign.Page(Campaign.Package(
            "p1", "gopher://old.example/1", "file:///etc/passwd", "https://me:secret@example.org/a", "", "/relative",
            "ftp://ftp.example.gov/a.nc", "magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&dn=Bunny")));
        Assert.Equal(5, report.Number("unfetchable"));
        Assert.Equal(7, report.Number("resources.created"));
        Assert.Contains("gopher", report.GetProperty("notes")[0].Text("detail"), StringComparison.Ordinal);
        Assert.Equal(["ftp://ftp.example.gov:21", "magnet:"],
            (await campaign.All("/assets")).Select(asset => asset.Text("source")));
    }

    [Theory, Backends]
    public async Task A_package_a_line_is_taken_too_and_a_broken_line_fails_by_its_number(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var report = await campaign.Ckan(
            JsonSerializer.Serialize(Campaign.Package("p1", A)) + "\n{\"id\":\n\n"
            + JsonSerializer.Serialize(Campaign.Package("p2", "https://data.example.gov/\\u0000")) + "\n",
            type: "application/x-ndjson");
        Assert.Equal((2, 0, 0), Counts(report, "datasets"));
        Assert.Equal(2, report.GetProperty("failures")[0].GetProperty("number").GetInt32());
    }

    [Theory, Backends]
    public async Task A_stream_that_breaks_off_keeps_what_came_and_a_body_that_is_no_page_is_refused(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var page = Campaign.Page(Campaign.Package("p1", A), Campaign.Package("p2", B));
        var report = await campaign.Ckan(page[..^40], "?complete=true");
        Assert.Equal(1, report.Number("datasets.created"));
        Assert.Equal(1, report.Number("datasets.failed"));
        foreach (var wrong in new[] { "", "{}", "[]", "{\"result\":7}", "nonsense" })
        {
            var (status, text) = await campaign.Ask("POST", "/imports/ckan", wrong);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Equal("INVALID_BODY", JsonElement.Parse(text).Text("code"));
        }
    }

    [Theory, Backends]
    public async Task A_size_that_is_known_now_makes_an_asset_ready_and_another_size_makes_it_another_version(
        Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv($"url\n{A}\n");
        Assert.Equal("probing", (await campaign.All("/assets")).Single().Text("state"));
        await campaign.Ckan(Campaign.Page(Campaign.Package("p1", A)));
        var asset = (await campaign.All("/assets")).Single();
        Assert.Equal(("ready", 1, 1000), (asset.Text("state"), asset.Number("version"), asset.Number("size_bytes")));
        await campaign.Csv($"url,size_bytes\n{A},1001\n");
        asset = (await campaign.All("/assets")).Single();
        Assert.Equal(("ready", 2, 1001), (asset.Text("state"), asset.Number("version"), asset.Number("size_bytes")));
    }

    [Theory, Backends]
    public async Task Imports_at_the_same_time_lose_nothing_and_double_nothing(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        string Part(int from) => Campaign.Page(
            [.. Enumerable.Range(from, 300).Select(
                i => Campaign.Package($"p{i}", $"https://data.example.gov/{i}.csv"))]);
        var reports = await Task.WhenAll(
            campaign.Ckan(Part(0)), campaign.Ckan(Part(150)), campaign.Ckan(Part(0), "?source=b"));
        Assert.Equal(450, reports.Sum(report => report.Number("datasets.created")));
        Assert.Equal(450, reports.Sum(report => report.Number("assets.created")));
        Assert.Equal(450, (await campaign.All("/assets", 1000)).Select(asset => asset.Text("url")).Distinct().Count());
    }

    static (int Created, int Changed, int Unchanged) Counts(JsonElement report, string of) => (
        report.Number($"{of}.created"), report.Number($"{of}.changed"), report.Number($"{of}.unchanged"));
}

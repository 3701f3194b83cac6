using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Rescue.Library;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>Lists of addresses with sizes come in; what is wrong in them fails by its line.</summary>
public sealed class ImportCsvTests
{
    const string Sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    [Theory, Backends]
    public async Task Wrong_lines_are_named_and_the_rest_is_kept(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var report = await campaign.Csv(
            "url,size_bytes,rank,title,sha256\r\n"
            + $"https://a.example.org/1,5242880,1,\"One, \"\"quoted\"\"\",{Sum}\r\n"
            + "https://a.example.org/2,-5,1,,\r\n"
            + "https://a.example.org/3,9999999999999999999,1,,\r\n"
            + "https://a.example.org/4,1125899906842625,1,,\r\n"
            + "https://a.example.org/5,many,1,,\r\n"
            + "https://a.example.org/6,5,0,,\r\n"
            + "gopher://a.example.org/7,5,1,,\r\n"
            + "https://a.example.org/8,5,1,,abc\r\n"
            + "https://a.example.org/9,5\r\n"
            + "\"https://a.example.org/10,5,1,,\r\n"
            + "\r\n"
            + "https://a.example.org/11,,,,\r\n");
        Assert.Equal(2, report.Number("assets.created"));
        Assert.Equal(9, report.Number("assets.failed"));
        Assert.Equal(
            [3, 4, 5, 6, 7, 8, 9, 10, 11],
            report.GetProperty("failures").EnumerateArray().Select(failure => failure.Number("number")));
        var assets = await campaign.All("/assets");
        Assert.Equal("One, \"quoted\"", assets[0].Text("title"));
        Assert.Equal(Sum, assets[0].Text("sha256"));
        Assert.Equal("probing", assets[1].Text("state"));
    }

    [Theory, Backends]
    public async Task A_header_that_is_not_known_is_refused_and_nothing_is_kept(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        foreach (var header in new[] { "", "size_bytes", "url,bytes", "url,url", "https://a.example.org/1,5", "\"url" })
        {
            var (status, text) = await campaign.Ask("POST", "/imports/csv", header + "\nhttps://b.example.org/1,5\n",
                "text/csv");
            Assert.True(status == HttpStatusCode.BadRequest, header + ": " + text);
            Assert.Equal("INVALID_CSV_HEADER", JsonElement.Parse(text).Text("code"));
        }
        Assert.Empty(await campaign.All("/assets"));
        Assert.Empty(await campaign.All("/imports"));
    }

    [Theory, Backends]
    public async Task The_list_again_changes_nothing_and_a_blank_field_says_nothing(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        const string List = "url,size_bytes,rank\nhttps://a.example.org/1,5,1\nhttps://a.example.org/2,6,2\n";
        await campaign.Csv(List);
        var again = await campaign.Csv(List);
        Assert.Equal((0, 0, 2), (again.Number("assets.created"), again.Number("assets.changed"),
            again.Number("assets.unchanged")));
        var blank = await campaign.Csv("url,rank\nhttps://a.example.org/1,\nhttps://a.example.org/2,7\n");
        Assert.Equal(1, blank.Number("assets.changed"));
        Assert.Equal([1, 7], (await campaign.All("/assets")).Select(asset => asset.Number("rank")));
        Assert.Equal(3, (await campaign.All("/imports")).Count);
        Assert.Equal(1, (await campaign.Get("/imports/3")).Number("report.assets.changed"));
    }

    [Theory, Backends]
    public async Task Assets_are_found_by_words_address_state_source_and_kind_page_by_page(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        await campaign.Csv(
            "url,size_bytes,title\nhttps://a.example.org/Ice_100%.csv,5,Banquise d'été\n"
            + "https://a.example.org/b.nc,,\nftp://b.example.org/dir/,7,\n");
        Assert.Single(await campaign.All("/assets?q=ETE+banquise"));
        Assert.Single(await campaign.All("/assets?q=ice_100%25"));
        Assert.Empty(await campaign.All("/assets?q=iceX100"));
        Assert.Single(await campaign.All("/assets?state=probing"));
        Assert.Single(await campaign.All("/assets?source=ftp://b.example.org:21"));
        Assert.Single(await campaign.All("/assets?kind=dir"));
        Assert.Equal(3, (await campaign.All("/assets", 1)).Count);
        foreach (var wrong in new[] { "state=lost", "colour=red", "after=x", "limit=0", "limit=1001" })
        {
            var (status, text) = await campaign.Ask("GET", "/assets?" + wrong);
            Assert.True(status == HttpStatusCode.BadRequest, wrong + ": " + text);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await campaign.Ask("GET", "/assets/999")).Status);
    }

    [Theory, Backends]
    public async Task Who_only_reads_cannot_import_and_who_has_no_key_is_told(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var viewer = await campaign.Org.As(Role.Viewer);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await campaign.Ask("POST", "/imports/csv", "url\n", "text/csv", viewer)).Status);
        Assert.Equal(HttpStatusCode.OK, (await campaign.Ask("GET", "/assets", by: viewer)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await campaign.Ask(
            "POST", "/imports/csv", "url\n", "text/csv", campaign.Org.Server.Anyone())).Status);
    }

    [Theory]
    [InlineData("https://a.example.org/x/", "dir")]
    [InlineData("https://a.example.org", "dir")]
    [InlineData("https://a.example.org/x.html", "web")]
    [InlineData("https://a.example.org/x", "web")]
    [InlineData("https://a.example.org/x.nc?y=1.csv", "nc")]
    [InlineData("https://a.example.org/x.tar.Z", "tar.Z")]
    [InlineData("https://a.example.org/x.geojson", "geojson")]
    [InlineData("https://a.example.org/x.toolong", "web")]
    [InlineData("https://a.example.org/v1.2", "web")]
    public void What_an_address_leads_to_is_told_by_how_it_ends(string address, string kind) =>
        Assert.Equal(kind, AssetUrl.KindOf(address));

    [Theory]
    [InlineData("HTTP://Example.ORG:80/a?b=C#d", "http://example.org/a?b=C", true)]
    [InlineData("http://example.org/a", "http://example.org/A", false)]
    [InlineData("http://example.org/a", "https://example.org/a", false)]
    [InlineData("http://example.org", "http://example.org/", true)]
    [InlineData("http://example.org/é", "http://example.org/%C3%A9", true)]
    [InlineData("magnet:?xt=urn:btih:DD8255ECDC7CA55FB0BBF81323D87062DB1F6D1C&dn=a",
        "magnet:?dn=b&xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c", true)]
    public void Two_addresses_are_the_same_when_they_lead_to_the_same(string one, string other, bool same)
    {
        Assert.Null(AssetUrl.Read(one, out var a));
        Assert.Null(AssetUrl.Read(other, out var b));
        Assert.Equal(same, a!.Sha256.AsSpan().SequenceEqual(b!.Sha256));
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Delivery;

public sealed class OutboundTests
{
    static readonly DownloadLimits Small = new(1_000_000, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
    static readonly OutboundLimits Quick = new(TimeSpan.FromSeconds(30), 100);

    [Theory]
    [InlineData("127.0.0.1"), InlineData("127.1.2.3"), InlineData("10.1.2.3"), InlineData("172.16.0.1")]
    [InlineData("172.31.255.255"), InlineData("192.168.1.1"), InlineData("169.254.169.254"), InlineData("0.0.0.0")]
    [InlineData("0.1.2.3"), InlineData("100.64.0.1"), InlineData("100.100.100.200"), InlineData("224.0.0.1")]
    [InlineData("255.255.255.255"), InlineData("168.63.129.16"), InlineData("198.18.0.1"), InlineData("::")]
    [InlineData("::1"), InlineData("::ffff:127.0.0.1"), InlineData("::ffff:10.0.0.1"), InlineData("fe80::1")]
    [InlineData("fd00:ec2::254"), InlineData("fc00::1"), InlineData("ff02::1"), InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::"), InlineData("2001:0:1::"), InlineData("2001:db8::1"), InlineData("::127.0.0.1")]
    [InlineData("64:ff9b:1::1"), InlineData("fec0::1"), InlineData("100::1")]
    public void Addresses_that_are_not_public_are_known(string address) =>
        Assert.NotNull(OutboundRules.WhyNotPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1"), InlineData("172.32.0.1"), InlineData("100.128.0.1"), InlineData("2606:4700::1111")]
    [InlineData("::ffff:1.1.1.1"), InlineData("64:ff9b::101:101"), InlineData("198.20.0.1")]
    public void Public_addresses_are_public(string address) =>
        Assert.Null(OutboundRules.WhyNotPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.1/"), InlineData("http://[::1]/"), InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/"), InlineData("http://localhost/"), InlineData("http://a.localhost:9000/")]
    [InlineData("file:///etc/passwd"), InlineData("gopher://1.1.1.1/"), InlineData("http://me:secret@1.1.1.1/")]
    public void What_can_be_seen_to_be_wrong_is_refused_before_anything_is_sent(string url)
    {
        using var outbound = new Outbound(new OutboundSettings(), TimeProvider.System);

        Assert.Equal("OUTBOUND_REFUSED", Assert.Throws<Refused>(() => outbound.Check(new Uri(url))).Code);
    }

    [Fact]
    public async Task What_a_name_resolves_to_is_checked_when_connecting()
    {
        await using var server = await FakeReceiver.Start();
        using var outbound = new Outbound(new OutboundSettings(), TimeProvider.System);
        // The machine's own name resolves to an address of its own, and passes for a public one until then.
        var uri = new Uri($"http://{Dns.GetHostName()}:{server.Url.Port}/");
        if (uri.HostNameType != UriHostNameType.Dns) return;

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        var refused = await Assert.ThrowsAsync<Refused>(() => outbound.Send(request, Quick, Token));

        Assert.Equal("OUTBOUND_REFUSED", refused.Code);
        Assert.Contains("outbound.allow", refused.Remedy, StringComparison.Ordinal);
        Assert.Empty(server.Waiting());
        await Assert.ThrowsAsync<Refused>(() => outbound.CheckResolved(uri, Token));
    }

    [Fact]
    public async Task The_allow_list_opens_one_host_or_one_port_of_it()
    {
        await using var server = await FakeReceiver.Start();
        using var thisPort = new Outbound(new OutboundSettings([server.Host]), TimeProvider.System);
        using var otherPort = new Outbound(new OutboundSettings(["127.0.0.1:1"]), TimeProvider.System);
        using var anyPort = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);

        Assert.Equal(200, (await Get(thisPort, server.Url)).Status);
        Assert.Equal(200, (await Get(anyPort, server.Url)).Status);
        await Assert.ThrowsAsync<Refused>(() => Get(otherPort, server.Url));
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_is_not_followed_elsewhere()
    {
        await using var elsewhere = await FakeReceiver.Start();
        await using var server = await FakeReceiver.Start(http =>
        {
            http.Response.StatusCode = 302;
            http.Response.Headers.Location = http.Request.Path == "/nonsense" ? "http://[" : elsewhere.Url.ToString();
            return Task.CompletedTask;
        });
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);

        await Assert.ThrowsAsync<OutboundFailedException>(() =>
            Download(outbound, new Uri(server.Url, "/nonsense")));
        Assert.Equal(302, (await Get(outbound, server.Url)).Status);
        var refused = await Assert.ThrowsAsync<Refused>(() => Download(outbound, server.Url));
        Assert.Equal("OUTBOUND_REFUSED", refused.Code);
        Assert.Empty(elsewhere.Waiting());
    }

    [Fact]
    public async Task A_download_comes_whole_and_reports_its_progress()
    {
        var content = new byte[300_000];
        new Random(7).NextBytes(content);
        await using var server = await FakeReceiver.Start(async http =>
        {
            if (http.Request.Path == "/moved")
            {
                http.Response.Redirect("/file");
                return;
            }
            http.Response.ContentLength = content.Length;
            await http.Response.Body.WriteAsync(content, Token);
        });
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        using var into = new MemoryStream();
        var progress = new Reported();

        var done = await outbound.Download(new Uri(server.Url, "/moved"), into, Small, progress, Token);

        Assert.Equal(content.Length, done.Bytes);
        Assert.Equal(content, into.ToArray());
        Assert.Equal((content.Length, content.Length), progress.Last);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_whether_it_says_so_or_not()
    {
        await using var server = await FakeReceiver.Start(async http =>
        {
            if (http.Request.Path == "/honest") http.Response.ContentLength = 2000;
            await http.Response.Body.WriteAsync(new byte[2000], http.RequestAborted);
        });
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        var limits = Small with { MostBytes = 1000 };

        foreach (var path in (string[])["/honest", "/silent"])
            Assert.Equal("OUTBOUND_TOO_LARGE", (await Assert.ThrowsAsync<Refused>(() =>
                outbound.Download(new Uri(server.Url, path), Stream.Null, limits, null, Token))).Code);
    }

    [Fact]
    public async Task A_download_that_is_cut_off_or_stalls_or_is_not_there_fails_with_the_reason()
    {
        await using var server = await FakeReceiver.Start(async http =>
        {
            if (http.Request.Path == "/missing")
            {
                http.Response.StatusCode = 404;
                return;
            }
            http.Response.ContentLength = 2000;
            await http.Response.Body.WriteAsync(new byte[10], http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            if (http.Request.Path == "/cut") http.Abort();
            else await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
        });
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);

        Assert.True((await Fails("/cut", Small)).Transient);
        Assert.Contains("sent nothing", (await Fails("/stall", Small with { Stall = TimeSpan.FromMilliseconds(50) }))
            .Message,
            StringComparison.Ordinal);
        Assert.False((await Fails("/missing", Small)).Transient);

        Task<OutboundFailedException> Fails(string path, DownloadLimits limits) =>
            Assert.ThrowsAsync<OutboundFailedException>(() =>
                outbound.Download(new Uri(server.Url, path), Stream.Null, limits, null, Token));
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_never_answers_is_a_failure_that_may_pass()
    {
        await using var silent =
            await FakeReceiver.Start(http => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted));
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        var limits = Quick with { Within = TimeSpan.FromMilliseconds(100) };

        Assert.True((await Assert.ThrowsAsync<OutboundFailedException>(() => Get(outbound, silent.Url, limits)))
            .Transient);
        Assert.True((await Assert.ThrowsAsync<OutboundFailedException>(
            () => Get(outbound, new Uri("http://127.0.0.1:1/")))).Transient);
    }

    static async Task<OutboundReply> Get(Outbound outbound, Uri uri, OutboundLimits? limits = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        return await outbound.Send(request, limits ?? Quick, Token);
    }

    static Task<Downloaded> Download(Outbound outbound, Uri uri) =>
        outbound.Download(uri, Stream.Null, Small, null, Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed class Reported : IProgress<(long Done, long? Total)>
    {
        public (long Done, long? Total) Last { get; private set; }

        public void Report((long Done, long? Total) value) => Last = value;
    }
}

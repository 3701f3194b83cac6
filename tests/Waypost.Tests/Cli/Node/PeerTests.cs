using System.Net;
using System.Security.Cryptography;
using Waypost.Cli.Node;
using Waypost.Delivery;
using Waypost.Tests.Fakes;
using Waypost.Wire.Torrents;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>Nodes give each other what they hold, and prove to the hub that they do.</summary>
public sealed class PeerTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-peer").FullName;
    readonly HurriedClock clock = new();
    readonly byte[] data = RandomNumberGenerator.GetBytes(300_000);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_node_fetches_from_another_that_holds_it_without_asking_the_source()
    {
        await using var source = await FakeReceiver.Start(http => http.Response.Body.WriteAsync(data, Token).AsTask());
        using var giving = Shelf.Open(Path.Combine(folder, "a"), 0);
        var held = (await Fetch(giving, source.Host, Order(source.Url, [], null))).Copy;
        await using var peer = await PeerServing.Start(giving, "http://127.0.0.1:0", new Pace(null, clock), Token);
        source.Answer = _ => throw new InvalidOperationException("The source was asked.");

        using var taking = Shelf.Open(Path.Combine(folder, "b"), 0);
        var at = new Uri(peer.Url, $"/copies/{held.Root}");
        var fetched = await Fetch(taking, at.Authority, Order(source.Url, [at], held.File.Root));
        Assert.Equal(held.File.Sha256, fetched.Copy.File.Sha256);
        Assert.Equal($"\"{held.Root}\"", fetched.ETag);
    }

    [Fact]
    public async Task A_part_is_given_and_what_is_not_held_is_not_found()
    {
        using var shelf = Shelf.Open(folder, 0);
        var copy = await Hold(shelf);
        await using var peer = await PeerServing.Start(shelf, "http://127.0.0.1:0", new Pace(null, clock), Token);
        using var client = new HttpClient { BaseAddress = peer.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/copies/{copy.Root}");
        request.Headers.Range = new(100_000, 100_009);
        using var part = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(data[100_000..100_010], await part.Content.ReadAsByteArrayAsync(Token));
        foreach (var other in new[] { new string('0', 64), "..%2F..%2Flock", "lock", copy.Root.ToUpperInvariant() })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/copies/{other}", Token)).StatusCode);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        using var shelf = Shelf.Open(folder, 0);
        await using var peer = await PeerServing.Start(shelf, "http://127.0.0.1:0", new Pace(null, clock), Token);
        var taken = await Assert.ThrowsAsync<Waypost.Cli.NotDoneException>(
            () => PeerServing.Start(shelf, peer.Url.AbsoluteUri, new Pace(null, clock), Token));
        Assert.Equal("CANNOT_LISTEN", taken.Code);
    }

    [Fact]
    public async Task What_is_held_is_proved_to_whoever_knows_its_root_alone()
    {
        using var shelf = Shelf.Open(folder, 0);
        var copy = await Hold(shelf);
        byte[] nonce = [1, 2, 3];
        var proofs = await AnswerAudit.Of(shelf, copy.Root, nonce, 5, Token);
        Assert.Equal(HashTree.Drawn(nonce, data.Length, 5), proofs!.Select(proof => proof.Leaf));
        Assert.All(proofs!, proof => Assert.True(proof.Holds(data.Length, copy.File.Root)));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("changed")]
    [InlineData("gone")]
    public async Task What_was_lost_cannot_be_proved(string how)
    {
        using var shelf = Shelf.Open(folder, 0);
        var copy = await Hold(shelf);
        var path = Directory.EnumerateFiles(folder, copy.Root, SearchOption.AllDirectories).Single();
        if (how == "gone") File.Delete(path);
        else
        {
            await using var file = new FileStream(path, FileMode.Open);
            if (how == "cut") file.SetLength(data.Length / 2);
            else await file.WriteAsync(new byte[data.Length], Token);
        }
        Assert.Null(await AnswerAudit.Of(shelf, copy.Root, [9], 20, Token));
    }

    async Task<HeldCopy> Hold(Shelf shelf)
    {
        await using var source = await FakeReceiver.Start(http => http.Response.Body.WriteAsync(data, Token).AsTask());
        return (await Fetch(shelf, source.Host, Order(source.Url, [], null))).Copy;
    }

    static CopyOrder Order(Uri source, IReadOnlyList<Uri> peers, byte[]? root) =>
        new(1, 1, "a.bin", source, peers, root, 1_000_000);

    async Task<FetchedCopy> Fetch(Shelf shelf, string allowed, CopyOrder order)
    {
        using var outbound = new Outbound(new OutboundSettings([allowed]), clock);
        return await new FetchCopy(outbound, shelf, new Pace(null, clock), clock).Fetch(order, _ => { }, Token);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Waypost.Cli.Node;
using Waypost.Delivery;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>A node brings a copy whole, from sources that break off, change, lie and ask for patience.</summary>
public sealed class FetchCopyTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-node").FullName;
    readonly HurriedClock clock = new();
    readonly byte[] data = RandomNumberGenerator.GetBytes(700_000);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_file_is_brought_hashed_and_kept_by_its_content()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\""));
        using var shelf = Shelf.Open(folder, 0);
        var told = 0L;
        var fetched = await Fetch(shelf, source, Order(source), bytes => told = bytes);
        Assert.Equal(SHA256.HashData(data), fetched.Copy.File.Sha256);
        Assert.Equal(("\"1\"", data.LongLength), (fetched.ETag, told));
        var held = Assert.Single(shelf.Held());
        Assert.Equal((new HeldFor(7, 1), "tides.csv"), (Assert.Single(held.For), held.Name));
        Assert.Equal(data, await Bytes(shelf, held));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "partial")));
        Assert.Equal("identity", (await source.Next()).Headers["Accept-Encoding"]);
    }

    [Fact]
    public async Task What_broke_off_goes_on_where_it_stopped()
    {
        var asked = new List<string?>();
        await using var source = await FakeReceiver.Start(async http =>
        {
            asked.Add(http.Request.Headers.Range.ToString());
            await Give(http, data, "\"1\"", breaksAfter: asked.Count < 4 ? 200_000 : int.MaxValue);
        });
        using var shelf = Shelf.Open(folder, 0);
        var fetched = await Fetch(shelf, source, Order(source));
        Assert.Equal(data, await Bytes(shelf, fetched.Copy));
        Assert.Equal(4, asked.Count);
        Assert.Equal("", asked[0]);
        var from = asked.Skip(1).Select(range => long.Parse(range!["bytes=".Length..^1])).ToList();
        Assert.Equal(from.Order(), from);
        Assert.True(from[0] > 0);
    }

    [Fact]
    public async Task A_version_that_came_in_between_is_never_joined_to_the_one_before()
    {
        var anew = RandomNumberGenerator.GetBytes(650_000);
        var times = 0;
        await using var source = await FakeReceiver.Start(http => ++times == 1
            ? Give(http, data, "\"1\"", breaksAfter: 300_000) : Give(http, anew, "\"2\""));
        using var shelf = Shelf.Open(folder, 0);
        var fetched = await Fetch(shelf, source, Order(source));
        Assert.Equal(anew, await Bytes(shelf, fetched.Copy));
        Assert.Equal("\"2\"", fetched.ETag);
    }

    [Fact]
    public async Task A_source_without_ranges_or_with_the_wrong_ones_gives_the_right_file_all_the_same()
    {
        var times = 0;
        await using var source = await FakeReceiver.Start(async http =>
        {
            times++;
            if (times == 1) await Give(http, data, "\"1\"", breaksAfter: 300_000);
            else if (times == 2)
            {
                http.Response.StatusCode = 206;
                http.Response.Headers.ContentRange = $"bytes 5-{data.Length - 1}/{data.Length}";
                await http.Response.Body.WriteAsync(data.AsMemory(5), Token);
            }
            else await http.Response.Body.WriteAsync(data, Token);
        });
        using var shelf = Shelf.Open(folder, 0);
        Assert.Equal(data, await Bytes(shelf, (await Fetch(shelf, source, Order(source))).Copy));
        Assert.Equal(3, times);
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("date")]
    [InlineData("none")]
    public async Task A_source_that_gives_parts_whatever_the_condition_says_mixes_no_versions(string validator)
    {
        var anew = RandomNumberGenerator.GetBytes(data.Length);
        var times = 0;
        await using var source = await FakeReceiver.Start(async http =>
        {
            var now = ++times == 1 ? data : anew;
            if (validator == "tag") http.Response.Headers.ETag = times == 1 ? "\"1\"" : "\"2\"";
            if (validator == "date")
                http.Response.Headers.LastModified = times == 1
                    ? "Mon, 01 Jan 2024 00:00:00 GMT" : "Tue, 02 Jan 2024 00:00:00 GMT";
            var from = 0;
            if (http.Request.Headers.Range.ToString() is { Length: > 0 } range)
            {
                from = int.Parse(range["bytes=".Length..^1]);
                http.Response.StatusCode = 206;
                http.Response.Headers.ContentRange = $"bytes {from}-{now.Length - 1}/{now.Length}";
            }
            await http.Response.Body.WriteAsync(now.AsMemory(from, times == 1 ? 300_000 : now.Length - from), Token);
            await http.Response.Body.FlushAsync(Token);
            if (times == 1) http.Abort();
        });
        using var shelf = Shelf.Open(folder, 0);
        Assert.Equal(anew, await Bytes(shelf, (await Fetch(shelf, source, Order(source))).Copy));
    }

    [Fact]
    public async Task A_part_that_ends_before_the_whole_does_is_not_taken_for_it()
    {
        var times = 0;
        await using var source = await FakeReceiver.Start(async http =>
        {
            http.Response.Headers.ETag = "\"1\"";
            var from = http.Request.Headers.Range.ToString() is { Length: > 0 } range
                ? int.Parse(range["bytes=".Length..^1]) : 0;
            var to = Math.Min(data.Length, from + 100_000);
            if (times++ > 0)
            {
                http.Response.StatusCode = 206;
                http.Response.Headers.ContentRange = $"bytes {from}-{to - 1}/{data.Length}";
            }
            // The first answer says no length, and breaks off.
            await http.Response.Body.WriteAsync(data.AsMemory(from, to - from), Token);
            await http.Response.Body.FlushAsync(Token);
            if (times == 1) http.Abort();
        });
        using var shelf = Shelf.Open(folder, 0);
        Assert.Equal(data, await Bytes(shelf, (await Fetch(shelf, source, Order(source))).Copy));
    }

    [Fact]
    public async Task A_source_that_always_begins_anew_and_never_gets_to_the_end_is_given_up()
    {
        var times = 0;
        await using var source = await FakeReceiver.Start(http =>
            Give(http, data, "W/\"1\"", breaksAfter: ++times % 2 == 0 ? 200_000 : 300_000));
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(() => Fetch(shelf, source, Order(source)));
        Assert.Equal(CopyTrouble.Unreachable, failed.Trouble);
    }

    [Fact]
    public async Task One_file_under_two_addresses_is_held_once_for_both_and_goes_with_the_last()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\""));
        using var shelf = Shelf.Open(folder, 0);
        var root = (await Fetch(shelf, source, Order(source))).Copy.Root;
        await Fetch(shelf, source, Order(source) with { AssetId = 8 });
        Assert.Equal([new HeldFor(7, 1), new HeldFor(8, 1)], Assert.Single(shelf.Held()).For);
        await shelf.Drop(root, new HeldFor(7, 1), Token);
        Assert.Equal(data, await Bytes(shelf, Assert.Single(shelf.Held())));
        await shelf.Drop(root, new HeldFor(8, 1), Token);
        Assert.Empty(shelf.Held());
    }

    [Fact]
    public async Task What_one_source_began_a_peer_goes_on_with_where_the_content_is_known()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\"", breaksAfter: 300_000));
        using var shelf = Shelf.Open(folder, 0);
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(
                shelf, source, Order(source), bytes => stop.Cancel(), stop.Token));
        var asked = new List<string>();
        await using var peer = await FakeReceiver.Start(async http =>
        {
            asked.Add(http.Request.Headers.Range.ToString());
            var from = int.Parse(asked[0]["bytes=".Length..^1]);
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{data.Length - 1}/{data.Length}";
            await http.Response.Body.WriteAsync(data.AsMemory(from), Token);
        });
        var order = Order(source) with { Root = (await FileHashing(data)).Root, Peers = [peer.Url] };
        using var outbound = new Outbound(new OutboundSettings([source.Host, peer.Host]), clock);
        var fetched = await new FetchCopy(outbound, shelf, new Pace(null, clock), clock)
            .Fetch(order, _ => { }, Token);
        Assert.Equal(data, await Bytes(shelf, fetched.Copy));
        Assert.StartsWith("bytes=", Assert.Single(asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_run_goes_on_with_what_is_on_the_disk_and_trusts_nothing_beyond()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\"", breaksAfter: 300_000));
        using (var shelf = Shelf.Open(folder, 0))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(
                shelf, source, Order(source), bytes => stop.Cancel(), stop.Token));
            // As if the machine had gone down while more was written.
            await File.AppendAllBytesAsync(shelf.PartialPath(7, 1), new byte[1_000], Token);
        }
        foreach (var _ in source.Waiting()) { }
        source.Answer = http => Give(http, data, "\"1\"");
        using var again = Shelf.Open(folder, 0);
        Assert.Equal(data, await Bytes(again, (await Fetch(again, source, Order(source))).Copy));
        var range = (await source.Next()).Headers;
        Assert.StartsWith("bytes=", range["Range"], StringComparison.Ordinal);
        Assert.Equal("\"1\"", range["If-Range"]);
    }

    [Theory]
    [InlineData(429, "120", "Busy")]
    [InlineData(503, null, "Busy")]
    [InlineData(404, null, "Gone")]
    [InlineData(403, null, "Gone")]
    [InlineData(500, null, "Unreachable")]
    public async Task What_the_source_says_is_told_the_hub_as_it_was_meant(int status, string? after, string trouble)
    {
        await using var source = await FakeReceiver.Start(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.RetryAfter = after;
            return Task.CompletedTask;
        });
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(() => Fetch(shelf, source, Order(source)));
        Assert.Equal(trouble, $"{failed.Trouble}");
        Assert.Equal(after is null ? null : TimeSpan.FromSeconds(120), failed.RetryAfter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_longer_than_reserved_is_not_brought(bool saysItsLength)
    {
        await using var source = await FakeReceiver.Start(async http =>
        {
            if (saysItsLength) http.Response.ContentLength = data.Length;
            await http.Response.Body.WriteAsync(data, Token);
        });
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(
            () => Fetch(shelf, source, Order(source) with { MostBytes = 300_000 }));
        Assert.Equal(CopyTrouble.TooLarge, failed.Trouble);
        Assert.Empty(shelf.Held());
    }

    [Fact]
    public async Task Space_that_the_volunteer_keeps_is_not_touched()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\""));
        using var shelf = Shelf.Open(folder, long.MaxValue / 2);
        Assert.Equal(0, shelf.RoomBytes);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(() => Fetch(shelf, source, Order(source)));
        Assert.Equal(CopyTrouble.NoRoom, failed.Trouble);
    }

    [Fact]
    public async Task A_peer_that_lies_is_passed_over_for_the_source()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\""));
        await using var liar = await FakeReceiver.Start(http => Give(http, new byte[data.Length], "\"1\""));
        await using var dead = await FakeReceiver.Start(http =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using var shelf = Shelf.Open(folder, 0);
        var root = (await FileHashing(data)).Root;
        var order = Order(source) with { Root = root, Peers = [dead.Url, liar.Url] };
        using var outbound = new Outbound(new OutboundSettings([source.Host, liar.Host, dead.Host]), clock);
        var fetched = await new FetchCopy(outbound, shelf, new Pace(null, clock), clock)
            .Fetch(order, _ => { }, Token);
        Assert.Equal(data, await Bytes(shelf, fetched.Copy));
        Assert.NotEmpty(liar.Waiting());
        Assert.StartsWith(source.Url.AbsoluteUri, fetched.Copy.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_whose_content_is_not_what_is_known_of_it_is_named_and_nothing_is_kept()
    {
        await using var source = await FakeReceiver.Start(http => Give(http, data, "\"1\""));
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(
            () => Fetch(shelf, source, Order(source) with { Root = new byte[32] }));
        Assert.Equal(CopyTrouble.NotTheSame, failed.Trouble);
        Assert.Empty(shelf.Held());
    }

    [Fact]
    public async Task No_source_and_no_redirect_leads_into_the_volunteers_own_network()
    {
        await using var source = await FakeReceiver.Start(http =>
        {
            http.Response.Redirect("http://169.254.169.254/latest/meta-data");
            return Task.CompletedTask;
        });
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(() => Fetch(shelf, source, Order(source)));
        Assert.Equal(CopyTrouble.Refused, failed.Trouble);

        using var outbound = new Outbound(new OutboundSettings(), clock);
        failed = await Assert.ThrowsAsync<CopyFailedException>(() => new FetchCopy(
            outbound, shelf, new Pace(null, clock), clock).Fetch(Order(source), _ => { }, Token));
        Assert.Equal(CopyTrouble.Refused, failed.Trouble);
    }

    [Fact]
    public async Task What_is_given_only_compressed_for_transport_is_not_taken_for_the_file()
    {
        await using var source = await FakeReceiver.Start(async http =>
        {
            http.Response.Headers.ContentEncoding = "gzip";
            await http.Response.Body.WriteAsync(data, Token);
        });
        using var shelf = Shelf.Open(folder, 0);
        var failed = await Assert.ThrowsAsync<CopyFailedException>(() => Fetch(shelf, source, Order(source)));
        Assert.Equal(CopyTrouble.Gone, failed.Trouble);
    }

    [Fact]
    public void Two_agents_do_not_share_a_folder()
    {
        using var shelf = Shelf.Open(folder, 0);
        Assert.Throws<Waypost.Cli.NotDoneException>(() => Shelf.Open(folder, 0));
        Assert.Null(shelf.Find("../../etc/passwd"));
        Assert.Null(shelf.Find(new string('a', 64)));
    }

    static CopyOrder Order(FakeReceiver source) =>
        new(7, 1, "tides.csv", new Uri(source.Url, "/tides.csv"), [], null, 10_000_000);

    async Task<FetchedCopy> Fetch(
        Shelf shelf, FakeReceiver source, CopyOrder order, Action<long>? progress = null, CancellationToken? ct = null)
    {
        using var outbound = new Outbound(new OutboundSettings([source.Host]), clock);
        return await new FetchCopy(outbound, shelf, new Pace(null, clock), clock)
            .Fetch(order, progress ?? (_ => { }), ct ?? Token);
    }

    static async Task Give(HttpContext http, byte[] data, string tag, int breaksAfter = int.MaxValue)
    {
        var from = 0;
        http.Response.Headers.ETag = tag;
        if (http.Request.Headers.Range.ToString() is { Length: > 0 } range && http.Request.Headers.IfRange == tag)
        {
            from = int.Parse(range["bytes=".Length..^1]);
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{data.Length - 1}/{data.Length}";
        }
        http.Response.ContentLength = data.Length - from;
        await http.Response.Body.WriteAsync(data.AsMemory(from, Math.Min(breaksAfter, data.Length - from)), Token);
        await http.Response.Body.FlushAsync(Token);
        if (breaksAfter < data.Length - from) http.Abort();
    }

    static Task<Waypost.Wire.Torrents.HashedFile> FileHashing(byte[] data) => Waypost.Wire.Torrents.FileHashing.Of(
        new MemoryStream(data), Waypost.Wire.Torrents.HashTree.PieceBytes(data.Length), Token);

    static async Task<byte[]> Bytes(Shelf shelf, HeldCopy copy)
    {
        await using var stream = shelf.OpenCopy(copy);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, Token);
        return bytes;
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

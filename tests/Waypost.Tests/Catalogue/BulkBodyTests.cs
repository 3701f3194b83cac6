using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Waypost.Catalogue;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>The items of a body are found wherever the network cuts it.</summary>
public sealed class BulkBodyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Lines_and_features_are_the_same_however_the_body_is_cut()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] items =
            ["{\"a\":[1,{\"b\":\"]}\\\"\"}]}", "{}", "{\"é\":\"\\\\\"}", "7", "\"x,]\"", "[[],{}]", "null"];
        for (var round = 0; round < 200; round++)
        {
            string[] chosen = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => items[random.Next(items.Length)])];
            var lines = string.Join(random.Next(2) == 0 ? "\n" : "\r\n", chosen);
            Assert.Equal(chosen, await All(BulkBodies.Lines(Cut(lines, random), Token)));
            var features = $$"""{ "x":{"features":[1]}, "features" : [ {{string.Join(" , ", chosen)}} ],"y":"]"} """;
            Assert.Equal(chosen, await All(BulkBodies.Features(Cut(features, random), Token)));
        }
    }

    [Fact]
    public async Task A_line_that_is_too_long_fails_alone_and_is_not_kept_in_memory()
    {
        var body = new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 20));
        var writing = Task.Run(async () =>
        {
            await body.Writer.WriteAsync("{}\n"u8.ToArray(), Token);
            var piece = new byte[1 << 20];
            piece.AsSpan().Fill((byte)'x');
            for (var i = 0; i < 40; i++) await body.Writer.WriteAsync(piece, Token);
            await body.Writer.WriteAsync("\n[]"u8.ToArray(), Token);
            await body.Writer.CompleteAsync();
        }, Token);
        var lines = await BulkBodies.Lines(body.Reader, Token).ToListAsync(Token);
        await writing;
        Assert.Equal([1L, 2L, 3L], lines.Select(line => line.Line));
        Assert.Equal([null, "ITEM_TOO_LARGE", null], lines.Select(line => line.Problem?.Code));
    }

    [Fact]
    public async Task What_is_missing_or_follows_is_told_at_its_place()
    {
        foreach (var broken in new[] { "{\"features\":[{}", "{\"features\":[{}]} x", "{\"features\":[{},{\"" })
        {
            var lines = await BulkBodies.Features(Cut(broken, new Random(1)), Token).ToListAsync(Token);
            Assert.Equal([null, "NOT_JSON"], lines.Select(line => line.Problem?.Code));
        }
    }

    [Fact]
    public async Task However_a_body_is_left_the_server_can_read_on()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("{}\n{}\n"u8.ToArray(), Token);
        await using (var lines = BulkBodies.Lines(pipe.Reader, Token).GetAsyncEnumerator(Token))
            Assert.True(await lines.MoveNextAsync());
        await pipe.Writer.WriteAsync("[]"u8.ToArray(), Token);
        Assert.True(pipe.Reader.TryRead(out _));

        pipe = new Pipe();
        await pipe.Writer.WriteAsync("no object"u8.ToArray(), Token);
        await Assert.ThrowsAsync<Waypost.Access.Refused>(
            async () => await BulkBodies.Features(pipe.Reader, Token).ToListAsync(Token));
        await pipe.Writer.WriteAsync("more"u8.ToArray(), Token);
        Assert.True(pipe.Reader.TryRead(out _));

        pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[33 << 20], Token);
        await Assert.ThrowsAsync<Waypost.Access.Refused>(() => BulkBodies.Whole(pipe.Reader, Token));
        await pipe.Writer.WriteAsync("more"u8.ToArray(), Token);
        Assert.True(pipe.Reader.TryRead(out _));
    }

    static async Task<string[]> All(IAsyncEnumerable<BulkLine> lines) =>
        [.. (await lines.ToListAsync(Token)).Select(line => Encoding.UTF8.GetString(line.Utf8.Span).Trim())];

    // A body that arrives in pieces of one to a few bytes.
    static PipeReader Cut(string text, Random random)
    {
        var pipe = new Pipe();
        var bytes = Encoding.UTF8.GetBytes(text);
        _ = Task.Run(async () =>
        {
            for (var from = 0; from < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 9), bytes.Length - from);
                await pipe.Writer.WriteAsync(bytes.AsMemory(from, length), Token);
                from += length;
            }
            await pipe.Writer.CompleteAsync();
        }, Token);
        return pipe.Reader;
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

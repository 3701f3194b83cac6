using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary>Sends a file in parts, goes on where it was cut off, and checks that the same file arrived.</summary>
sealed class Uploading(Connection server, Answers answers)
{
    internal const int PartBytes = 8 * 1024 * 1024;
    const int MostTroubles = 8;
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Uploads the file under the name and returns what a submission writes to mean it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The name it gets on the server; the same name again goes on with the same upload.</param>
    /// <param name="ct">Stops; what was sent is kept.</param>
    public async Task<string> Send(FileInfo file, string name, CancellationToken ct)
    {
        var sha = await Hash(file, ct);
        var there = await There(name, ct);
        if (there is { Complete: true } && there.Sha256 == sha)
        {
            answers.Remark($"[grey]{file.Name} is on the server already.[/]");
            return there.SourcePath;
        }
        var begin = there is { Complete: false } && there.Total == file.Length ? there.Received : 0;
        if (begin > 0) answers.Remark($"[grey]Going on with {file.Name} after {Size(begin)}.[/]");
        var done = await SendFrom(begin, file, name, ct);
        // What lay on the server from an earlier attempt was another file's beginning: once more, whole.
        if (done.Sha256 != sha && begin > 0) done = await SendFrom(0, file, name, ct);
        return done.Sha256 == sha ? done.SourcePath : throw new UsageException(
            $"{file.Name} changed while it was sent.", "Send it again once nothing writes to it.");
    }

    /// <summary>Bytes for a person: <c>3.4 MB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => $"{bytes / 1e3:0.#} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.#} MB",
        _ => $"{bytes / 1e9:0.##} GB",
    };

    sealed record State(string SourcePath, bool Complete, long Received, long? Total, string? Sha256);

    Task<State> SendFrom(long begin, FileInfo file, string name, CancellationToken ct) =>
        Bars.Run(answers, $"Uploading {file.Name} ({Size(file.Length)})", async show =>
        {
            var (offset, troubles, pause) = (begin, 0, FirstPause);
            while (true)
                try
                {
                    var (state, next) = await SendPart(file, name, offset, ct);
                    if (state is { Complete: true })
                    {
                        show(100, null);
                        return state;
                    }
                    (offset, troubles, pause) = (next, 0, FirstPause);
                    show(file.Length == 0 ? 100 : 100.0 * offset / file.Length, null);
                }
                catch (UnreachableException) when (++troubles < MostTroubles)
                {
                    await Task.Delay(pause, answers.Clock, ct);
                    pause *= 2;
                    offset = (await TryThere(name, ct))?.Received ?? offset;
                }
        });

    async Task<(State? State, long Offset)> SendPart(FileInfo file, string name, long offset, CancellationToken ct)
    {
        await using var content = file.OpenRead();
        var last = Math.Min(offset + PartBytes, file.Length);
        content.Position = offset;
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(server.Server, PathOf(name)));
        request.Content = new StreamContent(new Part(content, last - offset));
        request.Content.Headers.ContentLength = last - offset;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        // An empty file has no range; sent plainly, it is whole.
        if (file.Length > 0)
            request.Content.Headers.ContentRange = new ContentRangeHeaderValue(offset, last - 1, file.Length);
        using var answer = await server.Ask(request, ct);
        // 409: somebody else's part, or a part of ours whose answer was lost; the server says where to go on.
        if (answer.StatusCode is HttpStatusCode.PermanentRedirect or HttpStatusCode.Conflict
            && Offset(answer) is { } next
            && next != offset)
            return (null, next);
        if (!answer.IsSuccessStatusCode) throw await Connection.ProblemOf(answer, ct);
        return (JsonSerializer.Deserialize<State>(await answer.Content.ReadAsStringAsync(ct), Wire.Options), last);
    }

    async Task<State?> There(string name, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize<State>(await server.Get(PathOf(name), ct), Wire.Options);
        }
        catch (ServerProblemException problem) when (problem.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    async Task<State?> TryThere(string name, CancellationToken ct)
    {
        try
        {
            return await There(name, ct);
        }
        catch (UnreachableException)
        {
            return null;
        }
    }

    string PathOf(string name) => server.TwinPath($"/platform/uploads/{Uri.EscapeDataString(name)}");

    static long? Offset(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Upload-Offset", out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset : null;

    static async Task<string> Hash(FileInfo file, CancellationToken ct)
    {
        await using var content = file.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
    }

    /// <summary>A stretch of a file, from where it stands.</summary>
    sealed class Part(Stream whole, long length) : Stream
    {
        long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => position; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var most = (int)Math.Min(buffer.Length, length - position);
            var read = await whole.ReadAsync(buffer[..most], cancellationToken);
            position += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = whole.Read(buffer, offset, (int)Math.Min(count, length - position));
            position += read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Waypost.Cli.Node;

/// <summary>Gives what a node holds to other nodes, by the hash of its content: whoever knows it knows what to expect.
/// </summary>
/// <remarks>There is no list: who may know which roots there are is the hub's affair. Ranges are answered, and the
/// root is the version (<c>ETag</c>), so that a broken transfer goes on at any node that holds the same.</remarks>
sealed class PeerServing : IAsyncDisposable
{
    /// <summary>Transfers at a time; who comes when all are taken is asked to come again.</summary>
    const int MostAtOnce = 16;

    static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(30);

    readonly WebApplication app;

    PeerServing(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(app.Urls.First());

    /// <summary>Starts to listen.</summary>
    /// <param name="shelf">What is given.</param>
    /// <param name="listen">An address and port: <c>http://0.0.0.0:7070</c>.</param>
    /// <param name="pace">What all that is given takes together.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <exception cref="NotDoneException">The address cannot be listened on.</exception>
    public static async Task<PeerServing> Start(Shelf shelf, string listen, Pace pace, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(listen);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 4 * MostAtOnce;
        });
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var free = new SemaphoreSlim(MostAtOnce);
        app.MapMethods("/copies/{root}", [HttpMethods.Get, HttpMethods.Head],
            (string root, HttpContext http) => Give(shelf, free, pace, root, http));
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException exception)
        {
            await app.DisposeAsync();
            throw new NotDoneException("CANNOT_LISTEN",
                $"Other nodes cannot be served on {listen}: {exception.Message}", "Choose another --listen.");
        }
        return new PeerServing(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    static async Task<IResult> Give(Shelf shelf, SemaphoreSlim free, Pace pace, string root, HttpContext http)
    {
        if (shelf.Find(root) is not { } copy) return Results.NotFound();
        if (!await free.WaitAsync(TimeSpan.Zero, http.RequestAborted))
        {
            http.Response.Headers.RetryAfter = $"{ComeAgain.TotalSeconds:0}";
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        http.Response.OnCompleted(() =>
        {
            free.Release();
            return Task.CompletedTask;
        });
        return Results.Stream(
            new PacedStream(shelf.OpenCopy(copy), pace), "application/octet-stream", lastModified: copy.GotAt,
            entityTag: new EntityTagHeaderValue($"\"{copy.Root}\""), enableRangeProcessing: true);
    }

    /// <summary>A file that is read no faster than the volunteer gives.</summary>
    sealed class PacedStream(FileStream file, Pace pace) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await file.ReadAsync(buffer, cancellationToken);
            await pace.Take(read, cancellationToken);
            return read;
        }

        public override Task<int> ReadAsync(
            byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}

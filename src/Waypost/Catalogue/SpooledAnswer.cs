using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;

namespace Waypost.Catalogue;

/// <summary>An answer that is written while its request is still being read, by way of a file: whoever writes never
/// waits for whoever reads.</summary>
sealed class SpooledAnswer : IAsyncDisposable
{
    const int Piece = 1 << 16;

    readonly FileStream file = Open();

    readonly Channel<long> lengths = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    readonly ArrayBufferWriter<byte> waiting = new(2 * Piece);
    readonly CancellationTokenSource stop;
    readonly Task sending;
    long written;

    public SpooledAnswer(Stream to, CancellationToken ct)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        sending = Send(to, stop.Token);
    }

    /// <summary>Adds a line.</summary>
    public void Line<T>(T value)
    {
        AnswerWriter.Value(waiting, value);
        waiting.Write("\n"u8);
        if (waiting.WrittenCount >= Piece) Put();
    }

    /// <summary>Returns when all has been sent.</summary>
    public async Task Finish()
    {
        Put();
        lengths.Writer.Complete();
        await sending;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        await file.DisposeAsync();
    }

    void Put()
    {
        RandomAccess.Write(file.SafeFileHandle, waiting.WrittenSpan, written);
        written += waiting.WrittenCount;
        waiting.ResetWrittenCount();
        lengths.Writer.TryWrite(written);
    }

    // Ids are in it: nobody else's to read.
    static FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(
            Path.Combine(Path.GetTempPath(), $"waypost-report-{Guid.CreateVersion7():N}"), options);
    }

    async Task Send(Stream to, CancellationToken ct)
    {
        var (sent, buffer) = (0L, new byte[Piece]);
        await foreach (var length in lengths.Reader.ReadAllAsync(ct))
        {
            while (sent < length)
            {
                var read = await RandomAccess.ReadAsync(
                    file.SafeFileHandle, buffer.AsMemory(0, (int)Math.Min(Piece, length - sent)), sent, ct);
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
                sent += read;
            }
            await to.FlushAsync(ct);
        }
    }
}

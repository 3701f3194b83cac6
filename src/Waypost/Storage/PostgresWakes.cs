using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;

namespace Waypost.Storage;

/// <summary>Wakes waiting loops of every process on one PostgreSQL, by LISTEN and NOTIFY.</summary>
/// <remarks>
/// A NOTIFY inside a transaction makes commits queue behind one lock, so wakes are sent after it, gathered for a few
/// milliseconds. A wake can be lost with its process; whoever waits also looks from time to time.
/// </remarks>
sealed class PostgresWakes(NpgsqlDataSource source) : IAsyncDisposable
{
    const string PostgresChannel = "waypost_wake";
    static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, bool> pending = new(StringComparer.Ordinal);
    readonly Channel<bool> toSend = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly CancellationTokenSource stop = new();
    Task loops = Task.CompletedTask;
    bool disposed;

    public void Wake(string channel)
    {
        WakeHere(channel);
        pending[channel] = true;
        toSend.Writer.TryWrite(true);
    }

    public async Task Woken(string channel, TimeSpan atMost, CancellationToken ct)
    {
        var wake = waiting.GetOrAdd(
            channel, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await wake.Task.WaitAsync(atMost, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    public Task Start(CancellationToken ct)
    {
        loops = Task.WhenAll(Keep(Listen), Keep(Send));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, true)) return;
        await stop.CancelAsync();
        await loops;
        stop.Dispose();
    }

    void WakeHere(string channel)
    {
        if (waiting.TryRemove(channel, out var wake)) wake.TrySetResult();
    }

    // A lost connection must not end the loop: it comes back with the server.
    async Task Keep(Func<CancellationToken, Task> loop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await loop(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost) when (lost is NpgsqlException or System.Net.Sockets.SocketException or IOException)
            {
                await Task.Delay(Reconnect, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task Listen(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        connection.Notification += (_, notice) => WakeHere(notice.Payload);
        await using var listen = new NpgsqlCommand($"listen {PostgresChannel}", connection);
        await listen.ExecuteNonQueryAsync(ct);
        // Whatever was sent while nobody listened is found by looking once.
        foreach (var channel in waiting.Keys) WakeHere(channel);
        while (true) await connection.WaitAsync(ct);
    }

    async Task Send(CancellationToken ct)
    {
        while (await toSend.Reader.WaitToReadAsync(ct))
        {
            await Task.Delay(Gather, ct);
            toSend.Reader.TryRead(out _);
            var channels = pending.Keys.Where(channel => pending.TryRemove(channel, out _)).ToArray();
            await using var notify = source.CreateCommand("select pg_notify($2, c) from unnest($1) c");
            notify.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = channels });
            notify.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PostgresChannel });
            await notify.ExecuteNonQueryAsync(ct);
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Waypost.Tests.Fakes;

/// <summary>A wire to a database that breaks once: after a commit has arrived, and before its answer comes back.
/// </summary>
sealed class ForgetfulWire : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource end = new();
    readonly Task listening;
    int armed;

    public ForgetfulWire(string host, int port)
    {
        listener.Start();
        listening = Listen(host, port);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often it broke.</summary>
    public int Breaks { get; private set; }

    /// <summary>The next commit is the one whose answer is lost.</summary>
    public void Arm() => Volatile.Write(ref armed, 1);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    async Task Listen(string host, int port)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(end.Token);
            var server = new TcpClient();
            await server.ConnectAsync(host, port, end.Token);
            _ = Carry(client, server);
        }
    }

    async Task Carry(TcpClient client, TcpClient server)
    {
        using (client)
        using (server)
        {
            var (asking, answering) = (client.GetStream(), server.GetStream());
            var broken = false;
            var back = Task.Run(async () =>
            {
                var buffer = new byte[1 << 16];
                int length;
                while ((length = await answering.ReadAsync(buffer, end.Token)) > 0)
                {
                    if (Volatile.Read(ref broken)) return;
                    await asking.WriteAsync(buffer.AsMemory(0, length), end.Token);
                }
            }, end.Token);
            var there = Task.Run(async () =>
            {
                var buffer = new byte[1 << 16];
                int length;
                while ((length = await asking.ReadAsync(buffer, end.Token)) > 0)
                {
                    if (buffer.AsSpan(0, length).IndexOf("COMMIT"u8) >= 0 && Interlocked.Exchange(ref armed, 0) == 1)
                    {
                        Volatile.Write(ref broken, true);
                        Breaks++;
                    }
                    await answering.WriteAsync(buffer.AsMemory(0, length), end.Token);
                }
            }, end.Token);
            await Task.WhenAny(back, there);
        }
    }
}

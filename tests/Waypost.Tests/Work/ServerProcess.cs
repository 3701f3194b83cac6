using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>The real server as a process of its own, to be killed.</summary>
sealed partial class ServerProcess : IAsyncDisposable
{
    const string AdminKey = "kill-test-administrator-key";

    readonly Process process;

    ServerProcess(Process process, Uri url)
    {
        this.process = process;
        Client = new HttpClient { BaseAddress = url };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    /// <summary>Holds the administrator's key.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts it on this folder; returns when it says where it listens.</summary>
    public static async Task<ServerProcess> Start(string folder, string? database)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in new[]
            { Path.Combine(AppContext.BaseDirectory, "Waypost.dll"), "serve", "--urls", "http://127.0.0.1:0", "--data",
                folder })
            start.ArgumentList.Add(argument);
        start.Environment["WAYPOST_ADMIN_KEY"] = AdminKey;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment.Remove("WAYPOST_DATABASE");
        if (database is not null) start.Environment["WAYPOST_DATABASE"] = database;
        var process = Process.Start(start)!;
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) => said.Add(line.Data ?? "");
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.Add(line);
            if (Address().Match(line) is not { Success: true } address) continue;
            // A full pipe would stop the server.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new ServerProcess(process, new Uri(address.Value));
        }
        throw new InvalidOperationException("The server did not start: " + string.Join('\n', said));
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        Client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await Kill();
        process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}

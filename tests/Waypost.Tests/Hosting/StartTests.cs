using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Hosting;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>What an operator meets at the start: one sentence when it cannot be, and where to go when it can.</summary>
public sealed partial class StartTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-start-").FullName;

    readonly List<Process> started = [];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var process in started)
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_is_no_database_a_taken_folder_and_a_taken_port_are_each_one_sentence()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "waypost.db"), new string('!', 5000), Token);
        await Cannot(["--data", folder], [], "waypost.db");

        await using var running = await TestServer.Start(Backend.Sqlite);
        var taken = running.Services.GetService(typeof(Settings)) as Settings;
        Assert.NotNull(taken);
        await Cannot(["--data", taken.Storage.DataFolder], [], $"process {Environment.ProcessId}");

        var free = Directory.CreateDirectory(Path.Combine(folder, "free")).FullName;
        await Cannot(["--data", free, "--urls", $"http://127.0.0.1:{running.Url.Port}"], [], "Another program listens");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_one_sentence()
    {
        var file = Path.Combine(folder, "file");
        await File.WriteAllTextAsync(file, "", Token);
        await Cannot(["--data", Path.Combine(file, "data")], [], "--data");
    }

    [Fact]
    public async Task A_postgres_that_does_not_answer_is_one_sentence()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await Cannot(
            ["--data", folder],
            new() { ["WAYPOST_DATABASE"] = $"Host=127.0.0.1;Port={port};Username=u;Password=hush" }, "does not answer");
    }

    [Fact]
    public async Task Usage_has_its_own_exit_code()
    {
        var errors = new StringWriter();
        Assert.Equal(2, await Start.Run(["--nonsense"], new Dictionary<string, string>(), TextWriter.Null, errors));
        Assert.Contains("--nonsense", errors.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The real program: it greets with a key that works, and SIGTERM ends it cleanly within
    /// seconds.</summary>
    [Fact]
    public async Task The_program_shows_its_key_once_serves_and_stops_when_told()
    {
        if (OperatingSystem.IsWindows()) return;
        var (first, greeting) = await Launch();
        var key = MadeKey().Match(greeting).Value;
        Assert.True(KeyText.IsWellFormed(key), greeting);
        using var client = new HttpClient { BaseAddress = new Uri(Address().Match(greeting).Groups["url"].Value) };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/default", Token)).StatusCode);
        await Stop(first);

        var (second, again) = await Launch();
        Assert.DoesNotMatch(MadeKey(), again);
        Assert.Contains("admin.key", again, StringComparison.Ordinal);
        await Stop(second);
    }

    async Task<(Process, string)> Launch()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Waypost.dll"), "--urls", "http://127.0.0.1:0", "--data", folder,
            },
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        started.Add(process);
        var greeting = "";
        while (!greeting.Contains("try ", StringComparison.Ordinal))
        {
            var line = await process.StandardOutput.ReadLineAsync(Token);
            greeting += line ?? throw new InvalidOperationException("It ended before it was ready: " + greeting);
            greeting += "\n";
        }
        return (process, greeting);
    }

    static async Task Stop(Process process)
    {
        using var kill = Process.Start("kill", $"-TERM {process.Id}");
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    static async Task Cannot(string[] arguments, Dictionary<string, string> environment, string expected)
    {
        var errors = new StringWriter();
        var code = await Start.Run(
            ["--urls", "http://127.0.0.1:0", .. arguments], environment, TextWriter.Null, errors);
        var said = errors.ToString().Trim();
        Assert.Equal(1, code);
        Assert.StartsWith("Waypost cannot start: ", said, StringComparison.Ordinal);
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", said, StringComparison.Ordinal);
    }

    [GeneratedRegex("wp_[0-9A-Za-z]{38}")]
    private static partial Regex MadeKey();

    [GeneratedRegex(@"listens\s+(?<url>\S+)")]
    private static partial Regex Address();
}

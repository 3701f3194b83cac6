using System.Collections;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Waypost.Access;
using Waypost.Pipelines;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>Starts the server from a command line, and says in one sentence why it cannot.</summary>
static class Start
{
    const int CannotStart = 1;
    const int Usage = 2;

    /// <summary>Does what the command line asks; returns the exit code: 0, 1 when it cannot start, 2 when it does not
    /// understand.</summary>
    public static async Task<int> Run(
        string[] arguments, IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter errors)
    {
        try
        {
            return await (CommandLine.Read(arguments, environment) switch
            {
                Command.Say say => Tell(say.Text, output),
                Command.Serve serve => Serve(serve.Settings, output),
                Command.Demo demo => Show(demo, output),
                var other => throw new NotSupportedException(other.ToString()),
            });
        }
        catch (UsageException error)
        {
            await errors.WriteLineAsync(error.Message);
            return Usage;
        }
        catch (Exception error) when (Reason(error) is { } reason)
        {
            await errors.WriteLineAsync("Waypost cannot start: " + reason);
            return CannotStart;
        }
    }

    /// <summary>Why the start failed, for the operator; null when it is a bug.</summary>
    internal static string? Reason(Exception error) => error switch
    {
        CannotStartException or StorageRefusedException => error.Message,
        StorageUnavailableException unavailable => $"{unavailable.Message} {unavailable.Remediation}",
        IOException { InnerException: AddressInUseException } =>
            $"{error.Message} Another program listens there; stop it, or choose another address with --urls.",
        IOException { InnerException: SocketException } or SocketException =>
            $"The address of --urls cannot be listened at: {error.Message} Choose another with --urls.",
        _ => null,
    };

    static async Task<int> Serve(Settings settings, TextWriter output)
    {
        await using var app = await WaypostApp.Build(settings, CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        await output.WriteLineAsync(Greeting(app, settings));
        await app.WaitForShutdownAsync(CancellationToken.None);
        return 0;
    }

    static async Task<int> Show(Command.Demo demo, TextWriter output)
    {
        // What goes wrong is on the screen; what goes right must not be in between.
        var settings = demo.Settings with { LogLevel = LogLevel.Warning };
        var code = await Show(demo, settings, output);
        if (demo is { Exit: true, OwnFolder: true }) Directory.Delete(settings.Storage.DataFolder, recursive: true);
        return code;
    }

    static async Task<int> Show(Command.Demo demo, Settings settings, TextWriter output)
    {
        await using var app = await WaypostApp.Build(settings, CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        await output.WriteLineAsync(Greeting(app, settings));
        var first = app.Services.GetRequiredService<FirstStart.Outcome>();
        var key = settings.Access.AdminKey ?? (await File.ReadAllTextAsync(first.KeyFile!, CancellationToken.None))
            .Trim();
        var code = await Demo.Run(
            app, new DemoOptions(demo.Files, demo.Exit, key, settings.Storage.DataFolder), CancellationToken.None);
        await app.StopAsync(CancellationToken.None);
        return code;
    }

    static async Task<int> Tell(string text, TextWriter output)
    {
        await output.WriteLineAsync(text);
        return 0;
    }

    /// <summary>What the operator reads when the server is up.</summary>
    internal static string Greeting(WebApplication app, Settings settings)
    {
        var first = app.Services.GetRequiredService<FirstStart.Outcome>();
        var database = app.Services.GetRequiredService<Databases>().Shared.Name;
        var url = app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
            .Replace("[::]", "[::1]", StringComparison.Ordinal);
        var key = first switch
        {
            { MadeKey: { } made } => $"{made}\n            shown this once; kept in {first.KeyFile}",
            { KeyFile: { } file } => $"in {file}",
            _ => "the one of WAYPOST_ADMIN_KEY",
        };
        return $"""

            Waypost {CommandLine.Version} is ready.

              listens   {string.Join(", ", app.Urls)}
              database  {database}
              data      {Path.GetFullPath(settings.Storage.DataFolder)}
              admin key {key}

              look      {url}/ (console), {url}/docs (every route), {url}/health
              try       curl -H "Authorization: Bearer KEY" {url}/api/v1/default
            """;
    }

    /// <summary>The process's own variables.</summary>
    public static IReadOnlyDictionary<string, string> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
}

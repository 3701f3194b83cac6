using Waypost.Cli;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>One run of the client's command line against a server: what it wrote and how it ended.</summary>
sealed record CliRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs it as a script would: no terminal, the address and the key in the environment.</summary>
    public static async Task<CliRun> Of(TestServer server, string? key, params string[] args) =>
        await Of(new Dictionary<string, string>
        {
            ["WAYPOST_SERVER"] = server.Url.AbsoluteUri,
            ["WAYPOST_KEY"] = key ?? "",
        }, TestContext.Current.CancellationToken, args);

    /// <summary>Runs it with this environment.</summary>
    public static async Task<CliRun> Of(
        IReadOnlyDictionary<string, string> variables, CancellationToken ct, params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var surroundings = new Surroundings(output, error, IsTerminal: false, variables, TimeProvider.System);
        var code = await CommandLine.Run(args, surroundings, ct);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The output's lines, which are JSON when JSON was asked for.</summary>
    public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

using System.Diagnostics;
using Waypost.Hosting;
using Xunit;

namespace Waypost.Tests.MapConsole;

/// <summary>Runs the scripted journeys of src/Console/journeys through a real browser.</summary>
static class Chromium
{
    static readonly string Browser = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    /// <summary>Skips the test where browser, Node or console are missing; a build server has to have them.</summary>
    public static void Required()
    {
        var missing = !File.Exists(Browser) ? $"There is no {Browser}; set CHROMIUM."
            : !ConsoleFiles.Present ? "The server was built without its console."
            : null;
        Assert.SkipUnless(missing is null || BackendsAttribute.OnBuildServer, missing ?? "");
        Assert.Null(missing);
    }

    /// <summary>Walks a journey; what it says is the failure's message.</summary>
    public static async Task Walk(string journey, IReadOnlyDictionary<string, string> variables, CancellationToken ct)
    {
        var start = new ProcessStartInfo("node", [$"journeys/{journey}.mjs"])
        {
            WorkingDirectory = Path.Combine(Root(), "src", "Console"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CHROMIUM"] = Browser;
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var node = Process.Start(start)!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(ct), node.StandardError.ReadToEndAsync(ct));
        try
        {
            await node.WaitForExitAsync(ct);
        }
        finally
        {
            if (!node.HasExited) node.Kill(entireProcessTree: true);
        }
        Assert.True(node.ExitCode == 0, $"The journey {journey} failed.\n{await errors}\n{await output}");
    }

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Waypost.slnx")))
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests do not lie in the checkout.");
        return folder;
    }
}

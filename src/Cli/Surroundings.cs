using System.Collections;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>What the client touches besides the server: where it writes, and what the environment says.</summary>
/// <param name="Out">For results.</param>
/// <param name="Error">For progress and for what went wrong.</param>
/// <param name="IsTerminal">Whether a person watches, so that bars may move.</param>
/// <param name="Variables">The environment.</param>
/// <param name="Clock">The time.</param>
sealed record Surroundings(
    TextWriter Out, TextWriter Error, bool IsTerminal, IReadOnlyDictionary<string, string> Variables,
    TimeProvider Clock)
{
    /// <summary>What this process was started with.</summary>
    public static Surroundings OfThisProcess() => new(
        Console.Out, Console.Error, !Console.IsErrorRedirected,
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal),
        TimeProvider.System);

    /// <summary>A variable of the environment; null when it is absent or empty.</summary>
    public string? Variable(string name) =>
        Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>For tables and coloured text of results.</summary>
    public IAnsiConsole OutConsole() => Make(Out, IsTerminal && !Console.IsOutputRedirected);

    /// <summary>For bars and problems.</summary>
    public IAnsiConsole ErrorConsole() => Make(Error, IsTerminal);

    static IAnsiConsole Make(TextWriter writer, bool terminal)
    {
        // A pipe has no width: lines stay whole, so that they can be searched.
        const int wideEnough = 4000;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!terminal) console.Profile.Width = wideEnough;
        return console;
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Waypost.Cli;

/// <summary>The help of a command: what System.CommandLine writes, then examples and the exit codes.</summary>
sealed class Examples(HelpAction usual) : SynchronousCommandLineAction
{
    static readonly ConditionalWeakTable<Command, string[]> known = [];

    /// <summary>Notes the command's examples, each a whole command line.</summary>
    public static void Add(Command command, params string[] examples) => known.Add(command, examples);

    /// <summary>The command as it is typed: <c>waypost org create</c>.</summary>
    public static string PathOf(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "waypost" : $"{PathOf(parent)} {command.Name}";
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var examples = Of(command).ToList();
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine($"  {example}");
        output.WriteLine();
        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCodes.Meanings) output.WriteLine($"  {code,-4} {meaning}");
        output.WriteLine();
        return ExitCodes.Ok;
    }

    // A group has no examples of its own: it shows the first of each of its commands.
    static IEnumerable<string> Of(Command command) => known.TryGetValue(command, out var examples)
        ? examples
        : command.Subcommands.SelectMany(part => Of(part).Take(1));
}

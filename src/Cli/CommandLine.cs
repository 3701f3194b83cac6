using System.CommandLine;
using System.CommandLine.Help;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>The <c>waypost</c> command: its options, its commands, and how every one of them ends.</summary>
static class CommandLine
{
    const string DefaultServer = "http://127.0.0.1:8080";

    /// <summary>Runs one command line and returns the program's exit code.</summary>
    public static async Task<int> Run(string[] args, Surroundings surroundings, CancellationToken ct)
    {
        var parsed = Root(surroundings).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var errors = surroundings.ErrorConsole();
            foreach (var error in parsed.Errors) errors.MarkupLineInterpolated($"[red bold]USAGE[/] {error.Message}");
            errors.MarkupLineInterpolated($"  [grey]do:[/] see {Examples.PathOf(parsed.CommandResult.Command)} --help");
            return ExitCodes.Usage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = surroundings.Out,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
        }, ct);
    }

    internal static RootCommand Root(Surroundings surroundings)
    {
        var root = new RootCommand("The client of a Waypost server: send geodata, follow the work, read what happened.")
        {
            Everywhere("--server", "url", $"The server's address. Default: WAYPOST_SERVER, else {DefaultServer}"),
            Everywhere("--key", "key", "The key to show. Default: WAYPOST_KEY, else none"),
            Everywhere("--org", "id", "The organization to act in. Default: WAYPOST_ORG, else the key's own"),
            Output(),
            OrgCommands.Make(surroundings), KeyCommands.Make(surroundings), SubmitCommand.Make(surroundings),
            StatusCommand.Make(surroundings), JobCommands.Make(surroundings), EventsCommand.Make(surroundings),
            CatalogueCommands.Make(surroundings), RescueImportCommand.Make(surroundings),
        };
        root.HelpName = "waypost";
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new Examples((HelpAction)help.Action!);
        return root;
    }

    static Option<string?> Everywhere(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Recursive = true };

    static Option<string> Output()
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "table for people, json for scripts: the server's own JSON, one value a line",
            DefaultValueFactory = _ => "table",
            Recursive = true,
        };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }

    /// <summary>Gives a command what it does: connected, every trouble turned into words and an exit code.</summary>
    public static Command Does(
        this Command command, Surroundings surroundings,
        Func<ParseResult, Connection, Answers, CancellationToken, Task<int>> run)
    {
        command.SetAction((ParseResult parsed, CancellationToken ct) =>
        {
            var json = parsed.GetValue<string>("--output") == "json";
            return Ending(surroundings, json, async () =>
            {
                using var connection = Connect(parsed, surroundings);
                return await run(parsed, connection, new Answers(surroundings, json), ct);
            }, ct);
        });
        return command;
    }

    /// <summary>The same for a command that finds its server by itself, if it needs one, and has <c>--json</c>.
    /// </summary>
    public static Command DoesAlone(
        this Command command, Surroundings surroundings, Option<bool> json,
        Func<ParseResult, Answers, CancellationToken, Task<int>> run)
    {
        command.SetAction((ParseResult parsed, CancellationToken ct) =>
        {
            // A command may have an --output of its own; -o stays the one of all.
            var everywhere = parsed.RootCommandResult.Command.Options.OfType<Option<string>>()
                .First(option => option.Name == "--output");
            var isJson = parsed.GetValue(json) || parsed.GetValue(everywhere) == "json";
            return Ending(surroundings, isJson, () => run(parsed, new Answers(surroundings, isJson), ct), ct);
        });
        return command;
    }

    static async Task<int> Ending(Surroundings surroundings, bool json, Func<Task<int>> run, CancellationToken ct)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCodes.Stopped;
        }
        catch (ServerProblemException problem)
        {
            if (json && problem.Body.StartsWith('{')) await surroundings.Error.WriteLineAsync(problem.Body);
            else problem.Show(surroundings.ErrorConsole());
            return problem.ExitCode;
        }
        catch (UnreachableException unreachable)
        {
            Say(surroundings, "UNREACHABLE", unreachable.Message,
                "Start it (dotnet run --project src/Waypost), or name another with --server or WAYPOST_SERVER.");
            return ExitCodes.Unreachable;
        }
        catch (NotDoneException failed)
        {
            Say(surroundings, failed.Code, failed.Message, failed.Remedy);
            return ExitCodes.Failed;
        }
        catch (UsageException usage)
        {
            Say(surroundings, "USAGE", usage.Message, usage.Remedy);
            return ExitCodes.Usage;
        }
    }

    static void Say(Surroundings surroundings, string code, string sentence, string remedy)
    {
        var errors = surroundings.ErrorConsole();
        errors.MarkupLineInterpolated($"[red bold]{code}[/] {sentence}");
        errors.MarkupLineInterpolated($"  [grey]do:[/] {remedy}");
    }

    /// <summary>The server that a command line means.</summary>
    public static Connection Connect(ParseResult parsed, Surroundings surroundings)
    {
        var address = parsed.GetValue<string?>("--server") ?? surroundings.Variable("WAYPOST_SERVER") ?? DefaultServer;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
            throw new UsageException(
                $"--server (or WAYPOST_SERVER) is '{address}'; an http or https address was expected.",
                $"Write it whole: {DefaultServer}");
        return new Connection(
            server, parsed.GetValue<string?>("--key") ?? surroundings.Variable("WAYPOST_KEY"),
            parsed.GetValue<string?>("--org") ?? surroundings.Variable("WAYPOST_ORG"), surroundings.Clock);
    }
}

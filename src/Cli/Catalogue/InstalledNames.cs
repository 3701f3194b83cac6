using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary>The names under which EOMatch's users know the catalogue commands: the program answers to them when it is
/// called by one, and <c>waypost catalogue install-names</c> puts them into a folder.</summary>
static class InstalledNames
{
    const string Prefix = "eomatch-";
    static readonly string[] Commands = ["ingest", "query", "add-asset", "status"];

    /// <summary>The arguments, with the command before them that the program's own name says.</summary>
    /// <param name="calledAs">How it was called: a path or a name.</param>
    /// <param name="args">What was written after it.</param>
    public static string[] Arguments(string? calledAs, string[] args)
    {
        var name = Path.GetFileNameWithoutExtension(calledAs ?? "");
        return name.StartsWith(Prefix, StringComparison.Ordinal) && Commands.Contains(name[Prefix.Length..])
            ? ["catalogue", name[Prefix.Length..], .. args] : args;
    }

    /// <summary>How this process was called; a link's own name where the system says it.</summary>
    public static string? CalledAs()
    {
        const string commandLine = "/proc/self/cmdline";
        if (!File.Exists(commandLine)) return Environment.ProcessPath;
        var first = Encoding.UTF8.GetString(File.ReadAllBytes(commandLine)).Split('\0')[0];
        return first.Length > 0 ? first : Environment.ProcessPath;
    }

    public static Command Make(Surroundings surroundings)
    {
        var folder = new Argument<string>("dir") { Description = "A folder of the PATH: ~/.local/bin" };
        var json = new Option<bool>("--json") { Description = "One JSON document for scripts" };
        var command = new Command("install-names", "Let this program be called by EOMatch's names")
        {
            folder, json,
        };
        Examples.Add(command, "waypost catalogue install-names ~/.local/bin");
        return command.DoesAlone(surroundings, json, (parsed, answers, _) =>
        {
            var made = Install(Path.GetFullPath(parsed.GetValue(folder)!));
            var body = JsonSerializer.Serialize(new { Names = made.Select(path => new { Path = path }) }, Wire.Options);
            answers.Many(body, "names", ["MADE"], name => [name.Text("path")], "Nothing was made.");
            return Task.FromResult(ExitCodes.Ok);
        });
    }

    /// <summary>Writes one small script a name; scripts work wherever links lose their name.</summary>
    /// <exception cref="UsageException">A file that is not ours has one of the names, or the folder cannot be written.
    /// </exception>
    internal static IReadOnlyList<string> Install(string folder)
    {
        const string mark = "made by waypost catalogue install-names";
        var program = Program();
        var made = new List<string>();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var command in Commands)
            {
                var path = Path.Combine(folder, Prefix + command + (OperatingSystem.IsWindows() ? ".cmd" : ""));
                if (File.Exists(path) && !File.ReadAllText(path).Contains(mark, StringComparison.Ordinal))
                    throw new UsageException(
                        $"{path} is there and is not ours.", "Choose another folder, or remove it.");
                File.WriteAllText(path, OperatingSystem.IsWindows()
                    ? $"@rem {mark}\r\n@{program} catalogue {command} %*\r\n"
                    : $"#!/bin/sh\n# {mark}\nexec {program} catalogue {command} \"$@\"\n");
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute
                        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
                made.Add(path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{folder} cannot be written: {error.Message}", "Choose another folder.");
        }
        return made;
    }

    // Started by dotnet, the program is the library beside it.
    static string Program()
    {
        var path = Environment.ProcessPath ?? "waypost";
        var host = Path.GetFileNameWithoutExtension(path);
        return host == "dotnet" ? $"{Quoted(path)} {Quoted(typeof(InstalledNames).Assembly.Location)}" : Quoted(path);
    }

    static string Quoted(string path) => OperatingSystem.IsWindows() ? $"\"{path}\""
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

using System.Reflection;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>What the command line asks for.</summary>
abstract record Command
{
    /// <summary>Serve until stopped.</summary>
    public sealed record Serve(Settings Settings) : Command;

    /// <summary>Serve, and do the main job before one's eyes; in a folder of its own, which goes when it exits, or in
    /// one that was named.</summary>
    public sealed record Demo(Settings Settings, IReadOnlyList<string> Files, bool Exit, bool OwnFolder) : Command;

    /// <summary>Say something and leave.</summary>
    public sealed record Say(string Text) : Command;
}

/// <summary>The command line cannot be understood; answered with exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>Reads the server's command line.</summary>
static class CommandLine
{
    static readonly string[] WithValue = ["--urls", "--data"];

    /// <summary>The version that <c>--version</c> and <c>/</c> tell.</summary>
    public static string Version { get; } = typeof(CommandLine).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Understands the arguments and reads the settings.</summary>
    /// <exception cref="UsageException">The arguments make no sense.</exception>
    /// <exception cref="CannotStartException">A setting is wrong.</exception>
    public static Command Read(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var flags = new Dictionary<string, string>(StringComparer.Ordinal);
        var words = new List<string>();
        var exit = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var before, var after] && before.StartsWith('-')
                ? (before, after) : (arguments[i], null);
            if (name is "--help" or "-h" or "help") return new Command.Say(Help);
            if (name is "--version") return new Command.Say($"waypost {Version}");
            if (name is "--exit") exit = true;
            else if (WithValue.Contains(name))
                flags[name] = value ?? (++i < arguments.Length ? arguments[i] : throw Lacks(name));
            else if (name.StartsWith('-')) throw Unknown($"There is no flag {name}.");
            else words.Add(name);
        }
        if (words is ["demo", .. var files]) return Demo(files, exit, flags, environment);
        if (words is not ([] or ["serve"])) throw Unknown($"'{string.Join(' ', words)}' is not a command.");
        if (exit) throw Unknown("--exit belongs to demo.");
        return new Command.Serve(ReadSettings.Read(flags, environment));
    }

    // A demo that nobody told where to live lives in a folder of its own; one that ends takes any free port.
    static Command.Demo Demo(
        IReadOnlyList<string> files, bool exit, Dictionary<string, string> flags,
        IReadOnlyDictionary<string, string> environment)
    {
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new UsageException($"There is no file {missing}.");
        bool Said(string flag, string variable) =>
            flags.ContainsKey(flag) || environment.GetValueOrDefault(variable) is { Length: > 0 };
        var ownFolder = !Said("--data", "WAYPOST_DATA");
        if (ownFolder)
            flags["--data"] = Directory.CreateTempSubdirectory("waypost-demo-").FullName;
        if (exit && !Said("--urls", "WAYPOST_URLS")) flags["--urls"] = "http://127.0.0.1:0";
        return new Command.Demo(ReadSettings.Read(flags, environment), files, exit, ownFolder);
    }

    static UsageException Lacks(string flag) => new($"The flag {flag} needs a value. --help shows how.");

    static UsageException Unknown(string sentence) => new(sentence + " --help lists what there is.");

    static readonly string Help = $"""
        Waypost {Version}: sends geospatial work to whoever can do it and serves what comes back.

        usage
          dotnet run --project src/Waypost -- [serve] [--urls URLS] [--data FOLDER]
          dotnet run --project src/Waypost -- demo [FILE…] [--exit] [--urls URLS] [--data FOLDER]

        flags
          --urls URLS     where to listen; default http://127.0.0.1:8080
          --data FOLDER   where everything is kept; default ./data
          --help          this text
          --exit          demo: stop when done; the exit code is 0 only if every step was verified
          --version       the version

        environment (a flag goes before it)
        {string.Join("\n", ReadSettings.Variables.Select(variable => $"  {variable.Key,-18}  {variable.Value}"))}

        everything else is said in waypost.json in the data folder: docs/reference/settings.md

        demo submits the files (without any: samples of its own), shows how they are validated, converted, catalogued
        and served, and looks at what comes out; without --data it uses a new folder

        examples
          dotnet run --project src/Waypost
          dotnet run --project src/Waypost -- --urls http://0.0.0.0:80 --data /var/lib/waypost
          WAYPOST_DATABASE="Host=db;Username=waypost;Password=…" dotnet run --project src/Waypost
        """;
}

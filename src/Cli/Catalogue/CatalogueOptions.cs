using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Waypost.Cli;

/// <summary>The options that several catalogue commands have, each spelled as EOMatch spells it.</summary>
sealed class CatalogueOptions
{
    /// <summary><c>--config</c></summary>
    public Option<string?> Config { get; } = new("--config")
    {
        Description = "A YAML configuration of EOMatch; goes before ~/.config/eomatch/user_config.yaml",
        HelpName = "path",
    };

    /// <summary><c>--api-url</c></summary>
    public Option<string?> ApiUrl { get; } = new("--api-url")
    {
        Description = "The root of a STAC API: http://127.0.0.1:8080/api. Default: query.api_url of the "
            + "configuration, else the catalogue of --server",
        HelpName = "url",
    };

    /// <summary><c>--json</c></summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "One JSON document for scripts, and nothing else on the output",
    };

    /// <summary><c>-v</c></summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Say what is asked of the server" };

    /// <summary>Adds the four to a command.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { Config, ApiUrl, Json, Verbose }) command.Options.Add(option);
        return command;
    }

    /// <summary>The API that a command line means.</summary>
    public StacApi Api(ParseResult parsed, Surroundings surroundings, EomatchSettings settings, string section)
    {
        var said = parsed.GetValue(ApiUrl) ?? settings.Text(section, "api_url");
        var key = parsed.GetValue<string?>("--key") ?? surroundings.Variable("WAYPOST_KEY");
        Action<string>? tell = parsed.GetValue(Verbose) ? surroundings.Error.WriteLine : null;
        if (said is null)
        {
            using var server = CommandLine.Connect(parsed, surroundings);
            return new StacApi(
                new Uri(server.Server, server.IsOrgStated ? server.TwinPath("/stac") : "api"), key, surroundings.Clock,
                tell);
        }
        return Uri.TryCreate(said, UriKind.Absolute, out var root) && root.Scheme is "http" or "https"
            ? new StacApi(root, key, surroundings.Clock, tell)
            : throw new UsageException(
                $"--api-url (or {section}.api_url) is '{said}'; an http or https address was expected.",
                "Write it whole: http://127.0.0.1:8080/api");
    }

    /// <summary>The folder of a catalogue, said as such or by its <c>catalog.json</c>.</summary>
    /// <exception cref="UsageException">None was said.</exception>
    public static string Folder(string? said)
    {
        if (said is null)
            throw new UsageException("No catalogue was named.",
                "Name its folder with --catalogue, or as matchup_catalogue.path in the configuration.");
        var path = Path.GetFullPath(said);
        return Path.GetFileName(path) == Waypost.Geo.Stac.LocalCatalogueLayout.RootFile && !Directory.Exists(path)
            ? Path.GetDirectoryName(path)! : path;
    }

    /// <summary>Several values behind one option, or one value with commas.</summary>
    public static Option<string[]> List(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    /// <summary><c>--bbox W S E N</c>, or <c>--bbox W,S,E,N</c>.</summary>
    public static Option<double[]?> Bbox() => new("--bbox")
    {
        Description = "West south east north, in degrees; with spaces or with commas between them",
        HelpName = "W S E N",
        AllowMultipleArgumentsPerToken = true,
        Arity = new ArgumentArity(1, 4),
        CustomParser = Numbers,
    };

    /// <summary>A moment as a search has it; a day alone is its beginning, a time without an offset is UTC.</summary>
    /// <exception cref="UsageException">It is no moment.</exception>
    public static string? Moment(string? text, string option)
    {
        if (text is null) return null;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
            throw new UsageException($"{option} is '{text}'; a day or a moment of ISO 8601 was expected.",
                "Write 2022-05-21, or 2022-05-21T08:46:40Z");
        return moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
    }

    static double[]? Numbers(ArgumentResult result)
    {
        var parts = result.Tokens.SelectMany(token => token.Value.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        var numbers = new List<double>();
        foreach (var part in parts)
            if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number))
                numbers.Add(number);
        if (numbers.Count == 4 && parts.Count == 4) return [.. numbers];
        result.AddError($"--bbox is '{string.Join(' ', parts)}'; four numbers were expected: west south east north.");
        return null;
    }
}

using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Waypost.Cli;

/// <summary>
/// What EOMatch's configuration says about catalogues: the file of <c>--config</c>, below it
/// <c>~/.config/eomatch/user_config.yaml</c>. Keys that the catalogue commands do not use are left alone, as the same
/// file also configures the finder.
/// </summary>
sealed class EomatchSettings
{
    readonly List<(string File, YamlMappingNode Root)> layers = [];

    /// <summary>Reads the layers.</summary>
    /// <param name="config">The file of <c>--config</c>; null: none.</param>
    /// <param name="surroundings">Where the home folder is said.</param>
    /// <exception cref="UsageException">A file is missing or is no YAML; the sentence says which and where.</exception>
    public static EomatchSettings Read(string? config, Surroundings surroundings)
    {
        var settings = new EomatchSettings();
        if (config is not null)
            settings.layers.Add((config, Load(config) ?? throw new UsageException(
                $"There is no file {config}.", "Name the configuration with --config, or leave it out.")));
        if ((surroundings.Variable("HOME") ?? surroundings.Variable("USERPROFILE")) is { } home)
        {
            var user = Path.Combine(home, ".config", "eomatch", "user_config.yaml");
            if (Load(user) is { } layer) settings.layers.Add((user, layer));
        }
        return settings;
    }

    /// <summary>The value of a key in the first layer that has it; null where none has, or where it is empty.</summary>
    /// <param name="section">The section: <c>ingest</c>.</param>
    /// <param name="key">The key in it: <c>db_host</c>.</param>
    /// <exception cref="UsageException">It is a list or a section where one value was expected.</exception>
    public string? Text(string section, string key)
    {
        foreach (var (file, root) in layers)
        {
            if (Child(root, section) is not YamlMappingNode part || Child(part, key) is not { } node) continue;
            if (node is not YamlScalarNode scalar)
                throw new UsageException(
                    FormattableString.Invariant(
                        $"{file}, line {node.Start.Line}: {section}.{key} is a list or a section."),
                    "Write one value there.");
            var says = scalar.Value is { Length: > 0 } && !(scalar.Style == ScalarStyle.Plain && IsNull(scalar.Value));
            if (says) return scalar.Value;
        }
        return null;
    }

    /// <summary>The same as a whole number.</summary>
    public int? Number(string section, string key) => Text(section, key) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new UsageException(
            $"{section}.{key} of the configuration is '{text}'.", "A whole number was expected there.");

    /// <summary>Whether any layer says anything in a section.</summary>
    public bool Has(string section, params string[] keys) => keys.Any(key => Text(section, key) is not null);

    static YamlNode? Child(YamlMappingNode node, string key) => node.Children
        .FirstOrDefault(child => child.Key is YamlScalarNode scalar && scalar.Value == key).Value;

    static bool IsNull(string plain) => plain is "~" or "null" or "Null" or "NULL";

    static YamlMappingNode? Load(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            using var text = File.OpenText(path);
            var yaml = new YamlStream();
            yaml.Load(text);
            if (yaml.Documents.Count == 0) return new YamlMappingNode();
            return yaml.Documents[0].RootNode switch
            {
                YamlMappingNode root => root,
                YamlScalarNode { Value: null or "" } => new YamlMappingNode(),
                _ => throw new UsageException($"{path} is not a mapping of keys to values.", "Write key: value lines."),
            };
        }
        catch (YamlException broken)
        {
            throw new UsageException(
                FormattableString.Invariant($"{path}, line {broken.Start.Line}: {broken.Message}"),
                "Correct the YAML there.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {error.Message}", "Make it readable.");
        }
    }
}

using System.Globalization;

namespace Waypost.Bench;

/// <summary><c>--name value</c> pairs.</summary>
sealed class Arguments
{
    readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public Arguments(string[] args)
    {
        if (args.Length % 2 != 0)
            throw new ArgumentException($"Arguments come as --name value; got {string.Join(' ', args)}.");
        for (var i = 0; i < args.Length; i += 2) values[args[i].TrimStart('-')] = args[i + 1];
    }

    public string Text(string name, string otherwise) => values.GetValueOrDefault(name, otherwise);

    public int Int(string name, int otherwise) =>
        values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

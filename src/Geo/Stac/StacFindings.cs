using System.Buffers;
using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>
/// Collects what is wrong with a document, up to a limit, and knows the checks that recur everywhere.
/// </summary>
internal sealed class StacFindings(bool hasPaths)
{
    static readonly SearchValues<char> SchemeLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    static readonly SearchValues<char> NeverInUris = SearchValues.Create(" <>\"{}|\\^`");

    readonly List<StacFault> faults = [];

    public IReadOnlyList<StacFault> All => faults;

    /// <summary>True when a server will write the document's links to itself and its surroundings.</summary>
    public bool IsFramed { get; init; }

    /// <summary>The path of a member; nothing where no paths are written.</summary>
    public string At(string path, string name) => hasPaths ? $"{path}/{name}" : "";

    public void Add(string path, JsonElement found, string expected)
    {
        var text = found.GetRawText();
        Report(path, text.Length <= 60 ? text : text[..60] + "…", expected);
    }

    public void Missing(string path, string expected) => Report(path, "nothing", expected);

    /// <summary>The member when it is there and of that kind; reported otherwise.</summary>
    public JsonElement? Need(JsonElement json, string path, string name, JsonValueKind kind)
    {
        var expected = kind == JsonValueKind.Array ? "an array" : "an object";
        if (!json.TryGetProperty(name, out var found))
            Missing($"{path}/{name}", expected);
        else if (found.ValueKind != kind)
            Add($"{path}/{name}", found, expected);
        else
            return found;
        return null;
    }

    public bool IsObject(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return true;
        Add(path, json, "an object");
        return false;
    }

    public void Equal(JsonElement json, string name, string value)
    {
        if (!json.TryGetProperty(name, out var found))
            Missing("/" + name, $"\"{value}\"");
        else if (found.ValueKind != JsonValueKind.String || !found.ValueEquals(value))
            Add("/" + name, found, $"\"{value}\"");
    }

    /// <summary>A string, when it is there.</summary>
    public void Text(JsonElement json, string path, string name, bool required = false, int least = 0)
    {
        var expected = least > 0 ? "a string that is not empty" : "a string";
        if (!json.TryGetProperty(name, out var found))
        {
            if (required)
                Missing($"{path}/{name}", expected);
        }
        else if (found.ValueKind != JsonValueKind.String || found.GetString()!.Length < least)
            Add($"{path}/{name}", found, expected);
    }

    /// <summary>An array of strings, when it is there.</summary>
    public void Texts(JsonElement json, string path, string name, Func<string, bool> sound, string each,
        bool unique = false)
    {
        if (!json.TryGetProperty(name, out var found))
            return;
        var at = At(path, name);
        if (found.ValueKind != JsonValueKind.Array)
        {
            Add(at, found, "an array of strings");
            return;
        }
        var seen = unique ? new HashSet<string>(StringComparer.Ordinal) : null;
        Each(found, at, (text, place) =>
        {
            if (text.ValueKind != JsonValueKind.String || !sound(text.GetString()!))
                Add(place, text, each);
            else if (seen?.Add(text.GetString()!) == false)
                Add(place, text, "no value twice");
        });
    }

    public void Each(JsonElement array, string path, Action<JsonElement, string> check)
    {
        var index = 0;
        foreach (var member in array.EnumerateArray())
        {
            if (faults.Count >= StacRules.FaultLimit)
                return;
            check(member, hasPaths ? FormattableString.Invariant($"{path}/{index++}") : "");
        }
    }

    public void EachMember(JsonElement json, string path, Action<JsonElement, string> check)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (faults.Count >= StacRules.FaultLimit)
                return;
            check(member.Value, hasPaths ? At(path, Escaped(member.Name)) : "");
        }
    }

    static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>True for a URI with a scheme.</summary>
    public static bool IsAbsolute(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(text[0])
            && text.AsSpan(0, colon).IndexOfAnyExcept(SchemeLetters) < 0
            && !text.AsSpan().ContainsAny(NeverInUris);
    }

    /// <summary>True for capital letters and nothing else.</summary>
    public static bool IsUpperCase(string text) => text.Length > 0 && text.All(char.IsAsciiLetterUpper);

    void Report(string path, string what, string expected)
    {
        if (faults.Count < StacRules.FaultLimit)
            faults.Add(new StacFault(path, what, expected));
    }
}

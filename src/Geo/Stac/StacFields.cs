using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>Which members of an item are answered (STAC API 1.0, Fields).</summary>
/// <remarks>
/// A path names a member and all below it: <c>properties.eo:cloud_cover</c>. The most specific path that a member lies
/// under decides; where both kinds are equally specific, including wins. What no path speaks of is left out where
/// something is included, and stays where only something is excluded. Nothing named at all means
/// <see cref="Least"/>.
/// </remarks>
public sealed class StacFields
{
    /// <summary>Paths of one request, of both kinds together.</summary>
    public const int MostPaths = 200;

    /// <summary>Characters of one path.</summary>
    public const int LongestPath = 500;

    /// <summary>The least that is a valid item.</summary>
    public static IReadOnlyList<string> Least { get; } =
    [
        "type", "stac_version", "stac_extensions", "id", "geometry", "bbox", "links", "assets", "collection",
        "properties.datetime", "properties.start_datetime", "properties.end_datetime",
    ];

    /// <summary>Members by which a client knows what it got; left out only when excluded by name.</summary>
    static readonly string[] Always = ["type", "stac_version", "id", "collection"];

    readonly HashSet<string> included;
    readonly HashSet<string> excluded;
    readonly bool otherwise;

    /// <summary>The fields that these paths name.</summary>
    public StacFields(IReadOnlyCollection<string> include, IReadOnlyCollection<string> exclude)
    {
        excluded = [.. exclude];
        included = [.. include.Count == 0 && exclude.Count == 0 ? Least : include];
        otherwise = included.Count == 0;
        if (!otherwise) included.UnionWith(Always.Except(exclude, StringComparer.Ordinal));
    }

    /// <summary>Reads a query parameter: paths with commas between them, those to leave out with a minus.</summary>
    /// <exception cref="FormatException">It cannot be one; the sentence says why.</exception>
    public static StacFields Parse(string text)
    {
        var paths = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Of(
            [.. paths.Where(path => path[0] != '-').Select(path => path.TrimStart('+'))],
            [.. paths.Where(path => path[0] == '-').Select(path => path[1..])]);
    }

    /// <summary>Reads the member <c>fields</c> of a body: an object with arrays of paths.</summary>
    /// <exception cref="FormatException">It is not one; the sentence says why.</exception>
    public static StacFields Read(JsonElement fields)
    {
        if (fields.ValueKind != JsonValueKind.Object)
            throw new FormatException("an object with the arrays include and exclude was expected");
        foreach (var member in fields.EnumerateObject())
            if (member.Name is not ("include" or "exclude"))
                throw new FormatException($"it has the member {member.Name}; only include and exclude are known");
        return Of(Paths(fields, "include"), Paths(fields, "exclude"));
    }

    /// <summary>Writes the members of an item that were asked for.</summary>
    public void Write(JsonElement item, Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var member in item.EnumerateObject()) Write(member, member.Name, otherwise, to);
        to.WriteEndObject();
    }

    static StacFields Of(string[] include, string[] exclude)
    {
        if (include.Length + exclude.Length > MostPaths)
            throw new FormatException($"it has more than {MostPaths} paths");
        var odd = include.Concat(exclude).FirstOrDefault(path => path.Length is 0 or > LongestPath);
        return odd is null ? new StacFields(include, exclude)
            : throw new FormatException($"a path has {odd.Length} characters; 1 to {LongestPath} were expected");
    }

    static string[] Paths(JsonElement fields, string kind)
    {
        if (!fields.TryGetProperty(kind, out var paths) || paths.ValueKind == JsonValueKind.Null) return [];
        if (paths.ValueKind != JsonValueKind.Array
            || paths.EnumerateArray().Any(path => path.ValueKind != JsonValueKind.String))
            throw new FormatException($"its {kind} is not an array of texts");
        return [.. paths.EnumerateArray().Select(path => path.GetString()!)];
    }

    // Whether the members below are in doubt is known by the paths alone, so most are written or left out whole.
    void Write(JsonProperty member, string path, bool above, Utf8JsonWriter to)
    {
        var shown = included.Contains(path) || (!excluded.Contains(path) && above);
        var doubtful = member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            && (shown ? excluded : included).Any(below => IsBelow(below, path));
        if (!doubtful)
        {
            if (shown) member.WriteTo(to);
        }
        else if (shown || HasShown(member.Value, path, shown))
        {
            to.WritePropertyName(member.Name);
            WriteValue(member.Value, path, shown, to);
        }
    }

    void WriteValue(JsonElement value, string path, bool shown, Utf8JsonWriter to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.WriteStartObject();
                foreach (var member in value.EnumerateObject()) Write(member, $"{path}.{member.Name}", shown, to);
                to.WriteEndObject();
                break;
            case JsonValueKind.Array:
                to.WriteStartArray();
                foreach (var member in value.EnumerateArray()) WriteValue(member, path, shown, to);
                to.WriteEndArray();
                break;
            default:
                value.WriteTo(to);
                break;
        }
    }

    // An object of which nothing would be left is not written as an empty one.
    bool HasShown(JsonElement value, string path, bool above) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member =>
        {
            var below = $"{path}.{member.Name}";
            return included.Contains(below) || (!excluded.Contains(below) && above)
                || HasShown(member.Value, below, false);
        }),
        JsonValueKind.Array => value.EnumerateArray().Any(member => HasShown(member, path, above)),
        _ => false,
    };

    static bool IsBelow(string path, string above) =>
        path.Length > above.Length && path[above.Length] == '.' && path.StartsWith(above, StringComparison.Ordinal);
}

using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;

namespace Waypost.Catalogue;

/// <summary>A collection as a search of collections looks at it: in the form that the view shows.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Body">As it is stored in that form.</param>
sealed class FoundCollection(string id, string body)
{
    /// <summary>What every collection may be asked about, whether or not it has it, and as what.</summary>
    public static readonly IReadOnlyDictionary<string, Cql2Type> Standard = new Dictionary<string, Cql2Type>
    {
        ["id"] = Cql2Type.Text,
        ["title"] = Cql2Type.Text,
        ["description"] = Cql2Type.Text,
        ["license"] = Cql2Type.Text,
        ["keywords"] = Cql2Type.Array,
        ["created"] = Cql2Type.Timestamp,
        ["updated"] = Cql2Type.Timestamp,
        ["start_datetime"] = Cql2Type.Timestamp,
        ["end_datetime"] = Cql2Type.Timestamp,
        ["geometry"] = Cql2Type.Geometry,
    };

    /// <summary>Members that are not asked about by name: they have parameters of their own, or nothing to compare.
    /// </summary>
    static readonly HashSet<string> Apart = ["links", "assets", "item_assets", "extent", "stac_extensions"];

    readonly JsonElement document = JsonElement.Parse(body);

    public string Id { get; } = id;

    public string Body { get; } = body;

    /// <summary>Names that this one has values of.</summary>
    public IEnumerable<string> Names()
    {
        foreach (var member in document.EnumerateObject())
        {
            if (Apart.Contains(member.Name)) continue;
            if (member.Value.ValueKind != JsonValueKind.Object)
            {
                yield return member.Name;
                continue;
            }
            foreach (var inner in member.Value.EnumerateObject()) yield return $"{member.Name}.{inner.Name}";
        }
    }

    /// <summary>The value of a name, as filters compare it.</summary>
    public object? ValueOf(string name) => name switch
    {
        "start_datetime" => Intervals().FirstOrDefault().From is { } from ? Moments.Text(from) : null,
        "end_datetime" => Intervals().FirstOrDefault().Until is { } until ? Moments.Text(until) : null,
        "geometry" => Boxes().Select(box => box.ToGeometry()).FirstOrDefault(),
        _ when Apart.Contains(name) => null,
        _ when document.TryGetProperty(name, out var value) => Cql2Values.Of(value),
        _ => Nested(name),
    };

    /// <summary>True where one of its boxes touches the area.</summary>
    public bool Touches(SearchArea area) => Boxes().Any(box =>
        box.ToEnvelopes().Any(mine => area.Boxes.Any(mine.Intersects))
        && (area.Heights is not var (bottom, top) || box.Bottom is null || box.Bottom <= top && box.Top >= bottom));

    /// <summary>True where one of its intervals reaches into this time.</summary>
    public bool Meets(long? from, long? until) => Intervals().Any(interval =>
        (until is null || interval.From is null || interval.From <= until)
        && (from is null || interval.Until is null || interval.Until >= from));

    /// <summary>The words that free text is looked for in. No phrase goes on from one member to the next.</summary>
    public IReadOnlyList<string> Words() =>
        [.. StacChecks.Words(document).Split('\n').SelectMany(line => line.Split(' ').Append(""))];

    object? Nested(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && !Apart.Contains(name[..dot]) && document.TryGetProperty(name[..dot], out var outer)
            && outer.ValueKind == JsonValueKind.Object && outer.TryGetProperty(name[(dot + 1)..], out var inner)
            ? Cql2Values.Of(inner)
            : null;
    }

    IEnumerable<GeoBox> Boxes()
    {
        foreach (var box in Extent("spatial", "bbox"))
            if (box.ValueKind == JsonValueKind.Array && GeoBox.TryRead(box, out var read, out _))
                yield return read;
    }

    IEnumerable<(long? From, long? Until)> Intervals()
    {
        foreach (var interval in Extent("temporal", "interval"))
            if (interval.ValueKind == JsonValueKind.Array && interval.GetArrayLength() == 2)
                yield return (Read(interval[0]), Read(interval[1]));
    }

    IEnumerable<JsonElement> Extent(string kind, string member) =>
        document.TryGetProperty("extent", out var extent) && extent.TryGetProperty(kind, out var of)
        && of.TryGetProperty(member, out var all) && all.ValueKind == JsonValueKind.Array
            ? all.EnumerateArray() : [];

    static long? Read(JsonElement time) => time.ValueKind == JsonValueKind.String
        && Moments.TryParse(time.GetString(), out var microseconds) ? microseconds : null;
}

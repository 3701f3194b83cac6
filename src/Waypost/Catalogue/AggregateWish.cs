using System.Globalization;
using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>How finely moments are counted.</summary>
enum CountedBy
{
    /// <summary>As finely as gives a few dozen counts.</summary>
    Auto,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// <summary>What is asked of <c>/aggregate</c> beside the conditions of a search.</summary>
/// <param name="Names">Which aggregations.</param>
/// <param name="Interval">How finely moments are counted.</param>
/// <param name="Ranges">Where one count of numbers ends and the next begins, in order; none: that is chosen.</param>
/// <param name="Precision">How many letters geohashes have.</param>
/// <param name="Zoom">Of map tiles.</param>
sealed record AggregateWish(
    IReadOnlyList<string> Names, CountedBy Interval, IReadOnlyList<double> Ranges, int Precision, int Zoom)
{
    /// <summary>Aggregations of one request.</summary>
    public const int MostNames = 20;

    /// <summary>Edges of ranges.</summary>
    public const int MostRanges = 100;

    const int LongestGeohash = 9;
    const int UsualGeohash = 3;
    const int DeepestZoom = 29;
    const int UsualZoom = 4;

    const string NamesIn = "aggregations";
    const string IntervalIn = "datetime_frequency_interval";
    const string RangesIn = "frequency_ranges";
    const string PrecisionIn = "centroid_geohash_grid_frequency_precision";
    const string ZoomIn = "centroid_geotile_grid_frequency_precision";

    /// <summary>Parameters of its own; the others are those of a search.</summary>
    public static readonly string[] Parameters = [NamesIn, IntervalIn, RangesIn, PrecisionIn, ZoomIn];

    /// <summary>Reads a query string.</summary>
    public static AggregateWish Of(IQueryCollection query) => new(
        Checked(SearchWish.Given(query, NamesIn)?.Split(',')),
        IntervalOf(SearchWish.Given(query, IntervalIn)),
        Checked(SearchWish.Given(query, RangesIn)?.Split(',').Select(text => Number(text, RangesIn))),
        PrecisionOf(SearchWish.Given(query, PrecisionIn)), ZoomOf(SearchWish.Given(query, ZoomIn)));

    /// <summary>Reads a body, and gives the rest of it: the conditions of a search.</summary>
    public static (AggregateWish Wish, SearchBody Search) Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw Refused.Bad("NOT_JSON", "The body is not a JSON object.");
        var own = body.EnumerateObject().Where(member => Parameters.Contains(member.Name))
            .ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        var rest = body.EnumerateObject().Where(member => !own.ContainsKey(member.Name))
            .ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        if (rest.Keys.FirstOrDefault(name => !IsOfSearch(name)) is { } unknown)
            throw new Refused(400, "UNKNOWN_FIELD", $"This route does not know the field {unknown}.")
            {
                Details = new Dictionary<string, object?> { ["field"] = unknown },
            };
        var wish = new AggregateWish(
            Checked(List(NamesIn)?.Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : throw
                SearchWish.Bad(NamesIn, $"{NamesIn} has an entry that is not a text."))),
            IntervalOf(own.TryGetValue(IntervalIn, out var interval) ? interval.ToString() : null),
            Checked(List(RangesIn)?.Select(number => Number(number.ToString(), RangesIn))),
            PrecisionOf(own.TryGetValue(PrecisionIn, out var precision) ? precision.ToString() : null),
            ZoomOf(own.TryGetValue(ZoomIn, out var zoom) ? zoom.ToString() : null));
        return (wish, Read(Json.Of(rest)));

        IEnumerable<JsonElement>? List(string name) => !own.TryGetValue(name, out var list) ? null
            : list.ValueKind == JsonValueKind.Array ? list.EnumerateArray()
            : throw SearchWish.Bad(name, $"{name} is not an array.");
    }

    static bool IsOfSearch(string name) =>
        SearchWish.Parameters.Contains(name) || name is "ids" or "collections" or "intersects";

    static SearchBody Read(Json body)
    {
        try
        {
            return body.To<SearchBody>();
        }
        catch (JsonException bad)
        {
            var parameter = bad.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "body";
            throw SearchWish.Bad(parameter, $"{parameter} has a value of another type than was expected.");
        }
    }

    static string[] Checked(IEnumerable<string>? names)
    {
        var all = names?.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToArray() ?? [];
        return all.Length <= MostNames ? all : throw SearchWish.Bad(
            NamesIn, $"{NamesIn} has {all.Length} entries; at most {MostNames} can be asked for at once.");
    }

    static double[] Checked(IEnumerable<double>? edges)
    {
        var all = edges?.ToArray() ?? [];
        if (all.Length is 1 or > MostRanges || all.Zip(all.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw SearchWish.Bad(
                RangesIn, $"{RangesIn} must have 2 to {MostRanges} numbers, each greater than the one before.");
        return all;
    }

    static double Number(string text, string parameter) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : throw SearchWish.Bad(
                parameter, $"{parameter} has '{SearchWish.Shorten(text)}', which is not a number.");

    static CountedBy IntervalOf(string? text) => text switch
    {
        null or "auto" => CountedBy.Auto,
        "second" => CountedBy.Second,
        "minute" => CountedBy.Minute,
        "hour" => CountedBy.Hour,
        "day" => CountedBy.Day,
        "week" => CountedBy.Week,
        "month" => CountedBy.Month,
        "year" => CountedBy.Year,
        _ => throw SearchWish.Bad(IntervalIn, $"{IntervalIn} is '{SearchWish.Shorten(text)}'; auto, second, minute, "
            + "hour, day, week, month or year was expected."),
    };

    static int PrecisionOf(string? text) => Whole(text, PrecisionIn, 1, LongestGeohash) ?? UsualGeohash;

    static int ZoomOf(string? text) => Whole(text, ZoomIn, 0, DeepestZoom) ?? UsualZoom;

    static int? Whole(string? text, string parameter, int least, int most)
    {
        if (text is null) return null;
        var number = Number(text, parameter);
        return number >= least && number <= most && number == Math.Floor(number) ? (int)number : throw SearchWish.Bad(
            parameter, $"{parameter} must be a whole number from {least} to {most}.");
    }
}

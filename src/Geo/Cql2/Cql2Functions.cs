using System.Collections.Frozen;
using System.Text;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// A function that filters may call (OGC 21-065r2, clause 7.11). Without a value in one argument, or with one of
/// another type, it has none.
/// </summary>
/// <param name="Name">Lower case; calls match it in any case.</param>
/// <param name="Summary">What it gives, in a sentence for its users.</param>
/// <param name="Parameters">The types of its arguments.</param>
/// <param name="Result">The type of what it gives.</param>
/// <param name="Evaluate">Gives the value for arguments of those types; null when it has none.</param>
public sealed record Cql2Function(
    string Name,
    string Summary,
    Cql2List<Cql2Type> Parameters,
    Cql2Type Result,
    Func<IReadOnlyList<object>, object?> Evaluate)
{
    /// <summary>True when the last parameter may be given any number of times, at least once.</summary>
    public bool Repeats { get; init; }
}

/// <summary>The functions a server offers. Each must be evaluated in SQL as it is here.</summary>
public sealed class Cql2Functions
{
    const double EarthRadiusKm = 6371.0088;

    readonly FrozenDictionary<string, Cql2Function> byName;

    /// <summary>A registry of these functions.</summary>
    public Cql2Functions(IEnumerable<Cql2Function> functions)
    {
        All = [.. functions];
        byName = All.ToFrozenDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The functions every server of ours has.</summary>
    public static Cql2Functions Standard { get; } = new(Ours());

    /// <summary>The functions, in the order they were given.</summary>
    public IReadOnlyList<Cql2Function> All { get; }

    /// <summary>The function of a name, whatever its case; null when there is none.</summary>
    public Cql2Function? Find(string name) => byName.GetValueOrDefault(name);

    static IEnumerable<Cql2Function> Ours() => [.. TextFunctions(), .. NumberFunctions(), .. TimeFunctions(),
        new Cql2Function("geometry_type", "The GeoJSON type of a geometry, such as Point.", [Cql2Type.Geometry],
            Cql2Type.Text, arguments => Geometry(arguments[0]).GeometryType),
        new Cql2Function("distance_km",
            "Kilometres on the sphere between the centres of the bounding boxes of two geometries.",
            [Cql2Type.Geometry, Cql2Type.Geometry], Cql2Type.Number,
            arguments => DistanceKm(Geometry(arguments[0]), Geometry(arguments[1]))),
    ];

    static IEnumerable<Cql2Function> TextFunctions() =>
    [
        new("lower", "The text with A to Z in lower case; CASEI folds all letters.", [Cql2Type.Text], Cql2Type.Text,
            arguments => Text(arguments[0], char.ToLowerInvariant)),
        new("upper", "The text with a to z in upper case.", [Cql2Type.Text], Cql2Type.Text,
            arguments => Text(arguments[0], char.ToUpperInvariant)),
        new("length", "How many characters (code points) the text has.", [Cql2Type.Text], Cql2Type.Number,
            arguments => (double)((string)arguments[0]).EnumerateRunes().Count()),
        new("trim", "The text without spaces at its start and end.", [Cql2Type.Text], Cql2Type.Text,
            arguments => ((string)arguments[0]).Trim(' ')),
        new("concat", "The texts one after another.", [Cql2Type.Text], Cql2Type.Text,
            arguments => string.Concat(arguments.Cast<string>())) { Repeats = true },
    ];

    static IEnumerable<Cql2Function> NumberFunctions() =>
    [
        new("abs", "The number without its sign.", [Cql2Type.Number], Cql2Type.Number,
            arguments => Math.Abs((double)arguments[0])),
        new("floor", "The greatest whole number that is not greater.", [Cql2Type.Number], Cql2Type.Number,
            arguments => Math.Floor((double)arguments[0])),
        new("ceil", "The least whole number that is not less.", [Cql2Type.Number], Cql2Type.Number,
            arguments => Math.Ceiling((double)arguments[0])),
        new("min", "The least of the numbers.", [Cql2Type.Number], Cql2Type.Number,
            arguments => arguments.Min(argument => (double)argument)) { Repeats = true },
        new("max", "The greatest of the numbers.", [Cql2Type.Number], Cql2Type.Number,
            arguments => arguments.Max(argument => (double)argument)) { Repeats = true },
    ];

    static IEnumerable<Cql2Function> TimeFunctions() =>
    [
        Calendar("year", "The year of a date or timestamp, in UTC.", moment => moment.Year),
        Calendar("month", "The month of a date or timestamp, 1 to 12, in UTC.", moment => moment.Month),
        Calendar("day", "The day of the month of a date or timestamp, in UTC.", moment => moment.Day),
        Calendar("hour", "The hour of a timestamp, 0 to 23, in UTC; 0 of a date.", moment => moment.Hour),
    ];

    static Cql2Function Calendar(string name, string summary, Func<DateTimeOffset, int> part) =>
        new(name, summary, [Cql2Type.Timestamp], Cql2Type.Number, arguments => (double)part(
            DateTimeOffset.UnixEpoch.AddTicks(((Cql2Instant)arguments[0]).First * TimeSpan.TicksPerMicrosecond)));

    static string Text(object text, Func<char, char> change) =>
        string.Concat(((string)text).Select(one => char.IsAscii(one) ? change(one) : one));

    static NtsGeometry Geometry(object value) => (NtsGeometry)value;

    static object? DistanceKm(NtsGeometry one, NtsGeometry other)
    {
        if (one.IsEmpty || other.IsEmpty)
            return null;
        var (a, b) = (one.EnvelopeInternal.Centre, other.EnvelopeInternal.Centre);
        var (south, north) = (double.DegreesToRadians(a.Y), double.DegreesToRadians(b.Y));
        var across = Math.Sin(double.DegreesToRadians(b.X - a.X) / 2);
        var along = Math.Sin((north - south) / 2);
        var haversine = along * along + Math.Cos(south) * Math.Cos(north) * across * across;
        return 2 * EarthRadiusKm * Math.Asin(Math.Sqrt(Math.Min(1, haversine)));
    }
}

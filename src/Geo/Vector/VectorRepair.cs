using System.Globalization;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Valid;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Makes features fit for a feature table, one by one, and remembers what it did: nothing is dropped or changed
/// without being counted and shown. Heights are dropped, invalid shapes are made valid, rings are wound as RFC 7946
/// asks, shapes beyond ±180° are cut.
/// </summary>
public sealed class VectorRepair
{
    /// <summary>Features shown for each kind of warning; the others are counted.</summary>
    public const int EvidencePerCode = 20;

    readonly SortedDictionary<string, (string Message, long Count)> warnings = new(StringComparer.Ordinal);
    readonly List<VectorEvidence> evidence = [];
    readonly SortedDictionary<string, long> types = new(StringComparer.Ordinal);
    readonly ColumnInventory columns = new();
    readonly BoxBuilder box = new();
    long read, kept, repaired;

    /// <summary>The feature, mended; null when it has no geometry that could be kept.</summary>
    /// <exception cref="BadGeodataException">
    /// GEOMETRY_TOO_COMPLEX when checking it would take hours or gigabytes.
    /// </exception>
    public VectorFeature? Mend(RawFeature raw)
    {
        read++;
        Note(raw);
        if (raw.Geometry is null)
        {
            Warn("GEOMETRY_NULL", "Features with a null geometry were dropped.", raw, "its geometry is null");
            return null;
        }
        if (raw.Geometry.IsEmpty)
        {
            Warn("GEOMETRY_EMPTY", "Features with an empty geometry were dropped.", raw,
                "its geometry has no positions");
            return null;
        }
        var whole = AtAntimeridian(raw, MakeValid(raw, raw.Geometry));
        if (whole.IsEmpty)
        {
            Warn("GEOMETRY_EMPTY", "Features with an empty geometry were dropped.", raw,
                "nothing was left after its repair");
            return null;
        }
        var wound = Winding.RightHanded(whole, out var rewound);
        // What a repair built anew has no winding of its own to speak of.
        if (rewound && ReferenceEquals(whole, raw.Geometry))
            Warn("RINGS_REWOUND",
                "Polygon rings were turned to run counter-clockwise, holes clockwise (RFC 7946 3.1.6).", raw, null);
        wound.SRID = 4326;
        kept++;
        types[wound.GeometryType] = types.GetValueOrDefault(wound.GeometryType) + 1;
        box.Add(wound);
        columns.Add(raw.PropertiesUtf8.Span);
        return new VectorFeature(raw.Index, raw.IdJson, wound, raw.PropertiesUtf8);
    }

    /// <summary>What was done so far.</summary>
    /// <param name="sha256">Of the source file, when there is one.</param>
    /// <param name="bytes">The source file's length.</param>
    /// <exception cref="BadGeodataException">VECTOR_EMPTY when no feature was kept.</exception>
    public VectorReport Report(string sha256 = "", long bytes = 0)
    {
        if (kept == 0)
            throw VectorFaults.NoFeatures($"None of the file's {read} features has a geometry that could be kept.");
        var all = warnings
            .Select(warning => new GeodataWarning(warning.Key, warning.Value.Message, warning.Value.Count)).ToList();
        if (types.Keys.Select(type => type.Replace("Multi", "", StringComparison.Ordinal)).Distinct().Count() > 1)
        {
            all.Add(new GeodataWarning("GEOMETRY_MIXED",
                $"The features have different geometry types, which are kept: {string.Join(", ", types.Keys)}."));
        }
        if (columns.Left > 0)
        {
            all.Add(new GeodataWarning("COLUMNS_MANY",
                $"Properties beyond the first {ColumnInventory.ColumnLimit} are kept and not listed as columns.",
                    columns.Left));
        }
        return new VectorReport(read, kept, read - kept, repaired, types.ToDictionary(), box.Box(), columns.Columns(),
            all,
            [.. evidence.OrderBy(item => item.Code, StringComparer.Ordinal).ThenBy(item => item.Index)], sha256, bytes);
    }

    void Note(RawFeature raw)
    {
        if (raw.Notes.HeightsDropped)
            Warn("GEOMETRY_Z_DROPPED", "Heights were dropped: geometries are kept in two dimensions.", raw, null);
        if (raw.Notes.RingsClosed > 0)
        {
            Warn("RING_CLOSED", "Polygon rings that did not end where they began were closed.", raw,
                string.Create(CultureInfo.InvariantCulture, $"{raw.Notes.RingsClosed} of its rings were open"));
        }
        if (raw.TextRepairs > 0)
        {
            Warn("TEXT_REPAIRED", "Characters that cannot be stored (NUL, half a surrogate pair) became U+FFFD.", raw,
                string.Create(CultureInfo.InvariantCulture, $"{raw.TextRepairs} characters"));
        }
    }

    NtsGeometry MakeValid(RawFeature raw, NtsGeometry geometry)
    {
        if (Complexity.TooMuch(geometry) is { } much)
        {
            throw GeometryFaults.TooComplex(
                FormattableString.Invariant($"feature {raw.Index} (byte {raw.Offset})"), much);
        }
        // Points and lines are only invalid when they are too short, which the check finds at once.
        var check = new IsValidOp(geometry);
        if (check.IsValid)
            return geometry;
        var error = check.ValidationError;
        var made = GeometryFixer.Fix(geometry);
        repaired++;
        Warn("GEOMETRY_REPAIRED", "Invalid geometries were made valid.", raw, error.Message, error.Coordinate);
        return made;
    }

    NtsGeometry AtAntimeridian(RawFeature raw, NtsGeometry geometry)
    {
        if (Antimeridian.IsBeyond(geometry))
        {
            Warn("ANTIMERIDIAN_SPLIT",
                "Shapes beyond ±180° of longitude were cut there or moved back (RFC 7946 3.1.9).", raw, null);
            return Antimeridian.Split(geometry);
        }
        if (Antimeridian.LooksUncut(geometry))
        {
            Warn("ANTIMERIDIAN_SUSPECTED",
                "Shapes jump more than 180° of longitude in one edge; if they cross the antimeridian, cut them there.",
                raw, null);
        }
        return geometry;
    }

    void Warn(string code, string message, RawFeature raw, string? reason, Coordinate? at = null)
    {
        var count = warnings.GetValueOrDefault(code).Count + 1;
        warnings[code] = (message, count);
        if (count > EvidencePerCode || reason is null)
            return;
        var place = at is not null && double.IsFinite(at.X) && double.IsFinite(at.Y) ? at : null;
        evidence.Add(new VectorEvidence(code, raw.Index, raw.IdJson, reason, place?.X, place?.Y));
    }
}

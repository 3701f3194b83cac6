using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Geometry;

/// <summary>
/// A bounding box in longitude and latitude (WGS 84 degrees), as GeoJSON (RFC 7946 section 5) and STAC write it. A box
/// whose west is greater than its east crosses the antimeridian. Heights are kept when given and never compared.
/// </summary>
/// <param name="West">Longitude of the western edge.</param>
/// <param name="South">Latitude of the southern edge.</param>
/// <param name="East">Longitude of the eastern edge; less than <paramref name="West"/> across the antimeridian.</param>
/// <param name="North">Latitude of the northern edge.</param>
/// <param name="Bottom">Lowest height in metres, when the box has heights.</param>
/// <param name="Top">Greatest height in metres, when the box has heights.</param>
public readonly record struct GeoBox(
    double West, double South, double East, double North, double? Bottom = null, double? Top = null)
{
    /// <summary>The whole world.</summary>
    public static GeoBox World { get; } = new(-180, -90, 180, 90);

    /// <summary>True when the box runs over the ±180° line.</summary>
    public bool CrossesAntimeridian => West > East;

    /// <summary>Degrees of longitude from west to east, across the antimeridian when the box is.</summary>
    public double Width => CrossesAntimeridian ? East + 360 - West : East - West;

    /// <summary>Share of the world's longitude and latitude that the box covers, 0 to 1.</summary>
    public double ShareOfWorld => Width / 360 * ((North - South) / 180);

    /// <summary>The numbers as GeoJSON orders them: four, or six with heights.</summary>
    public double[] ToArray() => Bottom is { } bottom && Top is { } top
        ? [West, South, bottom, East, North, top]
        : [West, South, East, North];

    /// <summary>One planar box, or two when it crosses the antimeridian: the eastern hemisphere's part first.</summary>
    public IReadOnlyList<Envelope> ToEnvelopes() => CrossesAntimeridian
        ? [new Envelope(West, 180, South, North), new Envelope(-180, East, South, North)]
        : [new Envelope(West, East, South, North)];

    /// <summary>
    /// The box as a geometry with SRID 4326: a polygon, or a multi-polygon cut at the antimeridian. A box without
    /// width and height is a point, one without either a line, so that the result is always valid.
    /// </summary>
    public NtsGeometry ToGeometry()
    {
        var parts = ToEnvelopes().Select(GeoFactory.Wgs84.ToGeometry).ToArray();
        if (parts.Length == 1)
            return parts[0];
        return parts.All(part => part is Polygon)
            ? GeoFactory.Wgs84.CreateMultiPolygon([.. parts.Cast<Polygon>()])
            : GeoFactory.Wgs84.BuildGeometry(parts);
    }

    /// <summary>True when the two boxes share at least a point; edges count, and -180° is 180°.</summary>
    public bool Intersects(GeoBox other)
    {
        if (South > other.North || other.South > North)
            return false;
        foreach (var mine in ToEnvelopes())
        {
            foreach (var theirs in other.ToEnvelopes())
            {
                if (Meet(mine, theirs, 0) || Meet(mine, theirs, 360) || Meet(mine, theirs, -360))
                    return true;
            }
        }
        return false;

        static bool Meet(Envelope a, Envelope b, double shift) => a.MinX <= b.MaxX + shift && b.MinX + shift <= a.MaxX;
    }

    /// <summary>True when the point lies in the box or on its edge.</summary>
    public bool Contains(double longitude, double latitude) =>
        Intersects(new GeoBox(longitude, latitude, longitude, latitude));

    /// <summary>The planar box around a geometry that does not cross the antimeridian; null for an empty one.</summary>
    public static GeoBox? Around(NtsGeometry geometry)
    {
        var envelope = geometry.EnvelopeInternal;
        return envelope.IsNull ? null : new GeoBox(envelope.MinX, envelope.MinY, envelope.MaxX, envelope.MaxY);
    }

    /// <summary>Reads <c>west,south,east,north</c> (or six numbers) as a query parameter has it.</summary>
    /// <param name="text">The text; spaces around the commas are allowed.</param>
    /// <param name="box">The box, when true is returned.</param>
    /// <param name="problem">A sentence saying what was wrong and what was expected, when false is returned.</param>
    public static bool TryParse(string? text, out GeoBox box, out string problem)
    {
        var parts = (text ?? "").Split(',');
        var numbers = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                box = default;
                problem = $"bbox has '{Shorten(parts[i])}' where a number was expected: "
                    + "west,south,east,north in degrees.";
                return false;
            }
        }
        return TryMake(numbers, out box, out problem);
    }

    /// <summary>Reads a JSON array of four or six numbers.</summary>
    /// <param name="json">The array.</param>
    /// <param name="box">The box, when true is returned.</param>
    /// <param name="problem">A sentence saying what was wrong and what was expected, when false is returned.</param>
    public static bool TryRead(JsonElement json, out GeoBox box, out string problem)
    {
        box = default;
        problem = "bbox must be an array of four or six numbers: west, south, east, north in degrees.";
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > 6)
            return false;
        var numbers = new List<double>(6);
        foreach (var member in json.EnumerateArray())
        {
            if (member.ValueKind != JsonValueKind.Number || !member.TryGetDouble(out var number))
                return false;
            numbers.Add(number);
        }
        return TryMake([.. numbers], out box, out problem);
    }

    /// <summary>Reads <c>west,south,east,north</c>, or says what is wrong with it.</summary>
    /// <exception cref="BadGeodataException">With code <c>BBOX_INVALID</c>.</exception>
    public static GeoBox Parse(string text) => TryParse(text, out var box, out var problem)
        ? box
        : throw new BadGeodataException(new GeodataFault("BBOX_INVALID", GeodataCategory.ParameterError, problem,
            "Give four numbers in degrees: west,south,east,north. "
            + "West may be greater than east to cross the antimeridian."));

    /// <summary>Makes a box of four or six numbers in GeoJSON's order, checking their ranges.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="box">The box, when true is returned.</param>
    /// <param name="problem">A sentence saying what was wrong and what was expected, when false is returned.</param>
    public static bool TryMake(ReadOnlySpan<double> numbers, out GeoBox box, out string problem)
    {
        box = default;
        if (numbers.Length is not (4 or 6))
        {
            problem = $"bbox has {numbers.Length} numbers; four (or six, with heights) were expected.";
            return false;
        }
        var flat = numbers.Length == 4;
        box = flat
            ? new GeoBox(numbers[0], numbers[1], numbers[2], numbers[3])
            : new GeoBox(numbers[0], numbers[1], numbers[3], numbers[4], numbers[2], numbers[5]);
        problem = box.WhatIsWrong();
        return problem.Length == 0;
    }

    /// <summary>The numbers with commas, as a query parameter takes them.</summary>
    public override string ToString() =>
        string.Join(',', ToArray().Select(number => number.ToString("R", CultureInfo.InvariantCulture)));

    string WhatIsWrong()
    {
        if (!ToArray().All(double.IsFinite))
            return "bbox has a number that is not finite.";
        if (Math.Abs(South) > 90 || Math.Abs(North) > 90)
            return FormattableString.Invariant($"bbox has a latitude outside -90..90: {South}, {North}.");
        if (Math.Abs(West) > 180 || Math.Abs(East) > 180)
            return FormattableString.Invariant($"bbox has a longitude outside -180..180: {West}, {East}.");
        if (South > North)
            return FormattableString.Invariant($"bbox has its south ({South}) above its north ({North}).");
        return Bottom > Top
            ? FormattableString.Invariant($"bbox has its lowest height ({Bottom}) above its greatest ({Top}).") : "";
    }

    static string Shorten(string text) => text.Length <= 20 ? text : text[..20] + "…";
}

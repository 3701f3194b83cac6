using System.Buffers.Text;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Implementation;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Geometry;

/// <summary>
/// Reads GeoJSON geometries (RFC 7946 section 3.1) off a JSON reader, members in any order, into flat coordinate
/// arrays. It keeps scratch memory, so one instance belongs to one reading at a time.
/// </summary>
internal sealed class GeometryReading
{
    /// <summary>
    /// Degrees by which rounding may carry a coordinate over the edge of the world; it is put back on the edge.
    /// </summary>
    const double EdgeTolerance = 1e-6;

    /// <summary>
    /// Longitudes may run to one turn either way, so that shapes across the antimeridian can be written unbroken.
    /// </summary>
    const double FarthestLongitude = 360 + EdgeTolerance;

    /// <summary>Positions of one geometry, its members' included; repairing so many takes about 200 MB.</summary>
    public const int PositionLimit = 500_000;

    readonly CoordinateArrays arrays = new();
    int positions;
    bool heightsDropped;
    int ringsClosed;

    /// <summary>Where the geometry is, for messages: "feature 12 (byte 3456)".</summary>
    public Func<string> Where { get; set; } = () => "the geometry";

    /// <summary>What the last <see cref="Read"/> changed.</summary>
    public GeometryNotes Notes => new(heightsDropped, ringsClosed);

    /// <summary>Reads the geometry that the reader stands on (its opening brace), or null for a JSON null.</summary>
    /// <exception cref="BadGeodataException">COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE or NOT_GEOJSON.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public NtsGeometry? Read(ref Utf8JsonReader reader)
    {
        heightsDropped = false;
        ringsClosed = positions = 0;
        return ReadOne(ref reader, arrays);
    }

    NtsGeometry? ReadOne(ref Utf8JsonReader reader, CoordinateArrays into)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw NotGeometry($"has a geometry that is {Describe(reader.TokenType)}, not an object");
        into.Clear();
        string? type = null;
        var coordinates = false;
        List<NtsGeometry>? members = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("coordinates"u8))
            {
                reader.Read();
                ReadCoordinates(ref reader, into);
                coordinates = true;
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.TokenType == JsonTokenType.String ? GeometryType.Known(ref reader) : null;
                if (type is null)
                    throw NotGeometry("has a geometry of a type that GeoJSON does not have");
            }
            else if (reader.ValueTextEquals("geometries"u8))
            {
                reader.Read();
                members = ReadMembers(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (type == GeometryType.Collection)
            return GeoFactory.Wgs84.CreateGeometryCollection(
                [.. members ?? throw NotGeometry("has a GeometryCollection without geometries")]);
        if (type is null)
            throw NotGeometry("has a geometry without a type");
        return coordinates ? Build(type, into) : throw NotGeometry($"has a {type} without coordinates");
    }

    List<NtsGeometry> ReadMembers(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw NotGeometry("has a GeometryCollection whose geometries are not an array");
        var members = new List<NtsGeometry>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // A collection's members get arrays of their own: the outer ones may still be needed.
            if (ReadOne(ref reader, new CoordinateArrays()) is { } member)
                members.Add(member);
        }
        return members;
    }

    void ReadCoordinates(ref Utf8JsonReader reader, CoordinateArrays into)
    {
        into.Clear();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Invalid($"has coordinates that are {Describe(reader.TokenType)}, not an array");
        var depth = 1;
        var fresh = true;
        while (depth > 0 && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    if (++depth > 4)
                        throw Invalid("has coordinates nested deeper than a MultiPolygon's");
                    fresh = true;
                    break;
                case JsonTokenType.EndArray:
                    into.End(depth--);
                    fresh = false;
                    break;
                case JsonTokenType.Number when fresh:
                    ReadPosition(ref reader, into, depth--);
                    fresh = false;
                    break;
                default:
                    throw Invalid($"has {Describe(reader.TokenType)} where a coordinate should be");
            }
        }
    }

    void ReadPosition(ref Utf8JsonReader reader, CoordinateArrays into, int depth)
    {
        var x = Number(ref reader);
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndArray)
            throw Invalid("has a position with one number; longitude and latitude are needed");
        var y = Number(ref reader);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Number(ref reader);
            heightsDropped = true;
        }
        if (++positions > PositionLimit)
        {
            throw GeometryFaults.TooComplex(Where(),
                FormattableString.Invariant($"has more than {PositionLimit} positions in one geometry"));
        }
        if (!into.Add(Edge(x, 180), Edge(y, 90), depth))
            throw Invalid("mixes positions of different nesting in one coordinates array");
        if (!(Math.Abs(x) <= FarthestLongitude && Math.Abs(y) <= 90 + EdgeTolerance))
            throw OutOfRange(x, y);
    }

    double Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
            throw Invalid($"has {Describe(reader.TokenType)} where a coordinate should be");
        if (!Utf8Parser.TryParse(reader.ValueSpan, out double number, out _) || !double.IsFinite(number))
            throw Invalid("has a coordinate that is no finite number");
        return number;
    }

    static double Edge(double value, double edge)
    {
        var beyond = Math.Abs(value) - edge;
        return beyond is > 0 and <= EdgeTolerance ? Math.CopySign(edge, value) : value;
    }

    NtsGeometry Build(string type, CoordinateArrays from)
    {
        var wanted = GeometryType.PositionDepth(type);
        if (from.PositionDepth != wanted && from.PositionDepth != 0)
            throw Invalid($"has a {type} whose positions are nested {from.PositionDepth} deep, not {wanted}");
        var factory = GeoFactory.Wgs84;
        return type switch
        {
            "Point" => from.Count == 0 ? factory.CreatePoint() : factory.CreatePoint(Sequence(from, 0, 1)),
            "MultiPoint" => factory.CreateMultiPoint(Sequence(from, 0, from.Count)),
            "LineString" => Line(from, 0, from.Count),
            "MultiLineString" => factory.CreateMultiLineString([.. Lines(from)]),
            "Polygon" => Polygon(from, 0, from.SecondEnds.Count, end => from.SecondEnds[end].Positions, 0),
            _ => factory.CreateMultiPolygon([.. Polygons(from)]),
        };
    }

    static IEnumerable<LineString> Lines(CoordinateArrays from)
    {
        var start = 0;
        foreach (var (end, _) in from.SecondEnds)
        {
            yield return Line(from, start, end);
            start = end;
        }
    }

    IEnumerable<Polygon> Polygons(CoordinateArrays from)
    {
        var (position, ring) = (0, 0);
        foreach (var (positions, rings) in from.SecondEnds)
        {
            yield return Polygon(from, ring, rings, end => from.ThirdEnds[end], position);
            (position, ring) = (positions, rings);
        }
    }

    Polygon Polygon(CoordinateArrays from, int firstRing, int lastRing, Func<int, int> end, int position)
    {
        if (lastRing == firstRing)
            return GeoFactory.Wgs84.CreatePolygon();
        var rings = new LinearRing[lastRing - firstRing];
        for (var i = 0; i < rings.Length; i++)
        {
            var to = end(firstRing + i);
            var flat = from.Slice(position, to, closed: true, least: 4, out var closedNow);
            rings[i] = GeoFactory.Wgs84.CreateLinearRing(new PackedDoubleCoordinateSequence(flat, 2, 0));
            ringsClosed += closedNow ? 1 : 0;
            position = to;
        }
        // An outer ring without positions has no holes either.
        return rings[0].IsEmpty ? GeoFactory.Wgs84.CreatePolygon()
            : GeoFactory.Wgs84.CreatePolygon(rings[0], rings[1..]);
    }

    static LineString Line(CoordinateArrays from, int start, int end) =>
        GeoFactory.Wgs84.CreateLineString(
            new PackedDoubleCoordinateSequence(from.Slice(start, end, closed: false, least: 2, out _), 2, 0));

    static PackedDoubleCoordinateSequence Sequence(CoordinateArrays from, int start, int end) =>
        new(from.Slice(start, end, closed: false, least: 0, out _), 2, 0);

    BadGeodataException Invalid(string what) => GeometryFaults.Invalid(Where(), what);

    BadGeodataException NotGeometry(string what) => GeometryFaults.NotGeometry(Where(), what);

    BadGeodataException OutOfRange(double x, double y) => GeometryFaults.OutOfRange(Where(), x, y);

    static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Null => "null",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray => "nothing",
        _ => "a number",
    };
}

using System.Buffers.Binary;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Implementation;
using NetTopologySuite.IO;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Geometry;

/// <summary>
/// Well-known binary, the form in which databases take and give geometries. Reading checks every count against the
/// bytes that are there before anything is allocated, so that hostile bytes cost no memory.
/// </summary>
public static class Wkb
{
    /// <summary>Collections in collections that are followed before giving up.</summary>
    const int DepthLimit = 32;

    const uint HasZ = 0x80000000, HasM = 0x40000000, HasSrid = 0x20000000;

    /// <summary>Little-endian WKB of two dimensions, without an SRID.</summary>
    public static byte[] Write(NtsGeometry geometry) =>
        new WKBWriter(ByteOrder.LittleEndian, handleSRID: false, emitZ: false, emitM: false).Write(geometry);

    /// <summary>Little-endian EWKB of two dimensions that carries SRID 4326, as PostGIS takes it.</summary>
    public static byte[] WriteWithSrid(NtsGeometry geometry)
    {
        if (geometry.SRID == 0)
            geometry.SRID = 4326;
        return new WKBWriter(ByteOrder.LittleEndian, handleSRID: true, emitZ: false, emitM: false).Write(geometry);
    }

    /// <summary>Reads WKB or EWKB, either byte order, in two dimensions: heights and measures are left out.</summary>
    /// <exception cref="BadGeodataException">With code <c>WKB_INVALID</c>.</exception>
    public static NtsGeometry Read(ReadOnlySpan<byte> bytes)
    {
        var cursor = new Cursor(bytes);
        var geometry = One(ref cursor, 0);
        return cursor.Left == 0 ? geometry : throw Invalid("bytes are left over after its end");
    }

    static NtsGeometry One(ref Cursor cursor, int depth)
    {
        if (depth > DepthLimit)
            throw Invalid("collections nest too deep");
        var code = cursor.Header();
        var srid = (code & HasSrid) != 0 ? (int)cursor.Number() : 4326;
        var (kind, dimensions) = Kind(code);
        var factory = GeoFactory.Wgs84;
        NtsGeometry geometry = kind switch
        {
            1 => Point(ref cursor, dimensions),
            2 => factory.CreateLineString(cursor.Positions(cursor.Number(), dimensions, 2)),
            3 => Polygon(ref cursor, dimensions),
            4 => factory.CreateMultiPoint(Members<Point>(ref cursor, depth)),
            5 => factory.CreateMultiLineString(Members<LineString>(ref cursor, depth)),
            6 => factory.CreateMultiPolygon(Members<Polygon>(ref cursor, depth)),
            7 => factory.CreateGeometryCollection(Members<NtsGeometry>(ref cursor, depth)),
            _ => throw Invalid($"it has no type {code}"),
        };
        geometry.SRID = srid;
        return geometry;
    }

    static Point Point(ref Cursor cursor, int dimensions)
    {
        var position = cursor.Positions(1, dimensions, 0);
        // An empty point is written with NaN for its coordinates.
        return double.IsNaN(position.GetX(0)) ? GeoFactory.Wgs84.CreatePoint() : GeoFactory.Wgs84.CreatePoint(position);
    }

    static Polygon Polygon(ref Cursor cursor, int dimensions)
    {
        var rings = new LinearRing[cursor.Count(4)];
        for (var i = 0; i < rings.Length; i++)
        {
            var positions = cursor.Positions(cursor.Number(), dimensions, 3);
            if (positions.Count > 0 && !CoordinateSequences.IsRing(positions))
                throw Invalid("a ring does not end where it begins");
            rings[i] = GeoFactory.Wgs84.CreateLinearRing(positions);
        }
        if (rings.Length == 0)
            return GeoFactory.Wgs84.CreatePolygon();
        return rings[0].IsEmpty && rings.Any(ring => !ring.IsEmpty)
            ? throw Invalid("an empty ring has holes")
            : GeoFactory.Wgs84.CreatePolygon(rings[0], rings[1..]);
    }

    static T[] Members<T>(ref Cursor cursor, int depth)
        where T : NtsGeometry
    {
        var members = new T[cursor.Count(9)];
        for (var i = 0; i < members.Length; i++)
            members[i] = One(ref cursor, depth + 1) as T ?? throw Invalid("it has a member of another type");
        return members;
    }

    static BadGeodataException Invalid(string what) => new(new GeodataFault("WKB_INVALID", GeodataCategory.DataQuality,
        $"The geometry is not well-known binary: {what}.", "Write the geometry again as ISO WKB or EWKB."));

    static (uint Kind, int Dimensions) Kind(uint code)
    {
        var flags = ((code & HasZ) != 0 ? 1 : 0) + ((code & HasM) != 0 ? 1 : 0);
        var iso = code & 0x0FFFFFFF;
        // ISO adds 1000 for heights, 2000 for measures and 3000 for both.
        var extra = (iso / 1000) switch { 0 => 0, 1 or 2 => 1, 3 => 2, _ => -1 };
        return extra < 0 ? (0, 2) : (iso % 1000, 2 + flags + extra);
    }

    /// <summary>A place in the bytes; each geometry states its own byte order.</summary>
    ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        bool little;

        public readonly int Left => rest.Length;

        public uint Header()
        {
            if (rest.IsEmpty || rest[0] > 1)
                throw Invalid("its byte order is neither 0 nor 1");
            little = rest[0] == 1;
            rest = rest[1..];
            return Number();
        }

        public uint Number()
        {
            var four = Take(4);
            return little ? BinaryPrimitives.ReadUInt32LittleEndian(four) : BinaryPrimitives.ReadUInt32BigEndian(four);
        }

        /// <summary>A count of things that take at least so many bytes each.</summary>
        public int Count(int leastBytes)
        {
            var count = Number();
            return count <= (uint)(rest.Length / leastBytes) ? (int)count
                : throw Invalid("it counts more parts than it has bytes");
        }

        public PackedDoubleCoordinateSequence Positions(uint count, int dimensions, int least)
        {
            if ((long)count * dimensions * 8 > rest.Length)
                throw Invalid("it counts more positions than it has bytes");
            if (count > 0 && count < least)
                throw Invalid("a line or ring has too few positions");
            var flat = new double[2 * count];
            for (var i = 0; i < flat.Length; i += 2)
            {
                var position = Take(8 * dimensions);
                flat[i] = Double(position);
                flat[i + 1] = Double(position[8..]);
            }
            return new PackedDoubleCoordinateSequence(flat, 2, 0);
        }

        readonly double Double(ReadOnlySpan<byte> eight) => little
            ? BinaryPrimitives.ReadDoubleLittleEndian(eight)
            : BinaryPrimitives.ReadDoubleBigEndian(eight);

        ReadOnlySpan<byte> Take(int count)
        {
            if (count > rest.Length)
                throw Invalid("it ends too early");
            var taken = rest[..count];
            rest = rest[count..];
            return taken;
        }
    }
}

using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Paints polygons onto a picture of the whole world in plate carrée (EPSG:4326), for samples that need no download:
/// each polygon in a colour of its own, the sea darker the farther it is from land.
/// </summary>
public static class Rasterize
{
    /// <summary>Columns or rows that a picture may have.</summary>
    public const int SizeLimit = 16384;

    /// <summary>Distance to land, in degrees, at which the sea is darkest.</summary>
    const double DeepestDegrees = 30;

    /// <summary>The picture, three bytes (red, green, blue) a pixel, rows from north to south.</summary>
    /// <param name="shapes">
    /// Polygons and multi-polygons in longitude and latitude; others are not painted. Later ones lie on top.
    /// </param>
    /// <param name="width">Columns; the first begins at 180° west.</param>
    /// <param name="height">Rows; the first begins at 90° north.</param>
    public static byte[] World(IReadOnlyList<NtsGeometry> shapes, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(width, height), SizeLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(width, height), 1);
        var owners = new int[width * height];
        for (var i = 0; i < shapes.Count; i++)
            Fill(shapes[i], i + 1, owners, width, height);
        var distances = DistancesToLand(owners, width, height);
        var pixels = new byte[3 * width * height];
        var deepest = DeepestDegrees / 360 * width;
        for (var i = 0; i < owners.Length; i++)
        {
            var (red, green, blue) = owners[i] > 0 ? Land(owners[i]) : Sea(Math.Min(distances[i] / deepest, 1));
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = (red, green, blue);
        }
        return pixels;
    }

    static void Fill(NtsGeometry shape, int owner, int[] owners, int width, int height)
    {
        if (shape is MultiPolygon many)
        {
            foreach (var member in many.Geometries)
                Fill(member, owner, owners, width, height);
        }
        if (shape is not Polygon polygon || polygon.IsEmpty)
            return;
        var box = polygon.EnvelopeInternal;
        var first = Math.Max(0, (int)Math.Floor((90 - box.MaxY) / 180 * height));
        var last = Math.Min(height - 1, (int)Math.Ceiling((90 - box.MinY) / 180 * height));
        var crossings = new List<double>();
        for (var row = first; row <= last; row++)
        {
            crossings.Clear();
            var latitude = 90 - (row + 0.5) * 180 / height;
            Cross(polygon.ExteriorRing, latitude, crossings);
            foreach (var hole in polygon.InteriorRings)
                Cross(hole, latitude, crossings);
            crossings.Sort();
            for (var i = 0; i + 1 < crossings.Count; i += 2)
                FillRow(owners.AsSpan(row * width, width), owner, crossings[i], crossings[i + 1]);
        }
    }

    /// <summary>
    /// Adds the longitudes at which a ring crosses a latitude; an edge counts its lower end and not its upper one.
    /// </summary>
    static void Cross(LineString ring, double latitude, List<double> crossings)
    {
        var positions = ring.CoordinateSequence;
        for (var i = 1; i < positions.Count; i++)
        {
            var (y0, y1) = (positions.GetY(i - 1), positions.GetY(i));
            if (y0 <= latitude == y1 <= latitude)
                continue;
            var (x0, x1) = (positions.GetX(i - 1), positions.GetX(i));
            crossings.Add(x0 + (latitude - y0) / (y1 - y0) * (x1 - x0));
        }
    }

    /// <summary>Paints the pixels whose centres lie between two longitudes.</summary>
    static void FillRow(Span<int> row, int owner, double west, double east)
    {
        var from = Math.Max(0, (int)Math.Ceiling((west + 180) / 360 * row.Length - 0.5));
        var to = Math.Min(row.Length, (int)Math.Ceiling((east + 180) / 360 * row.Length - 0.5));
        if (from < to)
            row[from..to].Fill(owner);
    }

    /// <summary>
    /// Each pixel's distance to land in pixels, nearly: steps of 1 and √2, forth and back, around the antimeridian.
    /// </summary>
    static float[] DistancesToLand(int[] owners, int width, int height)
    {
        var distances = new float[owners.Length];
        for (var i = 0; i < owners.Length; i++)
            distances[i] = owners[i] > 0 ? 0 : float.MaxValue / 2;
        // A second round carries what the first found over the antimeridian.
        for (var round = 0; round < 2; round++)
        {
            for (var row = 0; row < height; row++)
                Spread(distances, width, row, Math.Max(0, row - 1), forward: true);
            for (var row = height - 1; row >= 0; row--)
                Spread(distances, width, row, Math.Min(height - 1, row + 1), forward: false);
        }
        return distances;
    }

    static void Spread(float[] distances, int width, int row, int neighbour, bool forward)
    {
        var own = distances.AsSpan(row * width, width);
        var other = distances.AsSpan(neighbour * width, width);
        for (var step = 0; step < width; step++)
        {
            var column = forward ? step : width - 1 - step;
            var (left, right) = ((column + width - 1) % width, (column + 1) % width);
            var near = Math.Min(forward ? own[left] : own[right], other[column]) + 1;
            var slant = Math.Min(other[left], other[right]) + 1.4142f;
            own[column] = Math.Min(own[column], Math.Min(near, slant));
        }
    }

    /// <summary>
    /// Earth colours that differ between neighbours: hues a golden angle apart, pulled towards green and brown.
    /// </summary>
    static (byte Red, byte Green, byte Blue) Land(int owner)
    {
        var turn = owner * 137.50776 % 360 * Math.PI / 180;
        return ((byte)(170 + 48 * Math.Cos(turn)), (byte)(168 + 34 * Math.Cos(turn - 2.1)),
            (byte)(118 + 40 * Math.Cos(turn + 2.1)));
    }

    static (byte Red, byte Green, byte Blue) Sea(double depth)
    {
        var light = 1 - Math.Sqrt(depth);
        return ((byte)(18 + 130 * light), (byte)(52 + 148 * light), (byte)(96 + 124 * light));
    }
}

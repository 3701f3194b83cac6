using NetTopologySuite.Geometries;

namespace Waypost.Geo.Crs;

/// <summary>
/// The outline on the ground of an area that is straight-edged in some coordinate system, in longitude and latitude.
/// </summary>
/// <param name="Bounds">West, south, east and north; west beyond east when it crosses the antimeridian.</param>
/// <param name="Polygons">
/// Outer rings, closed and counter-clockwise, each a list of longitude and latitude: two where the outline is cut at
/// the
/// antimeridian, as RFC 7946 section 3.1.9 asks.
/// </param>
public sealed record Footprint(Extent Bounds, IReadOnlyList<IReadOnlyList<double[]>> Polygons)
{
    const int PointsPerEdge = 16;
    const double Antimeridian = 180;

    /// <summary>The outline of a closed path of corners, its edges followed closely enough for curved ones.</summary>
    /// <returns>Null when some point of it is no place on the Earth.</returns>
    public static Footprint? Of(CoordinateSystem crs, IReadOnlyList<(double X, double Y)> corners)
    {
        var ring = new List<(double Lon, double Lat)>();
        for (var i = 0; i < corners.Count; i++)
        {
            var (from, to) = (corners[i], corners[(i + 1) % corners.Count]);
            for (var step = 0; step < PointsPerEdge; step++)
            {
                var t = (double)step / PointsPerEdge;
                var place = Place(crs, from.X + (to.X - from.X) * t, from.Y + (to.Y - from.Y) * t);
                if (!double.IsFinite(place.Lon) || !(Math.Abs(place.Lat) <= 90.0001))
                    return null;
                ring.Add((place.Lon, Math.Clamp(place.Lat, -90, 90)));
            }
        }
        if (PoleInside(crs, corners) is { } pole)
            return AroundPole(ring, pole);
        if (!crs.IsGeographic)
            Unwrap(ring);
        return Cut(ring);
    }

    /// <summary>As a polygon or multipolygon with SRID 4326.</summary>
    public NetTopologySuite.Geometries.Geometry ToGeometry()
    {
        var factory = new GeometryFactory(new PrecisionModel(), 4326);
        var polygons = Polygons
            .Select(ring => factory.CreatePolygon([.. ring.Select(place => new Coordinate(place[0], place[1]))]))
            .ToArray();
        return polygons.Length == 1 ? polygons[0] : factory.CreateMultiPolygon(polygons);
    }

    // Longitudes of a geographic system are left unwrapped: 0 to 360 is a row of neighbours, not a jump.
    static (double Lon, double Lat) Place(CoordinateSystem crs, double x, double y) =>
        crs.IsGeographic ? (x, y) : crs.ToLonLat(x, y);

    static void Unwrap(List<(double Lon, double Lat)> ring)
    {
        for (var i = 1; i < ring.Count; i++)
            ring[i] = (ring[i - 1].Lon + Math.IEEERemainder(ring[i].Lon - ring[i - 1].Lon, 360), ring[i].Lat);
    }

    static Footprint Cut(List<(double Lon, double Lat)> ring)
    {
        var (west, east) = (ring.Min(p => p.Lon), ring.Max(p => p.Lon));
        var (south, north) = (ring.Min(p => p.Lat), ring.Max(p => p.Lat));
        if (east - west >= 360)
            return Whole(south, north);
        var shift = -360 * Math.Floor((west + Antimeridian) / 360);
        ring = [.. ring.Select(p => (p.Lon + shift, p.Lat))];
        (west, east) = (west + shift, east + shift);
        if (east <= Antimeridian + 1e-9)
            return new(new(west, south, Math.Min(east, Antimeridian), north), [Closed(ring)]);
        return new(new(west, south, east - 360, north),
        [
            Closed(Clip(ring, keepWest: true)),
            Closed([.. Clip(ring, keepWest: false).Select(p => (p.Lon - 360, p.Lat))]),
        ]);
    }

    static Footprint Whole(double south, double north) => new(new(-180, south, 180, north),
        [Closed([(-180, north), (-180, south), (180, south), (180, north)])]);

    // Sutherland and Hodgman against the line at 180 degrees.
    static List<(double Lon, double Lat)> Clip(List<(double Lon, double Lat)> ring, bool keepWest)
    {
        bool Inside((double Lon, double Lat) p) => keepWest ? p.Lon <= Antimeridian : p.Lon >= Antimeridian;
        var kept = new List<(double, double)>();
        for (var i = 0; i < ring.Count; i++)
        {
            var (from, to) = (ring[i], ring[(i + 1) % ring.Count]);
            if (Inside(from))
                kept.Add(from);
            if (Inside(from) != Inside(to))
            {
                var share = (Antimeridian - from.Lon) / (to.Lon - from.Lon);
                kept.Add((Antimeridian, from.Lat + (to.Lat - from.Lat) * share));
            }
        }
        return kept;
    }

    static List<double[]> Closed(List<(double Lon, double Lat)> ring)
    {
        var area = 0d;
        for (var i = 0; i < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
            area += a.Lon * b.Lat - b.Lon * a.Lat;
        }
        var points = ring.Select(p => new[] { p.Lon, p.Lat }).ToList();
        if (area < 0)
            points.Reverse();
        points.Add([.. points[0]]);
        return points;
    }

    static double? PoleInside(CoordinateSystem crs, IReadOnlyList<(double X, double Y)> corners)
    {
        if (crs.IsGeographic)
            return null;
        foreach (var pole in (double[])[90, -90])
        {
            var (x, y) = crs.FromLonLat(0, pole);
            var (lon, lat) = crs.ToLonLat(x, y);
            if (Math.Abs(lat - pole) < 1e-6 && double.IsFinite(lon) && IsInside(corners, x, y))
                return pole;
        }
        return null;
    }

    // A box around a pole reaches every longitude; its outline is drawn along the antimeridian and over the pole.
    static Footprint AroundPole(List<(double Lon, double Lat)> ring, double pole)
    {
        var sorted = ring.OrderBy(p => p.Lon).ToList();
        var edge = (sorted[0].Lat + sorted[^1].Lat) / 2;
        List<(double, double)> outline = [(-180, edge), .. sorted, (180, edge), (180, pole), (-180, pole)];
        var (south, north) = (Math.Min(ring.Min(p => p.Lat), pole), Math.Max(ring.Max(p => p.Lat), pole));
        return new(new(-180, south, 180, north), [Closed(outline)]);
    }

    static bool IsInside(IReadOnlyList<(double X, double Y)> corners, double x, double y)
    {
        var inside = false;
        for (var i = 0; i < corners.Count; i++)
        {
            var (a, b) = (corners[i], corners[(i + 1) % corners.Count]);
            if (a.Y > y != b.Y > y && x < (b.X - a.X) * (y - a.Y) / (b.Y - a.Y) + a.X)
                inside = !inside;
        }
        return inside;
    }
}

using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Keeps one shape from costing hours or gigabytes. Checking and repairing a polygon compares the edges whose boxes
/// overlap: few in anything drawn from nature, nearly all in a shape made to hurt. A sample of pairs tells them apart
/// in milliseconds.
/// </summary>
internal static class Complexity
{
    /// <summary>Overlapping pairs of edges that may be expected: seconds of comparing.</summary>
    public const double PairLimit = 50e6;

    const int SmallEnough = 15_000, Samples = 100_000;

    /// <summary>What is too much about the geometry; null when it can be checked and repaired in good time.</summary>
    public static string? TooMuch(NtsGeometry geometry)
    {
        return geometry.NumPoints > SmallEnough && geometry.Dimension == Dimension.Surface
            && OverlappingPairs(geometry) is var pairs and > PairLimit
            ? FormattableString.Invariant($"has edges that overlap about {pairs / 1e6:0} million times")
            : null;
    }

    /// <summary>
    /// How many pairs of edges have boxes that overlap, estimated from a fixed sample: the same answer each time.
    /// </summary>
    public static double OverlappingPairs(NtsGeometry geometry)
    {
        var edges = Edges(geometry);
        var random = new Random(1);
        var overlapping = 0;
        for (var i = 0; i < Samples; i++)
        {
            if (edges[random.Next(edges.Count)].Intersects(edges[random.Next(edges.Count)]))
                overlapping++;
        }
        // Every edge meets itself, and that is not what is counted.
        var share = Math.Max(0, overlapping / (double)Samples - 1.0 / edges.Count);
        return share * edges.Count * edges.Count / 2;
    }

    readonly record struct Edge(double West, double South, double East, double North)
    {
        public bool Intersects(Edge other) =>
            West <= other.East && other.West <= East && South <= other.North && other.South <= North;
    }

    static List<Edge> Edges(NtsGeometry geometry)
    {
        var edges = new List<Edge>(geometry.NumPoints);
        geometry.Apply(new Collector(edges));
        return edges;
    }

    sealed class Collector(List<Edge> edges) : IEntireCoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => false;

        public void Filter(CoordinateSequence positions)
        {
            for (var i = 1; i < positions.Count; i++)
            {
                var (x0, x1) = (positions.GetX(i - 1), positions.GetX(i));
                var (y0, y1) = (positions.GetY(i - 1), positions.GetY(i));
                edges.Add(new Edge(Math.Min(x0, x1), Math.Min(y0, y1), Math.Max(x0, x1), Math.Max(y0, y1)));
            }
        }
    }
}

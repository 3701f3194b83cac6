namespace Waypost.Geo.Geometry;

/// <summary>
/// The nested arrays of a GeoJSON "coordinates" member, kept flat while they are read: positions in one array of
/// doubles, and where the arrays around them end. Reused from one geometry to the next, so that reading a file does
/// not allocate for each.
/// </summary>
internal sealed class CoordinateArrays
{
    /// <summary>Doubles that a scratch array keeps between geometries; a larger one is given back.</summary>
    const int KeptDoubles = 1 << 20;

    double[] xy = new double[256];

    /// <summary>How many positions were read.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// How deep the positions lie: 1 a point, 2 a line, 3 a polygon, 4 a multi-polygon; 0 while there are none.
    /// </summary>
    public int PositionDepth { get; private set; }

    /// <summary>True when a position had more than two numbers.</summary>
    public bool HadHeights { get; set; }

    /// <summary>
    /// For each array at depth 2 that holds no number itself: the positions and depth-3 arrays before its end.
    /// </summary>
    public List<(int Positions, int Inner)> SecondEnds { get; } = [];

    /// <summary>For each array at depth 3 that holds no number itself: the positions before its end.</summary>
    public List<int> ThirdEnds { get; } = [];

    /// <summary>Longitude of a position.</summary>
    public double X(int position) => xy[2 * position];

    /// <summary>Latitude of a position.</summary>
    public double Y(int position) => xy[2 * position + 1];

    /// <summary>Forgets everything but the memory.</summary>
    public void Clear()
    {
        if (xy.Length > KeptDoubles)
            xy = new double[256];
        Count = PositionDepth = 0;
        HadHeights = false;
        SecondEnds.Clear();
        ThirdEnds.Clear();
    }

    /// <summary>Adds a position found at a depth; false when earlier positions lay at another depth.</summary>
    public bool Add(double x, double y, int depth)
    {
        if (PositionDepth != depth && PositionDepth != 0)
            return false;
        PositionDepth = depth;
        if (2 * Count == xy.Length)
            Array.Resize(ref xy, 2 * xy.Length);
        xy[2 * Count] = x;
        xy[2 * Count + 1] = y;
        Count++;
        return true;
    }

    /// <summary>Notes the end of an array of arrays.</summary>
    public void End(int depth)
    {
        if (depth == 2)
            SecondEnds.Add((Count, ThirdEnds.Count));
        else if (depth == 3)
            ThirdEnds.Add(Count);
    }

    /// <summary>The positions from one to another, as the flat array a packed coordinate sequence takes.</summary>
    /// <param name="from">The first position.</param>
    /// <param name="to">One past the last.</param>
    /// <param name="closed">True for a ring: its first position is repeated at the end when the file did not.</param>
    /// <param name="least">
    /// Positions the shape needs to exist at all; the last is repeated up to it, for the repair to find.
    /// </param>
    /// <param name="changed">True when a ring had to be closed.</param>
    public double[] Slice(int from, int to, bool closed, int least, out bool changed)
    {
        var count = to - from;
        changed = closed && count > 0 && (X(from) != X(to - 1) || Y(from) != Y(to - 1));
        if (count == 0)
            return [];
        var total = Math.Max(count + (changed ? 1 : 0), least);
        var slice = new double[2 * total];
        xy.AsSpan(2 * from, 2 * count).CopyTo(slice);
        var (x, y) = closed ? (X(from), Y(from)) : (X(to - 1), Y(to - 1));
        for (var i = count; i < total; i++)
            (slice[2 * i], slice[2 * i + 1]) = (x, y);
        return slice;
    }
}

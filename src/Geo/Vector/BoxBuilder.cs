using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Grows the box around many geometries. Parts east and west of Greenwich are kept apart, so that Fiji gets a narrow
/// box across the antimeridian (RFC 7946 section 5.2) and not one around the whole world.
/// </summary>
internal sealed class BoxBuilder
{
    readonly Envelope west = new(), east = new();
    bool straddlesGreenwich;

    /// <summary>Takes a geometry within ±180°.</summary>
    public void Add(NtsGeometry geometry)
    {
        if (geometry is GeometryCollection many)
        {
            foreach (var member in many.Geometries)
                Add(member);
            return;
        }
        var box = geometry.EnvelopeInternal;
        if (box.IsNull)
            return;
        straddlesGreenwich |= box.MinX < 0 && box.MaxX > 0;
        (box.MinX < 0 ? west : east).ExpandToInclude(box);
    }

    /// <summary>The box; across the antimeridian only where that is less than half as wide.</summary>
    public GeoBox Box()
    {
        var all = west.Copy();
        all.ExpandToInclude(east);
        if (!straddlesGreenwich && !west.IsNull && !east.IsNull && 2 * (360 - (east.MinX - west.MaxX)) < all.Width)
            return new GeoBox(east.MinX, all.MinY, west.MaxX, all.MaxY);
        return new GeoBox(all.MinX, all.MinY, all.MaxX, all.MaxY);
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using Waypost.Geo.Geometry;
using Waypost.Geo.Vector;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>An item's geometry as searches compare it.</summary>
/// <param name="Geometry">In two dimensions, valid, within ±180° of longitude: cut where it crosses the
/// antimeridian.</param>
/// <param name="IsBox">It is nothing but its box.</param>
/// <param name="LowestMetres">The least height of its positions; null where none has a height.</param>
/// <param name="GreatestMetres">The greatest height of its positions; null where none has a height.</param>
public sealed record StacFootprint(NtsGeometry Geometry, bool IsBox, double? LowestMetres, double? GreatestMetres)
{
    /// <summary>Reads a geometry of any of GeoJSON's types; null where it is null or empty.</summary>
    /// <param name="geometry">The GeoJSON geometry. What is invalid in it is mended in the result.</param>
    /// <param name="crosses">True when the item's bbox crosses the antimeridian: then a geometry whose edges jump over
    /// half the Earth is taken for one that goes the short way.</param>
    /// <exception cref="BadGeodataException">COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE or NOT_GEOJSON.</exception>
    public static StacFootprint? Of(JsonElement geometry, bool crosses)
    {
        var read = GeoJsonGeometry.Read(JsonMarshal.GetRawUtf8Value(geometry), out var notes);
        if (read is not { IsEmpty: false })
            return null;
        var box = notes.HeightsDropped ? StacBoxes.Around(geometry) : null;
        var flat = Within180(read, crosses);
        return new StacFootprint(flat, flat.IsRectangle, box?.Bottom, box?.Top);
    }

    static NtsGeometry Within180(NtsGeometry geometry, bool crosses)
    {
        if (crosses && Antimeridian.LooksUncut(geometry))
        {
            geometry = geometry.Copy();
            geometry.Apply(new Eastwards());
            geometry.GeometryChanged();
        }
        if (!Convexity.IsConvex(geometry) && !geometry.IsValid)
            geometry = GeometryFixer.Fix(geometry);
        return Antimeridian.IsBeyond(geometry) ? Antimeridian.Split(geometry) : geometry;
    }

    /// <summary>Moves western longitudes one turn to the east, where the other side of the shape is.</summary>
    sealed class Eastwards : ICoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq, int i)
        {
            if (seq.GetX(i) < 0)
                seq.SetX(i, seq.GetX(i) + 360);
        }
    }
}

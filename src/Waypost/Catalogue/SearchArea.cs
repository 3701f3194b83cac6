using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Geo;
using Waypost.Geo.Geometry;

namespace Waypost.Catalogue;

/// <summary>Where a search looks.</summary>
/// <param name="Shape">What must be touched.</param>
/// <param name="Boxes">The box of it; two across the antimeridian.</param>
/// <param name="IsBox">The shape is nothing but the boxes.</param>
/// <param name="ShareOfWorld">How much of the world the boxes cover, 0 to 1.</param>
sealed record SearchArea(Geometry Shape, IReadOnlyList<Envelope> Boxes, bool IsBox, double ShareOfWorld)
{
    /// <summary>Positions of an intersects: each item that its box touches is compared with all of them.</summary>
    public const int MostPositions = 10_000;

    /// <summary>Mending a shape costs up to the square of its positions, for any line may cross any other.</summary>
    public const int MostMended = 500;

    /// <summary>The heights that are asked for, in metres; an item without heights lies at all of them.</summary>
    public (double Bottom, double Top)? Heights { get; init; }

    /// <summary>Nothing that is anywhere lies outside of it.</summary>
    public bool IsWorld => IsBox && ShareOfWorld >= 1;

    /// <summary>The area of a box.</summary>
    public static SearchArea Of(GeoBox box) => new(box.ToGeometry(), box.ToEnvelopes(), true, box.ShareOfWorld)
    {
        Heights = box is { Bottom: { } bottom, Top: { } top } ? (bottom, top) : null,
    };

    /// <summary>Reads a box or a shape, of which at most one may be given.</summary>
    /// <exception cref="Access.Refused">400: they are not what was expected.</exception>
    public static SearchArea? Read(GeoBox? box, JsonElement? shape)
    {
        if (box is not null && shape is not null)
            throw SearchWish.Bad("intersects", "bbox and intersects cannot be asked together; use one of them.");
        if (box is { } area) return Of(area);
        if (shape is not { } given) return null;
        try
        {
            var geometry = GeoJsonGeometry.Read(given);
            if (geometry is null or { IsEmpty: true })
                throw SearchWish.Bad("intersects", "intersects is an empty geometry.");
            if (geometry.NumPoints > MostPositions)
                throw SearchWish.Bad("intersects",
                    $"intersects has {geometry.NumPoints} positions; at most {MostPositions} can be asked for.");
            return Of(geometry.IsValid ? geometry : Mended(geometry));
        }
        catch (BadGeodataException bad)
        {
            throw SearchWish.Bad("intersects", $"intersects is not a GeoJSON geometry: {bad.Message}");
        }
    }

    static SearchArea Of(Geometry shape)
    {
        var box = shape.EnvelopeInternal;
        return new(shape, [box], false, box.Width / 360 * (box.Height / 180));
    }

    static Geometry Mended(Geometry geometry) => geometry.NumPoints <= MostMended
        ? NetTopologySuite.Geometries.Utilities.GeometryFixer.Fix(geometry)
        : throw SearchWish.Bad("intersects",
            $"intersects is not valid (its lines cross), and only what has up to {MostMended} positions is mended.");
}

using System.Text;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>One feature as it was in the file: nothing repaired, its properties untouched.</summary>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Offset">The byte of the file at which it begins.</param>
/// <param name="IdJson">Its id as JSON text, a string with its quotes or a number; null when it has none.</param>
/// <param name="Geometry">Its geometry in two dimensions, perhaps invalid; null when the file has null.</param>
/// <param name="PropertiesUtf8">
/// Its properties, exactly as written, as UTF-8 JSON; <c>{}</c> when they are null or absent.
/// </param>
/// <param name="Notes">What reading the geometry changed or left out.</param>
/// <param name="TextRepairs">Characters no database can store (NUL, half a surrogate pair) that became U+FFFD.</param>
public sealed record RawFeature(long Index, long Offset, string? IdJson, NtsGeometry? Geometry,
    ReadOnlyMemory<byte> PropertiesUtf8, GeometryNotes Notes, int TextRepairs)
{
    /// <summary>The properties as a JSON object's text.</summary>
    public string PropertiesJson => Encoding.UTF8.GetString(PropertiesUtf8.Span);
}

/// <summary>How much of a file may be held in memory at once.</summary>
/// <param name="FeatureBytes">The largest feature, or other value, that is read: FEATURE_TOO_LARGE beyond it.</param>
public sealed record GeoJsonLimits(int FeatureBytes = 32 << 20)
{
    /// <summary>32 MB for a feature: with what is made of it, well below 400 MB.</summary>
    public static GeoJsonLimits Default { get; } = new();
}

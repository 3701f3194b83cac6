using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// One feature fit for a feature table: its geometry valid, in two dimensions, wound as RFC 7946 asks, within ±180°.
/// </summary>
/// <param name="Index">Its place in the source file, from 0; gaps are features that were dropped.</param>
/// <param name="IdJson">Its id as JSON text, a string with its quotes or a number; null when it has none.</param>
/// <param name="Geometry">Its geometry: valid, not empty, SRID 4326.</param>
/// <param name="PropertiesUtf8">Its properties, exactly as written, as a UTF-8 JSON object.</param>
public sealed record VectorFeature(
    long Index, string? IdJson, NtsGeometry Geometry, ReadOnlyMemory<byte> PropertiesUtf8)
{
    /// <summary>The properties as a JSON object's text.</summary>
    public string PropertiesJson => System.Text.Encoding.UTF8.GetString(PropertiesUtf8.Span);
}

/// <summary>One property that features of a file have, and under which name a table may carry it.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="SafeName">
/// A name any database takes: lower-case ASCII, unique among the file's columns, never one that the feature table has
/// itself.
/// </param>
/// <param name="Types">
/// The JSON types seen, sorted: boolean, integer, number, string, array, object; empty when always null.
/// </param>
/// <param name="Nulls">Features in which it is null.</param>
/// <param name="Present">Features that have it, null or not.</param>
public sealed record VectorColumn(
    string Name, string SafeName, IReadOnlyList<string> Types, long Nulls, long Present);

/// <summary>What was wrong with one feature and what became of it.</summary>
/// <param name="Code">The warning that it belongs to.</param>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="IdJson">Its id as JSON text, when it has one.</param>
/// <param name="Reason">What was found, for a person.</param>
/// <param name="Longitude">Where, when there is one place.</param>
/// <param name="Latitude">Where, when there is one place.</param>
public sealed record VectorEvidence(
    string Code, long Index, string? IdJson, string Reason, double? Longitude = null, double? Latitude = null);

/// <summary>What a vector file holds and what was done to it.</summary>
/// <param name="Read">Features in the file.</param>
/// <param name="Kept">Features that came out.</param>
/// <param name="Dropped">Features without a usable geometry.</param>
/// <param name="Repaired">Features whose geometry was made valid.</param>
/// <param name="GeometryTypes">Geometry types that came out, by name, with how many features have each.</param>
/// <param name="Box">Around all of it, the short way round when that crosses the antimeridian.</param>
/// <param name="Columns">
/// Its properties in the order first seen, <see cref="ColumnInventory.ColumnLimit"/> at the most.
/// </param>
/// <param name="Warnings">What was found and mended, counted, in order of code.</param>
/// <param name="Evidence">
/// The first features of each warning, <see cref="VectorRepair.EvidencePerCode"/> at the most.
/// </param>
/// <param name="Sha256">Of the file's bytes, lower-case hex; empty when features did not come from a file.</param>
/// <param name="Bytes">The file's length.</param>
public sealed record VectorReport(
    long Read, long Kept, long Dropped, long Repaired, IReadOnlyDictionary<string, long> GeometryTypes, GeoBox Box,
    IReadOnlyList<VectorColumn> Columns, IReadOnlyList<GeodataWarning> Warnings, IReadOnlyList<VectorEvidence> Evidence,
    string Sha256, long Bytes);

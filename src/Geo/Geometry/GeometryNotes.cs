namespace Waypost.Geo.Geometry;

/// <summary>What reading a geometry changed or left out, for a report to count.</summary>
/// <param name="HeightsDropped">Positions had a third number, which is not kept.</param>
/// <param name="RingsClosed">
/// Polygon rings whose first position was not repeated at the end (RFC 7946 section 3.1.6).
/// </param>
public readonly record struct GeometryNotes(bool HeightsDropped, int RingsClosed);

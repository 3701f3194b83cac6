using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>A text as it is; <c>%</c> and <c>_</c> mean something only as a pattern of <see cref="Like"/>.</summary>
/// <param name="Value">The characters, unescaped.</param>
public sealed record TextLiteral(string Value) : Cql2Expression;

/// <summary>A number; whole numbers are exact up to 2^53.</summary>
/// <param name="Value">Finite.</param>
public sealed record NumberLiteral(double Value) : Cql2Expression;

/// <summary>True or false.</summary>
/// <param name="Value">Which.</param>
public sealed record BooleanLiteral(bool Value) : Cql2Expression;

/// <summary>An instant to the microsecond, in UTC (clause 6.3.1).</summary>
/// <param name="Value">The moment; its offset is zero.</param>
public sealed record TimestampLiteral(DateTimeOffset Value) : Cql2Expression;

/// <summary>A day of the Gregorian calendar (clause 6.3.1).</summary>
/// <param name="Value">The day.</param>
public sealed record DateLiteral(DateOnly Value) : Cql2Expression;

/// <summary>A geometry in longitude and latitude; heights are kept when given and never compared.</summary>
/// <param name="Value">SRID 4326; may lie beyond 180 degrees, may be empty, need not be valid. Never changed.</param>
public sealed record GeometryLiteral(NtsGeometry Value) : Cql2Expression
{
    /// <summary>True when both have the same kind, parts and numbers, in the same order.</summary>
    public bool Equals(GeometryLiteral? other) => other is not null && ExactGeometry.Same(Value, other.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => ExactGeometry.Hash(Value);
}

/// <summary>A bounding box (clause 7.5.1); its west is greater than its east across the antimeridian.</summary>
/// <param name="Value">The box; heights are kept when given and never compared.</param>
public sealed record BoxLiteral(GeoBox Value) : Cql2Expression;

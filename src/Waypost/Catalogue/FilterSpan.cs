using NetTopologySuite.Geometries;
using Waypost.Geo.Cql2;

namespace Waypost.Catalogue;

/// <summary>Where and when the matches of a filter must be, so that the indexes of places and times find them.
/// </summary>
sealed class FilterSpan(Queryables queryables)
{
    /// <summary>The box of every match touches one of these; null: they may be anywhere.</summary>
    public IReadOnlyList<Envelope>? Boxes { get; private set; }

    /// <summary>Every match ends then or later, in microseconds since 1970; null: whenever.</summary>
    public long? From { get; private set; }

    /// <summary>Every match starts then or earlier.</summary>
    public long? Until { get; private set; }

    /// <summary>Takes in a condition that every match meets.</summary>
    public void Narrow(Cql2Expression node)
    {
        switch (node)
        {
            case And and:
                foreach (var operand in and.Operands) Narrow(operand);
                break;
            case SpatialPredicate { Relation: not SpatialRelation.Disjoint } spatial:
                NarrowPlace(spatial);
                break;
            case Comparison { Left: PropertyReference property } comparison when IsMoment(property):
                NarrowTime(comparison.Operator, comparison.Right);
                break;
            case Comparison { Right: PropertyReference property } comparison when IsMoment(property):
                NarrowTime(Cql2Sql.Turned(comparison.Operator), comparison.Left);
                break;
            case Between { Operand: PropertyReference property } between when IsMoment(property):
                NarrowTime(ComparisonOperator.GreaterOrEqual, between.Lower);
                NarrowTime(ComparisonOperator.LessOrEqual, between.Upper);
                break;
            case TemporalPredicate { Left: PropertyReference property } temporal when IsMoment(property):
                NarrowTime(temporal.Relation, temporal.Right);
                break;
            default:
                break;
        }
    }

    // Of two conditions either narrows; the smaller one is kept.
    void NarrowPlace(SpatialPredicate spatial)
    {
        var (property, shape) = (spatial.Left, Cql2Sql.ShapeOf(spatial.Right));
        if (shape is null) (property, shape) = (spatial.Right, Cql2Sql.ShapeOf(spatial.Left));
        if (shape is null or { IsEmpty: true } || property is not PropertyReference { Name: var name }
            || queryables.Find(name, Cql2Sql.Parameter).Place != QueryablePlace.Geometry)
            return;
        Envelope[] boxes = shape is MultiPolygon several && several.NumGeometries == 2
            ? [several.GetGeometryN(0).EnvelopeInternal, several.GetGeometryN(1).EnvelopeInternal]
            : [shape.EnvelopeInternal];
        if (Boxes is null || boxes.Sum(box => box.Area) < Boxes.Sum(box => box.Area)) Boxes = boxes;
    }

    void NarrowTime(TemporalRelation relation, Cql2Expression other)
    {
        var (start, end) = other is Interval interval ? (interval.Start, interval.End) : (other, other);
        switch (relation)
        {
            case TemporalRelation.After or TemporalRelation.MetBy when end is not null:
                NarrowTime(ComparisonOperator.GreaterOrEqual, end);
                break;
            case TemporalRelation.Before or TemporalRelation.Meets when start is not null:
                NarrowTime(ComparisonOperator.LessOrEqual, start);
                break;
            case TemporalRelation.During or TemporalRelation.Intersects or TemporalRelation.Equals:
                if (start is not null) NarrowTime(ComparisonOperator.GreaterOrEqual, start);
                if (end is not null) NarrowTime(ComparisonOperator.LessOrEqual, end);
                break;
            default:
                break;
        }
    }

    void NarrowTime(ComparisonOperator comparison, Cql2Expression constant)
    {
        if (InstantOf(constant) is not { } instant || comparison == ComparisonOperator.NotEqual) return;
        if (comparison is not (ComparisonOperator.Less or ComparisonOperator.LessOrEqual))
            From = Math.Max(From ?? long.MinValue, instant.First);
        if (comparison is not (ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual))
            Until = Math.Min(Until ?? long.MaxValue, instant.Last);
    }

    static Cql2Instant? InstantOf(Cql2Expression node) => node switch
    {
        DateLiteral date => Cql2Instant.Of(date.Value),
        TimestampLiteral timestamp => Cql2Instant.Of(timestamp.Value),
        _ => null,
    };

    bool IsMoment(PropertyReference property) =>
        queryables.Find(property.Name, Cql2Sql.Parameter).Place == QueryablePlace.Moment;
}

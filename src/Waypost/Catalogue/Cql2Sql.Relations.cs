using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

// Predicates of places, times and arrays, and the functions that are not part of CQL2.
sealed partial class Cql2Sql
{
    Sql Placed(SpatialPredicate spatial)
    {
        var (relation, left, right) = (spatial.Relation, spatial.Left, spatial.Right);
        // The one that stays the same from row to row comes second: it is prepared once.
        if (ShapeOf(left) is not null) (relation, left, right) = (Turned(relation), right, left);
        Sql exactly = $"cql_spatial({NameOf(relation)}, {Geometry(left)}, {Geometry(right)})";
        if (!IsItemsPlace(left) || ShapeOf(right) is not { IsEmpty: false } shape) return exactly;
        // Boxes that lie apart decide nearly always.
        var box = shape.EnvelopeInternal;
        Sql near = $"""
            (items.west <= {box.MaxX} and items.east >= {box.MinX}
                and items.south <= {box.MaxY} and items.north >= {box.MinY})
            """;
        return relation == SpatialRelation.Disjoint ? $"(not {near} or {exactly})" : (Sql)$"({near} and {exactly})";
    }

    bool IsItemsPlace(Cql2Expression node) => node is PropertyReference property
        && queryables.Find(property.Name, Parameter).Place == QueryablePlace.Geometry;

    static SpatialRelation Turned(SpatialRelation relation) => relation switch
    {
        SpatialRelation.Within => SpatialRelation.Contains,
        SpatialRelation.Contains => SpatialRelation.Within,
        _ => relation,
    };

    static Sql NameOf(SpatialRelation relation) => relation switch
    {
        SpatialRelation.Intersects => $"'intersects'",
        SpatialRelation.Equals => $"'equals'",
        SpatialRelation.Disjoint => $"'disjoint'",
        SpatialRelation.Touches => $"'touches'",
        SpatialRelation.Within => $"'within'",
        SpatialRelation.Overlaps => $"'overlaps'",
        SpatialRelation.Crosses => $"'crosses'",
        _ => $"'contains'",
    };

    // The same table as in Cql2Period.
    Sql Timed(TemporalPredicate temporal)
    {
        var (a, b) = (Period(temporal.Left), Period(temporal.Right));
        return temporal.Relation switch
        {
            TemporalRelation.After => Later(a.Start, b.End),
            TemporalRelation.Before => Later(b.Start, a.End),
            TemporalRelation.Disjoint => $"({Later(a.Start, b.End)} or {Later(b.Start, a.End)})",
            TemporalRelation.Intersects => $"(not ({Later(a.Start, b.End)} or {Later(b.Start, a.End)}))",
            TemporalRelation.Equals => $"({Same(a.Start, b.Start)} and {Same(a.End, b.End)})",
            TemporalRelation.Contains => $"({Later(b.Start, a.Start)} and {Later(a.End, b.End)})",
            TemporalRelation.During => $"({Later(a.Start, b.Start)} and {Later(b.End, a.End)})",
            TemporalRelation.Finishes => $"({Later(a.Start, b.Start)} and {Same(a.End, b.End)})",
            TemporalRelation.FinishedBy => $"({Later(b.Start, a.Start)} and {Same(a.End, b.End)})",
            TemporalRelation.Starts => $"({Same(a.Start, b.Start)} and {Later(b.End, a.End)})",
            TemporalRelation.StartedBy => $"({Same(a.Start, b.Start)} and {Later(a.End, b.End)})",
            TemporalRelation.Meets => Same(a.End, b.Start),
            TemporalRelation.MetBy => Same(a.Start, b.End),
            TemporalRelation.Overlaps =>
                $"({Later(b.Start, a.Start)} and {Later(a.End, b.Start)} and {Later(b.End, a.End)})",
            _ => $"({Later(a.Start, b.Start)} and {Later(b.End, a.Start)} and {Later(a.End, b.End)})",
        };
    }

    (InstantSql Start, InstantSql End) Period(Cql2Expression node)
    {
        if (node is not Interval interval) return Instant(node) is var instant ? (instant, instant) : default;
        return (interval.Start is null ? InstantSql.Of(Cql2Instant.Earliest) : Instant(interval.Start),
            interval.End is null ? InstantSql.Of(Cql2Instant.Latest) : Instant(interval.End));
    }

    static Sql Later(InstantSql one, InstantSql other) => one.Compared(ComparisonOperator.Greater, other);

    static Sql Same(InstantSql one, InstantSql other) => one.Compared(ComparisonOperator.Equal, other);

    Sql Held(ArrayPredicate array)
    {
        var (left, right) = (Array(array.Left), Array(array.Right));
        return array.Relation switch
        {
            ArrayRelation.Equals => $"(cql_has_all({left}, {right}) and cql_has_all({right}, {left}))",
            ArrayRelation.Contains => $"cql_has_all({left}, {right})",
            ArrayRelation.ContainedBy => $"cql_has_all({right}, {left})",
            _ => $"cql_has_any({left}, {right})",
        };
    }

    // Each function of Cql2Functions.Standard, by what both databases have.
    Sql Called(FunctionCall call)
    {
        var given = call.Arguments;
        return call.Name.ToLowerInvariant() switch
        {
            "lower" => $"""lower({Text(given[0])} collate "C")""",
            "upper" => $"""upper({Text(given[0])} collate "C")""",
            "length" => $"cql_length({Text(given[0])})",
            "trim" => $"trim({Text(given[0])})",
            "concat" => Balanced($" || ", [.. given.Select(Text)]),
            "abs" => $"abs({Number(given[0])})",
            "floor" => $"cql_floor({Number(given[0])})",
            "ceil" => $"cql_ceil({Number(given[0])})",
            "min" => Nested($"cql_least", [.. given.Select(Number)]),
            "max" => Nested($"cql_greatest", [.. given.Select(Number)]),
            "year" => $"cql_calendar('year', {Instant(given[0]).First})",
            "month" => $"cql_calendar('month', {Instant(given[0]).First})",
            "day" => $"cql_calendar('day', {Instant(given[0]).First})",
            "hour" => $"cql_calendar('hour', {Instant(given[0]).First})",
            "geometry_type" => $"cql_geometry_type({Geometry(given[0])})",
            "distance_km" => $"cql_distance_km({Geometry(given[0])}, {Geometry(given[1])})",
            _ => throw Odd(call),
        };
    }

    static Sql Nested(Sql function, IReadOnlyList<Sql> given) => given.Count == 1
        ? given[0]
        : $"""
            {function}({Nested(function, [.. given.Take(given.Count / 2)])}, {Nested(
                function, [.. given.Skip(given.Count / 2)])})
            """;
}

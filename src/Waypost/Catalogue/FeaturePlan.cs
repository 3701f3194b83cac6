using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A feature found, as its page needs it.</summary>
/// <param name="Matched">How many match in all; the same on each row.</param>
/// <param name="Feature">The feature; null on the one row of an empty page.</param>
sealed record FeatureHit(long Matched, StoredFeature? Feature) : IRow<FeatureHit>
{
    public static FeatureHit Read(Row row) =>
        new(row.Long("matched"), row.IsNull("number") ? null : StoredFeature.Read(row));
}

/// <summary>Writes the one statement that answers a page of features and how many match, exactly.</summary>
static class FeaturePlan
{
    /// <summary>Up to this share of the set's box, a box is looked up in the index of places first: a feature found
    /// there costs about twice what one costs that is merely passed by.</summary>
    const double SmallShare = 1 / 2.0;

    public static Sql Of(Db db, string org, FeatureSet set, SearchArea? area, long after, int limit)
    {
        if (area is null) return InOrder(org, set, area, after, limit);
        return Share(area, set) <= SmallShare
            ? PlaceFirst(db, org, set, area, after, limit)
            : InOrder(org, set, area, after, limit);
    }

    static Sql PlaceFirst(Db db, string org, FeatureSet set, SearchArea area, long after, int limit) => $"""
        with hits as materialized (
            select row_id, number from catalogue_features
            where (org || '') = {org} and (set_id || '') = {set.SetId} and {NearAny(db, area)} and {Touches(area)}
        )
        select (select count(*) from hits) as matched, {Columns}
        from (select 1 as one) as always
        left join (
            select row_id, number from hits where number > {after} order by number limit {limit + 1}
        ) as page on true
        left join catalogue_features as found on found.row_id = page.row_id
        order by page.number
        """;

    static Sql InOrder(string org, FeatureSet set, SearchArea? area, long after, int limit)
    {
        Sql matched = $"{set.Count}";
        Sql place = $"true";
        if (area is not null)
        {
            place = Touches(area);
            matched = $"""
                (select count(*) from catalogue_features where org = {org} and set_id = {set.SetId} and {place})
                """;
        }
        return $"""
            select {matched} as matched, {Columns}
            from (select 1 as one) as always
            left join (
                select * from catalogue_features
                where org = {org} and set_id = {set.SetId} and number > {after} and {place}
                order by number limit {limit + 1}
            ) as found on true
            order by found.number
            """;
    }

    static Sql Columns => $"""
        found.number, found.source_id, st_asewkb(found.geometry) as geometry, found.west, found.south,
        found.east, found.north, found.properties
        """;

    static Sql NearAny(Db db, SearchArea area) => db.Near(
        $"catalogue_features_boxes", area.Boxes.Select(box => (box.MinX, box.MinY, box.MaxX, box.MaxY)));

    static Sql Touches(SearchArea area)
    {
        if (area.IsWorld) return $"west is not null";
        var shape = Wkb.WriteWithSrid(area.Shape);
        return Any(area.Boxes.Select(box => Meets(box, shape)));
    }

    static Sql Meets(Envelope box, byte[] shape)
    {
        var (w, s, e, n) = (box.MinX, box.MinY, box.MaxX, box.MaxY);
        return $"""
            (west <= {e} and east >= {w} and south <= {n} and north >= {s}
                and (west >= {w} and east <= {e} and south >= {s} and north <= {n}
                    or st_intersects(geometry, st_geomfromewkb({shape}))))
            """;
    }

    static Sql Any(IEnumerable<Sql> conditions) => $"({Sql.Join($" or ", conditions)})";

    // How much of the set's own box the search covers: features of one set are seldom all over the world.
    static double Share(SearchArea area, FeatureSet set)
    {
        if (set.Bounds is not { } bounds) return 0;
        var whole = new Envelope(bounds[0], bounds[2], bounds[1], bounds[3]);
        return whole.Area <= 0 ? 1 : area.Boxes.Sum(box => box.Intersection(whole).Area) / whole.Area;
    }
}

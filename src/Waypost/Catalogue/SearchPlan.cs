using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>An item found, as its page needs it.</summary>
/// <param name="Matched">How many the whole search matches; the same on each row.</param>
/// <param name="Position">Where it stands; null on the one row of an empty page.</param>
/// <param name="Body">The document as it is stored.</param>
sealed record Hit(long Matched, PagePosition? Position, string Body) : IRow<Hit>
{
    public static Hit Read(Row row) => row.IsNull("id")
        ? new Hit(row.Long("matched"), null, "")
        : new Hit(
            row.Long("matched"),
            new PagePosition(false, row.Long("starts"), row.Text("collection"), row.Text("id")), row.Text("body"));
}

/// <summary>Writes the one statement that answers a search: its page and, exactly, how many match.</summary>
/// <remarks>
/// Two ways to go. Few candidates (a small box, ids): find them all by the index of places, then order them. Many
/// (a large box, time alone): walk the index of time from the page's position and stop when it is full. Each is many
/// times dearer than the other where the other belongs.
/// </remarks>
static class SearchPlan
{
    /// <summary>Up to this share of the world a box is looked up in the index of places first.</summary>
    const double SmallShare = 1 / 50.0;

    /// <summary>The statement for a wish; one row more than the page holds says that there is another page.</summary>
    public static Sql Of(Db db, string org, SearchWish wish)
    {
        var candidates = wish.Ids is not null || wish.Area is { ShareOfWorld: <= SmallShare };
        return candidates ? PlaceFirst(db, org, wish) : TimeFirst(org, wish);
    }

    static Sql PlaceFirst(Db db, string org, SearchWish wish)
    {
        var conditions = new List<Sql>();
        if (wish.Ids is not null)
        {
            conditions.Add($"org = {org}");
            conditions.Add($"id in ({Names(wish.Ids)})");
        }
        else
        {
            // Joined to nothing, the column cannot lure the planner to an index that has it in front.
            conditions.Add($"(org || '') = {org}");
            conditions.Add(NearAny(db, wish.Area!));
        }
        if (wish.Collections is not null) conditions.Add($"(collection || '') in ({Names(wish.Collections)})");
        conditions.AddRange(Times(org, wish));
        if (wish.Area is not null) conditions.Add(Touches(wish.Area));
        return $"""
            with hits as materialized (
                select row_id, starts, collection, id from catalogue_items where {Sql.Join($" and ", conditions)}
            )
            select (select count(*) from hits) as matched, page.starts, page.collection, page.id, items.body
            from (select 1 as one) as always
            left join (
                select row_id, starts, collection, id from hits where {After(wish.Position)}
                order by {Order(wish.Position)} limit {wish.Limit + 1}
            ) as page on true
            left join catalogue_items as items on items.row_id = page.row_id
            order by {Order(wish.Position, $"page.")}
            """;
    }

    static Sql TimeFirst(string org, SearchWish wish)
    {
        var conditions = new List<Sql> { $"org = {org}" };
        if (wish.Collections is not null) conditions.Add($"collection in ({Names(wish.Collections)})");
        conditions.AddRange(Times(org, wish));
        if (wish.Area is not null) conditions.Add(Touches(wish.Area));
        var all = Sql.Join($" and ", conditions);
        return $"""
            select {Counted(org, wish, all)} as matched, page.starts, page.collection, page.id, page.body
            from (select 1 as one) as always
            left join (
                select starts, collection, id, body from catalogue_items where {all} and {After(wish.Position)}
                order by {Order(wish.Position)} limit {wish.Limit + 1}
            ) as page on true
            order by {Order(wish.Position, $"page.")}
            """;
    }

    // Without a place and a time the number is known, and nothing needs to be counted.
    static Sql Counted(string org, SearchWish wish, Sql conditions)
    {
        if (wish.From is not null || wish.Until is not null || wish.Area is { IsWorld: false })
            return $"(select count(*) from catalogue_items where {conditions})";
        Sql of = wish.Collections switch
        {
            null => $"org = {org}",
            var names => $"org = {org} and collection in ({Names(names)})",
        };
        Sql items = $"(select coalesce(sum(items), 0) from catalogue_counts where {of})";
        if (wish.Area is null) return items;
        return $"({items} - (select count(*) from catalogue_items where west is null and {of}))";
    }

    // An item that began before the search does may still reach into it, but not from further than the longest lasts.
    static IEnumerable<Sql> Times(string org, SearchWish wish)
    {
        if (wish.Until is { } until) yield return $"starts <= {until}";
        if (wish.From is not { } from) yield break;
        yield return $"ends >= {from}";
        Sql of = wish.Collections switch
        {
            null => $"org = {org}",
            var names => $"org = {org} and id in ({Names(names)})",
        };
        yield return $"starts >= {from} - (select coalesce(max(longest), 0) from catalogue_collections where {of})";
    }

    static Sql NearAny(Db db, SearchArea area) => Any(area.Boxes.Select(box =>
        db.Near($"catalogue_items_boxes", (box.MinX, box.MinY, box.MaxX, box.MaxY))));

    // The boxes decide nearly always; the geometries are compared only where a box straddles the edge.
    static Sql Touches(SearchArea area)
    {
        if (area.IsWorld) return $"west is not null";
        var shape = Wkb.WriteWithSrid(area.Shape);
        return Any(area.Boxes.Select(box => Meets(box, area.IsBox, shape)));
    }

    static Sql Meets(Envelope box, bool isBox, byte[] shape)
    {
        var (w, s, e, n) = (box.MinX, box.MinY, box.MaxX, box.MaxY);
        Sql overlaps = $"west <= {e} and east >= {w} and south <= {n} and north >= {s}";
        Sql touches = $"st_intersects(geometry, st_geomfromewkb({shape}))";
        if (!isBox) return $"({overlaps} and {touches})";
        return $"""
            ({overlaps}
                and (is_box or west >= {w} and east <= {e} and south >= {s} and north <= {n} or {touches}))
            """;
    }

    static Sql After(PagePosition? position) => position switch
    {
        null => $"true",
        { Backwards: false } at => $"""
            starts <= {at.Starts} and (starts < {at.Starts} or collection > {at.Collection}
                or collection = {at.Collection} and id > {at.Id})
            """,
        { Backwards: true } at => $"""
            starts >= {at.Starts} and (starts > {at.Starts} or collection < {at.Collection}
                or collection = {at.Collection} and id < {at.Id})
            """,
    };

    static Sql Order(PagePosition? position) => Order(position, $"");

    static Sql Order(PagePosition? position, Sql of) => position switch
    {
        { Backwards: true } => $"{of}starts, {of}collection desc, {of}id desc",
        _ => $"{of}starts desc, {of}collection, {of}id",
    };

    static Sql Any(IEnumerable<Sql> conditions) => $"({Sql.Join($" or ", conditions)})";

    // Filled up to a power of two: the text of the statement, by which it is kept prepared, then has few forms.
    static Sql Names(IReadOnlyList<string> names)
    {
        var places = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)names.Count);
        return Sql.Join($", ", Enumerable.Range(0, places).Select(i => (Sql)$"{names[Math.Min(i, names.Count - 1)]}"));
    }
}

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

/// <summary>What the items of an organization span, to judge how much of it a search asks for.</summary>
sealed record Spans(long First, long Last) : IRow<Spans>
{
    public static Spans Read(Row row) => new(row.LongOrNull("first") ?? 0, row.LongOrNull("last") ?? 0);
}

/// <summary>Writes the one statement that answers a search: its page and, exactly, how many match.</summary>
/// <remarks>
/// Two ways to go. Few candidates (a small box, ids): find them all by the index of places, then order them. Many
/// (a large box, time alone): walk the index of time from the page's position and stop when it is full. Each is many
/// times dearer than the other where the other belongs.
/// </remarks>
static class SearchPlan
{
    /// <summary>An item found by its place costs about this many passed by in the index of time.</summary>
    const double CostOfPlace = 5;

    /// <summary>Up to this share of the world the place comes first, whatever the time.</summary>
    const double TinyShare = 1 / 1_000.0;

    /// <summary>Answers a wish; one row more than the page holds says that there is another page.</summary>
    public static async Task<List<Hit>> Run(Db db, View view, SearchWish wish, CancellationToken ct)
    {
        var placeFirst = wish.Ids is not null
            || wish.Area is { } area && area.ShareOfWorld * CostOfPlace <= await ShareOfTime(db, view, wish, area, ct);
        return await db.All<Hit>(placeFirst ? PlaceFirst(db, view, wish) : TimeFirst(db, view, wish), ct);
    }

    static async Task<double> ShareOfTime(Db db, View view, SearchWish wish, SearchArea area, CancellationToken ct)
    {
        if (area.ShareOfWorld <= TinyShare || (wish.From is null && wish.Until is null)) return 1;
        // Asked one by one each is at an end of the index; asked together they are found by going through all of it.
        var spans = await db.One<Spans>($"""
            select (select min(starts) from catalogue_items where org = {view.Org}) as first,
                (select max(starts) from catalogue_items where org = {view.Org}) as last
            """, ct);
        if (spans is null || spans.Last <= spans.First) return 1;
        var first = Math.Max(wish.From ?? spans.First, spans.First);
        var last = Math.Min(wish.Until ?? spans.Last, spans.Last);
        return Math.Max(0, last - first) / (double)(spans.Last - spans.First);
    }

    static Sql PlaceFirst(Db db, View view, SearchWish wish)
    {
        var conditions = new List<Sql>();
        if (wish.Ids is not null)
        {
            conditions.Add($"org = {view.Org}");
            conditions.Add($"id in ({Names(wish.Ids)})");
        }
        else
        {
            // Joined to nothing, the column cannot lure the planner to an index that has it in front.
            conditions.Add($"(org || '') = {view.Org}");
            conditions.Add(db.Near(
                $"catalogue_items_places", wish.Area!.Boxes.Select(box => (box.MinX, box.MinY, box.MaxX, box.MaxY))));
        }
        if (wish.Collections is not null) conditions.Add($"(collection || '') in ({Names(wish.Collections)})");
        conditions.AddRange(Times(view, wish));
        conditions.Add(view.Visible($"collection"));
        if (wish.Area is not null) conditions.Add(Touches(wish.Area));
        return $"""
            with hits as materialized (
                select row_id, starts, collection, id from catalogue_items where {Sql.Join($" and ", conditions)}
            )
            select (select count(*) from hits) as matched, page.starts, page.collection, page.id,
                {view.Body($"bodies")} as body
            from (select 1 as one) as always
            left join (
                select row_id, starts, collection, id from hits where {After(wish.Position)}
                order by {Order(wish.Position)} limit {wish.Limit + 1}
            ) as page on true
            left join catalogue_bodies as bodies on bodies.row_id = page.row_id
            order by {Order(wish.Position, $"page.")}
            """;
    }

    static Sql TimeFirst(Db db, View view, SearchWish wish)
    {
        var conditions = new List<Sql> { $"org = {view.Org}" };
        if (wish.Collections is not null) conditions.Add($"collection in ({Names(wish.Collections)})");
        conditions.AddRange(Times(view, wish));
        conditions.Add(view.Visible($"collection"));
        var matched = Counted(db, view, wish, Sql.Join($" and ", conditions));
        if (wish.Area is not null) conditions.Add(Touches(wish.Area));
        var all = Sql.Join($" and ", conditions);
        return $"""
            select {matched} as matched, page.starts, page.collection, page.id,
                {view.Body($"bodies")} as body
            from (select 1 as one) as always
            left join (
                select row_id, starts, collection, id from catalogue_items where {all} and {After(wish.Position)}
                order by {Order(wish.Position)} limit {wish.Limit + 1}
            ) as page on true
            left join catalogue_bodies as bodies on bodies.row_id = page.row_id
            order by {Order(wish.Position, $"page.")}
            """;
    }

    static Sql Counted(Db db, View view, SearchWish wish, Sql others)
    {
        if (wish.Area is { IsWorld: false } area) return CountedAt(db, view, wish, others, area);
        if (wish.From is null && wish.Until is null) return Known(view, wish);
        Sql place = wish.Area is null ? NoCondition : Located;
        return $"(select count(*) from catalogue_items where {others} and {place})";
    }

    // Without a place and a time the number is known, and nothing needs to be counted.
    static Sql Known(View view, SearchWish wish)
    {
        Sql of = wish.Collections switch
        {
            null => $"org = {view.Org} and {view.Visible($"collection")}",
            var names => $"org = {view.Org} and collection in ({Names(names)}) and {view.Visible($"collection")}",
        };
        Sql items = $"(select coalesce(sum(items), 0) from catalogue_counts where {of})";
        if (wish.Area is null) return items;
        return $"({items} - (select count(*) from catalogue_items where west is null and {of}))";
    }

    // Whatever the boxes alone decide is counted in the index, without the items; what lies across an edge of the area
    // is found by that edge.
    static Sql CountedAt(Db db, View view, SearchWish wish, Sql others, SearchArea area)
    {
        if (!area.IsBox) return $"(select count(*) from catalogue_items where {others} and {Touches(area)})";
        var sure = Any(area.Boxes.Select(Surely));
        var edges = db.Near($"catalogue_items_places", area.Boxes.SelectMany(Edges));
        var narrowed = new List<Sql> { $"(org || '') = {view.Org}" };
        if (wish.Collections is not null) narrowed.Add($"(collection || '') in ({Names(wish.Collections)})");
        narrowed.AddRange(Times(view, wish));
        narrowed.Add(view.Visible($"collection"));
        return $"""
            ((select count(*) from catalogue_items where {others} and {sure})
            + (select count(*) from catalogue_items
                where {Sql.Join($" and ", narrowed)} and {edges} and not {sure} and {Touches(area)}))
            """;
    }

    static IEnumerable<(double, double, double, double)> Edges(Envelope box) =>
    [
        (box.MinX, box.MinY, box.MinX, box.MaxY), (box.MaxX, box.MinY, box.MaxX, box.MaxY),
        (box.MinX, box.MinY, box.MaxX, box.MinY), (box.MinX, box.MaxY, box.MaxX, box.MaxY),
    ];

    static readonly Sql NoCondition = $"true";
    static readonly Sql Located = $"west is not null";

    // An item that began before the search does may still reach into it, but not from further than the longest lasts.
    static IEnumerable<Sql> Times(View view, SearchWish wish)
    {
        if (wish.Until is { } until) yield return $"starts <= {until}";
        if (wish.From is not { } from) yield break;
        yield return $"ends >= {from}";
        Sql of = wish.Collections switch
        {
            null => $"org = {view.Org}",
            var names => $"org = {view.Org} and id in ({Names(names)})",
        };
        yield return $"starts >= {from} - (select coalesce(max(longest), 0) from catalogue_collections where {of})";
    }

    // The boxes decide nearly always; the geometries are compared only where a box straddles the edge.
    static Sql Touches(SearchArea area)
    {
        if (area.IsWorld) return Located;
        Sql touches = $"st_intersects(geometry, st_geomfromewkb({Wkb.WriteWithSrid(area.Shape)}))";
        if (!area.IsBox) return $"({Any(area.Boxes.Select(Overlaps))} and {touches})";
        // The boxes by themselves, so that they are compared before the item is fetched for its geometry.
        return $"({Any(area.Boxes.Select(Overlaps))} and ({Any(area.Boxes.Select(Surely))} or {touches}))";
    }

    static Sql Overlaps(Envelope box) => $"""
        (west <= {box.MaxX} and east >= {box.MinX} and south <= {box.MaxY} and north >= {box.MinY})
        """;

    static Sql Surely(Envelope box) => $"""
        ({Overlaps(box)} and (is_box
            or west >= {box.MinX} and east <= {box.MaxX} and south >= {box.MinY} and north <= {box.MaxY}))
        """;

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

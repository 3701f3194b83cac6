using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Waypost.Geo.Text;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The conditions of a search in SQL, about the columns of <c>catalogue_items</c>.</summary>
sealed class SearchTerms(Db db, View view, SearchWish wish, CompiledFilter? filter)
{
    /// <summary>So many collections are gone through side by side; more are found among all others.</summary>
    public const int MostStretches = 8;

    static readonly Sql Located = $"west is not null";

    /// <summary>Whose items.</summary>
    public Sql Org { get; } = $"items.org = {view.Org}";

    /// <summary>The same, but not by an index that begins with it.</summary>
    public Sql OrgUnindexed { get; } = $"(items.org || '') = {view.Org}";

    /// <summary>In collections that the view shows: for whoever counts before anything else is asked, as that number
    /// decides what the answer looks like.</summary>
    public Sql Shown { get; } = view.Visible($"(items.collection || '')");

    /// <summary>The only collections that are looked in, those that the view shows of them; null: all, or all but
    /// those that the view hides.</summary>
    public IReadOnlyList<string>? Collections { get; } =
        (wish.Collections ?? view.Only)?.Where(view.Shows).Distinct(StringComparer.Ordinal).ToList();

    /// <summary>Only these collections, and only those that the view shows; not by an index that begins with
    /// them.</summary>
    public IEnumerable<Sql> InCollections()
    {
        if (Collections is { Count: 0 }) yield return $"false";
        else if (Collections is { } names) yield return $"(items.collection || '') in ({Names(names)})";
        else if (!view.ShowsAll) yield return Shown;
    }

    /// <summary>Parts of the catalogue which together have all that collections and times leave, and little else: the
    /// condition of each is a stretch of one index. What the view hides is in none of them.</summary>
    public IEnumerable<Sql> Stretches()
    {
        var during = All([Org, .. Starting()]);
        if (Collections is not { } names)
            return [view.ShowsAll ? during : $"{during} and {view.Visible($"collection")}"];
        return names.Count <= MostStretches
            ? names.Select(name => (Sql)$"{during} and collection = {name}")
            : [$"{during} and collection in ({Names(names)})"];
    }

    /// <summary>A select of these columns of all that collections and times leave, and of some more that start in the
    /// time or not long before it; at most so many.</summary>
    public Sql Range(Sql columns, int most)
    {
        var stretches = Stretches().Select(stretch => (Sql)$"""
            select {columns} from catalogue_items as items where {stretch}
            """).ToList();
        return stretches.Count == 0
            ? $"select {columns} from catalogue_items as items where items.org = {view.Org} and false"
            : (Sql)$"select {columns} from ({Sql.Join($" union all ", stretches)}) as items limit {most}";
    }

    /// <summary>A select of the rows that have one of the ids that are asked for.</summary>
    public Sql RowsOfIds() => $"""
        select row_id from catalogue_items as items where {Org} and id in ({Names(wish.Ids!)})
        """;

    /// <summary>Only these ids; not by an index that begins with them.</summary>
    public IEnumerable<Sql> Ids() => wish.Ids is { } ids ? [$"(items.id || '') in ({Names(ids)})"] : [];

    /// <summary>What all of <see cref="Range"/> meets, to be said to planners in one.</summary>
    public IEnumerable<Sql> Indexed()
    {
        yield return Org;
        if (Collections is { Count: > 0 } names) yield return $"collection in ({Names(names)})";
        else if (!view.ShowsAll) yield return view.Visible($"collection");
        foreach (var bound in Starting()) yield return bound;
    }

    /// <summary>All that is asked of an item that was found by something else.</summary>
    public IReadOnlyList<Sql> Everything(bool text = true) =>
        [OrgUnindexed, .. InCollections(), .. Times(), .. Ids(), .. Touches(), .. Filters(text)];

    /// <summary>Within the time.</summary>
    public IEnumerable<Sql> Times()
    {
        if (wish.Until is { } until) yield return $"starts <= {until}";
        if (wish.From is { } from) yield return $"ends >= {from}";
    }

    /// <summary>The starts of all that is within the time. An item that began before it does may still reach into it,
    /// but not from further than the longest lasts.</summary>
    public IEnumerable<Sql> Starting() => new[] { LeastStart, GreatestStart }.OfType<Sql>();

    /// <summary>What starts earlier is not within the time; null: anything may be.</summary>
    public Sql? LeastStart => wish.From is { } from ? (Sql)$"starts >= {from} - {Longest}" : null;

    /// <summary>What starts later is not within the time; null: anything may be.</summary>
    public Sql? GreatestStart => wish.Until is { } until ? (Sql)$"starts <= {until}" : null;

    /// <summary>What has an earlier datetime is not within the time.</summary>
    public Sql? LeastMoment => wish.From is { } from ? (Sql)$"moment >= {from} - {Longest}" : null;

    /// <summary>What has a later datetime is not within the time.</summary>
    public Sql? GreatestMoment => wish.Until is { } until ? (Sql)$"moment <= {until} + {Longest}" : null;

    /// <summary>How long the longest item lasts, in microseconds.</summary>
    Sql Longest
    {
        get
        {
            Sql of = wish.Collections is { } names ? $"org = {view.Org} and id in ({Names(names)})"
                : (Sql)$"org = {view.Org}";
            return $"(select coalesce(max(longest), 0) from catalogue_collections where {of})";
        }
    }

    /// <summary>A select of the rows that may lie in the area, found by the index of places and times.</summary>
    public Sql RowsNear() => RowsNear(Boxes!.Select(box => (box.MinX, box.MinY, box.MaxX, box.MaxY)));

    /// <summary>A select of the rows that lie across an edge of the area, and may lie in it or not.</summary>
    public Sql RowsNearEdges() => RowsNear(wish.Area!.Boxes.SelectMany(Edges));

    Sql RowsNear(IEnumerable<(double, double, double, double)> boxes) =>
        db.RowsNear($"catalogue_items", $"catalogue_items_places", boxes, (wish.From, wish.Until));

    /// <summary>The boxes that whatever is found touches; null where it may be anywhere.</summary>
    public IReadOnlyList<Envelope>? Boxes { get; } = wish.Area is { IsWorld: false } area ? area.Boxes : filter?.Boxes;

    /// <summary>How much of the world these cover, 0 to 1.</summary>
    public double ShareOfWorld => Boxes?.Sum(box => box.Width / 360 * (box.Height / 180)) ?? 1;

    /// <summary>Touches the area. The boxes decide nearly always; geometries are compared only where a box lies across
    /// its edge.</summary>
    public IEnumerable<Sql> Touches()
    {
        if (wish.Area is not { } area) yield break;
        // An item whose heights are not known may be at any.
        if (area.Heights is var (bottom, top))
            yield return $"(lowest is null or lowest <= {top} and highest >= {bottom})";
        if (area.IsWorld)
        {
            yield return Located;
            yield break;
        }
        Sql shape = $"st_geomfromewkb({Wkb.WriteWithSrid(area.Shape)})";
        // A prepared line misses the points of collections that have lines as well; see 010_mixed_collections.sql.
        Sql touches = area.Shape.Dimension == Dimension.Curve
            ? $"cql_spatial('intersects', geometry, {shape})" : (Sql)$"st_intersects(geometry, {shape})";
        Sql boxes = Any(area.Boxes.Select(Overlaps));
        // The boxes by themselves, so that they are compared before the item is fetched for its geometry.
        yield return boxes;
        yield return area.IsBox ? $"({Surely()} or {touches})" : touches;
    }

    /// <summary>Touches the area by its box alone.</summary>
    public Sql Surely() => Any(wish.Area!.Boxes.Select(box => (Sql)$"""
        ({Overlaps(box)} and (is_box
            or west >= {box.MinX} and east <= {box.MaxX} and south >= {box.MinY} and north <= {box.MaxY}))
        """));

    /// <summary>What only each item itself can answer: its properties, and its words.</summary>
    public IEnumerable<Sql> Filters(bool text = true)
    {
        if (text && wish.Text is { } words) yield return Words(words);
        if (filter is not null) yield return filter.Condition;
    }

    /// <summary>A select of the rows that have the words that are looked for; null where nearly all may have
    /// them.</summary>
    public Sql? RowsWithText() => wish.Text is { } text ? Rows(text) : null;

    /// <summary>The items that conditions speak of, with their properties where these are needed.</summary>
    public Sql From(SearchOrder order) => order.NeedsProperties || filter is { NeedsProperties: true }
        ? $"""
            catalogue_items as items left join (
                select row_id as owner, properties, external from catalogue_properties
            ) as props on props.owner = items.row_id
            """
        : (Sql)$"catalogue_items as items";

    /// <summary>All of them; nothing where there are none.</summary>
    public static Sql All(IEnumerable<Sql> conditions) => Sql.Join($" and ", conditions);

    /// <summary>Values of a list. Filled up to a power of two: the text of the statement, by which it is kept prepared,
    /// then has few forms.</summary>
    public static Sql Names(IReadOnlyList<string> names)
    {
        var places = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)names.Count);
        return Sql.Join($", ", Enumerable.Range(0, places).Select(i => (Sql)$"{names[Math.Min(i, names.Count - 1)]}"));
    }

    // Not by the index of rows: it is asked about rows that were found by something else.
    Sql Words(FreeText text) => text switch
    {
        Phrase phrase => $"(items.row_id + 0) in ({RowsOf(phrase)})",
        AllOf all => $"({Sql.Join($" and ", all.Parts.Select(Words))})",
        AnyOf any => $"({Sql.Join($" or ", any.Parts.Select(Words))})",
        _ => $"not {Words(((Lacking)text).Part)}",
    };

    Sql RowsOf(Phrase phrase) => db.RowsWithWords(
        $"catalogue_text", $"catalogue_words", view.Org, [.. phrase.Words.Select(ItemRows.Searched)]);

    // Null where it can only be said which rows are not among them.
    Sql? Rows(FreeText text)
    {
        switch (text)
        {
            case Phrase phrase:
                return RowsOf(phrase);
            case AnyOf any:
                var either = any.Parts.Select(Rows).ToList();
                return either.Contains(null) ? null : Joined($" union ", either!);
            case AllOf all:
                var those = all.Parts.Where(part => part is not Lacking).Select(Rows).OfType<Sql>().ToList();
                if (those.Count == 0) return null;
                var others = all.Parts.OfType<Lacking>().Select(part => Rows(part.Part)).OfType<Sql>().ToList();
                var both = Joined($" intersect ", those);
                return others.Count == 0 ? both : $"{both} except {Joined($" except ", others)}";
            default:
                return null;
        }
    }

    static Sql Joined(Sql by, IEnumerable<Sql> selects) =>
        Sql.Join(by, selects.Select(select => (Sql)$"select row_id from ({select}) as part"));

    static IEnumerable<(double, double, double, double)> Edges(Envelope box) =>
    [
        (box.MinX, box.MinY, box.MinX, box.MaxY), (box.MaxX, box.MinY, box.MaxX, box.MaxY),
        (box.MinX, box.MinY, box.MaxX, box.MinY), (box.MinX, box.MaxY, box.MaxX, box.MaxY),
    ];

    static Sql Overlaps(Envelope box) => $"""
        (west <= {box.MaxX} and east >= {box.MinX} and south <= {box.MaxY} and north >= {box.MinY})
        """;

    static Sql Any(IEnumerable<Sql> conditions) => $"({Sql.Join($" or ", conditions)})";
}

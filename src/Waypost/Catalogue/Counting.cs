using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Answers the aggregations of one request, each by a statement of bounded work.</summary>
sealed class Counting
{
    const string Parameter = "aggregations";
    const string Count = "total_count";
    const string ByCollection = "collection_frequency";
    const string ByCell = "centroid_geohash_grid_frequency";
    const string ByTile = "centroid_geotile_grid_frequency";
    const string Frequency = "_frequency";
    static readonly string[] suffixes = [Frequency, "_min", "_max", "_avg", "_sum"];

    /// <summary>Names of properties that clients use without their extension's prefix.</summary>
    static readonly Dictionary<string, string> aliases = new()
    {
        ["cloud_cover"] = "eo:cloud_cover",
        ["grid_code"] = "grid:code",
        ["sun_elevation"] = "view:sun_elevation",
        ["sun_azimuth"] = "view:sun_azimuth",
        ["off_nadir"] = "view:off_nadir",
    };

    /// <summary>What every catalogue answers.</summary>
    public static readonly IReadOnlyList<Aggregations.Offered> Standard =
    [
        new(Count, "numeric"), new(ByCollection, "string"), new("datetime_min", "datetime"),
        new("datetime_max", "datetime"), new("datetime_frequency", "datetime"), new(ByCell, "string"),
        new(ByTile, "string"),
    ];

    readonly Db db;
    readonly View view;
    readonly SearchWish search;
    readonly AggregateWish wish;
    readonly CompiledFilter? filter;
    readonly Queryables known;
    readonly CatalogueSizes.Size size;
    readonly SearchLimits limits;
    readonly Dictionary<bool, Matches> matches = [];

    Counting(
        Db db, View view, SearchWish search, AggregateWish wish, CompiledFilter? filter, Queryables known,
        CatalogueSizes.Size size, SearchLimits limits) =>
        (this.db, this.view, this.search, this.wish, this.filter, this.known, this.size, this.limits) =
        (db, view, search, wish, filter, known, size, limits);

    /// <summary>Makes ready what a request asks.</summary>
    public static async Task<Counting> Of(
        HttpContext http, View view, Db db, SearchWish search, AggregateWish wish, CancellationToken ct)
    {
        var names = wish.Names.Select(PropertyOf).OfType<string>().SelectMany(name =>
            aliases.TryGetValue(name, out var whole) ? [name, whole] : (string[])[name]);
        var known = await Queryables.Of(
            db, view, search.Collections,
            names.Concat(search.Filter is null ? [] : Cql2Sql.NamesIn(search.Filter)), ct);
        var filter = search.Filter is null ? null : Cql2Sql.Compile(search.Filter, view, known);
        if (filter is not null) search = search.Within(filter.From, filter.Until);
        var services = http.RequestServices;
        var size = await services.GetRequiredService<CatalogueSizes>().Of(db, view, ct);
        return new Counting(
            db, view, search, wish, filter, known, size, services.GetRequiredService<SearchLimits>());
    }

    /// <summary>What can be counted of the properties that the view shows.</summary>
    public static async Task<IReadOnlyList<Aggregations.Offered>> OfProperties(
        View view, Db db, string? collection, CancellationToken ct)
    {
        string[]? collections = collection is null ? null : [collection];
        var names = await Queryables.NamesIn(db, view, collections, ct);
        var known = await Queryables.Of(db, view, collections, names, ct);
        return
        [
            .. from name in names.Order(StringComparer.Ordinal)
               where !SearchOrders.IsColumn(name) && known.IsOrdered(name)
               let kind = Cql2Sql.Column(name, Parameter, view, known).Kind
               from suffix in kind is PropertyKind.Number ? suffixes
                   : kind is PropertyKind.Moment ? suffixes[..3] : suffixes[..1]
               select new Aggregations.Offered(name + suffix, TypeOf(kind, suffix)),
        ];
    }

    /// <summary>The answer of one aggregation.</summary>
    /// <exception cref="Refused">There is none of this name, or it would look at too many items.</exception>
    public async Task<Aggregations.Aggregation> Answer(string name, CancellationToken ct)
    {
        switch (name)
        {
            case Count:
                return new(name, "numeric", await Total(ct));
            case ByCollection:
                return await Collections(ct);
            case ByCell:
                return await new CellCounts(db, wish.Precision).Hashes(name, await Matching(false, ct), ct);
            case ByTile:
                return await new CellCounts(db, wish.Zoom).Tiles(name, await Matching(false, ct), ct);
            default:
                break;
        }
        var property = PropertyOf(name) ?? throw SearchWish.Bad(Parameter,
            $"{Parameter} names '{SearchWish.Shorten(name)}'; GET /aggregations lists what can be asked for.");
        var column = ColumnOf(property);
        var hits = await Matching(column.NeedsProperties, ct);
        var counts = new ValueCounts(db, wish, hits, column);
        return name.EndsWith(Frequency, StringComparison.Ordinal)
            ? await counts.Frequencies(name, ct)
            : await counts.Single(name, name[^3..], ct);
    }

    // A property without its suffix; null where the name is none of the kind.
    static string? PropertyOf(string name) =>
        name is Count or ByCollection or ByCell or ByTile ? null
        : suffixes.Where(suffix => name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal))
            .Select(suffix => Queryables.Bare(name[..^suffix.Length])).FirstOrDefault();

    PropertyColumn ColumnOf(string property) => property switch
    {
        // Where an item stands in time is a column, and an index.
        "datetime" or "start_datetime" => new($"starts", PropertyKind.Moment, false, false, null),
        "end_datetime" => new($"ends", PropertyKind.Moment, false, false, null),
        _ when aliases.TryGetValue(property, out var whole) && known.Has(whole) && !known.Has(property) =>
            Cql2Sql.Column(whole, Parameter, view, known),
        _ => Cql2Sql.Column(property, Parameter, view, known),
    };

    static string TypeOf(PropertyKind kind, string suffix) => kind switch
    {
        PropertyKind.Number => "numeric",
        PropertyKind.Moment => "datetime",
        PropertyKind.Boolean when suffix == Frequency => "boolean",
        _ => "string",
    };

    // Nothing is asked but, perhaps, for collections: then the numbers are known.
    bool IsAll => search is { Area: null, From: null, Until: null, Ids: null, Text: null } && filter is null;

    async Task<long> Total(CancellationToken ct)
    {
        if (IsAll)
            return (await db.One<Number>($"""
                select coalesce(sum(items), 0) as n from catalogue_counts where {Known()}
                """, ct))!.N;
        var hits = await Matching(false, ct);
        return (await db.One<Number>($"select count(*) as n from {hits.From} where {hits.Where}", ct))!.N;
    }

    async Task<Aggregations.Aggregation> Collections(CancellationToken ct)
    {
        Sql counted;
        if (IsAll)
        {
            counted = $"""
                select collection as key, sum(items) as n from catalogue_counts where {Known()}
                group by collection having sum(items) > 0
                """;
        }
        else
        {
            var hits = await Matching(false, ct);
            counted = $"""
                select collection as key, count(*) as n from {hits.From} where {hits.Where} group by collection
                """;
        }
        var buckets = await db.All<Term>($"{counted} order by n desc, key limit {ValueCounts.MostBuckets}", ct);
        return new(ByCollection, "string", Buckets:
            [.. buckets.Select(term => new Aggregations.Bucket(term.Key, "string", term.N))]);
    }

    Sql Known()
    {
        var conditions = new List<Sql> { $"org = {view.Org}", view.Visible($"collection") };
        if (search.Collections is { } names) conditions.Add($"collection in ({SearchTerms.Names(names)})");
        return SearchTerms.All(conditions);
    }

    async Task<Matches> Matching(bool withProperties, CancellationToken ct)
    {
        if (!matches.TryGetValue(withProperties, out var found))
            matches[withProperties] = found = await SearchPlan.Matching(
                db, view, search, filter, withProperties, wish.Names.Count, size, limits, ct);
        return found;
    }
}

/// <summary>A value, and how many have it.</summary>
sealed record Term(string Key, long N) : IRow<Term>
{
    public static Term Read(Row row) => new(row.Text("key"), row.Long("n"));
}

/// <summary>The items that a search matches, for a statement that counts them.</summary>
/// <param name="From">The tables.</param>
/// <param name="Where">The condition.</param>
sealed record Matches(Sql From, Sql Where);

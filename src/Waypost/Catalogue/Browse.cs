using System.Globalization;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The items of a collection as a tree to walk: years, months, days, items (STAC API, Browseable).</summary>
/// <remarks>A day's catalog has at most <see cref="MostItems"/> items; what follows is in a child of it, so whoever
/// follows nothing but <c>child</c> and <c>item</c> links comes to every item.</remarks>
static class Browse
{
    /// <summary>Items that one catalog links to.</summary>
    const int MostItems = 1_000;

    /// <summary>Years that a collection's catalog links to, the latest.</summary>
    const int MostYears = 1_000;

    /// <summary>A catalog of the tree.</summary>
    public sealed record Branch(
        string Type, string StacVersion, string Id, string Title, string Description, IReadOnlyList<Link> Links);

    /// <summary>A stretch of time: a year, a month or a day.</summary>
    /// <param name="Path">As it stands below <c>/browse</c>: <c>/2024/05/06</c>; nothing for all of time.</param>
    /// <param name="From">Its first moment, in microseconds since 1970.</param>
    /// <param name="Until">The first moment after it.</param>
    sealed record Stretch(string Path, long From, long Until)
    {
        public string Name => Path.TrimStart('/').Replace('/', '-');

        public static Stretch Year(int year) => new(FormattableString.Invariant($"/{year:0000}"),
            Micro(year, 1, 1), year == 9999 ? long.MaxValue : Micro(year + 1, 1, 1));

        public static Stretch Month(int year, int month)
        {
            var whole = Year(year);
            return new(FormattableString.Invariant($"{whole.Path}/{month:00}"), Micro(year, month, 1),
                month == 12 ? whole.Until : Micro(year, month + 1, 1));
        }

        public static Stretch Day(int year, int month, int day)
        {
            var from = Micro(year, month, day);
            return new(
                FormattableString.Invariant($"{Month(year, month).Path}/{day:00}"), from, from + 86_400_000_000L);
        }

        static long Micro(int year, int month, int day) =>
            (new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber) * 86_400_000_000L;
    }

    sealed record Latest(long Starts) : IRow<Latest>
    {
        public static Latest Read(Row row) => new(row.Long("starts"));
    }

    sealed record Leaf(string Id, long Starts) : IRow<Leaf>
    {
        public static Leaf Read(Row row) => new(row.Text("id"), row.Long("starts"));
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        var browse = stac.MapGroup("/collections/{collection}/browse").WithTags("STAC");
        Named(browse.MapGet("", Years), "BrowseYears", "The years that have items of a collection");
        Named(browse.MapGet("/{year:int}", Months), "BrowseMonths", "The months of a year that have items");
        Named(browse.MapGet("/{year:int}/{month:int}", Days), "BrowseDays", "The days of a month that have items");
        Named(browse.MapGet("/{year:int}/{month:int}/{day:int}", Items), "BrowseItems", "The items of a day")
            .Query("token");

        RouteHandlerBuilder Named(RouteHandlerBuilder route, string name, string summary) =>
            route.Permit(Permission.CatalogueRead).WithName(operations + name).WithSummary(summary)
                .Produces<Branch>();
    }

    // From each year straight to the latest item before it: as many looks into the index as there are years.
    static async Task Years(HttpContext http, string collection, View view, Db db, CancellationToken ct)
    {
        await CollectionReads.MustExist(db, view, collection, ct);
        var years = new List<Stretch>();
        for (var before = long.MaxValue; years.Count < MostYears;)
        {
            var latest = await db.One<Latest>($"""
                select starts from catalogue_items
                where org = {view.Org} and collection = {collection} and starts < {before}
                order by starts desc limit 1
                """, ct);
            if (latest is null) break;
            years.Insert(0, Stretch.Year(Moments.Time(latest.Starts).Year));
            before = years[0].From;
        }
        await Answer(http, view, collection, "", years, ct);
    }

    static async Task Months(HttpContext http, string collection, int year, View view, Db db, CancellationToken ct)
    {
        CheckDate(year, 1, 1);
        var months = await WithItems(
            db, view, collection, Enumerable.Range(1, 12).Select(month => Stretch.Month(year, month)), ct);
        await Answer(http, view, collection, Stretch.Year(year).Path, months, ct);
    }

    static async Task Days(
        HttpContext http, string collection, int year, int month, View view, Db db, CancellationToken ct)
    {
        CheckDate(year, month, 1);
        var days = Enumerable.Range(1, DateTime.DaysInMonth(year, month)).Select(day => Stretch.Day(year, month, day));
        var found = await WithItems(db, view, collection, days, ct);
        await Answer(http, view, collection, Stretch.Month(year, month).Path, found, ct);
    }

    static async Task Items(
        HttpContext http, string collection, int year, int month, int day, View view, Db db, CancellationToken ct)
    {
        CheckDate(year, month, day);
        await CollectionReads.MustExist(db, view, collection, ct);
        var of = Stretch.Day(year, month, day);
        var after = PagePosition.Read(SearchWish.Given(http.Request.Query, "token"));
        var (starts, id) = after is null ? (of.Until, "") : (after.Starts, after.Id);
        var leaves = await db.All<Leaf>($"""
            select id, starts from catalogue_items
            where org = {view.Org} and collection = {collection} and starts >= {of.From} and starts < {of.Until}
                and starts <= {starts} and (starts < {starts} or id > {id})
            order by starts desc, id limit {MostItems + 1}
            """, ct);
        var here = view.Roots.StacRoot + "/collections/" + Uri.EscapeDataString(collection);
        var branch = Branching(
            view, collection, of.Path, after is null ? "" : "?token=" + Uri.EscapeDataString(after.Token()));
        var links = branch.Links.ToList();
        links.AddRange(leaves.Take(MostItems).Select(leaf => new Link(
            "item", $"{here}/items/{Uri.EscapeDataString(leaf.Id)}", Media.GeoJson, leaf.Id)));
        if (leaves.Count > MostItems)
        {
            var last = leaves[MostItems - 1];
            var token = new PagePosition(false, last.Starts, "", last.Id).Token();
            links.Add(new Link("child", $"{here}/browse{of.Path}?token={token}", Media.Json, "More of " + of.Name));
        }
        await AnswerWriter.Whole(http, branch with { Links = links }, Media.Json, ct);
    }

    static async Task<List<Stretch>> WithItems(
        Db db, View view, string collection, IEnumerable<Stretch> stretches, CancellationToken ct)
    {
        await CollectionReads.MustExist(db, view, collection, ct);
        var all = stretches.ToList();
        var looks = all.Select((stretch, at) => (Sql)$"""
            select {(long)at} as n where exists (
                select 1 from catalogue_items where org = {view.Org} and collection = {collection}
                    and starts >= {stretch.From} and starts < {stretch.Until})
            """);
        var there = await db.All<Number>(Sql.Join($" union all ", looks), ct);
        return [.. there.Select(at => at.N).Order().Select(at => all[(int)at])];
    }

    static Task Answer(
        HttpContext http, View view, string collection, string path, IEnumerable<Stretch> children,
        CancellationToken ct)
    {
        var here = $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}/browse";
        var branch = Branching(view, collection, path, "");
        return AnswerWriter.Whole(http, branch with
        {
            Links =
            [
                .. branch.Links,
                .. children.Select(child => new Link("child", here + child.Path, Media.Json, child.Name)),
            ],
        }, Media.Json, ct);
    }

    static Branch Branching(View view, string collection, string path, string query)
    {
        var of = $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}";
        var name = path.TrimStart('/').Replace('/', '-');
        var parent = path.Length == 0 ? of
            : query.Length > 0 ? of + "/browse" + path
            : of + "/browse" + path[..path.LastIndexOf('/')];
        var title = name.Length == 0 ? collection + " by date" : $"{collection}, {name}";
        return new Branch(
            "Catalog", "1.1.0", name.Length == 0 ? collection + "-by-date" : $"{collection}-{name}", title,
            name.Length == 0 ? "The items of this collection by the date on which they begin."
                : $"The items of this collection that begin in {name}, in UTC.",
            [
                new Link("self", of + "/browse" + path + query, Media.Json),
                new Link("root", view.Roots.StacRoot, Media.Json),
                new Link("parent", parent, Media.Json),
            ]);
    }

    static void CheckDate(int year, int month, int day)
    {
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            throw Refused.NotFound(string.Create(CultureInfo.InvariantCulture, $"The date {year}-{month}-{day}"));
    }
}

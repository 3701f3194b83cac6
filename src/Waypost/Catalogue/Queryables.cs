using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Where the values of a queryable are.</summary>
enum QueryablePlace
{
    /// <summary>Among the item's properties.</summary>
    Property,

    /// <summary>The item's id.</summary>
    Id,

    /// <summary>The id of the item's collection.</summary>
    Collection,

    /// <summary>The item's geometry.</summary>
    Geometry,

    /// <summary>The item's <c>datetime</c>, which is a column too.</summary>
    Moment,
}

/// <summary>Something that filters and sorting can name.</summary>
/// <param name="Name">Its name, without <c>properties.</c>.</param>
/// <param name="Place">Where its values are.</param>
/// <param name="Type">As what it is read; any where nobody declared it: then the filter says.</param>
/// <param name="Slot">The column that holds it as well, once that is filled.</param>
/// <param name="Found">The types that its values were found to have, as <see cref="QueryableTypes"/> writes them.
/// </param>
/// <param name="HidesSome">Some item has a value that outsiders do not see.</param>
sealed record Queryable(
    string Name, QueryablePlace Place, Cql2Type Type, Slot? Slot = null, string Found = "", bool HidesSome = false)
{
    /// <summary>The type of what the column holds.</summary>
    public Cql2Type SlotType { get; init; } = Type;
}

/// <summary>What one search may ask about, as its view shows it: what only exists hidden is not there.</summary>
sealed class Queryables
{
    const string Prefix = "properties.";
    static readonly string[] ordered = ["number", "integer", "string", "date-time", "date", "boolean"];

    /// <summary>What every item has, or may have by the standard, whether or not one does.</summary>
    public static readonly IReadOnlyList<Queryable> Standard =
    [
        new("id", QueryablePlace.Id, Cql2Type.Text),
        new("collection", QueryablePlace.Collection, Cql2Type.Text),
        new("geometry", QueryablePlace.Geometry, Cql2Type.Geometry),
        new("datetime", QueryablePlace.Moment, Cql2Type.Timestamp),
        new("start_datetime", QueryablePlace.Property, Cql2Type.Timestamp),
        new("end_datetime", QueryablePlace.Property, Cql2Type.Timestamp),
        new("created", QueryablePlace.Property, Cql2Type.Timestamp),
        new("updated", QueryablePlace.Property, Cql2Type.Timestamp),
    ];

    readonly Dictionary<string, Queryable> known;
    readonly IReadOnlyList<string> others;

    Queryables(Dictionary<string, Queryable> known, IReadOnlyList<string> others)
    {
        this.known = known;
        this.others = others;
    }

    sealed record Row(
        string Name, string Types, bool IsDeclared, string? Declared, string? Slot, bool IsFilled, bool HidesSome)
        : IRow<Row>
    {
        public static Row Read(Storage.Row row) => new(
            row.Text("name"), row.Text("types"), row.Bool("is_declared"), row.TextOrNull("declared"),
            row.TextOrNull("slot"), row.Bool("is_filled"), row.Bool("hides_some"));
    }

    /// <summary>Reads what is to know about these names.</summary>
    /// <param name="db">The database of the view's organization.</param>
    /// <param name="view">Who asks.</param>
    /// <param name="collections">Where is searched; null: in all.</param>
    /// <param name="names">What the search names, as its user wrote it.</param>
    /// <param name="ct">Cancels it.</param>
    public static async Task<Queryables> Of(
        Db db, View view, IReadOnlyList<string>? collections, IEnumerable<string> names, CancellationToken ct)
    {
        var wanted = names.Select(Bare).ToHashSet(StringComparer.Ordinal);
        var known = Standard.Where(one => wanted.Contains(one.Name))
            .ToDictionary(one => one.Name, StringComparer.Ordinal);
        var asked = wanted.Where(name => Standard.All(one => one.Name != name || IsProperty(one))).ToList();
        if (asked.Count == 0) return new Queryables(known, []);

        foreach (var of in (await Rows(db, view, collections, asked, ct)).GroupBy(row => row.Name))
            Add(known, of, view);
        // A collection that has no items yet knows nothing; what is known elsewhere then goes.
        if (collections is not null && asked.Exists(name => !known.ContainsKey(name))
            && !await HasAny(db, view, collections, ct))
            foreach (var of in (await Rows(db, view, null, asked, ct)).GroupBy(row => row.Name))
                Add(known, of, view);
        if (wanted.Contains("geom"))
            known.TryAdd("geom", Standard.First(one => one.Place == QueryablePlace.Geometry));
        var others = wanted.All(known.ContainsKey) ? [] : await AllNames(db, view, ct);
        return new Queryables(known, others);
    }

    /// <summary>True when the name means something here.</summary>
    public bool Knows(string name) => known.ContainsKey(Bare(name));

    /// <summary>What this name means here.</summary>
    /// <param name="name">As its user wrote it, with or without <c>properties.</c>.</param>
    /// <param name="parameter">The parameter it was written in.</param>
    /// <exception cref="Refused">Nothing; the sentence names what is nearest.</exception>
    public Queryable Find(string name, string parameter)
    {
        if (known.TryGetValue(Bare(name), out var queryable)) return queryable;
        var nearest = NearNames.Of(Bare(name), others);
        var hint = nearest.Count == 0 ? "" : $" Did you mean {string.Join(" or ", nearest)}?";
        return Unknown($"{parameter} names '{name}', which no item here has.{hint}");

        Queryable Unknown(string sentence) => throw new Refused(
            400, "UNKNOWN_PROPERTY", sentence, "GET /queryables lists what can be asked about.")
        {
            Details = new Dictionary<string, object?>
            {
                ["parameter"] = parameter,
                ["property"] = name,
                ["nearest"] = nearest,
            },
        };
    }

    /// <summary>The name without <c>properties.</c>, which may stand before it.</summary>
    public static string Bare(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    static bool IsProperty(Queryable queryable) => queryable.Place == QueryablePlace.Property;

    static Task<List<Row>> Rows(
        Db db, View view, IReadOnlyList<string>? collections, List<string> names, CancellationToken ct) =>
        db.All<Row>($"""
            select distinct name, {Types(view)} as types, collection = '' as is_declared, declared, slot,
                is_filled, exists (
                select 1 from catalogue_queryables as others
                where others.org = {view.Org} and others.name = catalogue_queryables.name and others.is_hidden
            ) as hides_some
            from catalogue_queryables
            where org = {view.Org} and name in ({Sql.Join($", ", names.Select(name => (Sql)$"{name}"))})
                and (collection = '' or {Seen(view, collections)})
            """, ct);

    /// <summary>The types that a view may know of: outsiders those of what they see.</summary>
    internal static Sql Types(View view) =>
        view.IsExternal ? $"case when collection = '' then types else shown_types end" : (Sql)$"types";

    /// <summary>The type that somebody declared. One that was only found when the property was promoted may be that of
    /// values which outsiders do not see.</summary>
    internal static string TypesOf(View view, string declared, string types) =>
        !view.IsExternal || StacChecks.Text(JsonElement.Parse(declared), "type") is not null ? types : "";

    // What was found in items that the view shows.
    internal static Sql Seen(View view, IReadOnlyList<string>? collections)
    {
        Sql among = collections is null ? $"true"
            : collections.Count == 0 ? $"false"
            : (Sql)$"collection in ({Sql.Join($", ", collections.Select(name => (Sql)$"{name}"))})";
        Sql hidden = view.IsExternal ? $"is_shown" : (Sql)$"true";
        return $"(collection <> '' and {view.Visible($"collection")} and {among} and {hidden})";
    }

    static void Add(Dictionary<string, Queryable> known, IEnumerable<Row> rows, View view)
    {
        var declared = rows.FirstOrDefault(row => row.IsDeclared);
        var found = rows.Where(row => !row.IsDeclared).ToList();
        var name = rows.First().Name;
        // Somebody from outside learns nothing of what was declared for what he cannot see.
        if (found.Count == 0 && view.IsOutside) return;
        var type = known.TryGetValue(name, out var standard) ? standard.Type : Cql2Type.Any;
        known[name] = new Queryable(
            name, QueryablePlace.Property, declared is null || type != Cql2Type.Any
                ? type : QueryableTypes.Declared(TypesOf(view, declared.Declared ?? "{}", declared.Types)),
            declared is { Slot: { } slot, IsFilled: true } ? Catalogue.Slot.Of(slot) : null,
            QueryableTypes.Join(found.SelectMany(row => row.Types.Split(' '))), rows.Any(row => row.HidesSome))
        {
            SlotType = declared is null || type != Cql2Type.Any ? type : QueryableTypes.Declared(declared.Types),
        };
    }

    static async Task<bool> HasAny(Db db, View view, IReadOnlyList<string> collections, CancellationToken ct) =>
        (await db.All<Words>($"""
            select name as t from catalogue_queryables where org = {view.Org} and {Seen(view, collections)} limit 1
            """, ct)).Count > 0;

    /// <summary>True where this name is known.</summary>
    public bool Has(string name) => known.ContainsKey(Bare(name));

    /// <summary>True where this name is known, and its values have an order.</summary>
    public bool IsOrdered(string name) => known.TryGetValue(Bare(name), out var queryable)
        && queryable.Place is not QueryablePlace.Geometry
        && (queryable.Type is Cql2Type.Number or Cql2Type.Text or Cql2Type.Boolean or Cql2Type.Date
                or Cql2Type.Timestamp
            || queryable.Type is Cql2Type.Any && queryable.Found.Split(' ').Any(ordered.Contains));

    /// <summary>The names that were found in what the view shows of these collections.</summary>
    public static async Task<IReadOnlyList<string>> NamesIn(
        Db db, View view, IReadOnlyList<string>? collections, CancellationToken ct) =>
        [
            .. (await db.All<Words>($"""
                select distinct name as t from catalogue_queryables
                where org = {view.Org} and {Seen(view, collections)}
                """, ct)).Select(name => name.T!),
        ];

    static async Task<IReadOnlyList<string>> AllNames(Db db, View view, CancellationToken ct)
    {
        var names = await db.All<Words>($"""
            select distinct name as t from catalogue_queryables where org = {view.Org} and {Seen(view, null)}
            """, ct);
        return [.. Standard.Select(one => one.Name).Concat(names.Select(name => name.T!)).Distinct()];
    }
}

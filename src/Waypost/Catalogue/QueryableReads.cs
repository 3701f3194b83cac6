using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Lists what can be asked about, and what can be sorted by, as JSON Schema (OGC API Features 1.0 part 3,
/// Queryables; part 5, Sortables). A name that is not in there is refused.</summary>
static class QueryableReads
{
    /// <summary>Names in one list; a collection alone has fewer.</summary>
    const int MostNames = 20_000;

    /// <summary>The relation of a link to what can be asked about.</summary>
    public const string QueryablesRel = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

    /// <summary>The relation of a link to what can be sorted by.</summary>
    public const string SortablesRel = "http://www.opengis.net/def/rel/ogc/1.0/sortables";

    const string Draft = "https://json-schema.org/draft/2020-12/schema";

    sealed record Known(
        string Name, string Types, bool IsDeclared, string? Declared, string? Slot, bool IsFilled) : IRow<Known>
    {
        public static Known Read(Row row) => new(
            row.Text("name"), row.Text("types"), row.Bool("is_declared"), row.TextOrNull("declared"),
            row.TextOrNull("slot"), row.Bool("is_filled"));
    }

    /// <summary>What is shown of one name.</summary>
    sealed record Shown(string Name, IReadOnlyList<string> Types, string? Title, string? Description, bool IsPromoted);

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/queryables", (HttpContext http, View view, Db db, CancellationToken ct) =>
                List(http, view, db, null, false, ct))
            .Permit(Permission.CatalogueRead).WithName(operations + "ListQueryables").WithTags("STAC")
            .WithSummary("What filters can ask about").Produces(200, contentType: Media.Schema);
        stac.MapGet("/sortables", (HttpContext http, View view, Db db, CancellationToken ct) =>
                List(http, view, db, null, true, ct))
            .Permit(Permission.CatalogueRead).WithName(operations + "ListSortables").WithTags("STAC")
            .WithSummary("What can be sorted by").Produces(200, contentType: Media.Schema);
        stac.MapGet("/collections/{collection}/queryables",
                (HttpContext http, string collection, View view, Db db, CancellationToken ct) =>
                    List(http, view, db, collection, false, ct))
            .Permit(Permission.CatalogueRead).WithName(operations + "ListQueryablesOfCollection").WithTags("STAC")
            .WithSummary("What filters can ask about in one collection").Produces(200, contentType: Media.Schema);
        stac.MapGet("/collections/{collection}/sortables",
                (HttpContext http, string collection, View view, Db db, CancellationToken ct) =>
                    List(http, view, db, collection, true, ct))
            .Permit(Permission.CatalogueRead).WithName(operations + "ListSortablesOfCollection").WithTags("STAC")
            .WithSummary("What can be sorted by in one collection").Produces(200, contentType: Media.Schema);
    }

    static async Task List(
        HttpContext http, View view, Db db, string? collection, bool toSort, CancellationToken ct)
    {
        if (collection is not null) await CollectionReads.MustExist(db, view, collection, ct);
        var rows = await db.All<Known>($"""
            select distinct name, {Queryables.Types(view)} as types, collection = '' as is_declared, declared, slot,
                is_filled
            from catalogue_queryables
            where org = {view.Org}
                and (collection = '' or {Queryables.Seen(view, collection is null ? null : [collection])})
            order by name limit {MostNames}
            """, ct);
        var shown = rows.GroupBy(row => row.Name, StringComparer.Ordinal)
            .Select(of => ShownOf(of.Key, [.. of], view, collection is not null)).OfType<Shown>();
        var path = collection is null ? "" : "/collections/" + Uri.EscapeDataString(collection);
        var what = toSort ? "sortables" : "queryables";

        http.Response.ContentType = Media.Schema;
        using var json = new Utf8JsonWriter(http.Response.BodyWriter, AnswerWriter.Relaxed);
        json.WriteStartObject();
        json.WriteString("$schema", Draft);
        json.WriteString("$id", $"{view.Roots.StacRoot}{path}/{what}");
        json.WriteString("type", "object");
        json.WriteString("title", toSort ? "What can be sorted by" : "What filters can ask about");
        json.WriteStartObject("properties");
        foreach (var one in Standard().Concat(shown.Where(one => IsNotStandard(one.Name))))
            if (!toSort || HasOrder(one)) Write(json, one);
        json.WriteEndObject();
        json.WriteBoolean("additionalProperties", false);
        json.WriteEndObject();
        await json.FlushAsync(ct);
        await http.Response.BodyWriter.FlushAsync(ct);
    }

    // What everybody has by the standard, then what was declared for all, then what was found.
    static Shown? ShownOf(string name, IReadOnlyList<Known> rows, View view, bool ofOne)
    {
        var declared = rows.FirstOrDefault(row => row.IsDeclared);
        var found = rows.Where(row => !row.IsDeclared).ToList();
        // What was declared and is nowhere to be seen is for those who declared it, and no collection's.
        if (found.Count == 0 && (view.IsOutside || ofOne)) return null;
        var about = declared?.Declared is { } text ? JsonElement.Parse(text) : (JsonElement?)null;
        var said = declared is null ? "" : Queryables.TypesOf(view, declared.Declared ?? "{}", declared.Types);
        var types = said.Length > 0 ? said
            : QueryableTypes.Join(found.SelectMany(row => row.Types.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        return new Shown(
            name, types.Split(' ', StringSplitOptions.RemoveEmptyEntries), Said("title"), Said("description"),
            declared is { Slot: not null, IsFilled: true });

        // Whoever declared it wrote for those inside.
        string? Said(string member) => about is { } given && StacChecks.Text(given, member) is { } text
            && !(view.IsExternal && StacRedaction.IsHidden(text, view.Schemes)) ? text : null;
    }

    static IEnumerable<Shown> Standard() =>
    [
        new("id", ["string"], "Id", "The item's id, of which a collection has one.", false),
        new("collection", ["string"], "Collection", "The id of the item's collection.", false),
        new("geometry", ["geometry"], "Geometry", "Where the item is.", false),
        new("datetime", ["date-time"], "Date and time", "When it was; null where it lasted.", false),
        new("start_datetime", ["date-time"], "Start", "When it began.", false),
        new("end_datetime", ["date-time"], "End", "When it ended.", false),
        new("created", ["date-time"], "Created", "When what it describes was made.", false),
        new("updated", ["date-time"], "Updated", "When what it describes was last changed.", false),
    ];

    static bool IsNotStandard(string name) => Queryables.Standard.All(one => one.Name != name);

    static bool HasOrder(Shown one) =>
        one.Types.Count == 0 || one.Types.Any(type => type is not ("array" or "object" or "geometry" or "null"));

    static void Write(Utf8JsonWriter json, Shown one)
    {
        json.WriteStartObject(one.Name);
        json.WriteString("title", one.Title ?? one.Name);
        if (one.Description is not null) json.WriteString("description", one.Description);
        if (one.Types.Contains("geometry"))
        {
            json.WriteString("$ref", "https://geojson.org/schema/Geometry.json");
            json.WriteString("format", "geometry-any");
        }
        else
        {
            var types = one.Types.Select(type => type is "date-time" or "date" ? "string" : type).Distinct().ToList();
            if (types.Count == 1) json.WriteString("type", types[0]);
            else if (types.Count > 1)
            {
                json.WriteStartArray("type");
                foreach (var type in types) json.WriteStringValue(type);
                json.WriteEndArray();
            }
            if (one.Types is ["date-time" or "date"]) json.WriteString("format", one.Types[0]);
        }
        // Filters on a promoted property are answered by an index.
        if (one.IsPromoted) json.WriteBoolean("x-promoted", true);
        json.WriteEndObject();
    }
}

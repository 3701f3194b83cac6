using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What collections can be filtered and sorted by: what is standard, and what one of them has.</summary>
sealed class CollectionQueryables
{
    /// <summary>Where the first of the two lists is, below the landing page.</summary>
    public const string QueryablesPath = "/collection-queryables";

    /// <summary>Where the other is.</summary>
    public const string SortablesPath = "/collection-sortables";

    readonly SortedDictionary<string, Cql2Type> known = new(StringComparer.Ordinal);

    /// <summary>What these collections can be asked about.</summary>
    public CollectionQueryables(IEnumerable<FoundCollection> collections)
    {
        foreach (var (name, type) in FoundCollection.Standard) known[name] = type;
        foreach (var name in collections.SelectMany(one => one.Names())) known.TryAdd(name, Cql2Type.Any);
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet(QueryablesPath, (View view, HttpContext http, Db db, CancellationToken ct) =>
                Answer(http, view, db, QueryablesPath, _ => true, ct)).Permit(Permission.CatalogueRead)
            .WithName(operations + "ListCollectionQueryables").WithTags("STAC")
            .WithSummary("What collections can be filtered by").Produces(200, contentType: Media.Schema);
        stac.MapGet(SortablesPath, (View view, HttpContext http, Db db, CancellationToken ct) =>
                Answer(http, view, db, SortablesPath, IsOrdered, ct)).Permit(Permission.CatalogueRead)
            .WithName(operations + "ListCollectionSortables").WithTags("STAC")
            .WithSummary("What collections can be sorted by").Produces(200, contentType: Media.Schema);
    }

    /// <summary>The filter with the types of what it names.</summary>
    /// <exception cref="Refused">It names what is not known, or compares what cannot be compared.</exception>
    public Cql2Expression Bind(Cql2Expression filter)
    {
        try
        {
            return Cql2Check.Bind(filter, name => TypeOf(name, "filter"), Cql2Functions.Standard);
        }
        catch (BadCql2Exception bad)
        {
            throw SearchWish.Bad("filter", bad.Message);
        }
    }

    /// <summary>Refuses a name that is not known, or whose values have no order.</summary>
    public void MustBeSortable(string name)
    {
        if (!IsOrdered(TypeOf(name, "sortby")))
            throw SearchWish.Bad("sortby", $"sortby names {name}, whose values have no order.");
    }

    Cql2Type TypeOf(string name, string parameter)
    {
        var bare = Queryables.Bare(name);
        if (known.TryGetValue(bare, out var type)) return type;
        var nearest = NearNames.Of(bare, [.. known.Keys]);
        var hint = nearest.Count == 0 ? "" : $" Did you mean {string.Join(" or ", nearest)}?";
        throw new Refused(400, "UNKNOWN_PROPERTY", $"{parameter} names '{name}', which no collection here has.{hint}",
            $"GET {QueryablesPath} lists what can be asked about.")
        {
            Details = new Dictionary<string, object?>
            {
                ["parameter"] = parameter,
                ["property"] = name,
                ["nearest"] = nearest,
            },
        };
    }

    static async Task Answer(
        HttpContext http, View view, Db db, string path, Func<Cql2Type, bool> which, CancellationToken ct)
    {
        var all = new CollectionQueryables(await CollectionSearch.All(view, db, ct));
        await AnswerWriter.Whole(http, new Dictionary<string, object>
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = view.Roots.StacRoot + path,
            ["type"] = "object",
            ["title"] = path == SortablesPath ? "What collections can be sorted by"
                : "What collections can be filtered by",
            ["properties"] = all.known.Where(one => which(one.Value))
                .ToDictionary(one => one.Key, one => Described(one.Key, one.Value)),
            ["additionalProperties"] = false,
        }, Media.Schema, ct);
    }

    static Dictionary<string, string> Described(string name, Cql2Type type)
    {
        var schema = new Dictionary<string, string> { ["title"] = name };
        switch (type)
        {
            case Cql2Type.Text: schema["type"] = "string"; break;
            case Cql2Type.Array: schema["type"] = "array"; break;
            case Cql2Type.Timestamp:
                (schema["type"], schema["format"]) = ("string", "date-time");
                break;
            case Cql2Type.Geometry: schema["$ref"] = "https://geojson.org/schema/Geometry.json"; break;
            default: break;
        }
        return schema;
    }

    static bool IsOrdered(Cql2Type type) => type is not (Cql2Type.Geometry or Cql2Type.Array);
}

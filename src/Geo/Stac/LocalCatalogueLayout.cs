using System.Globalization;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>
/// The form that documents of a STAC API get in a self-contained catalogue on a disk:
/// <c>{collection}/{year}/{month}/{day}/{item}.json</c>, months and days unpadded, every link relative.
/// </summary>
public static class LocalCatalogueLayout
{
    /// <summary>The file at the root.</summary>
    public const string RootFile = "catalog.json";

    // What an API says about itself; a file has no search and no queryables.
    static readonly string[] ApiRels =
    [
        "data", "search", "queryables", "sortables", "aggregate", "aggregations", "conformance", "service-desc",
        "service-doc", "version-history", "latest-version", "predecessor-version", "successor-version", "edit",
        "create-form", "edit-form", "children", "browse", "next", "prev",
        "http://www.opengis.net/def/rel/ogc/1.0/queryables", "http://www.opengis.net/def/rel/ogc/1.0/sortables",
    ];

    // OGC API Features puts them into collections; they are not STAC's.
    static readonly string[] ApiMembers = ["itemType", "crs", "storageCrs"];

    /// <summary>Where an item lies below the catalogue's folder, with slashes.</summary>
    /// <exception cref="FormatException">Its id or collection cannot be a file's name, or it has no time.</exception>
    public static string PathOf(JsonObject item)
    {
        var (id, collection) = (item.Text("id") ?? "", item.Text("collection") ?? "");
        MustBeName(id, "item");
        var properties = item["properties"];
        var text = properties.Text("datetime") ?? properties.Text("start_datetime");
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            throw new FormatException($"The item {id} has no datetime to be filed under.");
        return FormattableString.Invariant(
            $"{FolderOf(collection)}/{time.Year}/{time.Month}/{time.Day}/{id}.json");
    }

    /// <summary>The folder of a collection.</summary>
    /// <exception cref="FormatException">Its id cannot be a folder's name.</exception>
    public static string FolderOf(string collection)
    {
        MustBeName(collection, "collection");
        return collection;
    }

    /// <summary>A collection as a file: the links of an API gone, those of a catalogue put in.</summary>
    /// <param name="collection">As an API gave it, or as it stood before.</param>
    /// <param name="place">Its files.</param>
    public static JsonObject Collection(JsonObject collection, CollectionPlace place)
    {
        var document = (JsonObject)collection.DeepClone();
        foreach (var member in ApiMembers) document.Remove(member);
        document["links"] = Links(
            [
                Link("root", place.File, Path.Combine(place.Root, RootFile)),
                Link("parent", place.File, place.Parent),
                .. place.Children.Select(child => Link("child", place.File, child)),
                .. place.Items.Select(item => Link("item", place.File, item, "application/geo+json")),
            ],
            Foreign(document));
        return document;
    }

    /// <summary>An item as a file: its place said by relative links, every link to an item that is there relative.
    /// </summary>
    /// <param name="item">As an API gave it, or as it stood before.</param>
    /// <param name="file">Its file; absolute.</param>
    /// <param name="collectionFile">Its collection's file; absolute.</param>
    /// <param name="root">The catalogue's folder; absolute.</param>
    /// <param name="find">The file of an item; null when the catalogue does not have it.</param>
    /// <param name="missing">Told of each item that is linked to and not there.</param>
    public static JsonObject Item(JsonObject item, string file, string collectionFile, string root,
        Func<ItemAddress, string?> find, Action<ItemAddress> missing)
    {
        var document = (JsonObject)item.DeepClone();
        var others = Foreign(document).ToList();
        foreach (var link in others)
        {
            if (link.Text("rel") is not ("derived_from" or "related") || link.Text("href") is not { } href
                || ItemAddress.Of(href) is not { } address) continue;
            if (find(address) is { } there) link["href"] = LocalCatalogueHrefs.Relative(file, there);
            else missing(address);
        }
        document["links"] = Links(
            [
                Link("root", file, Path.Combine(root, RootFile)),
                Link("collection", file, collectionFile),
                Link("parent", file, collectionFile),
            ],
            others);
        return document;
    }

    /// <summary>The catalogue's root with these collections below it; other links stay.</summary>
    public static JsonObject Catalog(
        JsonObject catalog, string root, IEnumerable<(string File, string? Title)> children)
    {
        var document = (JsonObject)catalog.DeepClone();
        var file = Path.Combine(root, RootFile);
        document["links"] = Links(
            [
                Link("root", file, file),
                .. children.Select(child => Titled(Link("child", file, child.File), child.Title)),
            ],
            Foreign(document));
        return document;
    }

    /// <summary>A new root.</summary>
    public static JsonObject NewCatalog(string id, string description) => new()
    {
        ["type"] = "Catalog",
        ["id"] = id,
        ["stac_version"] = StacJson.Version,
        ["description"] = description,
        ["links"] = new JsonArray(),
    };

    /// <summary>A collection of which nothing is known but that items are in it.</summary>
    public static JsonObject NewCollection(string id) => StacCollections.Build(
        new StacCollectionSource(id, id, id, "other", null, null, null));

    static IEnumerable<JsonObject> Foreign(JsonObject document) => document.Links()
        .Where(link => link.Text("rel") is not { } rel
            || !(LocalCatalogueSending.StructuralRels.Contains(rel) || ApiRels.Contains(rel)))
        .Select(link => (JsonObject)link.DeepClone());

    static JsonArray Links(IEnumerable<JsonObject> ours, IEnumerable<JsonObject> others) =>
        [.. ours.Concat(others).ToArray<JsonNode>()];

    static JsonObject Link(string rel, string from, string to, string type = "application/json") => new()
    {
        ["rel"] = rel,
        ["href"] = LocalCatalogueHrefs.Relative(from, to),
        ["type"] = type,
    };

    static JsonObject Titled(JsonObject link, string? title)
    {
        if (title is not null) link["title"] = title;
        return link;
    }

    // Whoever answers must not choose where we write.
    static void MustBeName(string id, string what)
    {
        if (id.Length is 0 or > 250 || id is "." or ".." || id.AsSpan().IndexOfAny('/', '\\') >= 0
            || id.Any(char.IsControl))
            throw new FormatException($"The {what} '{id}' cannot be filed under its id.");
    }
}

/// <summary>Where a collection lies, and what lies below it; every file absolute.</summary>
/// <param name="Root">The catalogue's folder.</param>
/// <param name="File">Its own file.</param>
/// <param name="Parent">The file of the catalog or collection above it.</param>
/// <param name="Children">The files of the collections below it.</param>
/// <param name="Items">The files of its items.</param>
public sealed record CollectionPlace(string Root, string File, string Parent, IEnumerable<string> Children,
    IEnumerable<string> Items);

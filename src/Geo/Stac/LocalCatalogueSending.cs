using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>What became of one thing when a document of a local catalogue was made ready for a server.</summary>
/// <param name="Where">The place in the document: <c>assets.thumbnail.href</c>, <c>links.derived_from</c>.</param>
/// <param name="Sentence">What was done, or what cannot be done.</param>
/// <param name="IsProblem">Somebody should look at it.</param>
public sealed record LocalCatalogueNote(string Where, string Sentence, bool IsProblem = false);

/// <summary>
/// Makes documents of a local catalogue ready for a server, where relative paths mean nothing: assets get absolute
/// hrefs, links between items become <c>/api/collections/{c}/items/{i}</c>, and links that only say where the file is
/// are left out.
/// </summary>
/// <param name="root">The catalogue's folder.</param>
/// <param name="assetsBaseUrl">Where that folder is served; null: files keep <c>file:</c> URLs.</param>
/// <param name="resolve">The collection and the id of the item in a file; null when there is none.</param>
/// <param name="exists">Whether a file is there.</param>
public sealed class LocalCatalogueSending(
    string root, string? assetsBaseUrl, Func<string, (string Collection, string Id)?> resolve,
    Func<string, bool> exists)
{
    /// <summary>Links that say where a document of a catalogue is, which is for the server to say.</summary>
    public static readonly IReadOnlyList<string> StructuralRels =
        ["self", "root", "parent", "collection", "item", "items", "child"];

    static readonly string[] BetweenItems = ["derived_from", "related"];

    /// <summary>Changes a collection in place; what is not as the file has it is noted.</summary>
    public IReadOnlyList<LocalCatalogueNote> Collection(LocalCatalogueEntry.Container collection)
    {
        var notes = new List<LocalCatalogueNote>();
        Assets(collection.Document, collection.Path, notes);
        Links(collection.Document, collection.Path, notes);
        return notes;
    }

    /// <summary>Changes an item in place; what is not as the file has it is noted.</summary>
    public IReadOnlyList<LocalCatalogueNote> Item(LocalCatalogueEntry.Item item)
    {
        var notes = new List<LocalCatalogueNote>();
        if (item.Document.Text("collection") != item.Collection)
        {
            item.Document["collection"] = item.Collection;
            notes.Add(new("collection", $"Set to {item.Collection}, the collection that links to the item."));
        }
        Assets(item.Document, item.Path, notes);
        Links(item.Document, item.Path, notes);
        return notes;
    }

    /// <summary>The href of an asset as a server can keep it.</summary>
    /// <param name="href">As a document has it.</param>
    /// <param name="ofFile">The document's file.</param>
    public string AssetHref(string href, string ofFile)
    {
        if (LocalCatalogueHrefs.PathOf(href, ofFile) is not { } path) return href;
        if (assetsBaseUrl is not null && LocalCatalogueHrefs.Below(root, path) is { } below)
            return LocalCatalogueHrefs.Served(assetsBaseUrl, below);
        return LocalCatalogueHrefs.IsUrl(href) ? href : LocalCatalogueHrefs.FileUrl(path);
    }

    void Assets(JsonObject document, string file, List<LocalCatalogueNote> notes)
    {
        if (document["assets"] is not JsonObject assets) return;
        foreach (var (key, asset) in assets) Hrefs(asset, $"assets.{key}", file, notes);
    }

    // Alternate assets have hrefs of their own, at any depth.
    void Hrefs(JsonNode? node, string where, string file, List<LocalCatalogueNote> notes)
    {
        if (node is JsonArray list)
            foreach (var (index, part) in list.Index()) Hrefs(part, $"{where}.{index}", file, notes);
        if (node is not JsonObject json) return;
        if (json.Text("href") is { Length: > 0 } href) Href(json, href, where, file, notes);
        foreach (var (name, part) in json) Hrefs(part, $"{where}.{name}", file, notes);
    }

    void Href(JsonObject json, string href, string where, string file, List<LocalCatalogueNote> notes)
    {
        var absolute = AssetHref(href, file);
        if (absolute == href) return;
        json["href"] = absolute;
        notes.Add(new(where + ".href", $"{href} became {absolute}."));
        if (!absolute.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            && !exists(LocalCatalogueHrefs.PathOf(href, file)!))
            notes.Add(new(where + ".href", $"The file {href} is not there.", IsProblem: true));
    }

    void Links(JsonObject document, string file, List<LocalCatalogueNote> notes)
    {
        var kept = new JsonArray();
        foreach (var link in document.Links().ToArray())
        {
            if (StructuralRels.Contains(link.Text("rel"))) continue;
            var copy = (JsonObject)link.DeepClone();
            if (copy.Text("href") is { Length: > 0 } href) LinkHref(copy, href, file, notes);
            kept.Add((JsonNode)copy);
        }
        document["links"] = kept;
    }

    void LinkHref(JsonObject link, string href, string file, List<LocalCatalogueNote> notes)
    {
        var (rel, isRooted) = (link.Text("rel") ?? "", href.StartsWith('/'));
        // A server's own path, as an earlier ingest wrote it.
        if (isRooted && ItemAddress.Of(href) is not null) return;
        if (LocalCatalogueHrefs.PathOf(href, file) is not { } path) return;
        if (BetweenItems.Contains(rel) && resolve(path) is var (collection, id))
        {
            link["href"] = ItemAddress.Path(collection, id);
            return;
        }
        link["href"] = AssetHref(href, file);
        if (BetweenItems.Contains(rel))
            notes.Add(new($"links.{rel}", $"There is no item at {href}; the link stays a path.", IsProblem: true));
    }
}

/// <summary>The address of an item in a STAC API (OGC API Features, /collections/{c}/items/{i}), under any root.
/// </summary>
/// <param name="Collection">The item's collection.</param>
/// <param name="Id">Its id there.</param>
public sealed record ItemAddress(string Collection, string Id)
{
    /// <summary>The address as documents carry it to a server, which puts its own root before it.</summary>
    public static string Path(string collection, string id) =>
        $"/api/collections/{Uri.EscapeDataString(collection)}/items/{Uri.EscapeDataString(id)}";

    /// <summary>Reads the last <c>collections/{c}/items/{i}</c> of an address; null when it does not end in one.
    /// </summary>
    public static ItemAddress? Of(string href)
    {
        var end = href.AsSpan().IndexOfAny('?', '#');
        var segments = (end < 0 ? href : href[..end]).TrimEnd('/').Split('/');
        return segments is [.., "collections", { Length: > 0 } collection, "items", { Length: > 0 } id]
            ? new ItemAddress(Uri.UnescapeDataString(collection), Uri.UnescapeDataString(id))
            : null;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>What a walk through a catalogue on a disk comes by.</summary>
/// <param name="Path">The file.</param>
public abstract record LocalCatalogueEntry(string Path)
{
    /// <summary>A catalog or a collection.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Document">As it stands there, without its links to items and children.</param>
    /// <param name="From">The file whose link leads to it; its own for the root.</param>
    /// <param name="Children">The files of its children, in its order.</param>
    /// <param name="Items">The files of its items, in its order.</param>
    public sealed record Container(string Path, JsonObject Document, string From, IReadOnlyList<string> Children,
        IReadOnlyList<string> Items) : LocalCatalogueEntry(Path)
    {
        /// <summary>Its id; empty when it has none.</summary>
        public string Id => Document.Text("id") ?? "";

        /// <summary>True for a collection, false for a mere catalog.</summary>
        public bool IsCollection => Document.Text("type") == "Collection";
    }

    /// <summary>An item.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Document">As it stands there.</param>
    /// <param name="Collection">The collection it says it is in, or else the one that links to it.</param>
    public sealed record Item(string Path, JsonObject Document, string Collection) : LocalCatalogueEntry(Path)
    {
        /// <summary>Its id.</summary>
        public string Id => Document.Text("id")!;
    }

    /// <summary>A file that is missing or is not what its link says.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="From">The file whose link leads to it.</param>
    /// <param name="Sentence">What is wrong.</param>
    public sealed record Trouble(string Path, string From, string Sentence) : LocalCatalogueEntry(Path);
}

/// <summary>
/// Walks a self-contained catalogue (https://github.com/radiantearth/stac-spec/blob/v1.1.0/best-practices.md, "Use of
/// links") from its <c>catalog.json</c> along the links child and item, one document in memory at a time.
/// </summary>
/// <param name="read">The content of a file; null when there is none.</param>
public sealed class LocalCatalogueWalk(Func<string, byte[]?> read)
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>The root, its children, their children: depth first, each file once even if links go round.</summary>
    public IEnumerable<LocalCatalogueEntry> Containers(string rootFile)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { rootFile };
        var ahead = new Stack<(string Path, string From)>([(rootFile, rootFile)]);
        while (ahead.TryPop(out var next))
        {
            var (document, trouble) = Load(next.Path, next.From, "Catalog", "Collection");
            if (document is null)
            {
                yield return trouble!;
                continue;
            }
            var (children, items) = TakeLinks(document, next.Path);
            yield return new LocalCatalogueEntry.Container(next.Path, document, next.From, children, items);
            foreach (var child in children.Reverse())
                if (seen.Add(child))
                    ahead.Push((child, next.Path));
        }
    }

    /// <summary>The items of a container, in its order.</summary>
    public IEnumerable<LocalCatalogueEntry> Items(LocalCatalogueEntry.Container container) =>
        container.Items.Select(path => Item(path, container));

    /// <summary>One item of a container.</summary>
    public LocalCatalogueEntry Item(string path, LocalCatalogueEntry.Container container)
    {
        var (document, trouble) = Load(path, container.Path, "Feature");
        if (document is null) return trouble!;
        if (document.Text("id") is not { Length: > 0 })
            return new LocalCatalogueEntry.Trouble(path, container.Path, "The item has no id.");
        var collection = document.Text("collection") ?? (container.IsCollection ? container.Id : "");
        return collection.Length > 0
            ? new LocalCatalogueEntry.Item(path, document, collection)
            : new LocalCatalogueEntry.Trouble(path, container.Path, "The item is in no collection.");
    }

    (JsonObject?, LocalCatalogueEntry.Trouble?) Load(string path, string from, params string[] types)
    {
        (JsonObject?, LocalCatalogueEntry.Trouble?) Wrong(string sentence) =>
            (null, new LocalCatalogueEntry.Trouble(path, from, sentence));
        try
        {
            if (read(path) is not { } content) return Wrong("The file is not there.");
            // Python and Windows editors may begin a file with a byte order mark.
            var text = content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsSpan(3) : content;
            if (JsonNode.Parse(text, null, Strict) is not JsonObject document)
                return Wrong("It is not a JSON object.");
            return types.Contains(document.Text("type"))
                ? (document, null)
                : Wrong($"Its type is {document.Text("type") ?? "not stated"}; {string.Join(" or ", types)} was "
                    + "expected.");
        }
        catch (JsonException broken)
        {
            return Wrong($"It is not JSON: {broken.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Wrong($"It cannot be read: {error.Message}");
        }
    }

    static (IReadOnlyList<string> Children, IReadOnlyList<string> Items) TakeLinks(JsonObject document, string path)
    {
        var (children, items, kept) = (new List<string>(), new List<string>(), new JsonArray());
        foreach (var link in (document["links"] as JsonArray)?.ToArray() ?? [])
        {
            var list = link.Text("rel") switch { "child" => children, "item" => items, _ => null };
            if (list is null)
            {
                link?.Parent?.AsArray().Remove(link);
                kept.Add(link);
            }
            else if (link.Text("href") is { } href && LocalCatalogueHrefs.PathOf(href, path) is { } file)
            {
                list.Add(file);
            }
        }
        document["links"] = kept;
        return (children, items);
    }
}

/// <summary>Short ways to read nodes.</summary>
public static class LocalCatalogueNodes
{
    /// <summary>A member that is a string; null when it is absent or something else.</summary>
    public static string? Text(this JsonNode? node, string name) =>
        node is JsonObject json && json[name] is JsonValue value && value.TryGetValue<string>(out var text)
            ? text : null;

    /// <summary>The links of a document that are objects.</summary>
    public static IEnumerable<JsonObject> Links(this JsonObject document) =>
        (document["links"] as JsonArray)?.OfType<JsonObject>() ?? [];
}

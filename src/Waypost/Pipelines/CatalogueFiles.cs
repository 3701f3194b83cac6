using Waypost.Access;
using System.Text.Json;
using Waypost.Geo.Stac;

namespace Waypost.Pipelines;

/// <summary>The files of a catalogue on the disk, as far as they lie in an organization's import folders.</summary>
/// <remarks>A link to anything outside is a link to nothing: it is neither read, nor told whether it is
/// there.</remarks>
/// <param name="folders">Where they may lie.</param>
/// <param name="org">Whose.</param>
/// <param name="mostBytes">The largest document that is read.</param>
sealed class CatalogueFiles(OpenedFolders folders, string org, long mostBytes)
{
    /// <summary>The largest catalog or collection; one of some hundred thousand links is smaller.</summary>
    public const long MostContainerBytes = 64L << 20;

    /// <summary>The largest item; a server takes no larger ones in other ways either.</summary>
    public const long MostItemBytes = 4L << 20;

    static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    readonly Dictionary<string, (string, string)?> addresses = new(StringComparer.Ordinal);

    /// <summary>The catalogue's own file; null when there is none in an import folder.</summary>
    /// <param name="path">The catalogue's folder, or its <c>catalog.json</c>.</param>
    public string? Root(string path) =>
        (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? folders.Find(org, path) : null)?.FullName
        ?? folders.Find(org, path.TrimEnd('/') + "/" + LocalCatalogueLayout.RootFile)?.FullName;

    /// <summary>The content of a file; null when there is none.</summary>
    /// <exception cref="IOException">It is too large, or cannot be read.</exception>
    public byte[]? Read(string path)
    {
        if (folders.Find(org, path) is not { } file) return null;
        return file.Length <= mostBytes ? File.ReadAllBytes(file.FullName)
            : throw new IOException($"It has {file.Length} bytes; up to {mostBytes} are read.");
    }

    /// <summary>Whether a file is there.</summary>
    public bool Exists(string path) => folders.Find(org, path) is not null;

    /// <summary>The collection and the id of the item in a file; null when there is none.</summary>
    public (string Collection, string Id)? AddressOf(string path)
    {
        if (addresses.TryGetValue(path, out var known)) return known;
        return addresses[path] = Look(path);
    }

    (string, string)? Look(string path)
    {
        try
        {
            if (Read(path) is not { } content) return null;
            using var document = JsonDocument.Parse(content, Lenient);
            return document.RootElement is { ValueKind: JsonValueKind.Object } item
                && Text(item, "type") == "Feature"
                && (Text(item, "collection"), Text(item, "id")) is ({ Length: > 0 } collection, { Length: > 0 } id)
                ? (collection, id) : null;
        }
        catch (Exception unreadable)
            when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

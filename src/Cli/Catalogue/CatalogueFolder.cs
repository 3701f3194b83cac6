using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>
/// A self-contained catalogue in a folder that one program at a time changes. Every file is replaced whole, and the
/// files that lead to others are written last: whoever reads meanwhile, or after a crash, finds a catalogue.
/// </summary>
sealed class CatalogueFolder : IDisposable
{
    const string LockName = ".waypost.lock";
    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>One line, letters of every script as they are.</summary>
    public static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly FileStream taken;
    readonly LocalCatalogueWalk walk = new(Read);
    readonly Dictionary<string, Collection> collections = new(StringComparer.Ordinal);
    readonly List<string> children = [];
    readonly HashSet<string> openEnded = new(StringComparer.Ordinal);
    readonly Dictionary<string, ItemAddress> moved = new(StringComparer.Ordinal);
    JsonObject catalog;

    CatalogueFolder(string root, FileStream taken, JsonObject catalog)
    {
        Root = root;
        this.taken = taken;
        this.catalog = catalog;
    }

    /// <summary>The folder; absolute.</summary>
    public string Root { get; }

    /// <summary>Files that a link leads to and that are missing or broken.</summary>
    public List<LocalCatalogueEntry.Trouble> Troubles { get; } = [];

    /// <summary>Items that are linked to and not there.</summary>
    public HashSet<ItemAddress> Missing { get; } = [];

    /// <summary>How many items there are.</summary>
    public long Count => collections.Values.Sum(collection => (long)collection.Items.Count);

    sealed record Collection(string File, string Parent, IReadOnlyList<string> Children)
    {
        public required JsonObject Document { get; set; }

        public Dictionary<string, string> Items { get; } = new(StringComparer.Ordinal);

        public bool IsChanged { get; set; }
    }

    /// <summary>Takes a folder for changes; waits while another program has it.</summary>
    /// <param name="root">The folder; made where it is missing.</param>
    /// <param name="id">The catalogue's id and description, where there is none yet.</param>
    /// <param name="clock">Paces the waiting.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="UsageException">It is not a catalogue, or stays taken.</exception>
    public static async Task<CatalogueFolder> Open(
        string root, (string Id, string Description) id, TimeProvider clock, CancellationToken ct)
    {
        root = Path.GetFullPath(root);
        var taken = await Take(root, clock, ct);
        try
        {
            var folder = new CatalogueFolder(
                root, taken, LocalCatalogueLayout.NewCatalog(id.Id, id.Description));
            if (File.Exists(Path.Combine(root, LocalCatalogueLayout.RootFile))) folder.Load(ct);
            return folder;
        }
        catch
        {
            await taken.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the folder's lock, and nothing more.</summary>
    public static async Task<FileStream> Take(string root, TimeProvider clock, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (true)
            try
            {
                Directory.CreateDirectory(root);
                return new FileStream(
                    Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException error)
            {
                throw new UsageException($"{root} cannot be written: {error.Message}", "Choose another folder.");
            }
            catch (IOException error) when (!File.Exists(Path.Combine(root, LockName)))
            {
                throw new UsageException($"{root} cannot be used: {error.Message}", "Choose another folder.");
            }
            catch (IOException) when (clock.GetElapsedTime(began) < LongestWait)
            {
                await Task.Delay(Pause, clock, ct);
            }
            catch (IOException)
            {
                throw new UsageException(
                    $"Another program has been changing {root} for more than a minute.", "Try again when it is done.");
            }
    }

    /// <summary>Whether the catalogue has an item.</summary>
    public string? Find(ItemAddress address) =>
        collections.TryGetValue(address.Collection, out var collection) ? collection.Items.GetValueOrDefault(address.Id)
            : null;

    /// <summary>Whether the catalogue has a collection.</summary>
    public bool Has(string collection) => collections.ContainsKey(collection);

    /// <summary>Creates or replaces a collection; its items stay.</summary>
    /// <exception cref="FormatException">Its id cannot be a folder's name.</exception>
    public void Put(string id, JsonObject document)
    {
        if (!collections.TryGetValue(id, out var known))
        {
            var file = Path.Combine(Root, LocalCatalogueLayout.FolderOf(id), "collection.json");
            known = new Collection(file, RootFile, []) { Document = document };
            collections.Add(id, known);
            children.Add(file);
        }
        known.Document = document;
        known.IsChanged = true;
    }

    /// <summary>Creates or replaces an item of a collection that is there; true when it was not there before.</summary>
    /// <exception cref="FormatException">It cannot be filed under its id.</exception>
    public bool Put(JsonObject item)
    {
        var address = new ItemAddress(item.Text("collection") ?? "", item.Text("id") ?? "");
        var path = Path.GetFullPath(Path.Combine(Root, LocalCatalogueLayout.PathOf(item)));
        var collection = collections[address.Collection];
        var before = collection.Items.GetValueOrDefault(address.Id);
        collection.Items[address.Id] = path;
        collection.IsChanged |= before != path;
        Missing.Remove(address);
        WriteItem(item, path, collection);
        if (before is not null && before != path)
        {
            Delete(before);
            moved[before] = address;
        }
        return before is null;
    }

    /// <summary>Takes an item out; true when it was there.</summary>
    public bool Remove(ItemAddress address)
    {
        if (!collections.TryGetValue(address.Collection, out var collection)
            || !collection.Items.Remove(address.Id, out var path)) return false;
        collection.IsChanged = true;
        Delete(path);
        return true;
    }

    /// <summary>Takes a collection and its items out; true when it was there.</summary>
    public bool RemoveCollection(string id)
    {
        if (!collections.Remove(id, out var collection)) return false;
        foreach (var path in collection.Items.Values) Delete(path);
        Delete(collection.File);
        children.Remove(collection.File);
        return true;
    }

    /// <summary>Writes what leads to the items, once all of them are there.</summary>
    public void Save()
    {
        Relink();
        foreach (var collection in collections.Values.Where(collection => collection.IsChanged))
        {
            Write(collection.File, LocalCatalogueLayout.Collection(collection.Document, new CollectionPlace(
                Root, collection.File, collection.Parent, collection.Children,
                collection.Items.Values.Order(StringComparer.Ordinal))));
            collection.IsChanged = false;
        }
        var titles = collections.Values.ToDictionary(
            collection => collection.File, collection => collection.Document.Text("title"), StringComparer.Ordinal);
        catalog = LocalCatalogueLayout.Catalog(
            catalog, Root, children.Select(child => (child, titles.GetValueOrDefault(child))));
        Write(RootFile, catalog);
    }

    /// <summary>Replaces a file whole; one that has this content already is left alone.</summary>
    public static void Write(string path, JsonObject document)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(document, Indented);
        if (Read(path) is { } there && there.AsSpan().SequenceEqual(content)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = path + ".tmp";
        File.WriteAllBytes(beside, content);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>A file's content; null when there is none.</summary>
    public static byte[]? Read(string path) => File.Exists(path) ? File.ReadAllBytes(path)
        // As URLs have it: somebody's writer escaped what needed no escape.
        : path.Contains('%', StringComparison.Ordinal) && File.Exists(Uri.UnescapeDataString(path))
            ? File.ReadAllBytes(Uri.UnescapeDataString(path)) : null;

    /// <summary>Whether a file is there, however its name is written.</summary>
    public static bool Exists(string path) => File.Exists(path) || Directory.Exists(path)
        || (path.Contains('%', StringComparison.Ordinal) && File.Exists(Uri.UnescapeDataString(path)));

    /// <inheritdoc/>
    public void Dispose() => taken.Dispose();

    string RootFile => Path.Combine(Root, LocalCatalogueLayout.RootFile);

    void Load(CancellationToken ct)
    {
        foreach (var entry in walk.Containers(RootFile))
        {
            ct.ThrowIfCancellationRequested();
            switch (entry)
            {
                case LocalCatalogueEntry.Trouble trouble when trouble.Path == RootFile:
                    throw new UsageException($"{RootFile} is not a catalogue: {trouble.Sentence}",
                        "Choose another folder, or mend it.");
                case LocalCatalogueEntry.Trouble trouble:
                    Troubles.Add(trouble);
                    break;
                case LocalCatalogueEntry.Container container:
                    Load(container, ct);
                    break;
            }
        }
    }

    void Load(LocalCatalogueEntry.Container container, CancellationToken ct)
    {
        if (container.Path == RootFile)
        {
            catalog = container.Document;
            children.AddRange(container.Children);
        }
        if (!container.IsCollection) return;
        var collection = new Collection(container.Path, container.From, container.Children)
        {
            Document = container.Document,
        };
        collections[container.Id] = collection;
        foreach (var entry in walk.Items(container))
        {
            ct.ThrowIfCancellationRequested();
            if (entry is LocalCatalogueEntry.Trouble trouble) Troubles.Add(trouble);
            if (entry is not LocalCatalogueEntry.Item item) continue;
            collection.Items[item.Id] = item.Path;
            foreach (var link in item.Document.Links())
                if (link.Text("rel") is "derived_from" or "related" && link.Text("href") is { } href
                    && LocalCatalogueHrefs.IsUrl(href) && ItemAddress.Of(href) is { } address)
                {
                    openEnded.Add(item.Path);
                    Missing.Add(address);
                }
        }
    }

    void WriteItem(JsonObject item, string path, Collection collection)
    {
        var complete = true;
        Write(path, LocalCatalogueLayout.Item(item, path, collection.File, Root, Find, address =>
        {
            Missing.Add(address);
            complete = false;
        }));
        if (complete) openEnded.Remove(path);
        else openEnded.Add(path);
    }

    // Items written before what they link to, and links to where an item was before its time changed.
    void Relink()
    {
        foreach (var collection in collections.Values)
            foreach (var path in collection.Items.Values.Where(path => moved.Count > 0 || openEnded.Contains(path)))
            {
                if (Read(path) is not { } content || JsonNode.Parse(content) is not JsonObject item) continue;
                foreach (var link in item.Links())
                    if (link.Text("href") is { } href && LocalCatalogueHrefs.PathOf(href, path) is { } target
                        && moved.TryGetValue(target, out var address) && Find(address) is { } now)
                        link["href"] = LocalCatalogueHrefs.Relative(path, now);
                WriteItem(item, path, collection);
            }
        moved.Clear();
    }

    void Delete(string path)
    {
        File.Delete(path);
        // Folders of days that are over.
        for (var folder = Path.GetDirectoryName(path);
            folder is not null && LocalCatalogueHrefs.Below(Root, folder) is not null
            && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();
            folder = Path.GetDirectoryName(folder))
            Directory.Delete(folder);
    }
}

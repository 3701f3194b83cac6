using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>Brings a local catalogue to a server: its collections first, then its items, some at a time.</summary>
/// <remarks>Nothing is remembered between runs. An ingest that was cut off is started again: what arrived is answered
/// with <c>unchanged</c> and costs little.</remarks>
/// <param name="root">The catalogue's folder.</param>
/// <param name="assetsBaseUrl">Where that folder is served; null: files keep <c>file:</c> URLs.</param>
/// <param name="target">Where it goes.</param>
/// <param name="log">Told of everything that is not plain.</param>
/// <param name="show">Told how many of how many items are through.</param>
sealed class CatalogueIngest(
    string root, string? assetsBaseUrl, ICatalogueTarget target, IngestLog log, Action<long, long> show)
{
    const int ItemsAtOnce = 2000;
    const int CharactersAtOnce = 4_000_000;
    const int MostAtOnce = 2;
    const int MostKnownFiles = 200_000;

    readonly LocalCatalogueWalk walk = new(CatalogueFolder.Read);
    readonly ConcurrentDictionary<string, (string, string)?> known = new(StringComparer.Ordinal);
    readonly Dictionary<string, HashSet<UInt128>> ids = new(StringComparer.Ordinal);
    long knownFiles;
    long through;
    long expected;

    /// <summary>What became of the items.</summary>
    public IngestTally Tally { get; } = new();

    /// <summary>Sends everything.</summary>
    /// <param name="prune">Delete items that the catalogue's collections have on the server and not here.</param>
    /// <param name="ct">Stops; what arrived stays.</param>
    /// <exception cref="UsageException">There is no catalogue.</exception>
    public async Task Run(bool prune, CancellationToken ct)
    {
        var sending = new LocalCatalogueSending(root, assetsBaseUrl, Resolve, CatalogueFolder.Exists);
        var containers = Containers(ct);
        expected = containers.Sum(container => (long)container.Items.Count);
        foreach (var container in containers.Where(container => container.IsCollection))
            await Collection(container, sending, ct);
        foreach (var container in containers) await Items(container, sending, prune, ct);
        if (!prune) return;
        foreach (var container in containers.Where(container => container.IsCollection)) await Prune(container.Id, ct);
    }

    List<LocalCatalogueEntry.Container> Containers(CancellationToken ct)
    {
        var rootFile = Path.Combine(root, LocalCatalogueLayout.RootFile);
        var containers = new List<LocalCatalogueEntry.Container>();
        foreach (var entry in walk.Containers(rootFile))
        {
            ct.ThrowIfCancellationRequested();
            if (entry is LocalCatalogueEntry.Container container) containers.Add(container);
            if (entry is not LocalCatalogueEntry.Trouble trouble) continue;
            if (trouble.Path == rootFile)
                throw new UsageException($"{rootFile} is not a catalogue: {trouble.Sentence}",
                    "Name the folder that catalog.json is in with --catalogue.");
            log.Trouble(trouble);
        }
        return containers;
    }

    async Task Collection(
        LocalCatalogueEntry.Container container, LocalCatalogueSending sending, CancellationToken ct)
    {
        var notes = sending.Collection(container);
        var sent = await target.Collection(container.Document, ct);
        log.Collection(container.Path, sent, notes);
        Tally.Of(container.Id);
    }

    // Read and made ready on all cores, sent some requests at a time, in the order of the files.
    async Task Items(
        LocalCatalogueEntry.Container container, LocalCatalogueSending sending, bool prune, CancellationToken ct)
    {
        var ready = container.Items.Distinct(StringComparer.Ordinal).AsParallel().AsOrdered().WithCancellation(ct)
            .Select(path => Ready(path, container, sending));
        await Parallel.ForEachAsync(
            Chunks(ready), new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct },
            async (chunk, stop) => await Send(container, chunk, prune, stop));
    }

    async Task Send(LocalCatalogueEntry.Container container, List<Prepared> chunk, bool prune, CancellationToken ct)
    {
        var lines = chunk.Where(one => one.Line is not null).Select(one => one.Line!).ToList();
        var sent = lines.Count == 0 ? [] : await target.Items(lines, ct);
        lock (Tally)
        {
            var files = new Dictionary<(string, string), Prepared>();
            foreach (var one in chunk)
            {
                if (one.Entry is LocalCatalogueEntry.Trouble trouble)
                {
                    log.Trouble(trouble);
                    Tally.Of(container.Id).Failed++;
                }
                if (one.Entry is not LocalCatalogueEntry.Item item) continue;
                files[(item.Collection, item.Id)] = one;
                if (prune) Remember(item);
            }
            foreach (var one in sent)
            {
                Tally.Count(one);
                log.Item(files.GetValueOrDefault((one.Collection, one.Id))?.Entry.Path, one,
                    files.GetValueOrDefault((one.Collection, one.Id))?.Notes ?? []);
            }
            show(through += chunk.Count, expected);
        }
    }

    sealed record Prepared(LocalCatalogueEntry Entry, string? Line, IReadOnlyList<LocalCatalogueNote> Notes);

    Prepared Ready(string path, LocalCatalogueEntry.Container container, LocalCatalogueSending sending)
    {
        if (walk.Item(path, container) is not LocalCatalogueEntry.Item item)
            return new Prepared(walk.Item(path, container), null, []);
        Know(path, (item.Collection, item.Id));
        var notes = sending.Item(item);
        return new Prepared(item, item.Document.ToJsonString(CatalogueFolder.Plain), notes);
    }

    static IEnumerable<List<Prepared>> Chunks(IEnumerable<Prepared> ready)
    {
        var (chunk, characters) = (new List<Prepared>(), 0);
        foreach (var one in ready)
        {
            chunk.Add(one);
            characters += one.Line?.Length ?? 0;
            if (chunk.Count < ItemsAtOnce && characters < CharactersAtOnce) continue;
            yield return chunk;
            (chunk, characters) = ([], 0);
        }
        if (chunk.Count > 0) yield return chunk;
    }

    async Task Prune(string collection, CancellationToken ct)
    {
        // What could not be read may be what seems to be gone.
        if (Tally.Of(collection).Failed > 0)
        {
            log.Remark($"Nothing was pruned from {collection}: some of its items could not be read or sent.");
            return;
        }
        var here = ids.GetValueOrDefault(collection, []);
        var gone = new List<string>();
        await foreach (var id in target.Ids(collection, ct))
            if (!here.Contains(Mark(id))) gone.Add(id);
        foreach (var id in gone)
            if (await target.Delete(new ItemAddress(collection, id), ct)) Tally.Of(collection).Deleted++;
    }

    void Remember(LocalCatalogueEntry.Item item)
    {
        if (!ids.TryGetValue(item.Collection, out var marks)) ids[item.Collection] = marks = [];
        marks.Add(Mark(item.Id));
    }

    // Half of a hash stands for an id: a million of them fit into what a few of their documents take.
    static UInt128 Mark(string id) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    (string, string)? Resolve(string path) =>
        known.TryGetValue(path, out var there) ? there : Know(path, Read(path));

    (string, string)? Know(string path, (string, string)? address)
    {
        // Counting the dictionary itself would stop all its users.
        if (Interlocked.Increment(ref knownFiles) % MostKnownFiles == 0) known.Clear();
        known[path] = address;
        return address;
    }

    // Only two members of another item's file matter.
    static (string, string)? Read(string path)
    {
        try
        {
            if (CatalogueFolder.Read(path) is not { } content) return null;
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Text("collection") is { Length: > 0 } collection
                && document.RootElement.Text("id") is { Length: > 0 } id ? (collection, id) : null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            // The walk comes by this file too, and names it then.
            return null;
        }
    }
}

using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>What a query did to a local catalogue.</summary>
sealed class QueryOutcome
{
    /// <summary>Whether everything was asked for, or only what changed since the last time.</summary>
    public bool IsFull { get; set; } = true;

    /// <summary>Items that are new here.</summary>
    public int Added { get; set; }

    /// <summary>Items that were here and were replaced by what the server has.</summary>
    public int Updated { get; set; }

    /// <summary>Items that the server deleted since the last time.</summary>
    public int Deleted { get; set; }

    /// <summary>Items that came because others link to them; counted in the numbers above too.</summary>
    public int Referenced { get; set; }

    /// <summary>Items that could not be filed, and why.</summary>
    public List<string> Problems { get; } = [];
}

/// <summary>Brings items of a STAC API into a local catalogue, with the items that they link to.</summary>
sealed class CatalogueQuery(StacApi api, CatalogueFolder folder, StacWish wish, Action<long, long?, string> show)
{
    const int MostRounds = 10;
    const int MostAtOnce = 4;
    const int IdsAtOnce = 100;
    const int MostCollectionsApart = 32;
    const int PagesAhead = 4;

    readonly HashSet<string> described = new(StringComparer.Ordinal);
    readonly QueryOutcome outcome = new();
    long seen;
    long? total;

    /// <summary>Brings everything that the wish means, or only what changed since a position of the server's.</summary>
    /// <param name="since">Where the last query ended; null: everything.</param>
    /// <param name="ct">Stops; what was written stays.</param>
    public async Task<(QueryOutcome Outcome, string? Position)> Run(string? since, CancellationToken ct)
    {
        var feed = await api.LinkTo("changes", null, ct);
        string? position = null;
        if (feed is not null && since is not null && await Changes(feed, since, ct) is { } reached)
        {
            outcome.IsFull = false;
            position = reached;
        }
        else
        {
            // Before the search: what changes while it runs is brought the next time.
            if (feed is not null) position = await Latest(feed, ct);
            await Bring(await Parts(ct), isReferenced: false, ct);
        }
        await Referenced(ct);
        folder.Save();
        return (outcome, position);
    }

    // One search for each collection runs beside the others; a very long list of them is one search. So is one with a
    // filter: a strict server refuses a property that no item of the one collection has.
    async Task<IReadOnlyList<StacWish>> Parts(CancellationToken ct)
    {
        if (wish.Filter is not null) return [wish];
        var collections = wish.Collections.Count > 0 ? wish.Collections : await AllCollections(ct);
        return collections.Count is 0 or > MostCollectionsApart ? [wish]
            : [.. collections.Select(id => wish with { Collections = [id] })];
    }

    async Task<IReadOnlyList<string>> AllCollections(CancellationToken ct)
    {
        var ids = new List<string>();
        var seenLinks = new HashSet<string>(StringComparer.Ordinal);
        for (var next = api.At("/collections"); next is not null && ids.Count <= MostCollectionsApart;)
        {
            var page = await api.Get(next, ct);
            foreach (var collection in (page["collections"] as JsonArray)?.OfType<JsonObject>() ?? [])
                if (collection.Text("id") is { } id) ids.Add(id);
            next = page.Links().FirstOrDefault(link => link.Text("rel") == "next")?.Text("href") is { } href
                && seenLinks.Add(href) ? new Uri(api.Root, href) : null;
        }
        return ids;
    }

    // Several searches read; one hand writes.
    async Task Bring(IEnumerable<StacWish> searches, bool isReferenced, CancellationToken ct)
    {
        var pages = Channel.CreateBounded<JsonObject>(PagesAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = Read(searches, pages.Writer, isReferenced, stop.Token);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(ct))
            {
                foreach (var item in StacSearch.Items(page)) await Put(item, isReferenced, ct);
                show(seen, total, isReferenced ? "items, with those that others link to" : "items");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    async Task Read(IEnumerable<StacWish> searches, ChannelWriter<JsonObject> to,
        bool isReferenced, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await Parallel.ForEachAsync(
                searches, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct },
                async (search, stop) =>
                {
                    var first = true;
                    await foreach (var page in StacSearch.Pages(api, search, stop))
                    {
                        if (first && !isReferenced) Expect(StacSearch.Matched(page));
                        first = false;
                        await to.WriteAsync(page, stop);
                    }
                });
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The writing side gave up first and says why.
        }
        catch (Exception error)
        {
            failure = error;
        }
        // The writing side throws it, where the command can name it.
        to.Complete(failure);
    }

    void Expect(long? matched)
    {
        lock (outcome) total = matched is null ? total : (total ?? 0) + matched;
    }

    async Task Put(JsonObject item, bool isReferenced, CancellationToken ct)
    {
        try
        {
            if (item.Text("collection") is not { Length: > 0 } collection)
                item["collection"] = collection = "uncollected";
            await Describe(collection, ct);
            if (folder.Put(item)) outcome.Added++;
            else outcome.Updated++;
            if (isReferenced) outcome.Referenced++;
        }
        catch (Exception error) when (error is FormatException or IOException)
        {
            outcome.Problems.Add(error.Message);
        }
        seen++;
    }

    // The collection as the server has it, once.
    async Task Describe(string id, CancellationToken ct)
    {
        if (!described.Add(id)) return;
        var document = await api.Find(api.At("/collections/" + Uri.EscapeDataString(id)), ct);
        if (document is not null && document.Text("type") == "Collection" && document.Text("id") == id)
            folder.Put(id, document);
        else if (!folder.Has(id))
            folder.Put(id, LocalCatalogueLayout.NewCollection(id));
    }

    // An item may link to others that link to others; an id is only unique in its collection.
    async Task Referenced(CancellationToken ct)
    {
        var asked = new HashSet<ItemAddress>();
        for (var round = 0; round < MostRounds; round++)
        {
            var missing = folder.Missing.Where(address => folder.Find(address) is null && asked.Add(address)).ToList();
            if (missing.Count == 0) return;
            await Bring(Batches(missing), isReferenced: true, ct);
        }
    }

    static IEnumerable<StacWish> Batches(IEnumerable<ItemAddress> addresses) =>
        from address in addresses
        group address.Id by address.Collection into ids
        from batch in ids.Chunk(IdsAtOnce)
        select new StacWish { Collections = [ids.Key], Ids = batch, Limit = IdsAtOnce };

    async Task<string?> Latest(Uri feed, CancellationToken ct) =>
        Position(await api.Get(new UriBuilder(feed) { Query = "since=latest" }.Uri, ct), "next");

    // A number, or a text that only the server understands.
    static string? Position(JsonObject page, string member) => page[member] is JsonValue value
        ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString() : null;

    // Null where the server no longer knows the position: then everything is asked for again.
    async Task<string?> Changes(Uri feed, string since, CancellationToken ct)
    {
        var (touched, gone) = (new HashSet<ItemAddress>(), new HashSet<ItemAddress>());
        var documents = new Dictionary<ItemAddress, JsonObject>();
        while (true)
        {
            JsonObject page;
            try
            {
                page = await api.Get(new UriBuilder(feed)
                {
                    Query = $"since={Uri.EscapeDataString(since)}&limit=1000&include=items",
                }.Uri, ct);
            }
            catch (ServerProblemException problem) when (problem.Status is HttpStatusCode.BadRequest
                or HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }
            var changes = (page["changes"] as JsonArray)?.OfType<JsonObject>().ToList() ?? [];
            foreach (var change in changes) Note(change, touched, gone, documents);
            await Apply(touched, gone, documents, ct);
            // An empty page may still lead on, past what has changed again since.
            if (Position(page, "next") is not { } next || next == since) return since;
            since = next;
        }
    }

    void Note(JsonObject change, HashSet<ItemAddress> touched, HashSet<ItemAddress> gone,
        Dictionary<ItemAddress, JsonObject> documents)
    {
        var (collection, id) = (change.Text("collection") ?? "", change.Text("id") ?? "");
        var isGone = change.Text("type") == "deleted";
        if (change.Text("kind") == "collection")
        {
            described.Remove(collection);
            if (isGone) folder.RemoveCollection(collection);
            else if (folder.Has(collection) && change["item"] is JsonObject document && described.Add(collection))
                folder.Put(collection, (JsonObject)document.DeepClone());
            return;
        }
        var address = new ItemAddress(collection, id);
        (isGone ? gone : touched).Add(address);
        (isGone ? touched : gone).Remove(address);
        documents.Remove(address);
        if (!isGone && change["item"] is JsonObject item) documents[address] = (JsonObject)item.DeepClone();
    }

    async Task Apply(HashSet<ItemAddress> touched, HashSet<ItemAddress> gone,
        Dictionary<ItemAddress, JsonObject> documents, CancellationToken ct)
    {
        foreach (var address in gone)
            if (folder.Remove(address)) outcome.Deleted++;
        // What is here is brought up to date; of what is new, whatever the wish means.
        var isAnything = wish is { Bbox: null, Filter: null, Datetime: null };
        var (known, unknown) = (new List<ItemAddress>(), new List<ItemAddress>());
        foreach (var address in touched)
        {
            var isHere = folder.Find(address) is not null;
            var isWished = wish.Collections.Count == 0 || wish.Collections.Contains(address.Collection);
            if ((isHere || (isAnything && isWished)) && documents.Remove(address, out var document))
                await Put(document, isReferenced: false, ct);
            else if (isHere) known.Add(address);
            else if (isWished) unknown.Add(address);
        }
        var searches = unknown.Select(address => address.Id).Distinct(StringComparer.Ordinal).Chunk(IdsAtOnce)
            .Select(ids => wish with { Ids = ids, Limit = IdsAtOnce });
        await Bring(Batches(known).Concat(searches), isReferenced: false, ct);
        touched.Clear();
        gone.Clear();
        documents.Clear();
    }
}

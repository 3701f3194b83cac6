using System.Data.Common;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Gathers the items of a stream in chunks of one collection, and writes each chunk in one transaction.
/// </summary>
sealed class BulkChunks(Db db, string org, bool onlyNew, TimeProvider clock)
{
    const int LargestChunk = 1_000;
    const int LargestChunkBytes = 4 << 20;

    /// <summary>Items of all collections that wait for their chunk to be full.</summary>
    const int MostWaiting = 8_000;

    const int MostWaitingBytes = 16 << 20;

    /// <summary>Chunks that are written at the same time where many collections take turns in a stream.</summary>
    const int MostAtOnce = 8;

    const int MostAttempts = 8;

    readonly Dictionary<string, Chunk> waiting = new(StringComparer.Ordinal);
    int items;
    int bytes;

    sealed class Chunk
    {
        public List<ReadyItem> Items { get; } = [];
        public int Bytes { get; set; }
    }

    /// <summary>Adds an item; returns the outcomes of the chunk that was written for it, if one was.</summary>
    public async Task<IReadOnlyList<BulkOutcome>> Take(ReadyItem item, CancellationToken ct)
    {
        var collection = item.Item!.Collection;
        if (!waiting.TryGetValue(collection, out var chunk)) waiting[collection] = chunk = new Chunk();
        chunk.Items.Add(item);
        chunk.Bytes += item.Bytes;
        items++;
        bytes += item.Bytes;
        if (chunk.Items.Count >= LargestChunk || chunk.Bytes >= LargestChunkBytes) return await Write(collection, ct);
        return items < MostWaiting && bytes < MostWaitingBytes ? [] : await WriteHalf(ct);
    }

    /// <summary>Writes whatever still waits.</summary>
    public async Task<IReadOnlyList<BulkOutcome>> Rest(CancellationToken ct) =>
        await Write([.. waiting.Keys.Order(StringComparer.Ordinal)], ct);

    // Where hundreds of collections take turns none of them ever fills a chunk, and room for one item would be a chunk
    // of a few. Half of all that waits goes at once: the largest, several at a time, which share their commits.
    async Task<IReadOnlyList<BulkOutcome>> WriteHalf(CancellationToken ct)
    {
        var (largest, kept) = (new List<string>(), (Items: items, Bytes: bytes));
        foreach (var (collection, chunk) in waiting.OrderByDescending(one => Math.Max(
            one.Value.Items.Count, (long)one.Value.Bytes * MostWaiting / MostWaitingBytes)))
        {
            if (kept.Items <= MostWaiting / 2 && kept.Bytes <= MostWaitingBytes / 2) break;
            kept = (kept.Items - chunk.Items.Count, kept.Bytes - chunk.Bytes);
            largest.Add(collection);
        }
        return await Write(largest, ct);
    }

    async Task<IReadOnlyList<BulkOutcome>> Write(List<string> collections, CancellationToken ct)
    {
        var outcomes = new List<BulkOutcome>();
        foreach (var few in collections.Chunk(MostAtOnce))
            foreach (var written in await Task.WhenAll(few.Select(collection => Write(collection, ct))))
                outcomes.AddRange(written);
        return outcomes;
    }

    async Task<IReadOnlyList<BulkOutcome>> Write(string collection, CancellationToken ct)
    {
        waiting.Remove(collection, out var chunk);
        items -= chunk!.Items.Count;
        bytes -= chunk.Bytes;
        return await Write(collection, chunk.Items, ct);
    }

    async Task<IReadOnlyList<BulkOutcome>> Write(string collection, List<ReadyItem> chunk, CancellationToken ct)
    {
        var change = Guid.CreateVersion7(clock.GetUtcNow());
        var (unanswered, isLost) = (new Unanswered(), false);
        for (var attempt = 1; ; attempt++)
            try
            {
                return await WriteAtOnce(collection, chunk, change, unanswered, ct);
            }
            catch (Refused refused)
            {
                return AllFailed(chunk, new BulkProblem(refused.Code, refused.Message));
            }
            catch (StorageUnavailableException lost) when (lost.IsLostRace && attempt < MostAttempts)
            {
                // Another one had the rows first; now it has them no longer.
            }
            catch (StorageUnavailableException) when (!isLost)
            {
                // A connection that broke is made anew; if it was the answer that was lost, the next attempt sees it.
                isLost = true;
            }
            catch (StorageUnavailableException lost)
            {
                return AllFailed(chunk, new BulkProblem("STORAGE_UNAVAILABLE", lost.Message));
            }
            catch (DbException) when (chunk.Count > 1)
            {
                // One of them is such that the database does not take it; its neighbours are not to suffer for it.
                var half = chunk.Count / 2;
                return [
                    .. await Write(collection, chunk[..half], ct), .. await Write(collection, chunk[half..], ct),
                ];
            }
            catch (DbException)
            {
                return AllFailed(chunk, new BulkProblem("CANNOT_BE_KEPT", "The database does not take this item."));
            }
    }

    /// <summary>What an attempt did that was to be committed and whose answer never came.</summary>
    sealed class Unanswered
    {
        public Written?[]? Written { get; set; }
    }

    async Task<IReadOnlyList<BulkOutcome>> WriteAtOnce(
        string collection, List<ReadyItem> chunk, Guid change, Unanswered unanswered, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        if (unanswered.Written is { } before && await tx.HasWritten(org, collection, change))
            return Outcomes(chunk, before);
        // The time is that of its turn: what is written later is never dated before what was written first.
        await tx.LockCollection(org, collection);
        var now = clock.GetUtcNow();
        var written = await tx.WriteItems(
            org, collection, chunk.ConvertAll(ready => ready.Item!), onlyNew, change, now);
        int[] counts = [.. Enum.GetValues<Written>().Select(one => written.Count(status => status == one))];
        if (counts[(int)Written.Created] + counts[(int)Written.Updated] > 0)
            await tx.Emit(org, now, new ItemsWritten(
                collection, counts[(int)Written.Created], counts[(int)Written.Updated],
                counts[(int)Written.Unchanged]), collection, change);
        unanswered.Written = written;
        await tx.Commit();
        return Outcomes(chunk, written);
    }

    static IReadOnlyList<BulkOutcome> Outcomes(List<ReadyItem> chunk, Written?[] written) =>
        [.. chunk.Select((ready, index) => Outcome(ready, written[index]))];

    static BulkOutcome Outcome(ReadyItem ready, Written? written) => written is { } status
        ? new BulkOutcome(ready.Line, ready.Item!.Collection, ready.Item.Id, status switch
        {
            Written.Created => BulkStatus.Created,
            Written.Updated => BulkStatus.Updated,
            _ => BulkStatus.Unchanged,
        }, [], ready.Item.Repairs)
        : ready.Failed(new BulkProblem("ITEM_EXISTS", "The collection has an item of this id already."));

    static List<BulkOutcome> AllFailed(List<ReadyItem> chunk, BulkProblem problem) =>
        chunk.ConvertAll(ready => ready.Failed(problem));
}

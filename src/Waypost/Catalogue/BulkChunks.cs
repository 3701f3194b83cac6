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
    const int MostWaiting = 4_000;

    const int MostWaitingBytes = 16 << 20;

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
        if (items < MostWaiting && bytes < MostWaitingBytes) return [];
        return await Write(waiting.MaxBy(one => one.Value.Items.Count).Key, ct);
    }

    /// <summary>Writes whatever still waits.</summary>
    public async Task<IReadOnlyList<BulkOutcome>> Rest(CancellationToken ct)
    {
        var outcomes = new List<BulkOutcome>();
        foreach (var collection in waiting.Keys.Order(StringComparer.Ordinal).ToList())
            outcomes.AddRange(await Write(collection, ct));
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
        for (var attempt = 1; ; attempt++)
            try
            {
                return await WriteAtOnce(collection, chunk, ct);
            }
            catch (Refused refused)
            {
                return AllFailed(chunk, new BulkProblem(refused.Code, refused.Message));
            }
            catch (StorageUnavailableException lost) when (lost.IsLostRace && attempt < MostAttempts)
            {
                // Another one had the rows first; now it has them no longer.
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

    async Task<IReadOnlyList<BulkOutcome>> WriteAtOnce(string collection, List<ReadyItem> chunk, CancellationToken ct)
    {
        var (now, change) = (clock.GetUtcNow(), Guid.CreateVersion7(clock.GetUtcNow()));
        Written?[] written;
        await using (var tx = await db.Begin(ct))
        {
            written = await tx.WriteItems(
                org, collection, chunk.ConvertAll(ready => ready.Item!), onlyNew, change, now);
            int[] counts = [.. Enum.GetValues<Written>().Select(one => written.Count(status => status == one))];
            if (counts[(int)Written.Created] + counts[(int)Written.Updated] > 0)
                await tx.Emit(org, now, new ItemsWritten(
                    collection, counts[(int)Written.Created], counts[(int)Written.Updated],
                    counts[(int)Written.Unchanged]), collection, change);
            await tx.Commit();
        }
        return [.. chunk.Select((ready, index) => Outcome(ready, written[index]))];
    }

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

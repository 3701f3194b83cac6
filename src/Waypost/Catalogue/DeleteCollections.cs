using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Deletes collections with all their items, piece by piece, so that others write in between.</summary>
/// <remarks>
/// First the collection is closed: from then on whoever writes items of it is refused, so that the end comes however
/// many there are who would go on. Then each piece is one transaction, and each of its items has its tombstone and its
/// place in the changes; the last takes the collection itself. Whoever asked does the work; where he is cut off, or the
/// server is killed, the loop takes it from there.
/// </remarks>
sealed class DeleteCollections(Databases databases, TimeProvider clock)
{
    /// <summary>Items that go at once: others wait for so many.</summary>
    const int Piece = 1_000;

    static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    sealed record Left(string Org, string Id) : IRow<Left>
    {
        public static Left Read(Row row) => new(row.Text("org"), row.Text("id"));
    }

    /// <summary>What whoever writes to such a collection hears.</summary>
    public static Refused Going(string collection) => Refused.Conflict("COLLECTION_BEING_DELETED",
        $"The collection {collection} is being deleted, and takes nothing any more.",
        "Make it again when it is gone; a DELETE of it answers then.");

    public BackgroundLoop Loop()
    {
        BackgroundLoop? loop = null;
        return loop = new("catalogue.deletions", TimeSpan.FromMinutes(2), async ct =>
        {
            await FinishAll(ct, () => loop!.Beat(clock));
            await databases.Shared.Woken("catalogue.deletions", Every, ct);
        });
    }

    /// <summary>Closes a collection, in the transaction that has it to itself.</summary>
    public static Task Close(Tx tx, string org, string collection) => tx.Run($"""
        update catalogue_collections set is_going = true where org = {org} and id = {collection}
        """);

    /// <summary>Deletes whatever was begun and not finished. One that fails is left for the next time, and does not
    /// keep the others.</summary>
    /// <param name="ct">Stops it between two pieces.</param>
    /// <param name="beat">Called after each piece.</param>
    public async Task FinishAll(CancellationToken ct, Action? beat = null)
    {
        var failures = new List<Exception>();
        foreach (var db in databases.All)
        {
            List<Left> left;
            await using (var tx = (await db.Read(ct)).AcrossOrganizations("deletions of all are finished"))
                left = await tx.All<Left>($"""
                    select org, id from catalogue_collections where is_going order by org, id
                    """);
            foreach (var (org, id) in left)
                try
                {
                    await Finish(db, org, id, ct, beat);
                }
                catch (Exception failure)
                    when (failure is not (OperationCanceledException or StorageUnavailableException))
                {
                    failures.Add(failure);
                }
        }
        if (failures.Count > 0) throw new AggregateException("Collections could not be deleted.", failures);
    }

    /// <summary>Deletes a closed collection and all that is in it.</summary>
    public async Task Finish(Db db, string org, string collection, CancellationToken ct, Action? beat = null)
    {
        for (var isDone = false; !isDone;)
        {
            await using var tx = await db.Begin(ct);
            if (await tx.FindCollection(org, collection) is not { IsGoing: true }) return;
            isDone = await DeletePiece(tx, org, collection);
            if (isDone) await tx.DeleteCollection(org, collection, clock.GetUtcNow());
            await tx.Commit();
            beat?.Invoke();
        }
    }

    // True when none is left.
    async Task<bool> DeletePiece(Tx tx, string org, string collection)
    {
        var piece = await tx.All<ItemRows.Kept>($"""
            select row_id, collection, id, hash, version, created_at from catalogue_items
            where org = {org} and collection = {collection} limit {Piece}
            """);
        if (piece.Count == 0) return true;
        var now = clock.GetUtcNow();
        var change = Guid.CreateVersion7(now);
        await tx.TakeOut(org, collection, piece, change, now);
        await tx.Emit(org, now, new ItemsDeleted(collection, piece.Count), collection, change);
        return piece.Count < Piece;
    }
}

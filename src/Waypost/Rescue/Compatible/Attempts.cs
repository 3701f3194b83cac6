using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>Does a unit of work again where somebody else had the rows first.</summary>
static class Attempts
{
    const int Most = 8;

    /// <summary>Runs the work in a transaction and commits it.</summary>
    public static async Task<T> InOne<T>(Db db, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                await using var tx = await db.Begin(ct);
                var done = await work(tx);
                await tx.Commit();
                return done;
            }
            catch (StorageUnavailableException lost) when (lost.IsLostRace && attempt < Most)
            {
                // Now it has them no longer.
            }
    }
}

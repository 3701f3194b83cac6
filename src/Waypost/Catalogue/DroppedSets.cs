using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Clears away what nothing points at any more: sets of features piece by piece, and counts that were added
/// up.
/// </summary>
sealed class DroppedSets(Databases databases, TimeProvider clock)
{
    /// <summary>How long a set that was replaced can still be read by whoever had begun.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    const int Piece = 2_000;
    const int MostCounts = 1_000;

    /// <summary>A collection's count is folded together when it has more rows than this.</summary>
    const int ManyCounts = 32;

    sealed record Dropped(string Org, string SetId) : IRow<Dropped>
    {
        public static Dropped Read(Row row) => new(row.Text("org"), row.Text("set_id"));
    }

    sealed record Scattered(string Org, string Collection) : IRow<Scattered>
    {
        public static Scattered Read(Row row) => new(row.Text("org"), row.Text("collection"));
    }

    public BackgroundLoop Loop() => new("catalogue.tidy", TimeSpan.FromMinutes(2), async ct =>
    {
        await Tidy(ct);
        await Task.Delay(Every, clock, ct);
    });

    /// <summary>Does all that there is to do at this moment.</summary>
    public async Task Tidy(CancellationToken ct)
    {
        foreach (var db in databases.All)
        {
            while (await DeletePiece(db, ct))
            {
            }
            foreach (var collection in await FindScattered(db, ct))
                while (await Fold(db, collection, ct) == MostCounts)
                {
                }
        }
    }

    // A piece a transaction: whoever waits to write gets their turn in between.
    async Task<bool> DeletePiece(Db db, CancellationToken ct)
    {
        var before = clock.GetUtcNow() - KeptFor;
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("the tidy loop clears dropped sets of all");
        var dropped = (await tx.All<Dropped>($"""
            select org, set_id from catalogue_dropped_sets where dropped_at <= {before} order by dropped_at limit 1
            {tx.SkipLocked}
            """)).SingleOrDefault();
        if (dropped is null) return false;

        var (org, set) = dropped;
        var gone = await tx.Run($"""
            delete from catalogue_features where org = {org} and row_id in (
                select row_id from catalogue_features where org = {org} and set_id = {set} limit {Piece})
            """);
        if (gone < Piece)
            await tx.Run($"delete from catalogue_dropped_sets where org = {org} and set_id = {set}");
        await tx.Commit();
        return true;
    }

    static async Task<List<Scattered>> FindScattered(Db db, CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the tidy loop adds up the counts of all");
        return await tx.All<Scattered>($"""
            select org, collection from catalogue_counts group by org, collection having count(*) > {ManyCounts}
            """);
    }

    // What is deleted and what is inserted add up to the same, so no reader ever sees another number.
    static async Task<int> Fold(Db db, Scattered of, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var changes = await tx.All<Number>($"""
            delete from catalogue_counts where org = {of.Org} and row_id in (
                select row_id from catalogue_counts where org = {of.Org} and collection = {of.Collection}
                limit {MostCounts} {tx.SkipLocked})
            returning items as n
            """);
        await tx.Run($"""
            insert into catalogue_counts (org, collection, items)
            values ({of.Org}, {of.Collection}, {changes.Sum(change => change.N)})
            """);
        await tx.Commit();
        return changes.Count;
    }
}

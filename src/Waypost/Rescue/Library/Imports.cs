using System.Data.Common;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>One import while it goes on: its row, its chunks, its report.</summary>
/// <param name="databases">Where everything is kept.</param>
/// <param name="org">Whose.</param>
/// <param name="format"><c>ckan</c>, <c>csv</c> or <c>database</c>.</param>
/// <param name="source">Which catalogue is read, by the name it was given.</param>
/// <param name="clock">The time.</param>
sealed class Import(Databases databases, string org, string format, string source, TimeProvider clock)
{
    const int MostAttempts = 8;
    const int VanishAtOnce = 1_000;

    readonly Db db = databases.For(org);

    /// <summary>Its id; 0 before it began.</summary>
    public long Id { get; private set; }

    /// <summary>What it has done so far.</summary>
    public ImportTally Tally { get; } = new();

    sealed record Gone(long Id, string DgId, string Name) : IRow<Gone>
    {
        public static Gone Read(Row row) => new(row.Long("id"), row.Text("dg_id"), row.Text("name"));
    }

    /// <summary>Makes its row.</summary>
    public async Task Begin(CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        Id = await tx.Take(org, Numbered.Import, 1);
        await tx.Run($"""
            insert into rescue_imports (org, id, format, source, is_complete, started_at)
            values ({org}, {Id}, {format}, {source}, {false}, {clock.GetUtcNow()})
            """);
        await tx.Commit();
    }

    /// <summary>Writes a chunk in one transaction, and again where somebody else was first.</summary>
    /// <returns>False when the database does not take something in it; nothing of it is there then.</returns>
    public async Task<bool> Chunk(Func<Tx, ImportTally, DateTimeOffset, Task> write, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                var chunk = new ImportTally();
                await using var tx = await db.Begin(ct);
                var now = clock.GetUtcNow();
                await write(tx, chunk, now);
                if (chunk.Assets.Created + chunk.Assets.Changed > 0)
                    await tx.Emit(org, now, new AssetsWritten(
                        Id, (int)chunk.Assets.Created, (int)chunk.Assets.Changed), $"import:{Id}");
                await tx.Commit();
                Tally.Add(chunk);
                return true;
            }
            catch (StorageUnavailableException lost) when (lost.IsLostRace && attempt < MostAttempts)
            {
                // Another one had the rows first; now it has them no longer.
            }
            catch (DbException)
            {
                return false;
            }
    }

    /// <summary>Notes the datasets of the source that this import has not seen.</summary>
    /// <param name="publisher">Only those of this publisher, by its name or id in the catalogue; null: all.</param>
    /// <param name="ct">Stops it between two transactions.</param>
    public async Task Vanish(string? publisher, CancellationToken ct)
    {
        Sql ofPublisher = publisher is null ? Sql.Empty : (Sql)$"""
             and publisher_id in (
                select id from rescue_publishers where org = {org} and (name = {publisher} or dg_id = {publisher}))
            """;
        while (true)
        {
            List<Gone> gone = [];
            await Chunk(async (tx, tally, now) =>
            {
                gone = await tx.All<Gone>($"""
                    select id, dg_id, name from rescue_datasets
                    where org = {org} and source = {source} and seen_by < {Id} and vanished_at is null{ofPublisher}
                    order by id limit {VanishAtOnce}
                    """);
                foreach (var part in PaddedLists.Of(gone.ConvertAll(one => one.Id)))
                    await tx.Run($"""
                        update rescue_datasets set vanished_at = {now}, updated_at = {now}
                        where org = {org} and id in {part}
                        """);
                foreach (var one in gone) tally.Add(new VanishedDataset(one.Id, one.DgId, one.Name));
                tally.Datasets = tally.Datasets with { Vanished = gone.Count };
            }, ct);
            if (gone.Count < VanishAtOnce) return;
        }
    }

    /// <summary>Notes what could not be kept.</summary>
    public void Fail(ImportFailure failure) => Tally.Add(failure);

    /// <summary>Keeps the report, tells of it, and returns it.</summary>
    public async Task<ImportReport> End(bool complete, CancellationToken ct)
    {
        var report = Tally.Report(Id, format, source, complete);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            update rescue_imports set is_complete = {complete}, ended_at = {now}, report = {Json.Of(report).Text}
            where org = {org} and id = {Id}
            """);
        await tx.Emit(org, now, new RescueImported(
            Id, format, source, report.Assets.Created, report.Assets.Changed, report.Datasets.Vanished,
            report.Datasets.Failed + report.Assets.Failed), $"import:{Id}");
        await tx.Commit();
        return report;
    }
}

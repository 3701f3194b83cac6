using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Forgets uploads that nobody finished.</summary>
static class UploadJanitor
{
    const int AtOnce = 100;
    static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    sealed record Stale(string Org, string Name) : IRow<Stale>
    {
        public static Stale Read(Row row) => new(row.Text("org"), row.Text("name"));
    }

    /// <summary>The loop that the server runs.</summary>
    public static BackgroundLoop Loop(Databases databases, Blobs blobs, PipelinesSettings settings,
        TimeProvider clock) =>
        new("pipelines.uploads", Every * 3, async ct =>
        {
            foreach (var db in databases.All) await Sweep(db, blobs, settings, clock, ct);
            await Task.Delay(Every, clock, ct);
        });

    /// <summary>Forgets those that have waited too long; a finished file under the same name stays.</summary>
    internal static async Task Sweep(
        Db db, Blobs blobs, PipelinesSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var before = clock.GetUtcNow() - settings.KeepUnfinishedUploads;
        List<Stale> stale;
        await using (var tx = (await db.Begin(ct)).AcrossOrganizations("uploads that nobody finished, whoever's"))
        {
            stale = await tx.All<Stale>($"""
                select org, name from pipelines_uploads
                where total is not null and changed_at < {before} order by changed_at limit {AtOnce}
                """);
            foreach (var (org, name) in stale)
            {
                await tx.Run($"""
                    delete from pipelines_uploads
                    where org = {org} and name = {name} and total is not null and sha256 is null
                    """);
                await tx.Run($"""
                    update pipelines_uploads set total = null where org = {org} and name = {name} and total is not null
                    """);
            }
            await tx.Commit();
        }
        foreach (var (org, name) in stale) File.Delete(Uploads.PartialPath(blobs, org, name));
    }
}

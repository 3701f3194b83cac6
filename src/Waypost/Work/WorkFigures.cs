using Waypost.Storage;

namespace Waypost.Work;

/// <summary>How much work there is, over all organizations: what an operator watches.</summary>
public static class WorkFigures
{
    /// <summary>How many tasks are in a state.</summary>
    /// <param name="State">The state's name.</param>
    /// <param name="Tasks">How many.</param>
    public sealed record OfState(string State, long Tasks) : IRow<OfState>
    {
        /// <summary>Reads columns <c>status</c> and <c>n</c>.</summary>
        public static OfState Read(Row row) => new(row.Text("status"), row.Long("n"));
    }

    /// <summary>The tasks that are not done yet, by state.</summary>
    public static async Task<IReadOnlyList<OfState>> Queue(Db db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the operator watches the whole queue");
        return await tx.All<OfState>($"""
            select status, count(*) as n from work_tasks
            where status = 'Ready' or status = 'Processing' or status = 'PendingRetry' group by status
            """);
    }

    /// <summary>The jobs that have not ended yet.</summary>
    public static async Task<long> OpenJobs(Db db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the operator watches the whole queue");
        return await tx.Count($"""
            select count(*) as n from work_jobs where state in ('Queued', 'Processing', 'Paused')
            """);
    }
}

using System.Diagnostics.Metrics;

namespace Waypost.Storage;

/// <summary>Counts what the storage does, for /metrics: how many transactions share one commit.</summary>
static class StorageMeter
{
    static readonly Meter meter = new("Waypost.Storage");

    static readonly Counter<long> commits = meter.CreateCounter<long>(
        "waypost.storage.commits", "{commit}", "Commits that the disk was asked to sync");

    static readonly Counter<long> transactions = meter.CreateCounter<long>(
        "waypost.storage.transactions", "{transaction}", "Transactions that those commits made durable");

    /// <summary>Notes one commit and how many transactions it carried.</summary>
    public static void Committed(int members)
    {
        commits.Add(1);
        transactions.Add(members);
    }
}

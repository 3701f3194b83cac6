using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>Removes deliveries that were over long ago, with their attempts and the lanes nobody needs.</summary>
sealed class DeliveryRetention(Db db, TimeProvider clock)
{
    /// <summary>How long a delivery can be looked up and replayed after it was over.</summary>
    internal static readonly TimeSpan Keep = TimeSpan.FromDays(30);

    static readonly TimeSpan Every = TimeSpan.FromMinutes(30);
    const int Batch = 2000;

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("delivery.retention", Every * 3, async ct =>
    {
        while (await Prune(ct) == Batch) { }
        await Task.Delay(Every, clock, ct);
    });

    /// <summary>Removes one batch; returns how many deliveries.</summary>
    internal async Task<int> Prune(CancellationToken ct)
    {
        var old = clock.GetUtcNow() - Keep;
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("retention prunes everybody's old deliveries");
        Sql batch = $"""
            select id from delivery_deliveries where finished_at < {old} order by finished_at, id limit {Batch}
            """;
        await tx.Run($"delete from delivery_attempts where delivery in ({batch})");
        // A single delivery's lane has its id; a webhook's lane stays.
        await tx.Run($"delete from delivery_lanes where lane in ({batch})");
        var removed = await tx.Run($"delete from delivery_deliveries where id in ({batch})");
        await tx.Commit();
        return removed;
    }
}

using Waypost.Storage;

namespace Waypost.Events;

/// <summary>How far the relay is behind, for the operator.</summary>
public static class EventFigures
{
    /// <summary>Events that have no position yet, over all organizations.</summary>
    public static async Task<long> Unstamped(Db db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the operator watches the relay");
        return await tx.Count($"select count(*) as n from events where position is null");
    }
}

using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Changes items by what they are now.</summary>
/// <remarks>
/// What the change makes of the item is worked out before the writer's turn, so that nobody waits while documents are
/// parsed and checked; in the turn the item is written if it is still the one that was read. After some lost races the
/// work is done in the turn, where nobody else can win.
/// </remarks>
static class ItemEdits
{
    /// <summary>How often others may be faster.</summary>
    const int MostRaces = 4;

    /// <summary>An item as it was found.</summary>
    /// <param name="Hash">Of its content.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="ChangedAt">Since when it is that.</param>
    /// <param name="Body">The stored document.</param>
    internal sealed record Seen(string Hash, long Version, DateTimeOffset ChangedAt, string Body) : IRow<Seen>
    {
        public static Seen Read(Row row) => new(
            row.Text("hash"), row.Long("version"), row.Time("changed_at"), row.TextOrNull("body") ?? "");
    }

    extension(Tx tx)
    {
        /// <summary>Finds an item and makes this transaction the only one that writes items of its collection.
        /// </summary>
        /// <exception cref="Refused">There is no such item.</exception>
        public async Task<Seen> HoldItem(string org, string collection, string item, bool withBody = false)
        {
            if (await tx.TryLockCollection(org, collection) is null) throw NotFound(collection, item);
            return await tx.SeeItem(org, collection, item, withBody);
        }

        async Task<Seen> SeeItem(string org, string collection, string item, bool withBody)
        {
            Sql body = withBody ? $"bodies.body" : (Sql)$"cast(null as text)";
            Sql join = withBody ? $"join catalogue_bodies as bodies on bodies.row_id = items.row_id" : Sql.Empty;
            return await tx.One<Seen>($"""
                select items.hash, items.version, items.changed_at, {body} as body
                from catalogue_items as items {join}
                where items.org = {org} and items.collection = {collection} and items.id = {item}
                """) ?? throw NotFound(collection, item);
        }
    }

    /// <summary>Changes an item; nobody's change before or after it is lost.</summary>
    /// <param name="db">Where.</param>
    /// <param name="org">Whose.</param>
    /// <param name="collection">Its collection.</param>
    /// <param name="item">Its id.</param>
    /// <param name="clock">Tells when.</param>
    /// <param name="make">What is to become of the item that was found; called again where it has changed meanwhile.
    /// </param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="Refused">There is no such item, or what <paramref name="make"/> says.</exception>
    public static async Task<T> Edit<T>(
        Db db, string org, string collection, string item, TimeProvider clock,
        Func<Seen, (PreparedItem Item, T Result)> make, CancellationToken ct)
    {
        for (var races = 0; races < MostRaces; races++)
        {
            Seen seen;
            await using (var reading = await db.Read(ct))
                seen = await reading.SeeItem(org, collection, item, withBody: true);
            var (prepared, result) = make(seen);
            await using var tx = await db.Begin(ct);
            if ((await tx.HoldItem(org, collection, item)).Version != seen.Version) continue;
            await tx.PutItem(org, prepared, clock.GetUtcNow());
            await tx.Commit();
            return result;
        }
        await using (var tx = await db.Begin(ct))
        {
            var (prepared, result) = make(await tx.HoldItem(org, collection, item, withBody: true));
            await tx.PutItem(org, prepared, clock.GetUtcNow());
            await tx.Commit();
            return result;
        }
    }

    static Refused NotFound(string collection, string item) =>
        Refused.NotFound($"The item {item} of the collection {collection}");
}

using Waypost.Catalogue;
using Waypost.Events;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>Assets were given to a node that asked through the compatible routes.</summary>
/// <param name="Holder">The node.</param>
/// <param name="AllocationId">What it was given at once.</param>
/// <param name="Assets">The assets.</param>
/// <param name="ExpiresAt">When they are given to others unless it reports.</param>
public sealed record AssetsReserved(
    string Holder, Guid AllocationId, IReadOnlyList<long> Assets, DateTimeOffset ExpiresAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.reserved";
}

/// <summary>Reserved assets were let go: given back, reported on, or not heard of for too long.</summary>
/// <param name="Assets">The assets.</param>
/// <param name="Because"><c>released</c>, <c>reported</c>, <c>expired</c> or <c>no_room</c>.</param>
public sealed record AssetsReleased(IReadOnlyList<long> Assets, string Because) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.released";
}

/// <summary>Assets that nodes without a lease hold for a while: who asks through the compatible routes reserves what it
/// is given, so that no two of them fetch the same before there is need.</summary>
static class Reservations
{
    /// <summary>How long a reservation lasts without a word: what the first version of the service meant to do.
    /// </summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(24);

    /// <summary>The most assets a node is given at once.</summary>
    public const int MostAtOnce = 100;

    const int LookAt = 500;
    const int MostLooks = 20;
    const int ExpireAtOnce = 500;

    sealed record Candidate(long Id, int Version, long SizeBytes, int Taken) : IRow<Candidate>
    {
        public static Candidate Read(Row row) =>
            new(row.Long("id"), row.Int("version"), row.Long("size_bytes"), row.Int("taken"));
    }

    /// <summary>A reservation.</summary>
    public sealed record Held(string Org, long AssetId, string Holder, int Version, long SizeBytes) : IRow<Held>
    {
        /// <inheritdoc/>
        public static Held Read(Row row) => new(
            row.Text("org"), row.Long("asset_id"), row.Text("holder"), row.Int("version"), row.Long("size_bytes"));
    }

    extension(Tx tx)
    {
        /// <summary>Gives a node what fits: first what it holds already, then more. What no longer fits it lets go.
        /// </summary>
        /// <param name="org">Whose assets.</param>
        /// <param name="holder">The node.</param>
        /// <param name="freeBytes">What it has room for.</param>
        /// <param name="now">When.</param>
        /// <returns>The assets, in the order they are to be fetched.</returns>
        public async Task<IReadOnlyList<NamedAsset>> Reserve(
            string org, string holder, long freeBytes, DateTimeOffset now)
        {
            await tx.ExpireReservations(now, org);
            var allocation = Guid.CreateVersion7(now);
            var (kept, room) = await tx.KeepHeld(org, holder, freeBytes, now);
            var fresh = await tx.Choose(org, holder, room, MostAtOnce - kept.Count, now);
            await tx.Insert(
                $"""
                rescue_reservations (org, asset_id, holder, allocation_id, version, size_bytes, made_at, expires_at)
                """,
                fresh.Select(one => new object?[]
                {
                    org, one.Id, holder, allocation, one.Version, one.SizeBytes, now, now + Lasts,
                }));
            if (fresh.Count > 0)
                await tx.Emit(org, now, new AssetsReserved(
                    holder, allocation, fresh.ConvertAll(one => one.Id), now + Lasts), holder);
            var given = new List<NamedAsset>();
            foreach (var part in PaddedLists.Of([.. kept, .. fresh.Select(one => one.Id)]))
                given.AddRange(await tx.All<NamedAsset>(
                    NamedAsset.Select($"one.org = {org} and one.id in {part}", $"one.id")));
            return
            [
                .. given.OrderBy(one => one.Rank ?? long.MaxValue).ThenBy(one => one.SizeBytes).ThenBy(one => one.Id),
            ];
        }

        /// <summary>Ends reservations: they hold nothing any longer.</summary>
        public async Task Release(
            string org, IReadOnlyList<Held> held, string because, DateTimeOffset now)
        {
            if (held.Count == 0) return;
            foreach (var one in held)
                if (await tx.Run($"""
                    delete from rescue_reservations
                    where org = {org} and asset_id = {one.AssetId} and holder = {one.Holder}
                        and version = {one.Version}
                    """) == 1)
                    await tx.EndCopy(org, one.AssetId, one.Version, now);
            await tx.Emit(
                org, now, new AssetsReleased([.. held.Select(one => one.AssetId)], because), held[0].Holder);
        }

        /// <summary>What a node holds.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="holder">The node.</param>
        /// <param name="asset">Only this asset; null: all.</param>
        public Task<List<Held>> HeldBy(string org, string holder, long? asset = null) => tx.All<Held>($"""
            select org, asset_id, holder, version, size_bytes from rescue_reservations
            where org = {org} and holder = {holder} and ({asset is null} or asset_id = {asset ?? 0})
            order by asset_id
            """);

        /// <summary>Ends what was not heard of for too long; returns how much there was.</summary>
        /// <param name="now">When.</param>
        /// <param name="org">Only this organization's; null: everybody's.</param>
        public async Task<int> ExpireReservations(DateTimeOffset now, string? org = null)
        {
            var due = await tx.All<Held>($"""
                select org, asset_id, holder, version, size_bytes from rescue_reservations
                where expires_at <= {now} and ({org is null} or org = {org ?? ""})
                order by expires_at limit {ExpireAtOnce} {tx.SkipLocked}
                """);
            foreach (var of in due.GroupBy(one => (one.Org, one.Holder)))
                await tx.Release(of.Key.Org, [.. of], "expired", now);
            return due.Count;
        }

        async Task<(List<long> Kept, long Room)> KeepHeld(
            string org, string holder, long freeBytes, DateTimeOffset now)
        {
            var (kept, without, room) = (new List<long>(), new List<Held>(), freeBytes);
            foreach (var one in (await tx.HeldBy(org, holder)).OrderBy(one => one.SizeBytes))
                if (one.SizeBytes <= room && kept.Count < MostAtOnce)
                {
                    kept.Add(one.AssetId);
                    room -= one.SizeBytes;
                }
                else without.Add(one);
            await tx.Release(org, without, "no_room", now);
            foreach (var part in PaddedLists.Of(kept))
                await tx.Run($"""
                    update rescue_reservations set expires_at = {now + Lasts}
                    where org = {org} and holder = {holder} and asset_id in {part}
                    """);
            return (kept, room);
        }

        // The one place that says who gets what: the least copied first, then by rank, then the smallest, first fit.
        async Task<List<Candidate>> Choose(
            string org, string holder, long room, int most, DateTimeOffset now)
        {
            var chosen = new List<Candidate>();
            var looked = new HashSet<long>();
            var offset = 0;
            for (var look = 0; look < MostLooks && chosen.Count < most; look++)
            {
                var seen = await tx.All<Candidate>(Candidates(org, holder, room, offset));
                var before = chosen.Count;
                foreach (var one in seen.Where(one => looked.Add(one.Id)))
                {
                    if (one.SizeBytes > room || chosen.Count >= most) continue;
                    if (!await tx.BeginCopy(org, one.Id, one.Version, now, one.Taken)) continue;
                    chosen.Add(one);
                    room -= one.SizeBytes;
                }
                if (seen.Count < LookAt) break;
                if (chosen.Count == before) offset += LookAt;
            }
            return chosen;
        }
    }
    // Not what the node holds, and not what it says to have.
    static Sql Candidates(string org, string holder, long room, int offset) => $"""
        select id, version, size_bytes, copies + claims + in_flight as taken from rescue_assets as one
        where org = {org} and state = 'ready' and size_bytes is not null and size_bytes <= {room}
            and not exists (
                select 1 from rescue_reservations as held
                where held.org = {org} and held.asset_id = one.id and held.holder = {holder})
            and not exists (
                select 1 from rescue_rescues as said
                join rescue_rescuers as who on who.org = said.org and who.id = said.rescuer_id
                where said.org = {org} and said.asset_id = one.id and said.version = one.version
                    and said.status = 'success' and (who.name = {holder} or cast(who.id as text) = {holder}))
        order by (copies + claims + in_flight), (coalesce(rank, 9223372036854775807)), size_bytes, id
        limit {LookAt} offset {offset}
        """;
}

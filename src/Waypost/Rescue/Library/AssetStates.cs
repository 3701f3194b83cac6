using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Where an asset stands. Every asset is in exactly one of these (I1).</summary>
public enum AssetState
{
    /// <summary>Another copy may be begun now.</summary>
    Ready,

    /// <summary>Its size is not known yet: nobody is given it before.</summary>
    Probing,

    /// <summary>No further copy may be begun: with those being fetched it would have more than its most.</summary>
    Leased,

    /// <summary>Enough copies are claimed; none or too few of them have been compared.</summary>
    Verifying,

    /// <summary>It has its least number of verified copies. Expiry never leads out of here (I10).</summary>
    Satisfied,

    /// <summary>Nobody may fetch it, for a stated reason.</summary>
    Blocked,

    /// <summary>It is no longer wanted.</summary>
    Retired,
}

/// <summary>The one place that changes an asset's state, copies, claims and copies in flight.</summary>
/// <remarks>
/// Each change compares what it found with what is there, in its caller's transaction: whoever loses a race changes
/// nothing and is told so. So copies and copies in flight together never exceed the most that is wanted (I2), and
/// blocked, retired and satisfied are left only by what is meant to (I10).
/// </remarks>
static class AssetStates
{
    // What follows from the counts, where neither an operator nor a missing size says otherwise.
    static Sql Counted(Sql copies, Sql claims, Sql inFlight) => $"""
        case when state in ('blocked', 'retired', 'probing') then state
            when {copies} >= copies_min then 'satisfied'
            when {copies} + {claims} >= copies_max then 'verifying'
            when {copies} + {claims} + {inFlight} >= copies_max then 'leased'
            else 'ready' end
        """;

    extension(Tx tx)
    {
        /// <summary>Begins a copy; false when the asset cannot be given now, has another version, or somebody else is
        /// changing it at this moment.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="asset">The asset.</param>
        /// <param name="version">The version that is to be copied.</param>
        /// <param name="now">When.</param>
        /// <param name="taken">How many copies, claims and copies in flight it had when it was chosen; null: any.
        /// </param>
        public async Task<bool> BeginCopy(
            string org, long asset, int version, DateTimeOffset now, int? taken = null) => await tx.Run($"""
            update rescue_assets set in_flight = in_flight + 1, updated_at = {now},
                state = {Counted($"copies", $"claims", $"in_flight + 1")}
            where org = {org} and id in (
                select id from rescue_assets
                where org = {org} and id = {asset} and version = {version} and state = 'ready'
                    and size_bytes is not null and copies + claims + in_flight < copies_max
                    and ({taken is null} or copies + claims + in_flight = {taken ?? 0})
                {tx.SkipLocked})
            """) == 1;

        /// <summary>Ends copies without a result: given back, expired, failed. Those of an older version ended with
        /// it.</summary>
        public Task EndCopy(string org, long asset, int version, DateTimeOffset now) => tx.Run($"""
            update rescue_assets set in_flight = in_flight - 1, updated_at = {now}, waiting_since = {now},
                state = {Counted($"copies", $"claims", $"in_flight - 1")}
            where org = {org} and id = {asset} and version = {version} and in_flight > 0
            """);

        /// <summary>Counts a copy that somebody says to hold (1), or no longer does (-1).</summary>
        public Task CountClaim(string org, long asset, int version, int change, DateTimeOffset now) => tx.Run($"""
            update rescue_assets set claims = claims + {change}, updated_at = {now},
                state = {Counted($"copies", $"claims + {change}", $"in_flight")}
            where org = {org} and id = {asset} and version = {version} and claims + {change} >= 0
            """);

        /// <summary>Counts a verified copy (1), or one that was lost or found wrong (-1); false when the asset has
        /// another version, or would have more than its most (I2).</summary>
        public async Task<bool> CountCopy(string org, long asset, int version, int change, DateTimeOffset now) =>
            await tx.Run($"""
                update rescue_assets set copies = copies + {change}, updated_at = {now},
                    state = {Counted($"copies + {change}", $"claims", $"in_flight")}
                where org = {org} and id = {asset} and version = {version} and copies + {change} >= 0
                    and ({change} < 0 or copies + in_flight + {change} <= copies_max)
                """) == 1;

        /// <summary>What was unknown is known: the asset may be given. False when it was not waiting for that.
        /// </summary>
        public async Task<bool> Sized(string org, long asset, long bytes, DateTimeOffset now) => await tx.Run($"""
            update rescue_assets set size_bytes = {bytes}, state = 'ready', waiting_since = {now}, updated_at = {now}
            where org = {org} and id = {asset} and state = 'probing'
            """) == 1;

        /// <summary>The source has something else now: copies of what was there count no longer, and those being
        /// fetched are of no use.</summary>
        public async Task NewVersion(string org, long asset, long? bytes, DateTimeOffset now)
        {
            var state = (bytes is null ? AssetState.Probing : AssetState.Ready).Kept;
            await tx.Run($"delete from rescue_reservations where org = {org} and asset_id = {asset}");
            await tx.Run($"""
                update rescue_assets set version = version + 1, copies = 0, claims = 0, in_flight = 0,
                    size_bytes = {bytes}, waiting_since = {now}, updated_at = {now},
                    state = case when state in ('blocked', 'retired') then state else {state} end
                where org = {org} and id = {asset}
                """);
        }

        /// <summary>Keeps everybody from an asset, for a reason that is shown; false when it is so already.</summary>
        public async Task<bool> Block(string org, long asset, string because, DateTimeOffset now) => await tx.Run($"""
            update rescue_assets set state = 'blocked', blocked_because = {because}, updated_at = {now}
            where org = {org} and id = {asset} and state not in ('blocked', 'retired')
            """) == 1;

        /// <summary>Lets an asset be fetched again; false when it was not blocked.</summary>
        public async Task<bool> Unblock(string org, long asset, DateTimeOffset now)
        {
            if (await tx.Run($"""
                update rescue_assets set blocked_because = null, updated_at = {now}, waiting_since = {now},
                    state = case when size_bytes is null then 'probing' else 'ready' end
                where org = {org} and id = {asset} and state = 'blocked'
                """) == 0)
                return false;
            await tx.Recount(org, asset, now);
            return true;
        }

        /// <summary>Says again what follows from an asset's counts, after how many copies are wanted was changed.
        /// </summary>
        public Task Recount(string org, long asset, DateTimeOffset now) => tx.Run($"""
            update rescue_assets set state = {Counted($"copies", $"claims", $"in_flight")}, updated_at = {now}
            where org = {org} and id = {asset}
            """);
    }

    extension(AssetState state)
    {
        /// <summary>How the database keeps it.</summary>
        public string Kept => state.ToString().ToLowerInvariant();
    }
}

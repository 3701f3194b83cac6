using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>What has ids of its own.</summary>
public enum Numbered
{
    /// <summary>Publishers.</summary>
    Publisher,

    /// <summary>Datasets.</summary>
    Dataset,

    /// <summary>Resources.</summary>
    Resource,

    /// <summary>Assets.</summary>
    Asset,

    /// <summary>Kinds of assets.</summary>
    Kind,

    /// <summary>Which asset belongs to which resource.</summary>
    AssetResource,

    /// <summary>Rankings.</summary>
    Ranking,

    /// <summary>Ranks of datasets in a ranking.</summary>
    Rank,

    /// <summary>Rescuers.</summary>
    Rescuer,

    /// <summary>Reports of rescuers.</summary>
    Rescue,

    /// <summary>Types of harvest sources.</summary>
    HarvestType,

    /// <summary>How often harvest sources are read.</summary>
    HarvestFrequency,

    /// <summary>Harvest sources.</summary>
    HarvestSource,

    /// <summary>Which dataset came from which harvest source.</summary>
    HarvestSourceDataset,

    /// <summary>Imports.</summary>
    Import,
}

/// <summary>Hands out an organization's whole numbers; those that an import brought are never handed out again.
/// </summary>
static class Numbers
{
    extension(Tx tx)
    {
        /// <summary>Takes so many ids in a row, and makes this transaction the only one that takes ids of this kind in
        /// the organization: 0 only waits for that.</summary>
        /// <returns>The first of them.</returns>
        public async Task<long> Take(string org, Numbered kind, int count)
        {
            var name = kind.ToString();
            await tx.Run($"""
                insert into rescue_numbers (org, kind, next) values ({org}, {name}, 1)
                on conflict (org, kind) do nothing
                """);
            return await tx.Count($"""
                update rescue_numbers set next = next + {(long)count} where org = {org} and kind = {name}
                returning next as n
                """) - count;
        }

        /// <summary>Says that this id is in use, so that it is not handed out.</summary>
        public async Task Used(string org, Numbered kind, long id)
        {
            await tx.Take(org, kind, 0);
            await tx.Run($"""
                update rescue_numbers set next = {id + 1}
                where org = {org} and kind = {kind.ToString()} and next <= {id}
                """);
        }
    }
}

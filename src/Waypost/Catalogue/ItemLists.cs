using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Lists what a collection has.</summary>
public static class ItemLists
{
    /// <summary>Most ids of one answer.</summary>
    public const int MostAtOnce = 10_000;

    extension(Tx tx)
    {
        /// <summary>The ids of a collection's items in their order, those behind one of them.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="collection">The collection.</param>
        /// <param name="after">The last id of the answer before; empty: from the first on.</param>
        public async Task<IReadOnlyList<string>> ItemIds(string org, string collection, string after) =>
        [
            .. (await tx.All<Words>($"""
                select id as t from catalogue_items
                where org = {org} and collection = {collection} and id > {after} order by id limit {MostAtOnce}
                """)).Select(row => row.T!),
        ];
    }
}

using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What writing a document did.</summary>
public enum Written
{
    /// <summary>It was not there before.</summary>
    Created,

    /// <summary>It replaced an older content.</summary>
    Updated,

    /// <summary>The same content was there; nothing happened and no event says so.</summary>
    Unchanged,
}

/// <summary>Keeps collections.</summary>
public static class Collections
{
    /// <summary>Longest id of a collection or an item, in characters.</summary>
    public const int LongestId = 256;

    /// <summary>The id that a collection's own versions have in the history, where items have theirs.</summary>
    internal const string OfItself = "";

    /// <summary>A collection as it was found before the write.</summary>
    /// <param name="Hash">Of its content.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="IsGoing">It is being deleted with its items: <see cref="DeleteCollections"/>.</param>
    /// <param name="ChangedAt">Since when it is that.</param>
    internal sealed record Kept(string Hash, long Version, bool IsGoing, DateTimeOffset ChangedAt) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Text("hash"), row.Long("version"), row.Bool("is_going"), row.Time("changed_at"));
    }

    extension(Tx tx)
    {
        /// <summary>Creates or replaces a collection (STAC 1.1), and emits what happened.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="collection">The whole document. Its links to itself and its surroundings are ours to
        /// write.</param>
        /// <param name="now">When.</param>
        /// <param name="how">How it is made ready; absent: as <see cref="Preparing.Default"/> has it.</param>
        /// <exception cref="Refused">It is not a STAC collection; the details list why.</exception>
        public async Task<Written> PutCollection(
            string org, Json collection, DateTimeOffset now, Preparing? how = null) =>
            (await tx.PutCollection(org, PreparedCollection.Of(collection, how ?? Preparing.Default), now))!.Value;

        /// <summary>Creates or replaces a collection that has been prepared; null where only a new one was wanted and
        /// it is there already.</summary>
        internal async Task<Written?> PutCollection(
            string org, PreparedCollection collection, DateTimeOffset now, bool onlyNew = false)
        {
            var change = Guid.CreateVersion7(now);
            Kept? before;
            while ((before = await tx.FindCollection(org, collection.Id)) is null)
            {
                // False where somebody made it in this moment.
                if (!await tx.InsertCollection(org, collection, change, now)) continue;
                await tx.MustFit(collection.Form);
                await tx.Emit(org, now, new CollectionCreated(collection.Id), collection.Id, change);
                return Written.Created;
            }
            if (before.IsGoing) throw DeleteCollections.Going(collection.Id);
            if (onlyNew) return null;
            if (before.Hash == collection.Document.Hash) return Written.Unchanged;
            await tx.MustFit(collection.Form);
            await tx.KeepCollectionHistory(org, collection.Id);
            await tx.Hush(org, collection);
            await tx.Run($"""
                update catalogue_collections set version = version + 1, title = {collection.Title},
                    external_title = {collection.ExternalTitle}, body = {collection.Document.Body},
                    external = {collection.Document.External}, hash = {collection.Document.Hash},
                    changed_at = {now}, change_id = {change}
                where org = {org} and id = {collection.Id}
                """);
            await tx.Emit(org, now, new CollectionUpdated(collection.Id), collection.Id, change);
            return Written.Updated;
        }

        /// <summary>Takes out a collection that has no items any more, and all that was kept about it but its
        /// versions; false when there is none.</summary>
        /// <exception cref="Refused">It has items.</exception>
        internal async Task<bool> DeleteCollection(string org, string id, DateTimeOffset now)
        {
            if (await tx.FindCollection(org, id) is not { } kept) return false;
            var items = await tx.Count($"""
                select count(*) as n from (
                    select 1 from catalogue_items where org = {org} and collection = {id} limit 1) first
                """);
            if (items > 0)
                throw Refused.Conflict("COLLECTION_NOT_EMPTY", $"The collection {id} has items.",
                    "Take them out first, or with it: DELETE with ?items=delete.");
            var change = Guid.CreateVersion7(now);
            await tx.KeepCollectionHistory(org, id);
            await tx.Bury(org, id, [(OfItself, kept.Version)], change, now);
            await tx.Run($"delete from catalogue_shares where org = {org} and collection = {id}");
            await tx.Run($"delete from catalogue_queryables where org = {org} and collection = {id}");
            await tx.Run($"delete from catalogue_counts where org = {org} and collection = {id}");
            await tx.Run($"delete from catalogue_collections where org = {org} and id = {id}");
            await tx.Emit(org, now, new CollectionDeleted(id), id, change);
            return true;
        }

        /// <summary>Finds a collection and makes this transaction the only one that writes it or its items.</summary>
        internal Task<Kept?> FindCollection(string org, string id) => tx.One<Kept>($"""
            select hash, version, is_going, changed_at from catalogue_collections
            where org = {org} and id = {id} {tx.ForUpdate}
            """);

        async Task<bool> InsertCollection(string org, PreparedCollection collection, Guid change, DateTimeOffset now)
        {
            await tx.HoldCatalogue(org);
            var gone = await tx.Count($"""
                select coalesce(max(version), 0) as n from catalogue_history
                where org = {org} and collection = {collection.Id} and id = {OfItself}
                """);
            // One that was hidden when it was deleted is hidden when it comes back.
            var wasHidden = await tx.Count($"""
                select count(*) as n from catalogue_history
                where org = {org} and collection = {collection.Id} and id = {OfItself} and version = {gone}
                    and is_hidden
                """) > 0;
            return await tx.Run($"""
                insert into catalogue_collections (org, id, version, title, external_title, body, external, hash,
                    longest, created_at, changed_at, change_id, is_external)
                values ({org}, {collection.Id}, {gone + 1}, {collection.Title}, {collection.ExternalTitle},
                    {collection.Document.Body}, {collection.Document.External}, {collection.Document.Hash},
                    {0L}, {now}, {now}, {change}, {!wasHidden})
                on conflict (org, id) do nothing
                """) > 0;
        }

        Task<int> KeepCollectionHistory(string org, string id) => tx.Run($"""
            insert into catalogue_history (org, collection, id, version, body, hash, changed_at, change_id)
            select org, id, {OfItself}, version, body, hash, changed_at, change_id from catalogue_collections
            where org = {org} and id = {id}
            """);
    }
}

/// <summary>The media types that the catalogue speaks.</summary>
static class Media
{
    public const string Json = "application/json";
    public const string GeoJson = "application/geo+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string Schema = "application/schema+json";
    public const string Html = "text/html";
    public const string OpenApi = "application/vnd.oai.openapi+json;version=3.0";
    public const string Png = "image/png";
}

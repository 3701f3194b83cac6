using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Keeps items, and takes them out again.</summary>
public static class Items
{
    sealed record Kept(long RowId, long Version) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Long("row_id"), row.Long("version"));
    }

    sealed record Gone(string Body) : IRow<Gone>
    {
        public static Gone Read(Row row) => new(row.Text("body"));
    }

    sealed record Longest(long Microseconds) : IRow<Longest>
    {
        public static Longest Read(Row row) => new(row.Long("longest"));
    }

    extension(Tx tx)
    {
        /// <summary>Creates or replaces an item (STAC 1.1) of a collection that exists, and emits what
        /// happened.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="item">The whole document. Its links to itself and its surroundings are ours to write; hrefs
        /// that begin with <c>/platform</c>, <c>/tiles</c> or <c>/api</c> are made absolute in every answer.</param>
        /// <param name="now">When.</param>
        /// <exception cref="Refused">It is not a STAC item, or its collection does not exist.</exception>
        public async Task<Written> PutItem(string org, Json item, DateTimeOffset now)
        {
            var prepared = PreparedItem.Of(item, Preparing.Default);
            await tx.MakeRoom(org, prepared);
            var version = await tx.Upsert(org, prepared, now);
            switch (version)
            {
                case null:
                    return Written.Unchanged;
                case 1:
                    await tx.Counted(org, prepared.Collection, 1);
                    await tx.Emit(
                        org, now, new ItemCreated(prepared.Collection, prepared.Id, prepared.Bbox), prepared.Id);
                    return Written.Created;
                default:
                    await tx.Emit(
                        org, now, new ItemUpdated(prepared.Collection, prepared.Id, prepared.Bbox), prepared.Id);
                    return Written.Updated;
            }
        }

        /// <summary>Takes an item out, its tiles and features with it; true when there was one.</summary>
        public async Task<bool> DeleteItem(string org, string collection, string id, DateTimeOffset now)
        {
            var gone = await tx.One<Gone>($"""
                delete from catalogue_bodies where org = {org} and row_id in (
                    select row_id from catalogue_items
                    where org = {org} and collection = {collection} and id = {id})
                returning body
                """);
            if (gone is null) return false;

            await tx.Run($"""
                delete from catalogue_items where org = {org} and collection = {collection} and id = {id}
                """);
            await tx.Counted(org, collection, -1);
            await tx.DropRaster(org, collection, id);
            await tx.UnpublishFeatures(org, collection, id, now);
            var element = new Json(gone.Body).Element;
            var bbox = element.TryGetProperty("bbox", out var box)
                ? box.EnumerateArray().Select(number => number.GetDouble()).ToArray()
                : null;
            await tx.Emit(org, now, new ItemDeleted(collection, id, bbox), id);
            return true;
        }

        // The collection must be there, and remember how long its longest item is.
        async Task MakeRoom(string org, PreparedItem item)
        {
            var collection = await tx.One<Longest>($"""
                select longest from catalogue_collections where org = {org} and id = {item.Collection}
                """) ?? throw Refused.NotFound($"The collection {item.Collection}");
            var length = item.Time.Ends - item.Time.Starts;
            if (length > collection.Microseconds)
                await tx.Run($"""
                    update catalogue_collections set longest = {length}
                    where org = {org} and id = {item.Collection} and longest < {length}
                    """);
        }

        async Task<long?> Upsert(string org, PreparedItem item, DateTimeOffset now)
        {
            var (place, box) = (item.Place, item.Place?.Box);
            var kept = await tx.One<Kept>($"""
                insert into catalogue_items (org, collection, id, version, hash, starts, ends,
                    geometry, is_box, west, south, east, north, changed_at)
                values ({org}, {item.Collection}, {item.Id}, {1L}, {item.Document.Hash},
                    {item.Time.Starts}, {item.Time.Ends}, st_geomfromewkb({place?.Ewkb}), {place?.IsBox ?? false},
                    {box?.MinX}, {box?.MinY}, {box?.MaxX}, {box?.MaxY}, {now})
                on conflict (org, id, collection) do update set version = catalogue_items.version + 1,
                    hash = excluded.hash, starts = excluded.starts, ends = excluded.ends,
                    geometry = excluded.geometry, is_box = excluded.is_box, west = excluded.west,
                    south = excluded.south, east = excluded.east, north = excluded.north,
                    changed_at = excluded.changed_at
                where catalogue_items.hash <> excluded.hash
                returning row_id, version
                """);
            if (kept is null) return null;
            await tx.Run($"""
                insert into catalogue_bodies (row_id, org, body) values ({kept.RowId}, {org}, {item.Document.Body})
                on conflict (row_id) do update set body = excluded.body
                """);
            return kept.Version;
        }

        Task<int> Counted(string org, string collection, long change) => tx.Run($"""
            insert into catalogue_counts (org, collection, items) values ({org}, {collection}, {change})
            """);
    }
}

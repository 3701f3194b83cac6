using System.Text.Json;
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

    sealed record Kept(long Version) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Long("version"));
    }

    extension(Tx tx)
    {
        /// <summary>Creates or replaces a collection (STAC 1.1), and emits what happened.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="collection">The whole document. Its links to itself and its surroundings are ours to
        /// write.</param>
        /// <param name="now">When.</param>
        /// <exception cref="Refused">It is not a STAC collection; the details list why.</exception>
        public async Task<Written> PutCollection(string org, Json collection, DateTimeOffset now)
        {
            var prepared = PreparedCollection.Of(collection, Preparing.Default);
            var (id, document) = (prepared.Id, prepared.Document);
            var kept = await tx.One<Kept>($"""
                insert into catalogue_collections (org, id, version, title, body, hash, longest, changed_at)
                values ({org}, {id}, {1L}, {prepared.Title}, {document.Body}, {document.Hash},
                    {0L}, {now})
                on conflict (org, id) do update set version = catalogue_collections.version + 1,
                    title = excluded.title, body = excluded.body, hash = excluded.hash,
                    changed_at = excluded.changed_at
                where catalogue_collections.hash <> excluded.hash
                returning version
                """);
            switch (kept?.Version)
            {
                case null:
                    return Written.Unchanged;
                case 1:
                    await tx.Emit(org, now, new CollectionCreated(id), id);
                    return Written.Created;
                default:
                    await tx.Emit(org, now, new CollectionUpdated(id), id);
                    return Written.Updated;
            }
        }
    }
}

/// <summary>The media types that the catalogue speaks.</summary>
static class Media
{
    public const string Json = "application/json";
    public const string GeoJson = "application/geo+json";
    public const string Html = "text/html";
    public const string Png = "image/png";
}

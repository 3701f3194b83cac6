using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>One feature of a vector item.</summary>
/// <param name="Number">Its place in the set, from 0: the id it is asked for by.</param>
/// <param name="SourceId">The id that it had where it came from.</param>
/// <param name="Ewkb">Its geometry with SRID 4326; null where it has none.</param>
/// <param name="West">The box around its geometry, in degrees; null where it has none.</param>
/// <param name="South">South of the box.</param>
/// <param name="East">East of the box.</param>
/// <param name="North">North of the box.</param>
/// <param name="Properties">Its properties, as they are served.</param>
public sealed record StoredFeature(
    long Number, string? SourceId, byte[]? Ewkb, double? West, double? South, double? East, double? North,
    Json Properties) : IRow<StoredFeature>
{
    /// <inheritdoc/>
    public static StoredFeature Read(Row row) => new(
        row.Long("number"), row.TextOrNull("source_id"), row.BytesOrNull("geometry"),
        row.DoubleOrNull("west"), row.DoubleOrNull("south"), row.DoubleOrNull("east"), row.DoubleOrNull("north"),
        new Json(row.Text("properties")));
}

/// <summary>Keeps the features of vector items in sets: filled chunk by chunk, then published at one stroke.</summary>
public static class FeatureSets
{
    /// <summary>A set of at most this many features is deleted at once when nothing points at it any more.</summary>
    internal const int SmallSet = 2_000;

    sealed record Pointer(string Collection, string SetId, long Features) : IRow<Pointer>
    {
        public static Pointer Read(Row row) => new(row.Text("collection"), row.Text("set_id"), row.Long("features"));
    }

    extension(Tx tx)
    {
        /// <summary>Fills a chunk of a set that is not published yet. Doing it again replaces the chunk.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="setId">The set, named by its maker: a job's id.</param>
        /// <param name="chunk">Which chunk; numbers of features never repeat between chunks.</param>
        /// <param name="features">The features of the chunk.</param>
        public async Task AddFeatures(string org, string setId, int chunk, IEnumerable<StoredFeature> features)
        {
            await tx.Run($"""
                delete from catalogue_features where org = {org} and set_id = {setId} and chunk = {chunk}
                """);
            await tx.Insert(
                $"""
                catalogue_features (org, set_id, number, chunk, source_id, geometry, west, south, east, north,
                    properties)
                """,
                features.Select(feature => new object?[]
                {
                    org, setId, feature.Number, chunk, feature.SourceId, feature.Ewkb, feature.West, feature.South,
                    feature.East, feature.North, feature.Properties.Text,
                }));
        }

        /// <summary>Gives a set up that is not published: a failed job's. It is deleted soon.</summary>
        public Task DropFeatures(string org, string setId, DateTimeOffset now) => tx.Run($"""
            insert into catalogue_dropped_sets (org, set_id, dropped_at) values ({org}, {setId}, {now})
            on conflict (org, set_id) do nothing
            """);

        /// <summary>Makes this set the features of the item; whoever reads sees the old one or the new one,
        /// whole.</summary>
        /// <exception cref="Refused">409: an item of that id in another collection has features already.</exception>
        public async Task PublishFeatures(
            string org, string collection, string itemId, string setId, DateTimeOffset now)
        {
            var before = await tx.One<Pointer>($"""
                select collection, set_id, features from catalogue_feature_sets
                where org = {org} and item_id = {itemId}
                """);
            if (before is not null && before.Collection != collection)
                throw Refused.Conflict("FEATURES_EXIST",
                    $"The item {itemId} of the collection {before.Collection} has features under that id already.",
                    "Use another item id.");
            await tx.Run($"""
                insert into catalogue_feature_sets (org, item_id, collection, set_id, features,
                    west, south, east, north, published_at)
                select {org}, {itemId}, {collection}, {setId}, count(*),
                    min(west), min(south), max(east), max(north), {now}
                from catalogue_features where org = {org} and set_id = {setId}
                on conflict (org, item_id) do update set set_id = excluded.set_id, features = excluded.features,
                    west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north,
                    published_at = excluded.published_at
                """);
            if (before is not null && before.SetId != setId) await tx.Discard(org, before, now);
        }

        /// <summary>Ends the items' features.</summary>
        internal async Task UnpublishFeatures(
            string org, string collection, IReadOnlyList<string> itemIds, DateTimeOffset now)
        {
            foreach (var part in PaddedLists.Of(itemIds))
                foreach (var before in await tx.All<Pointer>($"""
                    delete from catalogue_feature_sets
                    where org = {org} and item_id in {part} and collection = {collection}
                    returning collection, set_id, features
                    """))
                    await tx.Discard(org, before, now);
        }

        async Task Discard(string org, Pointer old, DateTimeOffset now)
        {
            if (old.Features > SmallSet) await tx.DropFeatures(org, old.SetId, now);
            else
                await tx.Run($"""
                    delete from catalogue_features where org = {org} and set_id = {old.SetId}
                    """);
        }
    }
}

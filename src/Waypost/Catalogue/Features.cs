using System.Runtime.CompilerServices;
using System.Text.Json;
using Waypost.Geo.Geometry;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The features that an item has at present.</summary>
/// <param name="ItemId">The item; also the name of the collection of its features.</param>
/// <param name="Collection">The item's collection.</param>
/// <param name="SetId">The set; a different one after the item was made again.</param>
/// <param name="Count">How many features it has.</param>
/// <param name="Bounds">West, south, east, north around all; null where none has a place.</param>
public sealed record FeatureSet(string ItemId, string Collection, string SetId, long Count, double[]? Bounds)
    : IRow<FeatureSet>
{
    /// <inheritdoc/>
    public static FeatureSet Read(Row row) => new(
        row.Text("item_id"), row.Text("collection"), row.Text("set_id"), row.Long("features"),
        row.IsNull("west") ? null : [row.Double("west"), row.Double("south"), row.Double("east"), row.Double("north")]);
}

/// <summary>Reads the features of vector items for other modules.</summary>
public static class Features
{
    /// <summary>Features read by one statement; a set that may vanish at once (<see cref="FeatureSets.SmallSet"/>) is
    /// read by one.</summary>
    const int Batch = FeatureSets.SmallSet;

    /// <summary>The features that an item has at present; null when it has none.</summary>
    public static Task<FeatureSet?> Find(Db db, string org, string itemId, CancellationToken ct) =>
        db.One<FeatureSet>($"""
            select item_id, collection, set_id, features, west, south, east, north from catalogue_feature_sets
            where org = {org} and item_id = {itemId}
            """, ct);

    /// <summary>Every feature of a set by its number, read as it is consumed, in bounded memory.</summary>
    /// <remarks>No transaction is held open, however slowly it is consumed. A set that is replaced meanwhile is kept
    /// for <see cref="DroppedSets.KeptFor"/> longer.</remarks>
    public static async IAsyncEnumerable<StoredFeature> All(
        Db db, string org, string setId, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = -1L; ;)
        {
            var batch = await db.All<StoredFeature>($"""
                select number, source_id, st_asewkb(geometry) as geometry, west, south, east, north, properties
                from catalogue_features where org = {org} and set_id = {setId} and number > {after}
                order by number limit {Batch}
                """, ct);
            foreach (var feature in batch) yield return feature;
            if (batch.Count < Batch) yield break;
            after = batch[^1].Number;
        }
    }

    /// <summary>Writes one feature as GeoJSON (RFC 7946, section 3.2).</summary>
    public static void Write(Utf8JsonWriter json, StoredFeature feature)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("type"u8, "Feature"u8);
        json.WriteNumber("id"u8, feature.Number);
        if (feature.SourceId is { } source) json.WriteString("source_id"u8, source);
        json.WritePropertyName("geometry"u8);
        GeoJsonGeometry.Write(json, feature.Ewkb is { } ewkb ? Wkb.Read(ewkb) : null);
        json.WritePropertyName("properties"u8);
        json.WriteRawValue(feature.Properties.Text, skipInputValidation: true);
        json.WriteEndObject();
    }
}

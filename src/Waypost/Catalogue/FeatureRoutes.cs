using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Waypost.Access;
using Waypost.Geo.Geometry;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The features of vector items as GeoJSON, in pages (after OGC API Features 1.0).</summary>
static class FeatureRoutes
{
    const int FlushEvery = 1 << 16;
    const int CollectionsOnPage = 100;
    const string Crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

    /// <summary>A collection of features: those of one vector item.</summary>
    public sealed record FeatureCollectionInfo(
        string Id, string Title, string? Description, [property: JsonPropertyName("itemType")] string ItemType,
        string[] Crs, FeatureExtent? Extent, long Features, IReadOnlyList<Link> Links);

    /// <summary>Where the features of a collection are.</summary>
    public sealed record FeatureExtent(SpatialExtent Spatial);

    /// <summary>The box around them: west, south, east, north.</summary>
    public sealed record SpatialExtent(double[][] Bbox, string Crs);

    /// <summary>A page of collections.</summary>
    public sealed record FeatureCollections(
        IReadOnlyList<FeatureCollectionInfo> Collections, IReadOnlyList<Link> Links);

    sealed record Described(FeatureSet Set, string? ItemBody) : IRow<Described>
    {
        public static Described Read(Row row) => new(FeatureSet.Read(row), row.TextOrNull("body"));
    }

    public static void Map(IEndpointRouteBuilder features, string operations)
    {
        features.MapGet("/collections", List).Permit(Permission.CatalogueRead).Query("limit", "token")
            .WithName(operations + "ListFeatureCollections").WithTags("Features")
            .WithSummary("The vector items whose features can be read").Produces<FeatureCollections>();
        features.MapGet("/collections/{item_id}", One).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetFeatureCollection").WithTags("Features")
            .WithSummary("What is known of a vector item's features").Produces<FeatureCollectionInfo>();
        features.MapGet("/collections/{item_id}/items", Items).Permit(Permission.CatalogueRead)
            .Query("limit", "bbox", "token")
            .WithName(operations + "ListFeatures").WithTags("Features")
            .WithSummary("A vector item's features as GeoJSON, in pages").Produces(200, contentType: Media.GeoJson);
        features.MapGet("/collections/{item_id}/items/{feature}", Item).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetFeature").WithTags("Features")
            .WithSummary("One feature as GeoJSON").Produces(200, contentType: Media.GeoJson);
    }

    static async Task List(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var limit = SearchWish.LimitOf(SearchWish.Given(http.Request.Query, "limit"), CollectionsOnPage);
        limit = Math.Min(limit, CollectionsOnPage);
        var after = PagePosition.Read(SearchWish.Given(http.Request.Query, "token"))?.Id ?? "";
        var rows = await db.All<Described>($"""
            select sets.item_id, sets.collection, sets.set_id, sets.features, sets.west, sets.south, sets.east,
                sets.north, {view.Body($"bodies")} as body
            from catalogue_feature_sets as sets
            left join catalogue_items as items
                on items.org = sets.org and items.id = sets.item_id and items.collection = sets.collection
            left join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where sets.org = {view.Org} and sets.item_id > {after}
                and {view.Visible($"sets.collection")} and {view.Unmasked($"sets.collection", $"sets.item_id")}
            order by sets.item_id limit {limit + 1}
            """, ct);
        var roots = view.Roots;
        var address = roots.ApiRoot + "/features/collections";
        List<Link> links = [new("self", address + http.Request.QueryString.Value, Media.Json)];
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
            var token = new PagePosition(false, 0, "", rows[^1].Set.ItemId).Token();
            var next = FormattableString.Invariant($"{address}?limit={limit}&token={token}");
            links.Add(new Link("next", next, Media.Json));
        }
        await AnswerWriter.Whole(
            http, new FeatureCollections([.. rows.Select(row => Describe(row, roots))], links), Media.Json, ct);
    }

    static async Task One(HttpContext http, string item_id, View view, Db db, CancellationToken ct)
    {
        var row = await db.One<Described>($"""
            select sets.item_id, sets.collection, sets.set_id, sets.features, sets.west, sets.south, sets.east,
                sets.north, {view.Body($"bodies")} as body
            from catalogue_feature_sets as sets
            left join catalogue_items as items
                on items.org = sets.org and items.id = sets.item_id and items.collection = sets.collection
            left join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where sets.org = {view.Org} and sets.item_id = {item_id}
                and {view.Visible($"sets.collection")} and {view.Unmasked($"sets.collection", $"sets.item_id")}
            """, ct) ?? throw Missing(item_id);
        await AnswerWriter.Whole(http, Describe(row, view.Roots), Media.Json, ct);
    }

    static async Task Items(HttpContext http, string item_id, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        var limit = SearchWish.LimitOf(SearchWish.Given(query, "limit"));
        SearchArea? area = null;
        if (SearchWish.Given(query, "bbox") is { } bbox)
            area = GeoBox.TryParse(bbox, out var box, out var problem)
                ? SearchArea.Of(box)
                : throw SearchWish.Bad("bbox", problem);
        var set = await Find(db, view, item_id, ct);
        var after = FeatureToken.Read(SearchWish.Given(query, "token"), set);
        var rows = await db.All<FeatureHit>(FeaturePlan.Of(db, view.Org, set, area, after, limit), ct);

        var matched = rows[0].Matched;
        var page = rows.Where(row => row.Feature is not null).Select(row => view.Shown(row.Feature!)).ToList();
        var roots = view.Roots;
        var address = $"{roots.ApiRoot}/features/collections/{Uri.EscapeDataString(item_id)}";
        List<Link> links =
        [
            new("self", address + "/items" + http.Request.QueryString.Value, Media.GeoJson),
            new("collection", address, Media.Json),
        ];
        if (page.Count > limit)
        {
            page.RemoveAt(limit);
            var onwards = query.Where(pair => pair.Key != "token")
                .Append(new("token", FeatureToken.Of(set, page[^1].Number)));
            links.Add(new Link("next", QueryHelpers.AddQueryString(address + "/items", onwards), Media.GeoJson));
        }
        await Write(http, page, matched, links, ct);
    }

    static async Task Item(
        HttpContext http, string item_id, string feature, View view, Db db, CancellationToken ct)
    {
        var set = await Find(db, view, item_id, ct);
        var found = long.TryParse(feature, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await db.One<StoredFeature>($"""
                select number, source_id, st_asewkb(geometry) as geometry, west, south, east, north, properties
                from catalogue_features where org = {view.Org} and set_id = {set.SetId} and number = {number}
                """, ct)
            : null;
        if (found is null) throw Refused.NotFound($"The feature {feature} of {item_id}");

        http.Response.ContentType = Media.GeoJson;
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, AnswerWriter.Relaxed))
            Features.Write(json, view.Shown(found));
        await http.Response.BodyWriter.FlushAsync(ct);
    }

    static async Task Write(
        HttpContext http, List<StoredFeature> page, long matched, List<Link> links, CancellationToken ct)
    {
        http.Response.ContentType = Media.GeoJson;
        var to = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(to, AnswerWriter.Relaxed);
        json.WriteStartObject();
        json.WriteString("type"u8, "FeatureCollection"u8);
        json.WriteStartArray("features"u8);
        foreach (var feature in page)
        {
            Features.Write(json, feature);
            if (json.BytesPending < FlushEvery) continue;
            json.Flush();
            await to.FlushAsync(ct);
        }
        json.WriteEndArray();
        json.WriteNumber("numberMatched"u8, matched);
        json.WriteNumber("numberReturned"u8, page.Count);
        json.WritePropertyName("links"u8);
        JsonSerializer.Serialize(json, links, AnswerWriter.WithoutNulls);
        json.WriteEndObject();
        json.Flush();
        await to.FlushAsync(ct);
    }

    static FeatureCollectionInfo Describe(Described row, LinkRoots roots)
    {
        var set = row.Set;
        var id = Uri.EscapeDataString(set.ItemId);
        var here = $"{roots.ApiRoot}/features/collections/{id}";
        var item = $"{roots.StacRoot}/collections/{Uri.EscapeDataString(set.Collection)}/items/{id}";
        var properties = StacChecks.PropertiesOf(row.ItemBody);
        return new FeatureCollectionInfo(
            set.ItemId, TextOf(properties, "title") ?? set.ItemId, TextOf(properties, "description"), "feature",
            [Crs84],
            set.Bounds is { } bounds ? new FeatureExtent(new SpatialExtent([bounds], Crs84)) : null, set.Count,
            [
                new Link("self", here, Media.Json),
                new Link("items", here + "/items", Media.GeoJson),
                new Link("describedby", item, Media.GeoJson, "The item in the catalogue"),
            ]);
    }

    static string? TextOf(JsonElement properties, string name) =>
        properties.ValueKind == JsonValueKind.Object ? StacChecks.Text(properties, name) : null;

    static async Task<FeatureSet> Find(Db db, View view, string itemId, CancellationToken ct) =>
        await db.One<FeatureSet>($"""
            select item_id, collection, set_id, features, west, south, east, north from catalogue_feature_sets
            where org = {view.Org} and item_id = {itemId} and {view.Visible($"collection")}
                and {view.Unmasked($"collection", $"item_id")}
            """, ct) ?? throw Missing(itemId);

    static Refused Missing(string itemId) => Refused.NotFound($"The feature collection {itemId}");
}

/// <summary>Where a page of features goes on: after a number, in one set.</summary>
static class FeatureToken
{
    const int HashBytes = 12;

    public static string Of(FeatureSet set, long number)
    {
        var bytes = new byte[8 + HashBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        Hash(set).CopyTo(bytes.AsSpan(8));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The number after which the page begins; -1 for the first.</summary>
    /// <exception cref="Refused">400: not one of ours; 410: the features were replaced since the page
    /// before.</exception>
    public static long Read(string? token, FeatureSet set)
    {
        if (string.IsNullOrEmpty(token)) return -1;
        var bytes = Base64Url.IsValid(token) ? Base64Url.DecodeFromChars(token) : [];
        if (bytes.Length != 8 + HashBytes)
            throw SearchWish.Bad("token", "token is not one that this server gave out; take it from a next link.");
        if (!bytes.AsSpan(8).SequenceEqual(Hash(set)))
            throw new Refused(410, "FEATURES_REPLACED",
                "The features were made anew since the page before, so these pages do not fit together any more.",
                "Begin again at the first page.");
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    // What a set is called is for those inside.
    static ReadOnlySpan<byte> Hash(FeatureSet set) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(set.SetId)).AsSpan(0, HashBytes);
}

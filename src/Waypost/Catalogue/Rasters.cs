using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The raster that an item's tiles are made of.</summary>
/// <param name="BlobKey">The cloud-optimized GeoTIFF, in <see cref="Blobs"/>.</param>
/// <param name="RenderStyle">How its values become colours; the tile renderer's own words.</param>
/// <param name="MinZoom">The smallest zoom that tiles are answered for.</param>
/// <param name="MaxZoom">The greatest.</param>
/// <param name="Bounds">West, south, east, north in degrees.</param>
public sealed record RasterSource(string BlobKey, Json RenderStyle, int MinZoom, int MaxZoom, double[] Bounds)
    : IRow<RasterSource>
{
    /// <inheritdoc/>
    public static RasterSource Read(Row row) => new(
        row.Text("blob_key"), row.Json("render_style"), row.Int("min_zoom"), row.Int("max_zoom"),
        [row.Double("west"), row.Double("south"), row.Double("east"), row.Double("north")]);
}

/// <summary>Keeps what tiles are made of.</summary>
public static class Rasters
{
    extension(Tx tx)
    {
        /// <summary>Makes tiles of this raster the item's, in place of what it had.</summary>
        public Task PutRaster(
            string org, string collection, string itemId, RasterSource source, DateTimeOffset now) => tx.Run($"""
            insert into catalogue_rasters (org, collection, item_id, blob_key, render_style, min_zoom, max_zoom,
                west, south, east, north, changed_at)
            values ({org}, {collection}, {itemId}, {source.BlobKey}, {source.RenderStyle}, {source.MinZoom},
                {source.MaxZoom}, {source.Bounds[0]}, {source.Bounds[1]}, {source.Bounds[2]}, {source.Bounds[3]}, {now})
            on conflict (org, collection, item_id) do update set blob_key = excluded.blob_key,
                render_style = excluded.render_style, min_zoom = excluded.min_zoom, max_zoom = excluded.max_zoom,
                west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north,
                changed_at = excluded.changed_at
            """);

        /// <summary>Ends the items' tiles. The blobs stay: they are their maker's to delete.</summary>
        internal async Task DropRasters(string org, string collection, IReadOnlyList<string> itemIds)
        {
            foreach (var part in PaddedLists.Of(itemIds))
                await tx.Run($"""
                    delete from catalogue_rasters where org = {org} and collection = {collection} and item_id in {part}
                    """);
        }
    }
}

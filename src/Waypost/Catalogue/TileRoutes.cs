using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo;
using Waypost.Geo.Crs;
using Waypost.Geo.Raster;
using Waypost.Geo.Tiles;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Map tiles of raster items: PNG in Web Mercator, y counted from the north, and their TileJSON.</summary>
/// <remarks>A tile that exists and has nothing on it is 204, which map clients draw as nothing; one outside the
/// raster's zooms or bounds is 404.</remarks>
static class TileRoutes
{
    const int PreviewPixels = 512;

    /// <summary>TileJSON 3.0.0 (https://github.com/mapbox/tilejson-spec).</summary>
    public sealed record TileJson(
        string Tilejson, string[] Tiles, double[] Bounds, double[] Center, int Minzoom, int Maxzoom, string Name,
        string? Description, string? Attribution, string Scheme, string Format);

    sealed record Drawn(RasterSource Source, DateTimeOffset ChangedAt) : IRow<Drawn>
    {
        public static Drawn Read(Row row) => new(RasterSource.Read(row), row.Time("changed_at"));
    }

    public static void Map(IEndpointRouteBuilder tiles, string operations)
    {
        var of = tiles.MapGroup("/tiles/{collection}/{item}");
        of.MapGet("/{z:int}/{x:int}/{y:int}.png", Tile).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetTile").WithTags("Tiles").WithSummary("A map tile; 204 where it is empty")
            .Produces(200, contentType: Media.Png).Produces(204);
        of.MapGet("/tilejson.json", Describe).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetTileJson").WithTags("Tiles").WithSummary("What a map needs to show the tiles")
            .Produces<TileJson>();
        of.MapGet("/preview.png", Preview).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetPreview").WithTags("Tiles").WithSummary("The whole raster as a small picture")
            .Produces(200, contentType: Media.Png);
    }

    static async Task Tile(
        HttpContext http, string collection, string item, int z, int x, int y, View view, Db db,
        TileDesk desk, CancellationToken ct)
    {
        if (!TileMath.Exists(z, x, y))
            throw Refused.Bad("NO_SUCH_TILE",
                $"There is no tile {z}/{x}/{y} in the grid of web maps: at zoom z, x and y are from 0 to 2^z - 1.",
                "Count y from the north (XYZ), not from the south (TMS).");
        var drawn = await Find(db, view, collection, item, ct);
        if (z < drawn.Source.MinZoom || z > drawn.Source.MaxZoom)
            throw new Refused(404, "TILE_OUTSIDE",
                $"The item {item} has tiles of zoom {drawn.Source.MinZoom} to {drawn.Source.MaxZoom}.");
        if (!Meets(TileMath.LonLat(z, x, y), drawn.Source.Bounds))
            throw new Refused(404, "TILE_OUTSIDE", $"The item {item} does not reach the tile {z}/{x}/{y}.");
        await Answer(http, drawn, item, desk,
            (raster, style) => TileRenderer.RenderPng(raster, z, x, y, style), ct);
    }

    static async Task Preview(
        HttpContext http, string collection, string item, View view, Db db, TileDesk desk, CancellationToken ct)
    {
        var drawn = await Find(db, view, collection, item, ct);
        await Answer(http, drawn, item, desk,
            (raster, style) => TileRenderer.Thumbnail(raster, style, PreviewPixels), ct);
    }

    static async Task Describe(
        HttpContext http, string collection, string item, View view, Db db, CancellationToken ct)
    {
        var drawn = await Find(db, view, collection, item, ct);
        var body = await db.One<Words>($"""
            select {view.Body($"bodies")} as t from catalogue_items as items
            join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where items.org = {view.Org} and items.id = {item} and items.collection = {collection}
            """, ct);
        var properties = StacChecks.PropertiesOf(body?.T);
        var path = $"{Uri.EscapeDataString(collection)}/{Uri.EscapeDataString(item)}";
        var address = $"{view.Roots.SiteRoot}/tiles/{path}";
        var (west, south, east, north) = Unwrapped(drawn.Source.Bounds);
        await AnswerWriter.Whole(http, new TileJson(
            "3.0.0", [address + "/{z}/{x}/{y}.png"], [west, south, east, north],
            [(west + east) / 2, (south + north) / 2, drawn.Source.MinZoom], drawn.Source.MinZoom, drawn.Source.MaxZoom,
            Text(properties, "title") ?? item, Text(properties, "description"), Attribution(properties), "xyz", "png"),
            Media.Json, ct);
    }

    static async Task<Drawn> Find(Db db, View view, string collection, string item, CancellationToken ct) =>
        await db.One<Drawn>($"""
            select blob_key, render_style, min_zoom, max_zoom, west, south, east, north, changed_at
            from catalogue_rasters where org = {view.Org} and collection = {collection} and item_id = {item}
                and {view.Visible($"collection")} and {view.Unmasked($"collection", $"item_id")}
            """, ct) ?? throw Refused.NotFound($"The raster item {item} of the collection {collection}");

    static async Task Answer(
        HttpContext http, Drawn drawn, string item, TileDesk desk, Func<RasterFile, RenderStyle, byte[]?> draw,
        CancellationToken ct)
    {
        var blob = desk.Find(drawn.Source.BlobKey)
            ?? throw Refused.NotFound($"The file that the tiles of {item} are made of");
        // Whoever asks with a key must not get it from a shared cache's answer to another.
        http.Response.Headers.CacheControl = "private, max-age=300";
        if (Validators.NotModified(http, Etag(blob, drawn))) return;
        byte[]? png;
        try
        {
            png = await desk.Draw(blob, raster => draw(raster, drawn.Source.RenderStyle.To<RenderStyle>()), ct);
        }
        catch (BadGeodataException bad)
        {
            throw new Refused(422, bad.Fault.Code, bad.Fault.Message, bad.Fault.Remediation);
        }
        if (png is null)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        http.Response.ContentType = Media.Png;
        http.Response.ContentLength = png.Length;
        await http.Response.Body.WriteAsync(png, ct);
    }

    static string Etag(BlobInfo blob, Drawn drawn)
    {
        var state = FormattableString.Invariant(
            $"{blob.Key} {blob.Length} {blob.ModifiedAt.UtcTicks} {drawn.ChangedAt.UtcTicks}");
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)).AsSpan(0, 12))}\"";
    }

    static bool Meets(Extent tile, double[] bounds)
    {
        var (west, south, east, north) = (bounds[0], bounds[1], bounds[2], bounds[3]);
        if (tile.North < south || tile.South > north) return false;
        return west <= east ? tile.East >= west && tile.West <= east : tile.East >= west || tile.West <= east;
    }

    // TileJSON's bounds must not run over the antimeridian, nor beyond what Web Mercator shows.
    static (double, double, double, double) Unwrapped(double[] bounds)
    {
        var south = Math.Max(bounds[1], -TileMath.MostLatitude);
        var north = Math.Min(bounds[3], TileMath.MostLatitude);
        return bounds[0] <= bounds[2] ? (bounds[0], south, bounds[2], north) : (-180, south, 180, north);
    }

    static string? Attribution(JsonElement properties)
    {
        if (properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty("providers", out var providers)
            || providers.ValueKind != JsonValueKind.Array)
            return null;
        var names = providers.EnumerateArray().Select(provider => Text(provider, "name")).OfType<string>();
        return string.Join(", ", names) is { Length: > 0 } all ? System.Net.WebUtility.HtmlEncode(all) : null;
    }

    static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object ? StacChecks.Text(element, name) : null;
}

/// <summary>Draws tiles, as many at a time as there are processors; a few may wait their turn.</summary>
sealed class TileDesk(Blobs blobs, OpenRasters rasters) : IDisposable
{
    /// <summary>Requests that wait for a processor before further ones are sent away.</summary>
    const int MostWaiting = 500;

    readonly SemaphoreSlim free = new(Environment.ProcessorCount);
    int waiting;

    /// <summary>What is known of a blob now; null when there is none.</summary>
    public BlobInfo? Find(string key) => blobs.Find(key);

    /// <summary>Draws from a raster when it is this request's turn.</summary>
    /// <exception cref="Refused">503: too many wait already.</exception>
    public async Task<byte[]?> Draw(BlobInfo blob, Func<RasterFile, byte[]?> draw, CancellationToken ct)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new Refused(
                503, "TOO_MANY_TILES", "More tiles are being asked for than can be drawn.", "Ask again soon.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }
        try
        {
            await free.WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
        try
        {
            using var loan = rasters.Borrow(blob);
            return draw(loan.Raster);
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose() => free.Dispose();
}

using System.Text.Json.Nodes;
using Waypost.Catalogue;
using Waypost.Geo.Geometry;
using Waypost.Geo.Raster;
using Waypost.Geo.Stac;
using Waypost.Geo.Tiles;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Puts a finished raster into the catalogue: its item, and what its tiles are made of.</summary>
static class RasterItem
{
    const string Cog = "image/tiff; application=geotiff; profile=cloud-optimized";

    /// <summary>Catalogues the raster, in the transaction that completes its request.</summary>
    public static async Task<Published> Publish(Tx tx, RequestRow request, Json result, DateTimeOffset now)
    {
        var made = result.To<RasterJobs.Processed>();
        var item = ItemParts.Checked(Build(request, made, now));
        var bounds = made.Report.Wgs84Bounds;
        var (min, max) = TileMath.Zooms(bounds, made.Report.Width, made.Report.Height);
        await tx.PutCollection(request.Org, Json.Of(StacCollections.Build(StacCollections.Rasters)), now);
        await tx.PutItem(request.Org, item, now);
        await tx.PutRaster(
            request.Org, request.Collection, request.ItemId,
            new RasterSource(made.CogKey, Json.Of(RenderStyle.For(made.Report)), min, max, bounds.ToArray()), now);
        return new Published(result, item, made.Report.Warnings);
    }

    static JsonObject Build(RequestRow request, RasterJobs.Processed made, DateTimeOffset now)
    {
        var report = made.Report;
        var box = report.Wgs84Bounds;
        var about = ItemAbout.Of(request);
        var place = report.Transform;
        var source = about.Source(
            new GeoBox(box.West, box.South, box.East, box.North), report.Footprint.ToGeometry(), Assets(request, made),
            now);
        return about.Named(StacItems.Raster(source, new StacRaster(
            report.Epsg, report.Width, report.Height,
            [place.ColumnX, place.RowX, place.OriginX, place.ColumnY, place.RowY, place.OriginY])));
    }

    static Dictionary<string, StacAsset> Assets(RequestRow request, RasterJobs.Processed made)
    {
        var data = $"/platform/data/{request.RequestId}";
        var tiles = $"/tiles/{request.Collection}/{Uri.EscapeDataString(request.ItemId)}";
        return new Dictionary<string, StacAsset>
        {
            ["data"] = new(
                data + "/download", Cog, ["data"], "Cloud-optimized GeoTIFF", made.Receipt.Bytes, made.CogSha256,
                [.. made.Report.Bands.Select(band => Band(made.Report, band))]),
            ["thumbnail"] = new(tiles + "/preview.png", "image/png", ["thumbnail", "overview"], "Preview"),
            ["tiles"] = new(tiles + "/tilejson.json", "application/json", ["tiles"], "Map tiles (TileJSON)"),
            ["receipt"] = new(data + "/receipt", "application/json", ["metadata"], "Proof that nothing was lost"),
            ["report"] = new(data + "/report", "application/json", ["metadata"], "What validation found"),
        };
    }

    static StacBand Band(RasterReport report, BandReport band)
    {
        var pixels = (double)report.Width * report.Height;
        return new StacBand(
            NameOf(report, band.Index), report.SampleType, report.NoDataIsNaN ? double.NaN : report.NoData, null,
            new StacStatistics(band.Min, band.Max, band.Mean, band.StandardDeviation, 100 * band.ValidCount / pixels));
    }

    static string NameOf(RasterReport report, int index) => report.Kind switch
    {
        _ when index == report.AlphaBand => "alpha",
        RasterKind.Rgb or RasterKind.Rgba when index < 3 => ((string[])["red", "green", "blue"])[index],
        RasterKind.Dem => "elevation",
        _ => $"band{index + 1}",
    };
}

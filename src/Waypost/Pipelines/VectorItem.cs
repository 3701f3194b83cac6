using Waypost.Catalogue;
using Waypost.Geo;
using Waypost.Geo.Stac;
using Waypost.Geo.Vector;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Makes the item of a feature table, and puts both into the catalogue at one stroke.</summary>
static class VectorItem
{
    const string GeoJson = "application/geo+json";

    /// <summary>What the item is made of.</summary>
    /// <param name="Table">The table.</param>
    /// <param name="About">What the request says.</param>
    /// <param name="Revision">The request's run: each makes its own item.</param>
    public sealed record Parameters(VectorJobs.Ingested Table, ItemAbout About, int Revision);

    /// <summary>The item, and what was found in the source.</summary>
    public sealed record Catalogued(VectorJobs.Ingested Table, Json Item, IReadOnlyList<GeodataWarning> Warnings);

    /// <summary>Makes the item and checks it.</summary>
    public static async Task<Json> Make(TaskContext context, CancellationToken ct)
    {
        var (table, about, _) = context.Task.JobParameters.To<Parameters>();
        var blobs = context.Services.GetRequiredService<Blobs>();
        var now = context.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var report = (await blobs.GetJson(table.ReportKey, ct)).To<VectorReport>();
        var source = about.Source(report.Box, null, Assets(about), now);
        var item = StacItems.Vector(
            source, new StacVector(table.Features, report.Columns,
                [.. report.GeometryTypes.Keys.Order(StringComparer.Ordinal)]));
        return Json.Of(new Catalogued(table, ItemParts.Checked(about.Named(item)), report.Warnings));
    }

    /// <summary>Catalogues item and features, in the transaction that completes the request.</summary>
    public static async Task<Published> Publish(Tx tx, RequestRow request, Json result, DateTimeOffset now)
    {
        var made = result.To<Catalogued>();
        await tx.PutCollection(request.Org, Json.Of(StacCollections.Build(StacCollections.Vectors)), now);
        await tx.PutItem(request.Org, made.Item, now);
        await tx.PublishFeatures(request.Org, request.Collection, request.ItemId, made.Table.SetId, now);
        return new Published(Json.Of(made.Table), made.Item, made.Warnings);
    }

    static Dictionary<string, StacAsset> Assets(ItemAbout about)
    {
        var data = $"/platform/data/{about.RequestId}";
        var features = $"/api/features/collections/{Uri.EscapeDataString(about.ItemId)}";
        return new Dictionary<string, StacAsset>
        {
            ["data"] = new(data + "/download", GeoJson, ["data"], "All features as GeoJSON"),
            ["features"] = new(features + "/items", GeoJson, ["features"], "Features, by box and page"),
            ["report"] = new(data + "/report", "application/json", ["metadata"], "What validation found"),
        };
    }
}

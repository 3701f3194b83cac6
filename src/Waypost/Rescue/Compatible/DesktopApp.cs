using System.Globalization;
using System.Text.Json;
using Waypost.Access;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>What the volunteers' desktop app speaks: the first is sent to the source, whoever comes after joins those
/// who share it. Its "datasets" are our assets.</summary>
/// <remarks>The mock that it was built against sent the file itself; this server does not have it, and points to where
/// it is.</remarks>
static class DesktopApp
{
    const int MostAssets = 1_000;
    const int LongestText = 8_000;
    const int LongestClient = 200;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/app/datasets", Get).Compatible(Permission.RescueTake).Query("id")
            .WithName(operations + "AppDataset")
            .WithSummary("An asset for the desktop app: where it is, or the magnet link of who has it");
        rescue.MapGet("/app/datasets/all", All).Compatible(Permission.RescueRead)
            .WithName(operations + "AppDatasets").WithSummary("Assets for the desktop app, the most urgent first");
        rescue.MapPost("/app/datasets/magnet-link", Share).Compatible(Permission.RescueTake)
            .WithName(operations + "AppMagnetLink").WithSummary("A desktop app shares an asset")
            .Accepts<JsonElement>("application/json");
    }

    static async Task<IResult> Get(HttpContext http, Caller caller, Db db, CancellationToken ct)
    {
        string? id = http.Request.Query["id"];
        if (string.IsNullOrEmpty(id)) return Wrong(400, "Bad Request", "Dataset ID is required");
        await using var tx = await db.Read(ct);
        if (await Find(tx, caller.Org, id) is not { } asset) return NotThere(id);
        var magnet = await MagnetOf(tx, caller.Org, asset.Id);
        if (magnet is null)
            return asset.Url.StartsWith("magnet:", StringComparison.Ordinal) ? Shared(asset, asset.Url)
                : TypedResults.Redirect(asset.Url);
        return Shared(asset, magnet);
    }

    static async Task<IResult> All(Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var found = await tx.All<NamedAsset>(NamedAsset.Select(
            $"one.org = {caller.Org} and one.state not in ('blocked', 'retired')",
            $"(coalesce(one.rank, 9223372036854775807)), one.size_bytes, one.id limit {MostAssets}"));
        var shared = new HashSet<long>();
        foreach (var part in Catalogue.PaddedLists.Of(found.ConvertAll(one => one.Id)))
            shared.UnionWith((await tx.All<Number>($"""
                select distinct asset_id as n from rescue_rescues
                where org = {caller.Org} and status = 'success' and magnet_link <> '' and asset_id in {part}
                """)).Select(one => one.N));
        return Python.Answer(json =>
        {
            json.WriteStartArray();
            foreach (var one in found)
            {
                json.WriteStartObject();
                json.WriteString("id", IdOf(one));
                json.WriteString("name", NameOf(one));
                json.WriteWhole("size", one.SizeBytes);
                json.WriteBoolean("hasBeenDownloaded", shared.Contains(one.Id));
                json.WriteBoolean("fileExists", true);
                if (shared.Contains(one.Id)) json.WriteString("magnetLink", "***");
                else json.WriteNull("magnetLink");
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    static async Task<IResult> Share(HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var (id, link, client) = sent.IsGood
            ? (sent.Fields.OptionalText("datasetId"), sent.Fields.OptionalText("magnetLink"),
                sent.Fields.OptionalText("clientId"))
            : (null, null, null);
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(link) || string.IsNullOrEmpty(client))
            return Wrong(400, "Bad Request", "datasetId, magnetLink, and clientId are required");
        if (link.Length > LongestText || client.Length > LongestClient || AssetUrl.Read(link, out var read) is not null
            || read!.Source != "magnet:")
            return Wrong(400, "Bad Request", "magnetLink should be a magnet link, clientId at most 200 characters");
        var kept = await Attempts.InOne(
            db, tx => Keep(tx, caller, id, link, client, clock.GetUtcNow()), ct);
        return !kept ? NotThere(id) : Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("success", true);
            json.WriteString("message", $"Magnet link stored for dataset {id}");
            json.WriteEndObject();
        }, StatusCodes.Status201Created);
    }

    static async Task<bool> Keep(Tx tx, Caller caller, string id, string link, string client, DateTimeOffset now)
    {
        if (await Find(tx, caller.Org, id) is not { } asset) return false;
        var rescuer = await tx.RescuerCalled(caller, client, now);
        if (await tx.RescuerFor(caller, rescuer) is not { } who) return false;
        var version = (int)await tx.Count($"""
            select version as n from rescue_assets where org = {caller.Org} and id = {asset.Id}
            """);
        var said = new AssetsDownloaded.Said(asset.Id, link, true);
        await tx.KeepReport(caller.Org, who, said, version, now);
        await tx.EmitReport(caller.Org, rescuer, said, now);
        return true;
    }

    static async Task<NamedAsset?> Find(Tx tx, string org, string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await tx.One<NamedAsset>(NamedAsset.Select($"one.org = {org} and one.id = {number}", $"one.id")) : null;

    static async Task<string?> MagnetOf(Tx tx, string org, long asset) => (await tx.All<Words>($"""
        select magnet_link as t from rescue_rescues
        where org = {org} and asset_id = {asset} and status = 'success' and magnet_link <> ''
        order by updated_at desc, id limit 1
        """)).FirstOrDefault()?.T;

    static IResult Shared(NamedAsset asset, string magnet) => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", IdOf(asset));
        json.WriteString("name", NameOf(asset));
        json.WriteString("magnetLink", magnet);
        json.WriteBoolean("isFirstDownload", false);
        json.WriteEndObject();
    });

    static string IdOf(NamedAsset asset) => asset.Id.ToString(CultureInfo.InvariantCulture);

    static string NameOf(NamedAsset asset) => asset.Title.Length > 0 ? asset.Title
        : asset.Url.Split('?')[0].TrimEnd('/').Split('/')[^1];

    static IResult NotThere(string id) => Wrong(404, "Not Found", $"Dataset with ID {id} not found");

    // As the framework of the app's mock words its errors.
    static IResult Wrong(int status, string error, string message) => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteString("message", message);
        json.WriteString("error", error);
        json.WriteNumber("statusCode", status);
        json.WriteEndObject();
    }, status);
}

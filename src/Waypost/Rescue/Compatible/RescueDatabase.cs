using System.Globalization;
using System.Text.Json;
using Waypost.Access;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>The routes of the rescue database, and whether it is well.</summary>
static class RescueDatabase
{
    const int LongestLink = 8_000;

    static readonly string[] Statuses = ["success", "fail"];

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/v1/hello", Hello).Compatible(Permission.RescueRead)
            .WithName(operations + "Hello").WithSummary("The rescue database's greeting");
        rescue.MapGet("/v1/rescuers/{rescuer_id}/assets/{asset_id}", Show).Compatible(Permission.RescueRead)
            .WithName(operations + "RescueOf").WithSummary("What a rescuer says of an asset");
        rescue.MapPut("/v1/rescuers/{rescuer_id}/assets/{asset_id}", Change).Compatible(Permission.RescueTake)
            .Query("magnet_link", "status").WithName(operations + "ChangeRescueOf")
            .WithSummary("Change what a rescuer says of an asset: magnet_link and status in the query");
        rescue.MapGet("/health", Health).Compatible(Permission.RescueRead)
            .WithName(operations + "Health").WithSummary("Whether the dispatcher can be asked");
    }

    static IResult Hello() => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteString("message", "Hello D4G");
        json.WriteEndObject();
    });

    static async Task<IResult> Health(Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var assets = await tx.Count($"""
            select count(*) as n from rescue_assets where org = {caller.Org} and state = 'ready'
            """);
        return Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "ok");
            json.WriteString("database", "ok");
            json.WriteNumber("assets_ready", assets);
            json.WriteEndObject();
        });
    }

    static async Task<IResult> Show(
        long rescuer_id, long asset_id, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        return await Find(tx, caller.Org, rescuer_id, asset_id) is { } found ? Written(found) : NotThere();
    }

    static async Task<IResult> Change(
        long rescuer_id, long asset_id, HttpContext http, Caller caller, Db db, TimeProvider clock,
        CancellationToken ct)
    {
        string? link = http.Request.Query["magnet_link"];
        string? status = http.Request.Query["status"];
        if (Wrong(link, status) is { } wrong) return wrong;
        var changed = await Attempts.InOne(db, async tx =>
        {
            if (await tx.RescuerFor(caller, rescuer_id) is not { } who
                || await Find(tx, caller.Org, rescuer_id, asset_id) is null) return null;
            var version = (int)await tx.Count($"""
                select version as n from rescue_assets where org = {caller.Org} and id = {asset_id}
                """);
            var said = new AssetsDownloaded.Said(asset_id, link, status == "success");
            var now = clock.GetUtcNow();
            await tx.KeepReport(caller.Org, who, said, version, now);
            await tx.EmitReport(caller.Org, rescuer_id, said, now);
            return await Find(tx, caller.Org, rescuer_id, asset_id);
        }, ct);
        return changed is null ? NotThere() : Written(changed);
    }

    static IResult? Wrong(string? link, string? status)
    {
        var (name, sentence, type) = link is null ? ("magnet_link", "field required", "value_error.missing")
            : link.Length > LongestLink
                ? ("magnet_link", $"ensure this value has at most {LongestLink} characters",
                    "value_error.any_str.max_length")
            : status is null ? ("status", "field required", "value_error.missing")
            : !Statuses.Contains(status)
                ? ("status", "value is not a valid enumeration member; permitted: 'success', 'fail'", "type_error.enum")
            : default;
        return name is null ? null : Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("detail");
            json.WriteStartObject();
            json.WriteStartArray("loc");
            json.WriteStringValue("query");
            json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteString("msg", sentence);
            json.WriteString("type", type);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }, StatusCodes.Status422UnprocessableEntity);
    }

    static Task<Rescued?> Find(Tx tx, string org, long rescuer, long asset) => tx.One<Rescued>($"""
        select id, asset_id, rescuer_id, magnet_link, status, version, created_at, updated_at from rescue_rescues
        where org = {org} and rescuer_id = {rescuer} and asset_id = {asset}
        """);

    static IResult Written(Rescued one) => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("id", one.Id);
        json.WriteNumber("asset_id", one.AssetId);
        json.WriteNumber("rescuer_id", one.RescuerId);
        json.WriteString("magnet_link", one.MagnetLink);
        json.WriteString("status", one.Status);
        WriteMoment(json, "created_at", one.CreatedAt);
        WriteMoment(json, "updated_at", one.UpdatedAt);
        json.WriteEndObject();
    });

    // As Python writes a moment that has no zone: UTC.
    static void WriteMoment(Utf8JsonWriter json, string name, DateTimeOffset at) => json.WriteString(
        name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture));

    static IResult NotThere() => Python.Detail(StatusCodes.Status404NotFound, "Rescue not found");
}

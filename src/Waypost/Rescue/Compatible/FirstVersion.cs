using System.Globalization;
using Waypost.Access;
using Waypost.Events;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>Assets were given other ranks by hand.</summary>
/// <param name="Ranks">The ranks by the assets' ids.</param>
public sealed record AssetsRanked(IReadOnlyDictionary<long, long> Ranks) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.assets_ranked";
}

/// <summary>The routes of the dispatcher's first version: allocate, release, update-ckan, status.</summary>
static class FirstVersion
{
    const int MostUpdates = 1_000;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapPost("/allocate", Allocate).Compatible(Permission.RescueTake)
            .WithName(operations + "Allocate").WithSummary("Assets for a node, as the dispatcher's first version gave")
            .Accepts<DispatchRequest>("application/json");
        rescue.MapPost("/release", Release).Compatible(Permission.RescueTake)
            .WithName(operations + "Release").WithSummary("Give an asset back that a node was given")
            .Accepts<System.Text.Json.JsonElement>("application/json");
        rescue.MapPost("/update-ckan", Update).Compatible(Permission.RescueWrite)
            .WithName(operations + "UpdateCkan").WithSummary("Give assets other priorities; 1 is the most urgent")
            .Accepts<System.Text.Json.JsonElement>("application/json");
        rescue.MapGet("/status", Status).Compatible(Permission.RescueRead)
            .WithName(operations + "Status").WithSummary("How many datasets there are and how much is being fetched");
    }

    static async Task<IResult> Allocate(
        HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var request = DispatchRequest.Read(sent, isFirstVersion: true);
        if (!sent.IsGood) return sent.Refusal();
        var now = clock.GetUtcNow();
        var given = await Attempts.InOne(
            db, tx => tx.Reserve(caller.Org, request.Holder(now), request.FreeBytes, now), ct);
        if (given.Count == 0)
            return Python.Detail(StatusCodes.Status404NotFound, "No available assets matching the criteria");
        return Python.Answer(json =>
        {
            json.WriteStartArray();
            foreach (var one in given)
            {
                json.WriteStartObject();
                json.WriteNumber("id", one.Id);
                json.WriteString("url", one.Url);
                json.WriteFloat("size_mb", one.SizeMb);
                json.WriteNumber("priority", one.Rank ?? AssetModel.Unranked);
                json.WriteString("name", one.Title);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    // What is not held is no longer held: giving back twice is as good as once.
    static async Task<IResult> Release(
        HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var (asset, node) = (sent.Fields.Whole("asset_id"), sent.Fields.Text("node_id"));
        if (!sent.IsGood) return sent.Refusal();
        await Attempts.InOne(db, async tx =>
        {
            await tx.Release(caller.Org, await tx.HeldBy(caller.Org, node, asset), "released", clock.GetUtcNow());
            return 0;
        }, ct);
        return Success(null);
    }

    static async Task<IResult> Update(
        HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var updates = new Dictionary<long, long>();
        foreach (var one in sent.Fields.List("updates", MostUpdates))
        {
            var (asset, rank) = (one.Whole("asset_id"), one.Whole("new_priority"));
            if (rank < 1)
                one.Wrong("new_priority", "ensure this value is greater than or equal to 1",
                    "value_error.number.not_ge", ("limit_value", 1));
            updates[asset] = rank;
        }
        if (!sent.IsGood) return sent.Refusal();
        var changed = await Attempts.InOne(db, async tx =>
        {
            var (now, count) = (clock.GetUtcNow(), 0);
            foreach (var (asset, rank) in updates.OrderBy(one => one.Key))
                count += await tx.Run($"""
                    update rescue_assets set rank = {rank}, updated_at = {now}
                    where org = {caller.Org} and id = {asset}
                    """);
            if (count > 0) await tx.Emit(caller.Org, now, new AssetsRanked(updates));
            return count;
        }, ct);
        return Success(changed);
    }

    static async Task<IResult> Status(Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var datasets = await tx.Count($"select count(*) as n from rescue_datasets where org = {caller.Org}");
        var now = clock.GetUtcNow();
        var held = await tx.Count($"""
            select count(*) as n from rescue_reservations where org = {caller.Org} and expires_at > {now}
            """);
        return Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("ckan_datasets", datasets);
            json.WriteNumber("active_allocations", held);
            json.WriteString("next_auto_update", (now + ReservationLoop.Every).ToString(
                "yyyy-MM-dd HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        });
    }

    static IResult Success(int? updated) => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteString("status", "success");
        if (updated is { } count) json.WriteNumber("updated_items", count);
        json.WriteEndObject();
    });
}

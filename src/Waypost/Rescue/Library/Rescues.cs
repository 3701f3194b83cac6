using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>What a rescuer says of an asset.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AssetId">The asset.</param>
/// <param name="RescuerId">The rescuer.</param>
/// <param name="MagnetLink">Where the copy is shared; empty when nothing was said.</param>
/// <param name="Status"><c>success</c> or <c>fail</c>.</param>
/// <param name="Version">The asset's version that it speaks of.</param>
/// <param name="CreatedAt">When it was first said.</param>
/// <param name="UpdatedAt">When it was last said.</param>
public sealed record Rescued(
    long Id, long AssetId, long RescuerId, string MagnetLink, string Status, int Version, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : IRow<Rescued>
{
    /// <inheritdoc/>
    public static Rescued Read(Row row) => new(
        row.Long("id"), row.Long("asset_id"), row.Long("rescuer_id"), row.Text("magnet_link"), row.Text("status"),
        row.Int("version"), row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Lists and shows what rescuers say.</summary>
static class Rescues
{
    static readonly IReadOnlyList<string> Statuses = ["success", "fail"];

    static readonly Sql Select = $"""
        select id, asset_id, rescuer_id, magnet_link, status, version, created_at, updated_at from rescue_rescues as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/rescues", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListRescues").WithSummary("What rescuers say of assets");
        rescue.MapGet("/rescues/{rescue_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetRescue").WithSummary("What one rescuer says of one asset");
    }

    static async Task<Ok<RescuePage<Rescued>>> List(
        Caller caller, Db db, CancellationToken ct, string? status = null, long? asset = null, long? rescuer = null,
        string? after = null, [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage)
    {
        Browsing.OneOf("status", status, Statuses);
        return TypedResults.Ok(await Browsing.Page<Rescued>(
            db, Select, caller.Org,
            [
                Browsing.Where(status, one => $"status = {one}"), Browsing.Where(asset, one => $"asset_id = {one}"),
                Browsing.Where(rescuer, one => $"rescuer_id = {one}"),
            ], after, limit, one => one.Id, ct));
    }

    static async Task<Ok<Rescued>> Show(long rescue_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<Rescued>($"{Select} where org = {caller.Org} and id = {rescue_id}", ct)
            ?? throw Refused.NotFound("The rescue"));
}

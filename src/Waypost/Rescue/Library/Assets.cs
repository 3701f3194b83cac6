using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Where an asset is named.</summary>
/// <param name="ResourceId">The resource.</param>
/// <param name="DatasetId">Its dataset.</param>
public sealed record AssetPlace(long ResourceId, long DatasetId) : IRow<AssetPlace>
{
    /// <inheritdoc/>
    public static AssetPlace Read(Row row) => new(row.Long("resource_id"), row.Long("dataset_id"));
}

/// <summary>A file to save: one for each address, however many resources name it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where it is fetched from.</param>
/// <param name="Source">Who is asked for it: scheme, host and port.</param>
/// <param name="Kind">What kind of file: its extension, <c>dir</c> or <c>web</c>.</param>
/// <param name="Title">What it is, for a person.</param>
/// <param name="SizeBytes">Its size in bytes; null while it is not known.</param>
/// <param name="SourceModified">When its source says that it was changed.</param>
/// <param name="Etag">The version that its source states.</param>
/// <param name="Sha256">Its publisher's checksum.</param>
/// <param name="Rank">Its place in the order, 1 first; null: after all that have one.</param>
/// <param name="Popularity">How much it is asked for, 0 to 1.</param>
/// <param name="Threat">How likely it is to go dark, 0 to 1.</param>
/// <param name="Value">What it is worth to somebody who knows, 0 to 1.</param>
/// <param name="CopiesMin">How many verified copies it has to have.</param>
/// <param name="CopiesMax">How many copies it has at the most.</param>
/// <param name="Version">Counts what was at the address: 1, and one more whenever it was something else.</param>
/// <param name="Copies">Its verified copies.</param>
/// <param name="Claims">Copies that rescuers say to hold, which nobody has compared.</param>
/// <param name="InFlight">Copies that are being fetched.</param>
/// <param name="State">Where it stands.</param>
/// <param name="BlockedBecause">Why nobody may fetch it.</param>
/// <param name="WaitingSince">Since when it waits for somebody.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="UpdatedAt">When it was last changed here.</param>
public sealed record RescueAsset(
    long Id, string Url, string Source, string? Kind, string Title, long? SizeBytes, DateTimeOffset? SourceModified,
    string? Etag, string? Sha256, long? Rank, double? Popularity, double? Threat, double? Value, int CopiesMin,
    int CopiesMax, int Version, int Copies, int Claims, int InFlight, AssetState State, string? BlockedBecause,
    DateTimeOffset WaitingSince, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IRow<RescueAsset>
{
    /// <summary>The resources that name it; in a list left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AssetPlace>? Resources { get; init; }

    /// <inheritdoc/>
    public static RescueAsset Read(Row row) => new(
        row.Long("id"), row.Text("url"), row.Text("source"), row.TextOrNull("kind"), row.Text("title"),
        row.LongOrNull("size_bytes"), row.TimeOrNull("source_modified"), row.TextOrNull("etag"),
        row.BytesOrNull("sum_sha256") is { } sum ? Convert.ToHexStringLower(sum) : null, row.LongOrNull("rank"),
        row.DoubleOrNull("popularity"), row.DoubleOrNull("threat"), row.DoubleOrNull("value"), row.Int("copies_min"),
        row.Int("copies_max"), row.Int("version"), row.Int("copies"), row.Int("claims"), row.Int("in_flight"),
        Enum.Parse<AssetState>(row.Text("state"), ignoreCase: true), row.TextOrNull("blocked_because"),
        row.Time("waiting_since"), row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Lists and shows assets.</summary>
static class Assets
{
    const int MostPlaces = 1_000;

    static readonly IReadOnlyList<string> States = [.. Enum.GetValues<AssetState>().Select(state => state.Kept)];

    static readonly Sql Select = $"""
        select one.id, one.url, one.source, kinds.name as kind, one.title, one.size_bytes, one.source_modified,
            one.etag, one.sum_sha256, one.rank, one.popularity, one.threat, one.value, one.copies_min, one.copies_max,
            one.version, one.copies, one.claims, one.in_flight, one.state, one.blocked_because, one.waiting_since,
            one.created_at, one.updated_at
        from rescue_assets as one left join rescue_kinds as kinds on kinds.org = one.org and kinds.id = one.kind_id
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/assets", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListAssets").WithSummary("The files to save, and how they stand");
        rescue.MapGet("/assets/{asset_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetAsset").WithSummary("One asset, and where it is named");
    }

    static async Task<Ok<RescuePage<RescueAsset>>> List(
        Caller caller, Db db, CancellationToken ct, [StringLength(Browsing.LongestSearch)] string? q = null,
        string? state = null, string? source = null, string? kind = null, long? resource = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage)
    {
        Browsing.OneOf("state", state, States);
        var org = caller.Org;
        return TypedResults.Ok(await Browsing.Page<RescueAsset>(
            db, Select, org,
            [
                Browsing.HasWordsOrAddress(q), Browsing.Where(state, one => $"one.state = {one}"),
                Browsing.Where(source, one => $"one.source = {one}"),
                Browsing.Where(kind, one => $"kinds.name = {one}"),
                Browsing.Where(resource, one => $"""
                    one.id in (select asset_id from rescue_asset_resources where org = {org} and resource_id = {one})
                    """),
            ], after, limit, one => one.Id, ct));
    }

    static async Task<Ok<RescueAsset>> Show(long asset_id, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        var asset = await tx.One<RescueAsset>($"{Select} where one.org = {caller.Org} and one.id = {asset_id}")
            ?? throw Refused.NotFound("The asset");
        return TypedResults.Ok(asset with
        {
            Resources = await tx.All<AssetPlace>($"""
                select ties.resource_id, parts.dataset_id from rescue_asset_resources as ties
                join rescue_resources as parts on parts.org = ties.org and parts.id = ties.resource_id
                where ties.org = {caller.Org} and ties.asset_id = {asset_id}
                order by ties.resource_id limit {MostPlaces}
                """),
        });
    }
}

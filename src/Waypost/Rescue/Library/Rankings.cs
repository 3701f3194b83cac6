using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>An order of datasets.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Comment">How it came about.</param>
/// <param name="RankedAt">When it was made.</param>
/// <param name="Type"><c>link</c> (by clicks), <c>download</c> (by downloads) or <c>auto</c>.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="UpdatedAt">When it was last changed here.</param>
public sealed record RescueRanking(
    long Id, string Name, string Comment, DateTimeOffset RankedAt, string Type, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : IRow<RescueRanking>
{
    /// <inheritdoc/>
    public static RescueRanking Read(Row row) => new(
        row.Long("id"), row.Text("name"), row.Text("comment"), row.Time("ranked_at"), row.Text("type"),
        row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>A dataset's place in a ranking.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DatasetId">The dataset.</param>
/// <param name="Rank">Its place, 1 first.</param>
/// <param name="EventCount">How many events the ranking counted for it.</param>
public sealed record RescueRank(long Id, long DatasetId, long Rank, long EventCount) : IRow<RescueRank>
{
    /// <inheritdoc/>
    public static RescueRank Read(Row row) =>
        new(row.Long("id"), row.Long("dataset_id"), row.Long("rank"), row.Long("event_count"));
}

/// <summary>Lists and shows rankings and their ranks.</summary>
static class Rankings
{
    static readonly IReadOnlyList<string> Types = ["link", "download", "auto"];

    static readonly Sql Select = $"""
        select id, name, comment, ranked_at, type, created_at, updated_at from rescue_rankings as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/rankings", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListRankings").WithSummary("The orders that datasets were put in");
        rescue.MapGet("/rankings/{ranking_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetRanking").WithSummary("One ranking");
        rescue.MapGet("/rankings/{ranking_id}/ranks", Ranks).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListRanks").WithSummary("The datasets of a ranking with their places");
    }

    static async Task<Ok<RescuePage<RescueRanking>>> List(
        Caller caller, Db db, CancellationToken ct, string? type = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage)
    {
        Browsing.OneOf("type", type, Types);
        return TypedResults.Ok(await Browsing.Page<RescueRanking>(
            db, Select, caller.Org, [Browsing.Where(type, one => $"type = {one}")], after, limit, one => one.Id, ct));
    }

    static async Task<Ok<RescueRanking>> Show(long ranking_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<RescueRanking>($"{Select} where org = {caller.Org} and id = {ranking_id}", ct)
            ?? throw Refused.NotFound("The ranking"));

    static async Task<Ok<RescuePage<RescueRank>>> Ranks(
        long ranking_id, Caller caller, Db db, CancellationToken ct, long? dataset = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage)
    {
        await Show(ranking_id, caller, db, ct);
        return TypedResults.Ok(await Browsing.Page<RescueRank>(
            db, $"select id, dataset_id, rank, event_count from rescue_ranks as one", caller.Org,
            [
                $"ranking_id = {ranking_id}", Browsing.Where(dataset, one => $"dataset_id = {one}"),
            ], after, limit, one => one.Id, ct));
    }
}

using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Who publishes datasets; the rescue database calls them organizations.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DgId">Its id in the catalogue.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Title">What people call it.</param>
/// <param name="FoundedAt">When the catalogue first had it.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="UpdatedAt">When it was last changed here.</param>
public sealed record RescuePublisher(
    long Id, string DgId, string Name, string Title, DateTimeOffset? FoundedAt, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : IRow<RescuePublisher>
{
    /// <inheritdoc/>
    public static RescuePublisher Read(Row row) => new(
        row.Long("id"), row.Text("dg_id"), row.Text("name"), row.Text("title"), row.TimeOrNull("founded_at"),
        row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Lists and shows publishers.</summary>
static class Publishers
{
    static readonly Sql Select = $"""
        select id, dg_id, name, title, founded_at, created_at, updated_at from rescue_publishers as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/publishers", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListPublishers").WithSummary("Who publishes what there is to rescue");
        rescue.MapGet("/publishers/{publisher_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetPublisher").WithSummary("One publisher");
    }

    static async Task<Ok<RescuePage<RescuePublisher>>> List(
        Caller caller, Db db, CancellationToken ct, [StringLength(Browsing.LongestSearch)] string? q = null,
        string? after = null, [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage) =>
        TypedResults.Ok(await Browsing.Page<RescuePublisher>(
            db, Select, caller.Org, [Browsing.HasWords(q)], after, limit, one => one.Id, ct));

    static async Task<Ok<RescuePublisher>> Show(long publisher_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<RescuePublisher>($"{Select} where org = {caller.Org} and id = {publisher_id}", ct)
            ?? throw Refused.NotFound("The publisher"));
}

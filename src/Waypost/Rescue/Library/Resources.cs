using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>A file or page that a dataset names.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DgId">Its id in the catalogue.</param>
/// <param name="DatasetId">The dataset that names it.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Description">What it is.</param>
/// <param name="LocatorFunction">What the catalogue says it is for.</param>
/// <param name="LocatorProtocol">How the catalogue says it is fetched.</param>
/// <param name="Mimetype">Its media type, by the catalogue's account.</param>
/// <param name="State">Its state in the catalogue.</param>
/// <param name="PublishedAt">When the catalogue first had it.</param>
/// <param name="MetadataModified">When the catalogue last changed it.</param>
/// <param name="Url">Its address.</param>
/// <param name="ResourceType">What the address leads to: <c>dir</c>, <c>web</c> or the file's extension.</param>
/// <param name="VanishedAt">When its dataset no longer named it.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="UpdatedAt">When it was last changed here.</param>
public sealed record RescueResource(
    long Id, string DgId, long DatasetId, string Name, string Description, string? LocatorFunction,
    string? LocatorProtocol, string? Mimetype, string State, DateTimeOffset? PublishedAt,
    DateTimeOffset? MetadataModified, string Url, string ResourceType, DateTimeOffset? VanishedAt,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IRow<RescueResource>
{
    /// <inheritdoc/>
    public static RescueResource Read(Row row) => new(
        row.Long("id"), row.Text("dg_id"), row.Long("dataset_id"), row.Text("name"), row.Text("description"),
        row.TextOrNull("locator_function"), row.TextOrNull("locator_protocol"), row.TextOrNull("mimetype"),
        row.Text("state"), row.TimeOrNull("published_at"), row.TimeOrNull("metadata_modified"), row.Text("url"),
        row.Text("resource_type"), row.TimeOrNull("vanished_at"), row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Lists and shows resources.</summary>
static class Resources
{
    static readonly Sql Select = $"""
        select id, dg_id, dataset_id, name, description, locator_function, locator_protocol, mimetype, state,
            published_at, metadata_modified, url, resource_type, vanished_at, created_at, updated_at
        from rescue_resources as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/resources", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListResources").WithSummary("The files and pages that datasets name");
        rescue.MapGet("/resources/{resource_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetResource").WithSummary("One resource");
    }

    static async Task<Ok<RescuePage<RescueResource>>> List(
        Caller caller, Db db, CancellationToken ct, [StringLength(Browsing.LongestSearch)] string? q = null,
        long? dataset = null, string? kind = null, bool? vanished = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage) =>
        TypedResults.Ok(await Browsing.Page<RescueResource>(
            db, Select, caller.Org,
            [
                Browsing.HasWordsOrAddress(q), Browsing.Where(dataset, one => $"dataset_id = {one}"),
                Browsing.Where(kind, one => $"resource_type = {one}"),
                Browsing.Where(vanished, one => one ? $"vanished_at is not null" : (Sql)$"vanished_at is null"),
            ], after, limit, one => one.Id, ct));

    static async Task<Ok<RescueResource>> Show(long resource_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<RescueResource>($"{Select} where org = {caller.Org} and id = {resource_id}", ct)
            ?? throw Refused.NotFound("The resource"));
}

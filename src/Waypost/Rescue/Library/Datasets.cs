using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>A dataset of a catalogue that was imported.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DgId">Its id in the catalogue.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Notes">What it is about.</param>
/// <param name="MetadataCreated">When the catalogue first had it.</param>
/// <param name="MetadataModified">When the catalogue last changed it.</param>
/// <param name="DirectDownloads">How often files of it were downloaded, as far as is known.</param>
/// <param name="Accesses">How often it was looked at, as far as is known.</param>
/// <param name="PublisherId">Who publishes it.</param>
/// <param name="Source">The catalogue it was read from, by the name that its import was given.</param>
/// <param name="VanishedAt">When a whole import found that the catalogue no longer has it.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="UpdatedAt">When it was last changed here.</param>
public sealed record RescueDataset(
    long Id, string DgId, string Name, string Title, string Notes, DateTimeOffset? MetadataCreated,
    DateTimeOffset? MetadataModified, long DirectDownloads, long Accesses, long? PublisherId, string Source,
    DateTimeOffset? VanishedAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IRow<RescueDataset>
{
    /// <inheritdoc/>
    public static RescueDataset Read(Row row) => new(
        row.Long("id"), row.Text("dg_id"), row.Text("name"), row.Text("title"), row.Text("notes"),
        row.TimeOrNull("metadata_created"), row.TimeOrNull("metadata_modified"), row.Long("direct_downloads"),
        row.Long("accesses"), row.LongOrNull("publisher_id"), row.Text("source"), row.TimeOrNull("vanished_at"),
        row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Lists and shows datasets, and their packages as they came.</summary>
static class Datasets
{
    static readonly Sql Select = $"""
        select id, dg_id, name, title, notes, metadata_created, metadata_modified, direct_downloads, accesses,
            publisher_id, source, vanished_at, created_at, updated_at
        from rescue_datasets as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/datasets", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListDatasets").WithSummary("The datasets that were imported");
        rescue.MapGet("/datasets/{rescue_dataset}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetDataset").WithSummary("One dataset");
        rescue.MapGet("/datasets/{rescue_dataset}/package", Package).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetPackage").WithSummary("A dataset's package as its catalogue sent it")
            .Produces<Json>();
    }

    static async Task<Ok<RescuePage<RescueDataset>>> List(
        Caller caller, Db db, CancellationToken ct, [StringLength(Browsing.LongestSearch)] string? q = null,
        string? source = null, long? publisher = null, bool? vanished = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage) =>
        TypedResults.Ok(await Browsing.Page<RescueDataset>(
            db, Select, caller.Org,
            [
                Browsing.HasWords(q), Browsing.Where(source, one => $"source = {one}"),
                Browsing.Where(publisher, one => $"publisher_id = {one}"),
                Browsing.Where(vanished, one => one ? $"vanished_at is not null" : (Sql)$"vanished_at is null"),
            ], after, limit, one => one.Id, ct));

    static async Task<Ok<RescueDataset>> Show(long rescue_dataset, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<RescueDataset>($"{Select} where org = {caller.Org} and id = {rescue_dataset}", ct)
            ?? throw NotFound());

    static async Task<ContentHttpResult> Package(long rescue_dataset, Caller caller, Db db, CancellationToken ct)
    {
        var found = await db.One<Words>($"""
            select content as t from rescue_packages where org = {caller.Org} and dataset_id = {rescue_dataset}
            """, ct) ?? throw NotFound();
        return TypedResults.Content(found.T, "application/json");
    }

    static Refused NotFound() => Refused.NotFound("The dataset");
}

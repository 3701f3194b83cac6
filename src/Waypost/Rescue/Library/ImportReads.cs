using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>An import as it is remembered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Format"><c>ckan</c>, <c>csv</c> or <c>database</c>.</param>
/// <param name="Source">Which catalogue it read.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it goes on, and for one that broke off.</param>
/// <param name="Report">What it did; in a list left out.</param>
public sealed record RescueImport(
    long Id, string Format, string Source, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    [property: System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] Json? Report)
    : IRow<RescueImport>
{
    /// <inheritdoc/>
    public static RescueImport Read(Row row) => new(
        row.Long("id"), row.Text("format"), row.Text("source"), row.Time("started_at"), row.TimeOrNull("ended_at"),
        row.JsonOrNull("report"));
}

/// <summary>Lists and shows imports.</summary>
static class ImportReads
{
    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/imports", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListImports").WithSummary("The imports there were");
        rescue.MapGet("/imports/{import_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetImport").WithSummary("An import with its report");
    }

    static async Task<Ok<RescuePage<RescueImport>>> List(
        Caller caller, Db db, CancellationToken ct, string? source = null, string? after = null,
        [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage) =>
        TypedResults.Ok(await Browsing.Page<RescueImport>(
            db, $"""
            select id, format, source, started_at, ended_at, cast(null as text) as report from rescue_imports as one
            """, caller.Org, [Browsing.Where(source, one => $"source = {one}")], after, limit, one => one.Id, ct));

    static async Task<Ok<RescueImport>> Show(long import_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<RescueImport>($"""
            select id, format, source, started_at, ended_at, report from rescue_imports
            where org = {caller.Org} and id = {import_id}
            """, ct) ?? throw Refused.NotFound("The import"));
}

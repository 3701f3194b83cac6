using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>One version of an item.</summary>
/// <param name="Version">Its number: 1 is the oldest, and deleting counts.</param>
/// <param name="At">When it was written.</param>
/// <param name="Deleted">True of one that says that the item is gone.</param>
/// <param name="Etag">Its entity tag; absent where the item is gone.</param>
/// <param name="Href">Where it is; absent where the item is gone.</param>
public sealed record ItemVersion(long Version, DateTimeOffset At, bool Deleted, string? Etag, string? Href);

/// <summary>The versions of an item, newest first.</summary>
/// <param name="Versions">The versions.</param>
/// <param name="Next">Where older ones are; absent where there are none.</param>
public sealed record ItemVersions(IReadOnlyList<ItemVersion> Versions, string? Next);

/// <summary>Every version of an item that there ever was, deletions included; in the internal view only.</summary>
static class Versions
{
    const int DefaultLimit = 100;

    sealed record Kept(long Version, DateTimeOffset At, string? Hash, string? Body) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Long("version"), row.Time("changed_at"), row.TextOrNull("hash"), row.TextOrNull("body"));
    }

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        stac.MapGet("/collections/{collection}/items/{item}/versions", List).Permit(Permission.CatalogueRead)
            .WithName(operations + "ListItemVersions").WithTags("STAC")
            .WithSummary("The versions of an item, newest first");
        stac.MapGet("/collections/{collection}/items/{item}/versions/{version}", One)
            .Permit(Permission.CatalogueRead)
            .WithName(operations + "GetItemVersion").WithTags("STAC").WithSummary("One version of an item")
            .Produces(200, contentType: Media.GeoJson);
    }

    static async Task<Ok<ItemVersions>> List(
        string collection, string item, long? before, int? limit, View view, Db db, CancellationToken ct)
    {
        var most = SearchWish.LimitOf(limit?.ToString(CultureInfo.InvariantCulture), DefaultLimit);
        var rows = await db.All<Kept>($"""
            select version, changed_at, hash, cast(null as text) as body from ({All(view, collection, item, false)})
                as every
            where version < {before ?? long.MaxValue} order by version desc limit {most + 1}
            """, ct);
        if (rows.Count == 0 && before is null) throw NotFound(collection, item);
        var address = $"{view.Roots.StacRoot}/collections/{Uri.EscapeDataString(collection)}/items/"
            + $"{Uri.EscapeDataString(item)}/versions";
        var next = rows.Count > most
            ? FormattableString.Invariant($"{address}?before={rows[most - 1].Version}&limit={most}") : null;
        return TypedResults.Ok(new ItemVersions(
            [.. rows.Take(most).Select(row => new ItemVersion(
                row.Version, row.At, row.Hash is null, row.Hash is { } hash ? Preconditions.ETagOf(hash) : null,
                row.Hash is null ? null : FormattableString.Invariant($"{address}/{row.Version}")))], next));
    }

    static async Task One(
        HttpContext http, string collection, string item, long version, View view, Db db, CancellationToken ct)
    {
        var kept = await db.One<Kept>($"""
            select version, changed_at, hash, body from ({All(view, collection, item, true)}) as every
            where version = {version}
            """, ct) ?? throw Refused.NotFound($"The version {version} of the item {item}");
        if (kept.Body is null)
            throw new Refused(StatusCodes.Status410Gone, "ITEM_DELETED",
                $"The version {version} of the item {item} says that it was deleted.", "Ask for the one before.");
        await AnswerWriter.Document(http, view, kept.Body, kept.Hash!, Media.GeoJson, ct);
    }

    static Sql All(View view, string collection, string item, bool documents)
    {
        Sql now = documents ? $"bodies.body" : (Sql)$"cast(null as text)";
        Sql before = documents ? $"body" : (Sql)$"cast(null as text)";
        return $"""
            select items.version as version, items.changed_at as changed_at, items.hash as hash, {now} as body
            from catalogue_items as items join catalogue_bodies as bodies on bodies.row_id = items.row_id
            where items.org = {view.Org} and items.collection = {collection} and items.id = {item}
            union all
            select version, changed_at, hash, {before} as body from catalogue_history
            where org = {view.Org} and collection = {collection} and id = {item}
            """;
    }

    static Refused NotFound(string collection, string item) =>
        Refused.NotFound($"The item {item} of the collection {collection}");
}

using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What happened to something.</summary>
public enum ChangeType
{
    /// <summary>It was not there before.</summary>
    Created,

    /// <summary>It has another content.</summary>
    Updated,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>What something is.</summary>
public enum ChangeKind
{
    /// <summary>A collection.</summary>
    Collection,

    /// <summary>An item.</summary>
    Item,
}

/// <summary>The last thing that happened to an item or a collection.</summary>
/// <param name="Position">Where it stands in the order in which all was committed.</param>
/// <param name="Type">What happened.</param>
/// <param name="Kind">To what.</param>
/// <param name="Collection">The collection, or the item's.</param>
/// <param name="Id">Its id.</param>
/// <param name="Version">The version that it has since; of a deletion, the one that says so.</param>
/// <param name="At">When.</param>
public sealed record CatalogueChange(
    long Position, ChangeType Type, ChangeKind Kind, string Collection, string Id, long Version, DateTimeOffset At);

/// <summary>Some changes, in order.</summary>
/// <param name="Changes">The changes; with <c>include=items</c> each has its document as <c>item</c>.</param>
/// <param name="Next">Ask with this as <c>since</c> for what follows, now or whenever.</param>
/// <param name="Latest">The position of the last change there is.</param>
public sealed record CatalogueChanges(IReadOnlyList<CatalogueChange> Changes, string Next, long Latest);

/// <summary>What changed, for those who keep a copy: each thing once, with the last that happened to it, in the order
/// in which all was committed; deletions included.</summary>
/// <remarks>
/// A copy that follows <c>next</c> until nothing comes is equal to what there was at that moment: what is changed while
/// it is being read moves behind its reader, never before him. Positions are the event log's; they are kept here, so
/// that the feed reaches back to the beginning however little of the log is kept.
/// </remarks>
static class Changes
{
    /// <summary>The name of the reader; its cursor is kept under it.</summary>
    const string Reader = "catalogue-changes";

    const int DefaultLimit = 100;
    const int MostCollections = 100;

    /// <summary>Positions that one request passes by, where everything has changed again since.</summary>
    const int MostPassedBy = 5_000;

    static readonly EventFilter Written = EventFilter.Of(
        [
            "collection.created", "collection.updated", "collection.deleted", "item.created", "item.updated",
            "item.deleted", "items.written", "items.deleted",
        ], out _);

    sealed record Bounds(long Latest, long Upto) : IRow<Bounds>
    {
        public static Bounds Read(Row row) => new(row.Long("latest"), row.Long("upto"));
    }

    sealed record Found(CatalogueChange Change, ChangePosition Position, string? Body) : IRow<Found>
    {
        public static Found Read(Row row)
        {
            var kind = row.Int("kind");
            var isItem = row.Text("id").Length > 0 && kind > 0;
            var at = row.Time("changed_at");
            var change = new CatalogueChange(
                row.Long("position"),
                kind == 2 ? ChangeType.Deleted
                    : row.TimeOrNull("created_at") == at ? ChangeType.Created : ChangeType.Updated,
                isItem ? ChangeKind.Item : ChangeKind.Collection, row.Text("collection"),
                isItem ? row.Text("id") : row.Text("collection"), row.Long("version"), at);
            return new Found(change, new ChangePosition(change.Position, kind, row.Long("row_id")),
                row.TextOrNull("body"));
        }
    }

    public static void AddReader(IServiceCollection services) => services.AddEventReader(Reader, Note, Written);

    public static void Map(IEndpointRouteBuilder stac, string operations) =>
        stac.MapGet("/changes", Get).Permit(Permission.CatalogueRead)
            .Query("since", "limit", "collections", "include")
            .WithName(operations + "ListChanges").WithTags("STAC")
            .WithSummary("What changed since a position, deletions included, for those who keep a copy")
            .Produces<CatalogueChanges>();

    // What comes again after a crash is there already.
    static async Task Note(IServiceProvider services, IReadOnlyList<LoggedEvent> events, CancellationToken ct)
    {
        var databases = services.GetRequiredService<Databases>();
        foreach (var ofOrg in events.GroupBy(one => one.Org))
        {
            await using var tx = await databases.For(ofOrg.Key).Begin(ct);
            foreach (var one in ofOrg)
                await tx.Run($"""
                    insert into catalogue_changes (org, position, change_id)
                    values ({one.Org}, {one.OrgPosition}, {one.Id}) on conflict (org, position) do nothing
                    """);
            await tx.Commit();
        }
    }

    static async Task Get(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        var limit = SearchWish.LimitOf(SearchWish.Given(query, "limit"), DefaultLimit);
        var since = SearchWish.Given(query, "since") is { } text
            ? ChangePosition.Of(text) ?? throw SearchWish.Bad("since", "since is not what an answer gave as its next.")
            : default;
        var only = SearchWish.Given(query, "collections")?.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (only?.Length is 0 or > MostCollections)
            throw SearchWish.Bad("collections", $"collections should be 1 to {MostCollections} ids.");
        var documents = SearchWish.Given(query, "include") switch
        {
            null => false,
            "items" => true,
            _ => throw SearchWish.Bad("include", "include should be items, or left out."),
        };
        await using var tx = await db.Read(ct);
        var bounds = await BoundsOf(tx, view, since);
        if (since.Position > bounds.Latest)
            throw new Refused(StatusCodes.Status410Gone, "CHANGES_POSITION_UNKNOWN",
                $"There is no change of the position {since.Position} yet: this is another catalogue, or an older one.",
                "Begin again, without since.");
        var found = await tx.All<Found>(Select(view, since, bounds.Upto, only, documents, limit));
        var next = found.Count == limit ? found[^1].Position : new ChangePosition(bounds.Upto);
        await Answer(http, view, found, next, bounds.Latest, ct);
    }

    static async Task<Bounds> BoundsOf(Tx tx, View view, ChangePosition since) => (await tx.One<Bounds>($"""
        select
            coalesce((select max(position) from catalogue_changes where org = {view.Org}), 0) as latest,
            coalesce((select max(position) from (
                select position from catalogue_changes where org = {view.Org} and position > {since.Position}
                order by position limit {MostPassedBy}) as passed), {since.Position}) as upto
        """))!;

    static Sql Select(
        View view, ChangePosition since, long upto, IReadOnlyList<string>? only, bool documents, int limit)
    {
        var from = since.Kind is null ? since.Position + 1 : since.Position;
        Sql body = documents ? view.Body($"bodies") : $"cast(null as text)";
        Sql ofItem = documents ? $"join catalogue_bodies as bodies on bodies.row_id = things.row_id" : Sql.Empty;
        Sql ofCollection = documents ? view.Body($"things") : $"cast(null as text)";
        Sql told = view.IsExternal ? $"not things.is_hidden" : (Sql)$"true";
        return $"""
            select * from (
                select * from ({Of(0, $"catalogue_collections", $"cast(0 as bigint)", $"things.id", $"''",
                    $"things.created_at", ofCollection, Sql.Empty, $"true")}) as collections
                union all
                select * from ({Of(1, $"catalogue_items", $"things.row_id", $"things.collection", $"things.id",
                    $"things.created_at", body, ofItem, $"true")}) as items
                union all
                select * from ({Of(2, $"catalogue_history", $"things.row_id", $"things.collection", $"things.id",
                    $"things.changed_at", $"cast(null as text)", Sql.Empty, $"things.body is null and {told}")}) as gone
            ) as found
            order by position, kind, row_id limit {limit}
            """;

        Sql Of(int kind, Sql table, Sql row, Sql collection, Sql id, Sql created, Sql document, Sql join, Sql also)
        {
            Sql after = since.Kind switch
            {
                { } last when last > kind => $"changes.position > {since.Position}",
                { } last when last == kind => $"(changes.position > {since.Position} or {row} > {since.RowId})",
                _ => $"true",
            };
            Sql wanted = only is null ? $"true" : (Sql)$"{collection} in {PaddedLists.Of(only).First()}";
            return $"""
                select changes.position as position, {KindSql(kind)} as kind, {row} as row_id,
                    {collection} as collection, {id} as id, things.version as version,
                    things.changed_at as changed_at, {created} as created_at, {document} as body
                from catalogue_changes as changes
                join {table} as things on things.org = changes.org and things.change_id = changes.change_id
                {join}
                where changes.org = {view.Org} and changes.position >= {from} and changes.position <= {upto}
                    and {view.Visible(collection)} and {wanted} and {also} and {after}
                order by position, row_id limit {limit}
                """;
        }
    }

    static Sql KindSql(int kind) => kind switch { 0 => $"0", 1 => $"1", _ => $"2" };

    static async Task Answer(
        HttpContext http, View view, List<Found> found, ChangePosition next, long latest, CancellationToken ct)
    {
        http.Response.ContentType = Media.Json;
        http.Response.Headers.CacheControl = "no-store";
        var to = http.Response.BodyWriter;
        AnswerWriter.Text(to, "{\"changes\":[");
        for (var i = 0; i < found.Count; i++)
        {
            AnswerWriter.Text(to, i == 0 ? "" : ",");
            var change = new System.Buffers.ArrayBufferWriter<byte>(256);
            AnswerWriter.Value(change, found[i].Change);
            await to.WriteAsync(change.WrittenMemory[..^1], ct);
            if (found[i].Body is { } body)
            {
                AnswerWriter.Text(to, ",\"item\":");
                view.Roots.Write(body, to);
            }
            AnswerWriter.Text(to, "}");
        }
        AnswerWriter.Text(to, FormattableString.Invariant($"],\"next\":\"{next}\",\"latest\":{latest}}}"));
        await to.FlushAsync(ct);
    }
}

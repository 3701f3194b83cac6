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
/// <param name="Version">The version that it has since; of a deletion, the one that says so. Absent outside: versions
/// count what changed inside only, too.</param>
/// <param name="At">When.</param>
public sealed record CatalogueChange(
    long Position, ChangeType Type, ChangeKind Kind, string Collection, string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Version, DateTimeOffset At);

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

    static readonly EventFilter Written = EventFilter.Of(
        [
            "collection.created", "collection.updated", "collection.deleted", "item.created", "item.updated",
            "item.deleted", "items.written", "items.deleted",
        ], out _);

    /// <summary>Sent as <c>since</c>: nothing of what there is, only what comes.</summary>
    const string FromNow = "latest";

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
                    insert into catalogue_changes (org, position, change_id, items)
                    values ({one.Org}, {one.OrgPosition}, {one.Id}, {Held(one)})
                    on conflict (org, position) do nothing
                    """);
            await tx.Commit();
        }
    }

    // How many documents a change held.
    static int Held(LoggedEvent one) => one.Type switch
    {
        "items.written" when one.Body.To<ItemsWritten>() is var written => written.Created + written.Updated,
        "items.deleted" => one.Body.To<ItemsDeleted>().Deleted,
        _ => 1,
    };

    static async Task Get(HttpContext http, View view, Db db, CancellationToken ct)
    {
        var query = http.Request.Query;
        var limit = SearchWish.LimitOf(SearchWish.Given(query, "limit"), DefaultLimit);
        var since = SearchWish.Given(query, "since") is { } text and not FromNow
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
        ChangePages.Page page;
        string shown;
        long latest;
        // Closed before the answer begins: whoever reads it slowly keeps no snapshot from anybody.
        await using (var tx = await db.Read(ct))
        {
            (view, shown) = await tx.Showing(view);
            latest = await tx.Count($"""
                select coalesce(max(position), 0) as n from catalogue_changes where org = {view.Org}
                """);
            if (SearchWish.Given(query, "since") == FromNow) page = new([], new ChangePosition(latest));
            else
            {
                MustFollow(since, shown, latest);
                page = await new ChangePages(tx, view, only, documents).After(since, limit);
            }
        }
        await Answer(http, view, page.Changes, page.Reached with { Shown = shown }, latest, ct);
    }

    // From 0 anybody may begin. Otherwise what was hidden and is shown by now would never be told of, and what is
    // hidden by now stay in a copy for good.
    static void MustFollow(ChangePosition since, string shown, long latest)
    {
        if (since.Position > 0 && since.Shown != shown)
            throw new Refused(StatusCodes.Status410Gone, "CHANGES_VIEW_CHANGED",
                "Since this position was given, collections were shown or hidden here: what follows it is not all that "
                + "changed for you.", "Start again from 0, with an empty copy.");
        if (since.Position > latest)
            throw new Refused(StatusCodes.Status410Gone, "CHANGES_POSITION_UNKNOWN",
                $"There is no change of the position {since.Position} yet: this is another catalogue, or an older one.",
                "Begin again, without since.");
    }

    static async Task Answer(
        HttpContext http, View view, IReadOnlyList<ChangePages.Found> found, ChangePosition next, long latest,
        CancellationToken ct)
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

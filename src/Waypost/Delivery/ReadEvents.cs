using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>One page of an organization's events, for scripts that poll.</summary>
/// <param name="Events">The events after the position asked for, in order.</param>
/// <param name="Next">Ask on with <c>after</c> = this.</param>
public sealed record EventsPage(IReadOnlyList<WireEvent> Events, long Next);

/// <summary>Reads an organization's events: as a stream (server-sent events) or page by page.</summary>
static class ReadEvents
{
    const int UsualPage = 100;
    const int MostWaitSeconds = 60;

    /// <summary>How many streams and waiting polls one organization may have open on one process.</summary>
    internal const int MostListeners = 200;

    /// <summary>What was asked for, understood.</summary>
    /// <param name="After">The position to go on after; null for what is new from now on.</param>
    /// <param name="Resumes">True when the caller named a position, and must hear if what followed it is gone.</param>
    /// <param name="Filter">Which types.</param>
    internal sealed record Wish(long? After, bool Resumes, EventFilter Filter);

    /// <summary>The route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/events", Read)
        .Permit(Permission.EventsRead)
        .WithName("ReadEvents")
        .WithSummary("Events as they happen")
        .WithDescription(
            "With Accept: text/event-stream a stream that resumes after Last-Event-ID; otherwise one page.")
        .WithTags("Events")
        .Produces<EventsPage>()
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .DisableRequestTimeout();

    static async Task<Results<Ok<EventsPage>, EmptyHttpResult>> Read(
        Caller caller, Databases databases, EventFeed feed, Keys keys, HttpContext http,
        string? last_event_id, string? types, string? since, long? after, int? limit,
        int? wait, TimeProvider clock, IHostApplicationLifetime lifetime)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, lifetime.ApplicationStopping);
        var streams = http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.Ordinal);
        var named = http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : last_event_id;
        var wish = Understand(named, after, since, types, streams);
        var db = databases.For(caller.Org);
        if (!streams)
            return TypedResults.Ok(await ReadPage(
                db, feed, caller.Org, wish, Bounded("limit", limit, UsualPage, 1, EventLog.MostEvents),
                TimeSpan.FromSeconds(Bounded("wait", wait, 0, 0, MostWaitSeconds)), clock, stop.Token));

        using var subscription = Listen(feed, caller.Org, wish.Filter);
        var stream = new EventStream(
            db, caller.Org, wish.Filter, subscription, http.Response, clock, () => keys.Identify(http));
        await stream.Run(wish, stop.Token);
        return TypedResults.Empty;
    }

    static async Task<EventsPage> ReadPage(
        Db db, EventFeed feed, string org, Wish wish, int limit, TimeSpan wait, TimeProvider clock,
        CancellationToken ct)
    {
        using var subscription = wait > TimeSpan.Zero ? Listen(feed, org, wish.Filter) : null;
        var after = wish.After ?? await EventLog.Head(db, org, ct);
        var page = await Page(db, org, after, wish, limit, ct);
        if (page.Events.Count == 0 && subscription is not null)
        {
            // What was queued before the page was read is in no page; the first that is newer ends the waiting.
            Task queued = subscription.Queue.WaitToReadAsync(ct).AsTask();
            await queued.WaitAsync(wait, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            page = await Page(db, org, after, wish, limit, CancellationToken.None);
        }
        return new EventsPage([.. page.Events.Select(logged => logged.ToWire())], page.Next);
    }

    /// <summary>Reads a page; a resume from before what is kept, or from a position never given out, is
    /// refused.</summary>
    internal static async Task<EventPage> Page(
        Db db, string org, long after, Wish wish, int limit, CancellationToken ct)
    {
        var page = await EventLog.Read(db, org, after, wish.Filter, limit, ct);
        if (!wish.Resumes) return page;
        if (after < page.PrunedTo)
            throw new Refused(
                StatusCodes.Status410Gone, "EVENTS_PRUNED",
                $"Events up to position {page.PrunedTo} are no longer kept, so what followed position {after} is "
                + "incomplete.",
                "Load the present state again, then read on with since=beginning (what is kept) or since=now.")
            {
                Details = new Dictionary<string, object?> { ["pruned_to"] = page.PrunedTo },
            };
        if (after > page.Head)
            throw Refused.Bad("EVENT_POSITION_UNKNOWN",
                $"No event has had the position {after} yet, so nothing can follow it.",
                "Use a position that this server gave out; after a restore from a backup, begin with since=now.");
        return page;
    }

    static EventFeed.Subscription Listen(EventFeed feed, string org, EventFilter filter) =>
        feed.Subscribe(org, filter, MostListeners) ?? throw new Refused(
            StatusCodes.Status429TooManyRequests, "TOO_MANY_STREAMS",
            $"This organization has {MostListeners} event streams open, which is the limit.",
            "Close some, or let several viewers share one stream.")
        {
            RetryAfter = TimeSpan.FromSeconds(10),
        };

    static Wish Understand(string? lastEventId, long? after, string? since, string? types, bool streams)
    {
        var filter = EventFilter.Of((types ?? "").Split(','), out var unknown);
        if (unknown.Count > 0 || filter.Patterns.Count > EventFilter.MostPatterns)
            throw WebhookRules.UnknownTypes("types", unknown);

        if (lastEventId is not null)
        {
            if (!long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                throw Refused.Bad("BAD_EVENT_ID", "The Last-Event-ID is not the id of an event: a whole number.",
                    "Send the id of the last event you received, or leave it out.");
            after = position;
        }
        if (after < 0) throw Refused.Bad("BAD_PARAMETER", "after must be 0 or more.",
            "Send the next of your last page.");
        return since switch
        {
            _ when after is not null => new Wish(after, true, filter),
            "beginning" => new Wish(0, false, filter),
            "now" => new Wish(null, false, filter),
            null => new Wish(streams ? null : 0, false, filter),
            _ => throw Refused.Bad("BAD_PARAMETER", "since must be beginning or now.", "Use one of the two."),
        };
    }

    static int Bounded(string name, int? asked, int usual, int least, int most) => asked switch
    {
        null => usual,
        { } n when n >= least && n <= most => n,
        _ => throw Refused.Bad(
            "BAD_PARAMETER", $"{name} must be between {least} and {most}.", "Choose a number in that range."),
    };
}

using System.Buffers;
using System.Globalization;
using System.Text;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>One connection's stream of server-sent events (HTML Living Standard, section 9.2).</summary>
/// <remarks>First what the log has after the position asked for, page by page; then what the feed queues. A connection
/// too slow for its queue goes back to the log, and loses nothing.</remarks>
sealed class EventStream(
    Db db, string org, EventFilter filter, EventFeed.Subscription subscription, HttpResponse response,
    TimeProvider clock, Func<Task> askKeyAgain)
{
    /// <summary>A comment this often keeps proxies from closing a quiet connection; so often the caller's key is looked
    /// at again, as a stream must not outlive it.</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    const int Page = 200;
    static readonly string Opening = "retry: 2000\n\n";

    long position;
    long keyAsked = clock.GetTimestamp();

    /// <summary>Streams until the client leaves, its key ends or the server stops.</summary>
    public async Task Run(ReadEvents.Wish wish, CancellationToken ct)
    {
        try
        {
            position = wish.After ?? await EventLog.Head(db, org, ct);
            // What is refused is refused before the first byte, as a plain problem.
            var first = await ReadEvents.Page(db, org, position, wish, Page, ct);
            await Open(ct);
            await Write(first, ct);
            while (true)
            {
                await CatchUp(wish, ct);
                await FollowLive(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The client has left, or the server stops; either way there is nobody to tell.
        }
        catch (Refused refused) when (response.HasStarted)
        {
            Add($"event: error\ndata: {Json.Of(new { refused.Code, Detail = refused.Message, refused.Remedy })}\n\n");
            await response.BodyWriter.FlushAsync(CancellationToken.None);
        }
    }

    async Task Open(CancellationToken ct)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        // The position is the client's from the first moment: it may be cut off before the first event.
        Add(Opening);
        Add($"id: {position.ToString(CultureInfo.InvariantCulture)}\n\n");
        await response.BodyWriter.FlushAsync(ct);
    }

    async Task CatchUp(ReadEvents.Wish wish, CancellationToken ct)
    {
        subscription.StartOver();
        while (true)
        {
            var page = await ReadEvents.Page(db, org, position, wish with { Resumes = position > 0 }, Page, ct);
            await Write(page, ct);
            if (page.ReachedHead) return;
        }
    }

    async Task Write(EventPage page, CancellationToken ct)
    {
        foreach (var logged in page.Events) Add(logged);
        position = page.Next;
        if (page.Events.Count > 0) await response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Hands on what is queued, until the queue was too small and the log must be read.</summary>
    async Task FollowLive(CancellationToken ct)
    {
        Task? queued = null;
        while (true)
        {
            for (var n = 0; n < Page && subscription.Queue.TryRead(out var logged); n++)
            {
                if (logged.OrgPosition <= position) continue;
                Add(logged);
                position = logged.OrgPosition;
            }
            await response.BodyWriter.FlushAsync(ct);
            if (subscription.Lagged) return;
            if (clock.GetElapsedTime(keyAsked) >= Beat) await AskKeyAgain();

            queued ??= subscription.Queue.WaitToReadAsync(ct).AsTask();
            await queued.WaitAsync(Beat, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (queued.IsCompleted) queued = null;
            else Add(": beat\n\n");
        }
    }

    async Task AskKeyAgain()
    {
        keyAsked = clock.GetTimestamp();
        await askKeyAgain();
    }

    void Add(LoggedEvent logged)
    {
        if (!filter.Matches(logged.Type)) return;
        Add($"id: {logged.OrgPosition.ToString(CultureInfo.InvariantCulture)}\nevent: {logged.Type}\ndata: ");
        response.BodyWriter.Write(logged.Wire);
        Add("\n\n");
    }

    void Add(string text) => Encoding.UTF8.GetBytes(text, response.BodyWriter);
}

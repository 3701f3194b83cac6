using System.Threading.Channels;
using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Hands new events to whoever is connected to this process: the log is read once, not once a connection.
/// </summary>
sealed class EventFeed(Db db)
{
    static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    const int Page = 500;

    readonly Lock gate = new();
    readonly Dictionary<string, HashSet<Subscription>> byOrg = new(StringComparer.Ordinal);
    readonly Wakefulness wake = new(db, EventLog.Channel, Poll);
    long position = -1;

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("events.feed", TimeSpan.FromSeconds(30), Round);

    /// <summary>Starts listening; null when the organization has <paramref name="most"/> listeners here already.
    /// </summary>
    /// <remarks>Whoever subscribes, then reads the log up to its head, and after that the subscription, misses nothing;
    /// what comes twice has a position already seen.</remarks>
    public Subscription? Subscribe(string org, EventFilter filter, int most)
    {
        var subscription = new Subscription(filter, ended => Unsubscribe(org, ended));
        lock (gate)
        {
            if (!byOrg.TryGetValue(org, out var listeners)) byOrg[org] = listeners = [];
            if (listeners.Count >= most) return null;
            listeners.Add(subscription);
            return subscription;
        }
    }

    void Unsubscribe(string org, Subscription ended)
    {
        lock (gate)
            if (byOrg.TryGetValue(org, out var listeners) && listeners.Remove(ended) && listeners.Count == 0)
                byOrg.Remove(org);
    }

    async Task Round(CancellationToken ct)
    {
        wake.Arm(ct);
        var head = await EventLog.HeadOfAll(db, ct);
        // Who subscribes from here on reads the log up to this head or further: nothing before it need be handed out.
        if (position < 0 || NobodyListens()) position = head;
        if (position >= head)
        {
            await wake.Wait();
            return;
        }
        var page = await EventLog.ReadAll(db, position, EventFilter.All, Page, ct);
        lock (gate)
            foreach (var logged in page.Events)
                if (byOrg.TryGetValue(logged.Org, out var listeners))
                    foreach (var listener in listeners) listener.Offer(logged);
        position = page.Next;
    }

    bool NobodyListens()
    {
        lock (gate) return byOrg.Count == 0;
    }

    /// <summary>One connection's queue of new events.</summary>
    internal sealed class Subscription(EventFilter filter, Action<Subscription> ended) : IDisposable
    {
        /// <summary>How many events may wait for a slow connection; past that it goes back to the log.</summary>
        public const int Room = 256;

        readonly Channel<LoggedEvent> queue = Channel.CreateBounded<LoggedEvent>(Room);
        volatile bool lagged;

        /// <summary>What has been queued.</summary>
        public ChannelReader<LoggedEvent> Queue => queue.Reader;

        /// <summary>True when the queue was full once: events are missing in it, and must be read from the
        /// log.</summary>
        public bool Lagged => lagged;

        /// <summary>Empties the queue; what is offered from here on is queued again.</summary>
        public void StartOver()
        {
            lagged = false;
            while (queue.Reader.TryRead(out _)) { }
        }

        /// <summary>Queues an event if it is wanted. Never waits: a slow connection is not the others'
        /// trouble.</summary>
        public void Offer(LoggedEvent logged)
        {
            if (!lagged && filter.Matches(logged.Type) && !queue.Writer.TryWrite(logged)) lagged = true;
        }

        /// <inheritdoc/>
        public void Dispose() => ended(this);
    }
}

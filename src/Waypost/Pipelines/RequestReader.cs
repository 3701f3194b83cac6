using Waypost.Delivery;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Keeps requests true to what happens elsewhere: a worker began with their job, their callback was delivered.
/// </summary>
static class RequestReader
{
    /// <summary>The types it wants.</summary>
    public static EventFilter Types { get; } = EventFilter.Of(
        [JobStarted.EventType, JobResumed.EventType, DeliverySent.EventType, DeliveryFailed.EventType], out _);

    /// <summary>Reacts to some events; the same again changes nothing.</summary>
    public static async Task Read(IServiceProvider services, IReadOnlyList<LoggedEvent> events, CancellationToken ct)
    {
        var databases = services.GetRequiredService<Databases>();
        foreach (var one in events)
        {
            await using var tx = await databases.For(one.Org).Begin(ct);
            await React(tx, one);
            await tx.Commit();
        }
    }

    static Task React(Tx tx, LoggedEvent one) => one.Type switch
    {
        "job.started" => tx.MarkProcessing(one.Org, one.Subject!, one.At),
        "job.resumed" => tx.MarkRetried(one.Org, one.Subject!, one.At),
        "delivery.sent" => Callbacks.Delivered(tx, one.Org, one.Body.To<DeliverySent>().DeliveryId,
        CallbackStatus.Sent),
        "delivery.failed" => Callbacks.Delivered(tx, one.Org, one.Body.To<DeliveryFailed>().DeliveryId,
        CallbackStatus.Failed),
        _ => throw new ArgumentException($"An event {one.Type} was not asked for.", nameof(one)),
    };
}

using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Waits for a channel without missing the wake that comes between looking and waiting.</summary>
/// <remarks>Arm, then look; found nothing: wait. One caller at a time.</remarks>
/// <param name="db">The database whose channel it is.</param>
/// <param name="channel">The channel.</param>
/// <param name="poll">Looks at least this often even when nothing wakes it: a wake can be lost with its sender.</param>
sealed class Wakefulness(Db db, string channel, TimeSpan poll)
{
    Task pending = Task.CompletedTask;

    /// <summary>From here on a wake is noticed.</summary>
    public void Arm(CancellationToken ct)
    {
        // A wait that has not ended yet began earlier, so it misses nothing; it serves again.
        if (pending.IsCompleted) pending = db.Woken(channel, poll, ct);
    }

    /// <summary>Returns when the channel was woken since <see cref="Arm"/>, or the poll is due.</summary>
    public Task Wait() => pending;
}

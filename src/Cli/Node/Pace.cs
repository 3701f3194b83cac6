namespace Waypost.Cli.Node;

/// <summary>Keeps what all downloads of a node take together within what its volunteer gives them.</summary>
/// <remarks>Each portion is given a time of its own in the order of asking; what nobody took is saved for one second at
/// the most, so that a pause is not made good by a flood.</remarks>
/// <param name="bytesPerSecond">The rate; null: as fast as it goes.</param>
/// <param name="clock">Paces.</param>
sealed class Pace(long? bytesPerSecond, TimeProvider clock)
{
    static readonly TimeSpan MostSaved = TimeSpan.FromSeconds(1);

    readonly Lock turn = new();
    DateTimeOffset free = DateTimeOffset.MinValue;

    /// <summary>Returns when these bytes may be taken.</summary>
    public async ValueTask Take(int bytes, CancellationToken ct)
    {
        if (bytesPerSecond is not { } rate) return;
        TimeSpan wait;
        lock (turn)
        {
            var now = clock.GetUtcNow();
            if (free < now - MostSaved) free = now - MostSaved;
            wait = free - now;
            free += TimeSpan.FromSeconds((double)bytes / rate);
        }
        if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, ct);
    }
}

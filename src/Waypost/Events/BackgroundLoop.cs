namespace Waypost.Events;

/// <summary>Work that goes on beside the requests: round after round until the server stops, whatever a round throws.
/// </summary>
/// <remarks>
/// A round does what there is to do, then waits for more, and returns within <see cref="ExpectedWithin"/>. A round that
/// throws is logged when its error first appears, and repeated after a pause that grows, with jitter, to
/// <see cref="LongestPause"/>; the error stays visible in <see cref="Heartbeats"/> until a round succeeds.
/// </remarks>
/// <param name="name">What an operator reads in <c>/health</c>: <c>events.relay</c>.</param>
/// <param name="expectedWithin">A loop without a beat for longer than this counts as stopped.</param>
/// <param name="round">One round.</param>
public sealed class BackgroundLoop(string name, TimeSpan expectedWithin, Func<CancellationToken, Task> round)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between failing rounds.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    readonly Lock gate = new();
    Heartbeat? last;

    /// <summary>What an operator reads in <c>/health</c>.</summary>
    public string Name => name;

    /// <summary>A loop without a beat for longer than this counts as stopped.</summary>
    public TimeSpan ExpectedWithin => expectedWithin;

    /// <summary>When a round last ended well; null before the first one.</summary>
    public DateTimeOffset? LastBeat => Snapshot().LastBeat;

    /// <summary>Why the last round failed; null when it did not.</summary>
    public string? LastError => Snapshot().LastError;

    /// <summary>How many rounds ended well since the start.</summary>
    public long Rounds => Snapshot().Rounds;

    /// <summary>Runs rounds until <paramref name="ct"/> is cancelled; returns then, without throwing.</summary>
    public async Task Run(TimeProvider clock, ILogger logger, CancellationToken ct)
    {
        Note(beat => beat with { Started = clock.GetUtcNow() });
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await round(ct);
                Note(beat => beat with { LastBeat = clock.GetUtcNow(), Rounds = beat.Rounds + 1, LastError = null });
                failures = 0;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (failure.Message != LastError) Log.RoundFailed(logger, name, failure);
                Note(beat => beat with { LastError = failure.Message });
                await Task.Delay(Pause(++failures), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Says that a long round is still getting on.</summary>
    public void Beat(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        Note(beat => beat with { LastBeat = clock.GetUtcNow() });
    }

    /// <summary>The loop's state at this moment.</summary>
    public Heartbeat Snapshot()
    {
        lock (gate) return last ?? new Heartbeat(name, expectedWithin, null, null, 0, null);
    }

    /// <summary>The pause after so many failures in a row: exponential, between half and the whole of it.</summary>
    internal static TimeSpan Pause(int failures)
    {
        var whole = Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, failures - 1));
#pragma warning disable CA5394 // Jitter keeps copies of the server apart; nobody gains by guessing it.
        return TimeSpan.FromSeconds(whole * (0.5 + Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }

    void Note(Func<Heartbeat, Heartbeat> change)
    {
        lock (gate) last = change(last ?? new Heartbeat(name, expectedWithin, null, null, 0, null));
    }
}

/// <summary>How one background loop is doing.</summary>
/// <param name="Name">What an operator calls it.</param>
/// <param name="ExpectedWithin">A loop without a beat for longer than this counts as stopped.</param>
/// <param name="Started">When it was started; null when it was not.</param>
/// <param name="LastBeat">When a round last ended well.</param>
/// <param name="Rounds">How many rounds ended well.</param>
/// <param name="LastError">Why the last round failed; null when it did not.</param>
public sealed record Heartbeat(
    string Name, TimeSpan ExpectedWithin, DateTimeOffset? Started, DateTimeOffset? LastBeat, long Rounds,
    string? LastError)
{
    /// <summary>True while the loop runs, its last round ended well, and that was not too long ago.</summary>
    public bool IsHealthy(DateTimeOffset now) =>
        LastError is null && (LastBeat ?? Started) is { } sign && now - sign <= ExpectedWithin;
}

/// <summary>Every background loop of this process, for <c>/health</c>.</summary>
public sealed class Heartbeats(IEnumerable<BackgroundLoop> loops)
{
    readonly BackgroundLoop[] loops = [.. loops];

    /// <summary>How each loop is doing, in the order they were registered.</summary>
    public IReadOnlyList<Heartbeat> All => [.. loops.Select(loop => loop.Snapshot())];
}

/// <summary>Registers and runs the background loops, each by hand.</summary>
public static class BackgroundLoops
{
    /// <summary>Adds a loop that runs from the server's start to its stop.</summary>
    public static IServiceCollection AddBackgroundLoop(
        this IServiceCollection services, Func<IServiceProvider, BackgroundLoop> make) => services.AddSingleton(make);

    /// <summary>Adds what starts and stops the registered loops, and their <see cref="Heartbeats"/>.</summary>
    internal static IServiceCollection AddBackgroundLoops(this IServiceCollection services) => services
        .AddSingleton<Heartbeats>()
        .AddHostedService<Runner>();

    sealed class Runner(IEnumerable<BackgroundLoop> loops, TimeProvider clock, ILogger<BackgroundLoop> logger)
        : BackgroundService
    {
        // Task.Run: a round may work a while before its first await, and the others must not wait for it.
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(loops.Select(loop =>
            Task.Run(() => loop.Run(clock, logger, stoppingToken), CancellationToken.None)));
    }
}

/// <summary>What this module tells the log.</summary>
static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The background loop {Loop} failed and goes on after a pause.")]
    public static partial void RoundFailed(ILogger logger, string loop, Exception failure);
}

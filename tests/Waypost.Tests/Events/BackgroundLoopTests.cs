using Microsoft.Extensions.Logging.Abstractions;
using Waypost.Events;
using Xunit;

namespace Waypost.Tests.Events;

public sealed class BackgroundLoopTests
{
    [Fact]
    public async Task A_round_that_throws_is_followed_by_another_and_its_error_is_seen_meanwhile()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var errors = new List<string?>();
        var rounds = 0;
        BackgroundLoop? loop = null;
        loop = new BackgroundLoop("test.loop", TimeSpan.FromMinutes(1), async _ =>
        {
            errors.Add(loop!.LastError);
            if (++rounds < 3) throw new InvalidOperationException($"round {rounds} broke");
            if (rounds == 5) await stop.CancelAsync();
        });

        await loop.Run(TimeProvider.System, NullLogger.Instance, stop.Token);

        Assert.Equal([null, "round 1 broke", "round 2 broke", null, null], errors);
        Assert.Equal(3, loop.Rounds);
        Assert.Null(loop.LastError);
        Assert.NotNull(loop.LastBeat);
    }

    [Fact]
    public void A_loop_is_healthy_only_while_its_last_good_round_is_recent_enough()
    {
        var now = DateTimeOffset.UnixEpoch;
        var beat = new Heartbeat("test.loop", TimeSpan.FromSeconds(10), now, null, 0, null);

        Assert.True(beat.IsHealthy(now.AddSeconds(10)));
        Assert.False(beat.IsHealthy(now.AddSeconds(11)));
        Assert.True((beat with { LastBeat = now.AddSeconds(5) }).IsHealthy(now.AddSeconds(15)));
        Assert.False((beat with { LastBeat = now.AddSeconds(5), LastError = "broke" }).IsHealthy(now.AddSeconds(6)));
        Assert.False((beat with { Started = null }).IsHealthy(now));
    }

    [Fact]
    public void The_pause_grows_with_every_failure_up_to_its_bound()
    {
        Assert.InRange(BackgroundLoop.Pause(1), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        Assert.InRange(BackgroundLoop.Pause(4), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(800));
        Assert.InRange(BackgroundLoop.Pause(5000), BackgroundLoop.LongestPause / 2, BackgroundLoop.LongestPause);
    }
}

using Waypost.Rescue.Policy;
using Xunit;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>A source is never asked for more than it bears, and what it lends comes back once.</summary>
public sealed class SourceTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    static readonly SourceLimits Limits = SourceLimits.Recommended;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory, MemberData(nameof(Seeds))]
    public void Connections_conserve_and_never_pass_the_cap_or_a_closed_door(int seed)
    {
        var random = new Random(seed);
        var limits = Limits with { RequestsPerMinute = random.Next(1, 200), Burst = random.Next(1, 20) };
        var (state, now, taken) = (Sources.Begin(limits, Start), Start, new List<DateTimeOffset>());
        var (begun, closedUntil) = (0, DateTimeOffset.MinValue);
        for (var step = 0; step < 2000; step++)
        {
            now = now.AddSeconds(random.NextDouble() * 5);
            if (random.Next(2) == 0 && Sources.Room(limits, state, now).Connections > 0)
            {
                Assert.True(now >= closedUntil, $"seed {seed}: taken before Retry-After was over");
                state = Sources.Take(limits, state, now);
                taken.Add(now);
                begun++;
                Assert.True(state.InFlight <= Math.Max(1, state.Cap), $"seed {seed}: over the cap");
            }
            else if (taken.Count > 0)
            {
                var one = random.Next(taken.Count);
                TimeSpan? retry = random.Next(20) == 0 ? TimeSpan.FromSeconds(random.Next(100)) : null;
                if (retry is { } wait && now + wait > closedUntil) closedUntil = now + wait;
                state = Sources.Return(limits, state, taken[one], (SourceOutcome)random.Next(4), retry, now);
                taken.RemoveAt(one);
            }
            Assert.Equal(taken.Count, state.InFlight);
            Assert.InRange(state.Cap, 1, limits.MostInFlight);
        }
        var allowed = limits.Burst + (now - Start).TotalMinutes * limits.RequestsPerMinute;
        Assert.True(begun <= allowed + 1e-6, $"seed {seed}: {begun} began where {allowed} may");
    }

    [Fact]
    public void Many_that_fail_together_halve_the_cap_once()
    {
        var limits = Limits with { FirstInFlight = 8, MostInFlight = 8 };
        var state = Sources.Begin(limits, Start);
        for (var i = 0; i < 8; i++) state = Sources.Take(limits, state, Start);
        for (var i = 0; i < 8; i++)
            state = Sources.Return(limits, state, Start, SourceOutcome.Overloaded, null, Start.AddSeconds(9));
        Assert.Equal(4, state.Cap);
    }

    [Fact]
    public void A_quiet_interval_raises_the_cap_by_one_up_to_the_most()
    {
        var (state, now) = (Sources.Begin(Limits, Start), Start);
        for (var i = 0; i < 100; i++)
        {
            state = Sources.Take(Limits, state, now);
            now += Limits.QuietInterval;
            var before = state.Cap;
            state = Sources.Return(Limits, state, now - Limits.QuietInterval, SourceOutcome.Served, null, now);
            Assert.InRange(state.Cap, before, before + 1);
        }
        Assert.Equal(Limits.MostInFlight, state.Cap);
    }

    [Fact]
    public void A_crawl_delay_spaces_requests_out()
    {
        var limits = Limits with { CrawlDelay = TimeSpan.FromSeconds(30) };
        var state = Sources.Take(limits, Sources.Begin(limits, Start), Start);
        var room = Sources.Room(limits, state, Start.AddSeconds(10));
        Assert.Equal((0, SourceRefusal.NoToken), (room.Connections, room.Refusal));
        Assert.Equal(Start.AddSeconds(30), room.Until!.Value, TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Sources.Room(limits, state, Start.AddSeconds(30)).Connections);
    }

    [Fact]
    public void A_blackout_is_kept_in_the_sources_own_time_also_over_Sunday_night()
    {
        // Sunday 22:00 to Monday 06:00 in New York's winter: Monday 03:00 to 11:00 UTC.
        var window = new WeeklyWindow((6 * 1440) + (22 * 60), 6 * 60, TimeSpan.FromHours(-5));
        var limits = Limits with { Blackouts = [window] };
        var monday = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
        var state = Sources.Begin(limits, monday);
        Assert.Equal(SourceRefusal.None, Sources.Room(limits, state, monday.AddHours(2.9)).Refusal);
        Assert.Equal(
            new SourceRoom(0, SourceRefusal.Blackout, monday.AddHours(11)),
            Sources.Room(limits, state, monday.AddHours(3)));
        Assert.Equal(SourceRefusal.None, Sources.Room(limits, state, monday.AddHours(11)).Refusal);
    }

    [Fact]
    public void A_source_that_is_gone_is_asked_ever_more_rarely_and_one_at_a_time()
    {
        var (state, now, asked) = (Sources.Begin(Limits, Start), Start, 0);
        while (now < Start.AddDays(2))
        {
            now = now.AddMinutes(1);
            if (Sources.Room(Limits, state, now).Connections < 1) continue;
            state = Sources.Take(Limits, state, now);
            state = Sources.Return(Limits, state, now, SourceOutcome.Failed, null, now);
            asked++;
        }
        Assert.InRange(asked, 10, 30);
    }
}

using Waypost.Rescue.Policy;
using Xunit;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>Silence is judged by the node's own habits.</summary>
public sealed class LivenessTests
{
    static readonly DateTimeOffset Monday = new(2026, 11, 16, 0, 0, 0, TimeSpan.Zero);

    static readonly PolicySettings Settings = new();

    [Fact]
    public void A_node_that_beats_every_minute_is_suspect_and_then_lost_minutes_after_it_fell_silent()
    {
        var (beats, profile) = Beating(Liveness.Begin(Monday), DutyProfile.AlwaysOn, Monday, Monday.AddHours(3));
        Assert.Equal(Vitality.Alive, Judge(beats.Last.AddSeconds(90)));
        var suspected = Enumerable.Range(1, 3600).First(s => Judge(beats.Last.AddSeconds(s)) == Vitality.Suspect);
        var lost = Enumerable.Range(1, 3600).First(s => Judge(beats.Last.AddSeconds(s)) == Vitality.Lost);
        Assert.InRange(suspected, 120, 600);
        Assert.InRange(lost, suspected + 1, 900);

        Vitality Judge(DateTimeOffset at) => Liveness.Judge(beats, profile, at, Settings);
    }

    [Fact]
    public void A_volunteer_that_sleeps_every_night_is_asleep_at_night_and_missed_in_the_morning()
    {
        var (beats, profile) = (Liveness.Begin(Monday.AddHours(7)), DutyProfile.AlwaysOn);
        for (var day = 0; day < 14; day++)
            (beats, profile) = Beating(
                beats, profile, Monday.AddDays(day).AddHours(7), Monday.AddDays(day).AddHours(22));
        var night = Monday.AddDays(14).AddHours(3);
        Assert.Equal(Vitality.Asleep, Liveness.Judge(beats, profile, night, Settings));
        Assert.Equal(Monday.AddDays(14).AddHours(7), profile.NextOn(night));
        Assert.Equal(Vitality.Lost, Liveness.Judge(beats, profile, Monday.AddDays(14).AddHours(9), Settings));
        Assert.InRange(profile.Duty, 0.55, 0.75);
    }

    [Fact]
    public void Hours_that_are_declared_count_from_the_first_night_on()
    {
        var profile = DutyProfile.Declared(22, 7, TimeSpan.FromHours(1));
        Assert.True(profile.IsOn(Monday.AddHours(21.5)));
        Assert.True(profile.IsOn(Monday.AddHours(5.5)));
        Assert.False(profile.IsOn(Monday.AddHours(6.5)));
        Assert.Equal(9 / 24.0, profile.Duty, 6);
        Assert.Equal(TimeSpan.FromHours(9), profile.ExpectedOn(Monday, Monday.AddDays(1)));
    }

    [Fact]
    public void Phi_never_falls_while_a_node_is_silent()
    {
        var (beats, profile) = Beating(Liveness.Begin(Monday), DutyProfile.AlwaysOn, Monday, Monday.AddHours(1));
        var before = 0.0;
        for (var second = 0; second < 5000; second += 7)
        {
            var phi = Liveness.Phi(beats, profile, beats.Last.AddSeconds(second));
            Assert.True(phi >= before && double.IsFinite(phi), $"{phi} after {before} at {second} s");
            before = phi;
        }
    }

    static (Heartbeats, DutyProfile) Beating(
        Heartbeats beats, DutyProfile profile, DateTimeOffset from, DateTimeOffset to)
    {
        var random = new Random(1);
        for (var at = from; at < to; at = at.AddSeconds(55 + random.Next(10)))
            (beats, profile) = Liveness.Beat(beats, profile, at);
        return (beats, profile);
    }
}

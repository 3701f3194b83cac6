namespace Waypost.Rescue.Policy;

/// <summary>At which hours of the week a node is usually on; a volunteer that sleeps at night is not dead.</summary>
/// <param name="ByHour">For each hour of a week from Monday 00:00 UTC, the share of it that the node was on.</param>
/// <param name="ByTime">The same for each hour of any day, which is known sooner.</param>
/// <param name="Weeks">How often each hour of the week was seen.</param>
sealed record DutyProfile(IReadOnlyList<float> ByHour, IReadOnlyList<float> ByTime, IReadOnlyList<byte> Weeks)
{
    const int HoursOfWeek = 168;

    /// <summary>After so many weeks an hour of the week speaks for itself.</summary>
    const int Known = 3;

    /// <summary>What a new observation weighs.</summary>
    const float Recent = 0.3f;

    /// <summary>How far ahead and back anything is looked up.</summary>
    static readonly TimeSpan Horizon = TimeSpan.FromDays(14);

    /// <summary>Of a node that nothing is known of: always on.</summary>
    public static DutyProfile AlwaysOn { get; } = new(
        [.. Enumerable.Repeat(1f, HoursOfWeek)], [.. Enumerable.Repeat(1f, 24)], new byte[HoursOfWeek]);

    /// <summary>Of a node that says when it is on, in hours of its own day; 22 to 7 goes over midnight.</summary>
    public static DutyProfile Declared(int fromHour, int toHour, TimeSpan offset)
    {
        var hours = ((toHour - fromHour) + 24) % 24;
        var byTime = new float[24];
        for (var i = 0; i < (hours == 0 ? 24 : hours); i++)
            byTime[((fromHour + i - (int)Math.Round(offset.TotalHours)) % 24 + 24) % 24] = 1;
        return new([.. Enumerable.Range(0, HoursOfWeek).Select(hour => byTime[hour % 24])], byTime,
            new byte[HoursOfWeek]);
    }

    /// <summary>The share of all time that it is on, at least a hundredth.</summary>
    public double Duty => Math.Max(0.01, Enumerable.Range(0, HoursOfWeek).Average(hour => (double)On(hour)));

    /// <summary>Learns that it was on, or off, for a while.</summary>
    public DutyProfile Learn(DateTimeOffset from, DateTimeOffset to, bool isOn)
    {
        if (to - from > Horizon) from = to - Horizon;
        var (byHour, byTime, weeks) = (ByHour.ToArray(), ByTime.ToArray(), Weeks.ToArray());
        foreach (var (hour, share) in Hours(from, to))
        {
            byHour[hour] += Recent * share * ((isOn ? 1 : 0) - byHour[hour]);
            byTime[hour % 24] += Recent * share * ((isOn ? 1 : 0) - byTime[hour % 24]);
            if (share >= 0.5f && weeks[hour] < byte.MaxValue) weeks[hour]++;
        }
        return new(byHour, byTime, weeks);
    }

    /// <summary>How much of this time it is usually on; hours in which it seldom is count nothing.</summary>
    public TimeSpan ExpectedOn(DateTimeOffset from, DateTimeOffset to)
    {
        if (to - from > Horizon) from = to - Horizon;
        return TimeSpan.FromHours(Hours(from, to).Sum(part => On(part.Hour) < 0.5f ? 0.0 : part.Share * On(part.Hour)));
    }

    /// <summary>Whether it is usually on at this moment.</summary>
    public bool IsOn(DateTimeOffset at) => On(HourOf(at)) >= 0.5f;

    /// <summary>When it is usually on next; now when it is.</summary>
    public DateTimeOffset NextOn(DateTimeOffset now)
    {
        var hour = now;
        for (var i = 0; i < HoursOfWeek && !IsOn(hour); i++)
            hour = hour.AddHours(1) - TimeSpan.FromTicks(hour.Ticks % TimeSpan.TicksPerHour);
        return hour;
    }

    float On(int hour) => Weeks[hour] >= Known ? ByHour[hour] : Math.Min(ByHour[hour], ByTime[hour % 24]);

    static int HourOf(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return ((((int)utc.DayOfWeek + 6) % 7) * 24) + utc.Hour;
    }

    static IEnumerable<(int Hour, float Share)> Hours(DateTimeOffset from, DateTimeOffset to)
    {
        while (from < to)
        {
            var end = from.AddHours(1) - TimeSpan.FromTicks(from.UtcTicks % TimeSpan.TicksPerHour);
            if (end > to) end = to;
            yield return (HourOf(from), (float)(end - from).TotalHours);
            from = end;
        }
    }
}

/// <summary>How regularly a node's heartbeats come.</summary>
/// <param name="Last">The last one.</param>
/// <param name="MeanSeconds">The mean time between two.</param>
/// <param name="Variance">Its variance, in square seconds.</param>
/// <param name="Count">How many intervals were seen.</param>
readonly record struct Heartbeats(DateTimeOffset Last, double MeanSeconds, double Variance, int Count);

/// <summary>What a node's silence means.</summary>
enum Vitality
{
    /// <summary>It speaks.</summary>
    Alive,

    /// <summary>It is silent at an hour at which it usually is.</summary>
    Asleep,

    /// <summary>It gets no new work.</summary>
    Suspect,

    /// <summary>Its leases go to others.</summary>
    Lost,
}

/// <summary>Phi-accrual failure detection over the hours in which a node is usually on.</summary>
static class Liveness
{
    /// <summary>A silence longer than this is being off, and no interval.</summary>
    public static readonly TimeSpan Off = TimeSpan.FromMinutes(15);

    /// <summary>What is forgiven before silence counts: a restart, a slow line.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);

    const double LeastDeviationSeconds = 10, Recent = 0.1, FirstMeanSeconds = 60;

    /// <summary>The first heartbeat.</summary>
    public static Heartbeats Begin(DateTimeOffset now) => new(now, FirstMeanSeconds, FirstMeanSeconds, 0);

    /// <summary>One more heartbeat, and what it says about the node's hours.</summary>
    public static (Heartbeats Beats, DutyProfile Profile) Beat(
        Heartbeats beats, DutyProfile profile, DateTimeOffset now)
    {
        // A clock that went back says nothing.
        if (now <= beats.Last) return (beats, profile);
        var interval = now - beats.Last;
        var learned = profile.Learn(beats.Last, now, interval <= Off);
        if (interval > Off) return (beats with { Last = now }, learned);
        var weight = Math.Max(Recent, 1.0 / (beats.Count + 1));
        var change = interval.TotalSeconds - beats.MeanSeconds;
        return (new(
            now, beats.MeanSeconds + (weight * change), (1 - weight) * (beats.Variance + (weight * change * change)),
            Math.Min(1_000_000, beats.Count + 1)), learned);
    }

    /// <summary>How unlikely this silence is: the negative decimal logarithm of the chance that a heartbeat still
    /// comes. Hours in which the node is usually off do not count.</summary>
    public static double Phi(Heartbeats beats, DutyProfile profile, DateTimeOffset now)
    {
        var silence = profile.ExpectedOn(beats.Last, now).TotalSeconds;
        var deviation = Math.Max(LeastDeviationSeconds, Math.Sqrt(beats.Variance));
        var y = (silence - beats.MeanSeconds - Pause.TotalSeconds) / deviation;
        // The logistic approximation of the normal distribution's tail, in logarithms so that it never underflows.
        var exponent = y * (1.5976 + (0.070566 * y * y));
        return exponent > 30 ? exponent / Math.Log(10) : Math.Log10(1 + Math.Exp(exponent));
    }

    /// <summary>What this silence means.</summary>
    public static Vitality Judge(
        Heartbeats beats, DutyProfile profile, DateTimeOffset now, PolicySettings settings)
    {
        var phi = Phi(beats, profile, now);
        if (phi >= settings.ReassignPhi) return Vitality.Lost;
        if (phi >= settings.SuspectPhi) return Vitality.Suspect;
        return now - beats.Last > Off && !profile.IsOn(now) ? Vitality.Asleep : Vitality.Alive;
    }
}

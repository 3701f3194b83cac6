namespace Waypost.Catalogue;

/// <summary>Counts moments by second, minute, hour, day, week, month or year, in UTC; weeks begin on Monday.</summary>
static class TimeCounts
{
    const long Second = 1_000_000;
    const long Day = 86_400 * Second;

    /// <summary>1970-01-01 was a Thursday: so many days after a Monday.</summary>
    const int DaysFromMonday = 3;

    /// <summary>What gives a few dozen counts of moments this far apart.</summary>
    public static CountedBy For(long first, long last) => (last - first) switch
    {
        <= 2 * 60 * Second => CountedBy.Second,
        <= 2 * 3_600 * Second => CountedBy.Minute,
        <= 3 * Day => CountedBy.Hour,
        <= 100 * Day => CountedBy.Day,
        <= 3_660 * Day => CountedBy.Month,
        _ => CountedBy.Year,
    };

    /// <summary>The stretch by which the database counts; days are put together afterwards.</summary>
    public static long Unit(CountedBy by) => by switch
    {
        CountedBy.Second => Second,
        CountedBy.Minute => 60 * Second,
        CountedBy.Hour => 3_600 * Second,
        _ => Day,
    };

    /// <summary>The beginning of the stretch that a moment is in.</summary>
    public static long Begin(long moment, CountedBy by)
    {
        var unit = Unit(by);
        var begin = moment - ((moment % unit) + unit) % unit;
        var day = Moments.Time(begin).UtcDateTime;
        return by switch
        {
            CountedBy.Week => begin - (((begin / Day + DaysFromMonday) % 7 + 7) % 7) * Day,
            CountedBy.Month => begin - (day.Day - 1) * Day,
            CountedBy.Year => begin - (day.DayOfYear - 1) * Day,
            _ => begin,
        };
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Waypost.Work;

/// <summary>When a schedule's job is due: pure functions of the time that is asked about.</summary>
abstract partial class Timetable
{
    /// <summary>The shortest interval.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <summary>The longest interval.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>The first occurrence after this moment; null: there is none in ten years.</summary>
    public abstract DateTimeOffset? After(DateTimeOffset moment);

    /// <summary>The last occurrence not before <paramref name="from"/> and not after <paramref name="to"/>.</summary>
    public abstract DateTimeOffset? LastWithin(DateTimeOffset from, DateTimeOffset to);

    /// <summary>A cron expression, by the clocks of a time zone.</summary>
    /// <remarks>
    /// On the days when clocks are changed, an expression that chooses its hours means what clocks show: a time that
    /// comes twice counts once, the first time; one that is left out counts at the moment when clocks are put forward.
    /// One that does not choose its hours means time that passes: what comes twice counts twice, what is left out does
    /// not count.
    /// </remarks>
    public static Timetable Of(Cron cron, TimeZoneInfo zone) => new ByClock(cron, zone);

    /// <summary>Every so often from an anchor on, the anchor left out.</summary>
    public static Timetable Every(TimeSpan interval, DateTimeOffset anchor) => new ByInterval(interval, anchor);

    /// <summary>Reads an interval: an ISO 8601 duration of weeks, or days, hours, minutes and seconds.</summary>
    /// <exception cref="FormatException">It is not one, or too short or too long.</exception>
    public static TimeSpan Interval(string text)
    {
        var match = Duration().Match(text);
        if (!match.Success || match.Length < 3 || text[^1] is 'T')
            throw new FormatException("An ISO 8601 duration such as PT5M, PT6H, P1D or P1W was expected.");
        var length = TimeSpan.FromDays(7L * Part("w") + Part("d"))
            + TimeSpan.FromSeconds(3600L * Part("h") + 60L * Part("m") + Part("s"));
        return length >= Shortest && length <= Longest ? length
            : throw new FormatException("An interval is from PT10S to P366D.");

        int Part(string name) =>
            match.Groups[name] is { Success: true, Value: var digits }
                ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(
        @"^P(?:(?<w>\d{1,6})W|(?:(?<d>\d{1,6})D)?(?:T(?:(?<h>\d{1,6})H)?(?:(?<m>\d{1,6})M)?(?:(?<s>\d{1,8})S)?)?)$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Duration();

    sealed class ByInterval(TimeSpan interval, DateTimeOffset anchor) : Timetable
    {
        public override DateTimeOffset? After(DateTimeOffset moment) => At(Math.Max(Number(moment) + 1, 1));

        public override DateTimeOffset? LastWithin(DateTimeOffset from, DateTimeOffset to) =>
            Number(to) is >= 1 and var number && At(number) is var last && last >= from ? last : null;

        DateTimeOffset At(long number) => anchor + number * interval;

        // Rounded down, also before the anchor.
        long Number(DateTimeOffset moment) => (long)Math.Floor((decimal)(moment - anchor).Ticks / interval.Ticks);
    }

    sealed class ByClock(Cron cron, TimeZoneInfo zone) : Timetable
    {
        // No zone's clocks differ from UTC by more than 14 hours, nor are they changed by more than a day.
        static readonly TimeSpan Around = TimeSpan.FromHours(26);

        public override DateTimeOffset? After(DateTimeOffset moment)
        {
            var utc = moment.UtcDateTime;
            var local = utc + zone.GetUtcOffset(utc);
            // In the second pass of what comes twice, the first pass of what is to come second lies behind us.
            if (cron.EveryHour && Instants(Floor(local)) is [var once, var twice]) local -= twice - once;
            var (first, second) = (Next(local, utc, last: false), Next(local, utc, last: true));
            return first is null || (second is not null && second < first) ? second : first;
        }

        public override DateTimeOffset? LastWithin(DateTimeOffset from, DateTimeOffset to)
        {
            // Looks back twice as far each time: rarely due, few occurrences to walk over.
            for (var back = TimeSpan.FromMinutes(2); ; back *= 2)
            {
                var start = to - from <= back ? from : to - back;
                DateTimeOffset? last = null;
                for (var next = After(start.AddTicks(-1)); next <= to; next = After(next.Value)) last = next;
                if (last is not null || start == from) return last;
            }
        }

        // Instants come in the order of their local minutes as long as it is always the first or always the last.
        DateTimeOffset? Next(DateTime local, DateTime after, bool last)
        {
            if (last && !cron.EveryHour) return null;
            for (var next = cron.AtOrAfter(Floor(local)); next is { } due; next = cron.AtOrAfter(due.AddMinutes(1)))
            {
                DateTime[] instants = Instants(due);
                if (instants.Length == 0 && !cron.EveryHour) instants = [Forward(due)];
                if (instants.Length == 0) continue;
                var instant = last ? instants[^1] : instants[0];
                if (instant > after) return new DateTimeOffset(DateTime.SpecifyKind(instant, DateTimeKind.Utc));
            }
            return null;
        }

        // When clocks show this: once, twice, or never.
        DateTime[] Instants(DateTime local)
        {
            var (before, after) = Offsets(local);
            var (first, second) = (local - before, local - after);
            var firstIs = zone.GetUtcOffset(Utc(first)) == before;
            var secondIs = zone.GetUtcOffset(Utc(second)) == after;
            if (before == after || !secondIs) return firstIs ? [first] : [];
            if (!firstIs) return [second];
            return first < second ? [first, second] : [second, first];
        }

        // The minute at which clocks are put forward over this one.
        DateTime Forward(DateTime local)
        {
            var (_, after) = Offsets(local);
            var (low, high) = (0L, (long)(2 * Around).TotalMinutes);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (zone.GetUtcOffset(Utc(local - Around).AddMinutes(middle)) == after) high = middle;
                else low = middle + 1;
            }
            return Utc(local - Around).AddMinutes(low);
        }

        (TimeSpan Before, TimeSpan After) Offsets(DateTime local) =>
            (zone.GetUtcOffset(Utc(local - Around)), zone.GetUtcOffset(Utc(local + Around)));

        static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

        static DateTime Floor(DateTime time) =>
            new(time.Ticks - time.Ticks % TimeSpan.TicksPerMinute, DateTimeKind.Unspecified);
    }
}

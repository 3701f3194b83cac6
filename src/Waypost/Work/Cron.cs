using System.Globalization;
using System.Numerics;

namespace Waypost.Work;

/// <summary>A cron expression of five fields: which minutes of a calendar it means, whatever the time zone.</summary>
/// <remarks>
/// Minute (0-59), hour (0-23), day of month (1-31), month (1-12 or JAN-DEC), day of week (0-7 or SUN-SAT; 0 and 7 are
/// Sunday); each a list of <c>*</c>, <c>a</c>, <c>a-b</c>, with <c>/n</c> for every n-th. As in Vixie's cron a day has
/// to match both fields of days where one of them begins with <c>*</c>, and either of them where neither does.
/// </remarks>
sealed class Cron
{
    /// <summary>February 29th comes after eight years at the latest: what has not come by then never does.</summary>
    const int LongestSearchDays = 10 * 366;

    const int LongestExpression = 200;

    static readonly Dictionary<string, string> Nicknames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    static readonly string[] Months =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

    static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    readonly record struct Field(string Name, int Least, int Most, string[] Names);

    static readonly Field[] Fields =
    [
        new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of month", 1, 31, []), new("month", 1, 12, Months),
        new("day of week", 0, 7, Weekdays),
    ];

    readonly ulong minutes, hours, days, months, weekdays;
    readonly bool eitherDay;

    Cron(ulong[] masks, bool eitherDay, bool everyHour)
    {
        (minutes, hours, days, months) = (masks[0], masks[1], masks[2], masks[3]);
        weekdays = (masks[4] & 0x7F) | (masks[4] >> 7 & 1);
        this.eitherDay = eitherDay;
        EveryHour = everyHour;
    }

    /// <summary>True when it does not choose its hours (<c>*</c> or <c>*/n</c>, or all of them): it then means time
    /// that passes rather than what clocks show, which differs on the days when clocks are changed.</summary>
    public bool EveryHour { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is not one; the sentence says which field, and what it takes.</exception>
    public static Cron Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        if (expression.Length > LongestExpression)
            throw new FormatException($"It is longer than {LongestExpression} characters.");
        var trimmed = expression.Trim();
        if (Nicknames.TryGetValue(trimmed, out var meant)) trimmed = meant;
        var words = trimmed.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Fields.Length)
            throw new FormatException(
                $"It has {words.Length} fields; five were expected: minute, hour, day of month, month, day of week.");
        ulong[] masks = [.. Fields.Zip(words, Mask)];
        return new Cron(
            masks, eitherDay: words[2][0] != '*' && words[4][0] != '*',
            everyHour: words[1][0] == '*' || BitOperations.PopCount(masks[1]) == 24);
    }

    /// <summary>Whether the expression means this minute of the calendar.</summary>
    public bool Matches(DateTime local) =>
        Has(minutes, local.Minute) && Has(hours, local.Hour) && MatchesDay(local);

    /// <summary>The first minute that it means, this one or later; null: there is none in ten years.</summary>
    public DateTime? AtOrAfter(DateTime local)
    {
        var day = local.Date;
        var (hour, minute) = (local.Hour, local.Minute + (local.Ticks % TimeSpan.TicksPerMinute == 0 ? 0 : 1));
        for (var last = day.AddDays(LongestSearchDays); day <= last; (hour, minute) = (0, 0))
        {
            if (!Has(months, day.Month))
            {
                day = new DateTime(day.Year, day.Month, 1, 0, 0, 0, day.Kind).AddMonths(1);
                continue;
            }
            if (MatchesDay(day) && InDay(hour, minute) is { } time) return day + time;
            day = day.AddDays(1);
        }
        return null;
    }

    TimeSpan? InDay(int hour, int minute)
    {
        if (Has(hours, hour) && First(minutes, minute) is { } rest) return new TimeSpan(hour, rest, 0);
        return First(hours, hour + 1) is { } later ? new TimeSpan(later, First(minutes, 0)!.Value, 0) : null;
    }

    bool MatchesDay(DateTime day)
    {
        if (!Has(months, day.Month)) return false;
        var (ofMonth, ofWeek) = (Has(days, day.Day), Has(weekdays, (int)day.DayOfWeek));
        return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    static bool Has(ulong mask, int value) => (mask >> value & 1) == 1;

    static int? First(ulong mask, int from)
    {
        var rest = from > 63 ? 0 : mask & (ulong.MaxValue << from);
        return rest == 0 ? null : BitOperations.TrailingZeroCount(rest);
    }

    static ulong Mask(Field field, string word)
    {
        var mask = 0UL;
        foreach (var item in word.Split(',')) mask |= MaskOf(field, item);
        return mask;
    }

    static ulong MaskOf(Field field, string item)
    {
        var parts = item.Split('/');
        var step = parts.Length == 1 ? 1
            : parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                && n > 0 && n <= field.Most ? n : throw Wrong(field, item);
        var (from, to) = Range(field, parts[0], open: parts.Length == 2, item);
        var mask = 0UL;
        for (var value = from; value <= to; value += step) mask |= 1UL << value;
        return mask;
    }

    static (int From, int To) Range(Field field, string range, bool open, string item)
    {
        if (range == "*") return (field.Least, field.Names == Weekdays ? 6 : field.Most);
        var ends = range.Split('-');
        if (ends.Length > 2) throw Wrong(field, item);
        var from = Value(field, ends[0], item);
        var to = ends.Length == 2 ? Value(field, ends[1], item) : open ? field.Most : from;
        return from <= to ? (from, to) : throw Wrong(field, item);
    }

    static int Value(Field field, string word, string item)
    {
        var named = Array.FindIndex(field.Names, name => name.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (named >= 0) return named + field.Least;
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= field.Least && value <= field.Most ? value : throw Wrong(field, item);
    }

    static FormatException Wrong(Field field, string item) => new(
        $"Its {field.Name} says '{item}'; {field.Least} to {field.Most}"
        + (field.Names.Length > 0 ? $" or {field.Names[0]} to {field.Names[^1]}" : "")
        + " was expected, a range a-b, or *, each with /n for every n-th, several with commas.");
}

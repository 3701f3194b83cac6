using System.Globalization;

namespace Waypost.Cli.Node;

/// <summary>When a volunteer's machine may fetch: from one hour of the day to another, maybe over midnight.</summary>
/// <param name="From">When it begins, on the machine's own clock.</param>
/// <param name="To">When it ends; the same as <paramref name="From"/>: never, all day.</param>
readonly record struct DutyHours(TimeOnly From, TimeOnly To)
{
    /// <summary>All day.</summary>
    public static readonly DutyHours Always = new(TimeOnly.MinValue, TimeOnly.MinValue);

    /// <summary>Reads <c>22-07</c> or <c>22:30-06:45</c>; <c>0-24</c> is all day.</summary>
    /// <exception cref="UsageException">It is none of them.</exception>
    public static DutyHours Parse(string text)
    {
        var ends = text.Split('-');
        return ends.Length == 2 && Time(ends[0]) is { } from && Time(ends[1]) is { } to
            ? new DutyHours(from, to)
            : throw new UsageException(
                $"--hours is '{text}'; two hours of the day with a dash between were expected.",
                "Write them like --hours 22-07 or 22:30-06:45, on this machine's clock.");
    }

    /// <summary>True at this time of the day.</summary>
    public bool Contains(TimeOnly time) => From == To
        || (From < To ? time >= From && time < To : time >= From || time < To);

    /// <summary>How long until they begin; nothing while they last.</summary>
    public TimeSpan Until(TimeOnly time) => Contains(time) ? TimeSpan.Zero : From - time;

    /// <inheritdoc/>
    public override string ToString() => From == To ? "00:00-24:00" : $"{From:HH\\:mm}-{To:HH\\:mm}";

    static TimeOnly? Time(string text)
    {
        var parts = text.Trim().Split(':');
        if (parts.Length > 2 || !Whole(parts[0], out var hour)) return null;
        var minute = 0;
        if (parts.Length == 2 && !Whole(parts[1], out minute)) return null;
        if (hour == 24 && minute == 0) return TimeOnly.MinValue;
        return hour < 24 && minute < 60 ? new TimeOnly(hour, minute) : null;
    }

    static bool Whole(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text.Length <= 2;
}

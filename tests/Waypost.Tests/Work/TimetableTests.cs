using System.Globalization;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>When schedules are due, held against a walk over every minute.</summary>
public sealed class TimetableTests(ITestOutputHelper output)
{
    static readonly string[] Zones =
    [
        "UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
        "Pacific/Apia", "America/St_Johns", "Pacific/Chatham", "America/Santiago",
    ];

    // Moments near which clocks were or will be changed in one of the zones, Samoa's lost day among them.
    static readonly string[] Moments =
    [
        "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z", "2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z",
        "2011-12-30T10:00:00Z", "2026-04-05T03:00:00Z", "2026-12-31T23:00:00Z", "2024-02-28T23:00:00Z",
    ];

    [Fact]
    public void A_cron_expression_is_due_when_a_walk_over_every_minute_says_so()
    {
        var seed = Environment.GetEnvironmentVariable("WAYPOST_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : (int)(TimeProvider.System.GetTimestamp() & 0xFFFFFF);
        output.WriteLine($"WAYPOST_SEED={seed}");
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
        {
            var wish = CronWish.Random(random);
            var name = Zones[random.Next(Zones.Length)];
            var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
            var from = At(Moments[random.Next(Moments.Length)])
                .AddMinutes(random.Next(-2 * 1440, 60)).AddSeconds(random.Next(60));
            var to = from.AddDays(3);
            var walked = Walk(wish, zone, from, to);
            var timetable = Timetable.Of(Cron.Parse(wish.Text), zone);
            var (told, next) = (new List<DateTimeOffset>(), timetable.After(from));
            for (; next <= to; next = timetable.After(next.Value)) told.Add(next.Value);
            Assert.True(walked.SequenceEqual(told),
                $"'{wish.Text}' in {name} from {from:O}: walked {Show(walked)}, told {Show(told)}");
            var (start, end) = (from.AddMinutes(random.Next(1440)), to.AddMinutes(-random.Next(1440)));
            var last = walked.Where(at => at >= start && at <= end).Select(at => (DateTimeOffset?)at).LastOrDefault();
            Assert.True(last == timetable.LastWithin(start, end),
                $"'{wish.Text}' in {name}: last from {start:O} to {end:O}");
        }
    }

    [Theory]
    [InlineData("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z")]
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("30 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("30 * * * *", "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("0 0 29 2 *", "2096-02-29T12:00:00Z", "2104-02-28T23:00:00Z", "2108-02-28T23:00:00Z")]
    [InlineData("0 9 13 * FRI", "2026-11-01T00:00:00Z", "2026-11-06T08:00:00Z", "2026-11-13T08:00:00Z")]
    [InlineData("@yearly", "2026-11-01T00:00:00Z", "2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z")]
    [InlineData("*/20 9-10 * * 1-5", "2026-11-20T09:40:00Z", "2026-11-23T08:00:00Z", "2026-11-23T08:20:00Z")]
    [InlineData("0 12 * * 7", "2026-11-20T00:00:00Z", "2026-11-22T11:00:00Z", "2026-11-29T11:00:00Z")]
    public void Expressions_mean_what_people_expect_of_Zurichs_clocks(
        string expression, string from, string first, string second)
    {
        var timetable = Timetable.Of(
            Cron.Parse(expression), TimeZoneInfo.FindSystemTimeZoneById("Europe/Zurich"));
        Assert.Equal(At(first), timetable.After(At(from)));
        Assert.Equal(At(second), timetable.After(At(first)));
    }

    [Theory]
    [InlineData("", "0 fields")]
    [InlineData("* * * *", "4 fields")]
    [InlineData("* * * * * *", "6 fields")]
    [InlineData("60 * * * *", "minute says '60'; 0 to 59")]
    [InlineData("* 24 * * *", "hour")]
    [InlineData("* * 0 * *", "day of month")]
    [InlineData("* * * 13 *", "month says '13'; 1 to 12 or JAN to DEC")]
    [InlineData("* * * * 8", "day of week")]
    [InlineData("5-1 * * * *", "minute")]
    [InlineData("*/0 * * * *", "minute")]
    [InlineData("1/2/3 * * * *", "minute")]
    [InlineData("1,,2 * * * *", "minute")]
    [InlineData("-1 * * * *", "minute")]
    [InlineData("* * L * *", "day of month says 'L'")]
    [InlineData("* * * JAN-FOO *", "month")]
    [InlineData("@reboot", "1 fields")]
    public void What_is_no_expression_is_told_by_its_field(string expression, string says)
    {
        var wrong = Assert.Throws<FormatException>(() => Cron.Parse(expression));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_day_that_no_month_has_never_comes() =>
        Assert.Null(Timetable.Of(Cron.Parse("0 0 30 2 *"), TimeZoneInfo.Utc).After(At("2026-01-01T00:00:00Z")));

    [Theory]
    [InlineData("PT10S", 10)]
    [InlineData("PT5M", 300)]
    [InlineData("P1DT6H", 108_000)]
    [InlineData("P2W", 1_209_600)]
    [InlineData("P366D", 31_622_400)]
    public void An_interval_is_a_duration(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Timetable.Interval(text));

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("PT9S")]
    [InlineData("P367D")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("PT1.5M")]
    [InlineData("-PT5M")]
    [InlineData("5m")]
    [InlineData("PT99999999999S")]
    public void What_is_no_interval_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Timetable.Interval(text));

    [Fact]
    public void Intervals_are_counted_from_their_anchor_and_do_not_drift()
    {
        var anchor = At("2026-01-01T00:00:00Z");
        var timetable = Timetable.Every(TimeSpan.FromMinutes(7), anchor);
        Assert.Equal(anchor.AddMinutes(7), timetable.After(anchor));
        Assert.Equal(anchor.AddMinutes(7), timetable.After(anchor.AddDays(-1)));
        Assert.Equal(anchor.AddMinutes(14), timetable.After(anchor.AddMinutes(7)));
        Assert.Equal(anchor.AddMinutes(14), timetable.After(anchor.AddMinutes(7.5)));
        Assert.Equal(anchor.AddMinutes(70), timetable.LastWithin(anchor.AddMinutes(7), anchor.AddMinutes(76)));
        Assert.Null(timetable.LastWithin(anchor.AddMinutes(8), anchor.AddMinutes(13)));
        Assert.Null(timetable.LastWithin(anchor, anchor.AddMinutes(6)));
    }

    static List<DateTimeOffset> Walk(CronWish wish, TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset to)
    {
        var (seen, due) = (new HashSet<DateTime>(), new List<DateTimeOffset>());
        DateTime? before = null;
        var start = from.UtcDateTime.AddDays(-2);
        for (var utc = start.AddSeconds(-start.Second); utc <= to.UtcDateTime; utc = utc.AddMinutes(1))
        {
            var local = DateTime.SpecifyKind(utc, DateTimeKind.Unspecified) + zone.GetUtcOffset(utc);
            var isDue = wish.Means(local) && (wish.EveryHour || !seen.Contains(local));
            if (!wish.EveryHour && before is { } last)
                for (var left = last.AddMinutes(1); left < local; left = left.AddMinutes(1))
                    isDue |= wish.Means(left) && !seen.Contains(left);
            seen.Add(local);
            before = local;
            if (isDue && utc > from.UtcDateTime) due.Add(new DateTimeOffset(utc));
        }
        return due;
    }

    static string Show(List<DateTimeOffset> times) =>
        $"[{times.Count}: {string.Join(", ", times.Take(40).Select(at => $"{at:MM-ddTHH:mm}"))}]";

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>An expression, and what it means said another way.</summary>
    sealed record CronWish(string Text, HashSet<int>[] Sets, bool EitherDay, bool EveryHour)
    {
        static readonly (int Least, int Most)[] Ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

        public bool Means(DateTime local) =>
            Sets[0].Contains(local.Minute) && Sets[1].Contains(local.Hour) && Sets[3].Contains(local.Month)
            && (Sets[2].Contains(local.Day), Sets[4].Contains((int)local.DayOfWeek)) is var (ofMonth, ofWeek)
            && (EitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);

        public static CronWish Random(Random random)
        {
            var (words, sets) = (new string[5], new HashSet<int>[5]);
            for (var i = 0; i < 5; i++)
                (words[i], sets[i]) = Field(random, Ranges[i], star: random.Next(i switch { 0 => 6, 1 => 2, _ => 4 }));
            return new CronWish(string.Join(' ', words), sets,
                words[2][0] != '*' && words[4][0] != '*', words[1][0] == '*' || sets[1].Count == 24);
        }

        static (string, HashSet<int>) Field(Random random, (int Least, int Most) range, int star)
        {
            var all = Enumerable.Range(range.Least, range.Most - range.Least + 1);
            if (star > 0 && random.Next(2) == 0) return ("*", [.. all]);
            var (words, set) = (new List<string>(), new HashSet<int>());
            for (var parts = random.Next(1, 4); parts > 0; parts--)
            {
                var from = random.Next(range.Least, range.Most + 1);
                var to = random.Next(from, range.Most + 1);
                var step = random.Next(1, 8);
                var (word, values) = random.Next(5) switch
                {
                    0 => ($"{from}-{to}", Enumerable.Range(from, to - from + 1)),
                    1 => ($"{from}-{to}/{step}", all.Where(v => v >= from && v <= to && (v - from) % step == 0)),
                    2 => ($"*/{step}", all.Where(v => (v - range.Least) % step == 0)),
                    _ => ($"{from}", [from]),
                };
                if (step > range.Most && word.Contains('/', StringComparison.Ordinal)) continue;
                words.Add(word);
                set.UnionWith(values);
            }
            return words.Count == 0 ? ("*", [.. all]) : (string.Join(',', words), set);
        }
    }
}

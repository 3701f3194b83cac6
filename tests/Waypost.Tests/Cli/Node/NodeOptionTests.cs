using Waypost.Cli;
using Waypost.Cli.Node;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>What a volunteer writes is read as it was meant, or refused by its name.</summary>
public sealed class NodeOptionTests
{
    [Theory]
    [InlineData("50GB", 50_000_000_000)]
    [InlineData("1.5 TiB", 1_649_267_441_664)]
    [InlineData("0", 0)]
    [InlineData("12b", 12)]
    [InlineData("20mb", 20_000_000)]
    public void An_amount_is_read(string text, long bytes) => Assert.Equal(bytes, Amounts.Bytes("--reserve", text));

    [Theory]
    [InlineData("")]
    [InlineData("-5GB")]
    [InlineData("5 apples")]
    [InlineData("1e9")]
    [InlineData("99999PB9")]
    [InlineData("99999999999PB")]
    public void What_is_no_amount_is_refused_by_its_option(string text) => Assert.Contains(
        "--reserve", Assert.Throws<UsageException>(() => Amounts.Bytes("--reserve", text)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("20MB/s", 20_000_000)]
    [InlineData("20MB", 20_000_000)]
    public void A_rate_is_read(string text, long bytes) => Assert.Equal(bytes, Amounts.BytesPerSecond("--rate", text));

    [Fact]
    public void A_rate_of_nothing_is_refused() =>
        Assert.Throws<UsageException>(() => Amounts.BytesPerSecond("--rate", "0MB/s"));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_500, "1.5 kB")]
    [InlineData(52_000_000_000, "52.0 GB")]
    [InlineData(999_600, "1.0 MB")]
    public void Amounts_are_said_shortly(double bytes, string said) => Assert.Equal(said, Amounts.Say(bytes));

    [Theory]
    [InlineData("22-07", "23:00", true)]
    [InlineData("22-07", "06:59", true)]
    [InlineData("22-07", "07:00", false)]
    [InlineData("22-07", "21:59", false)]
    [InlineData("08:30-17", "08:29", false)]
    [InlineData("08:30-17", "16:59", true)]
    [InlineData("0-24", "12:00", true)]
    public void Hours_may_run_over_midnight(string hours, string time, bool isOn)
    {
        var duty = DutyHours.Parse(hours);
        Assert.Equal(isOn, duty.Contains(TimeOnly.Parse(time)));
        Assert.Equal(isOn, duty.Until(TimeOnly.Parse(time)) == TimeSpan.Zero);
        Assert.True(duty.Contains(TimeOnly.Parse(time).Add(duty.Until(TimeOnly.Parse(time)))));
    }

    [Theory]
    [InlineData("22")]
    [InlineData("22-25")]
    [InlineData("22-07-09")]
    [InlineData("a-b")]
    [InlineData("22:61-07")]
    [InlineData("24:30-07")]
    public void What_are_no_hours_is_refused(string hours) =>
        Assert.Throws<UsageException>(() => DutyHours.Parse(hours));

    [Fact]
    public async Task A_pace_spreads_what_is_taken_and_saves_no_more_than_a_second()
    {
        var clock = new HurriedClock();
        var pace = new Pace(1_000, clock);
        var began = clock.GetUtcNow();
        for (var i = 0; i < 11; i++) await pace.Take(1_000, TestContext.Current.CancellationToken);
        // The first second was saved, and what is taken last is paid for by whoever comes next.
        Assert.Equal(TimeSpan.FromSeconds(9), clock.GetUtcNow() - began);
    }
}

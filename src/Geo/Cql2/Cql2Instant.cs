namespace Waypost.Geo.Cql2;

/// <summary>
/// A date or a timestamp as the time it takes: a timestamp its one microsecond, a date its whole day in UTC. CQL2
/// leaves open how the two meet (clause 6.3.3). Here the coarser one decides: a timestamp equals the date of its day,
/// is before a date when it lies before that day and after when after it; so <c>datetime &lt;= DATE('2020-01-31')</c>
/// and <c>INTERVAL('2020-01-01', '2020-01-31')</c> hold all of the 31st. Every implementation of ours, in .NET and in
/// SQL, compares with these six rules, which among timestamps alone and among dates alone are the usual ones:
/// <code>
/// a &lt; b   a.Last &lt; b.First                          a &lt;= b  a.First &lt;= b.Last
/// a &gt; b   a.First &gt; b.Last                          a &gt;= b  a.Last &gt;= b.First
/// a = b   a.First &lt;= b.Last and a.Last &gt;= b.First   a &lt;&gt; b  a.First &gt; b.Last or a.Last &lt; b.First
/// </code>
/// </summary>
/// <param name="First">Its first microsecond, counted from 1970-01-01T00:00:00Z; negative before.</param>
/// <param name="Last">Its last microsecond: the same for a timestamp, the day's last for a date.</param>
public readonly record struct Cql2Instant(long First, long Last)
{
    /// <summary>Microseconds of a day.</summary>
    public const long Day = 86_400_000_000;

    /// <summary>Before all time: the open start of an interval.</summary>
    public static Cql2Instant Earliest { get; } = new(long.MinValue, long.MinValue);

    /// <summary>After all time: the open end of an interval.</summary>
    public static Cql2Instant Latest { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>The moment as an instant.</summary>
    public static Cql2Instant Of(DateTimeOffset timestamp)
    {
        var microseconds = (timestamp.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        return new Cql2Instant(microseconds, microseconds);
    }

    /// <summary>The day as an instant.</summary>
    public static Cql2Instant Of(DateOnly date)
    {
        var first = Of(new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)).First;
        return new Cql2Instant(first, first + Day - 1);
    }

    /// <summary>Reads a text as a timestamp or a date (RFC 3339); null for any other.</summary>
    public static Cql2Instant? Of(string text) =>
        Cql2Instants.TryReadTimestamp(text, out var timestamp) ? Of(timestamp)
        : Cql2Instants.TryReadDate(text, out var date) ? Of(date)
        : null;

    /// <summary>Compares by the six rules.</summary>
    public bool Compares(ComparisonOperator comparison, Cql2Instant other) => comparison switch
    {
        ComparisonOperator.Less => Last < other.First,
        ComparisonOperator.Greater => First > other.Last,
        ComparisonOperator.LessOrEqual => First <= other.Last,
        ComparisonOperator.GreaterOrEqual => Last >= other.First,
        ComparisonOperator.Equal => First <= other.Last && Last >= other.First,
        _ => First > other.Last || Last < other.First,
    };
}

using System.Globalization;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Dates and timestamps as RFC 3339 writes them (rules <c>full-date</c> and <c>date-time</c>). The BNF of CQL2 text
/// wants UTC (<c>Z</c>); an offset is read too and turned into UTC, as are lower-case <c>t</c> and <c>z</c>.
/// </summary>
public static class Cql2Instants
{
    /// <summary>Reads a date, <c>2020-01-31</c>, and nothing else.</summary>
    public static bool TryReadDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>
    /// Reads a timestamp, <c>2020-01-31T12:00:00Z</c>, to the microsecond; digits beyond that are cut off, and a
    /// leap second is the second after it.
    /// </summary>
    public static bool TryReadTimestamp(string text, out DateTimeOffset timestamp)
    {
        timestamp = default;
        // date T hh:mm:ss and Z at the least; then the places of the punctuation are known.
        if (text.Length < 20 || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':'
            || !TryReadDate(text[..10], out var date)
            || !Digits(text, 11, 23, out var hour) || !Digits(text, 14, 59, out var minute)
            || !Digits(text, 17, 60, out var second))
            return false;
        var at = 19;
        long ticks = 0;
        if (text[at] == '.')
        {
            var scale = TimeSpan.TicksPerSecond;
            for (at++; at < text.Length && char.IsAsciiDigit(text[at]); at++)
                ticks += (text[at] - '0') * (scale /= 10);
            if (at == 20)
                return false;
            ticks -= ticks % TimeSpan.TicksPerMicrosecond;
        }
        if (!TryReadOffset(text[at..], out var offset))
            return false;
        var local = date.ToDateTime(TimeOnly.MinValue).Ticks + ticks
            + ((hour * 60L + minute) * 60 + second) * TimeSpan.TicksPerSecond;
        var utc = local - offset.Ticks;
        if (utc < 0 || utc > DateTime.MaxValue.Ticks)
            return false;
        timestamp = new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    /// <summary>The date as CQL2 writes it.</summary>
    public static string Write(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The timestamp in UTC as CQL2 writes it, with as many decimals of a second as it has.</summary>
    public static string Write(DateTimeOffset timestamp) =>
        timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>
    /// An end of an interval as the tree has it: a text is read as <c>..</c> (null), a date or a timestamp; properties,
    /// functions and instants stay.
    /// </summary>
    internal static Cql2Expression? EndOf(Cql2Expression end) => end switch
    {
        TextLiteral { Value: ".." } => null,
        TextLiteral text when TryReadDate(text.Value, out var date) => new DateLiteral(date) { Place = text.Place },
        TextLiteral text when TryReadTimestamp(text.Value, out var timestamp) =>
            new TimestampLiteral(timestamp) { Place = text.Place },
        DateLiteral or TimestampLiteral or PropertyReference or FunctionCall => end,
        _ => throw new BadCql2Exception(end.Place, "an end of an interval that is no instant",
            "'..', a date, a timestamp, a property or a function was expected"),
    };

    static bool TryReadOffset(string text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !Digits(text, 1, 23, out var hours) || !Digits(text, 4, 59, out var minutes))
            return false;
        offset = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -offset : offset;
        return true;
    }

    static bool Digits(string text, int at, int greatest, out int number)
    {
        number = 0;
        if (!char.IsAsciiDigit(text[at]) || !char.IsAsciiDigit(text[at + 1]))
            return false;
        number = (text[at] - '0') * 10 + text[at + 1] - '0';
        return number <= greatest;
    }
}

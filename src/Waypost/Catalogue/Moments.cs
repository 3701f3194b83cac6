using System.Globalization;

namespace Waypost.Catalogue;

/// <summary>Moments as the catalogue counts them: microseconds since 1970, UTC.</summary>
static class Moments
{
    const int TicksPerMicrosecond = 10;

    /// <summary>Reads a moment as RFC 3339 writes it: <c>2024-02-29T12:00:00.5Z</c>, letters in either case.</summary>
    /// <remarks>Digits beyond the microsecond are cut off; a leap second counts as the second after it.</remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't')
            || text[13] != ':' || text[16] != ':'
            || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month)
            || !Digits(text[8..10], out var day) || !Digits(text[11..13], out var hour)
            || !Digits(text[14..16], out var minute) || !Digits(text[17..19], out var second))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60)
            return false;
        if (!Fraction(text[19..], out var fraction, out var offset) || !Offset(offset, out var minutesEast))
            return false;

        var days = new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        var seconds = days * 86_400L + hour * 3600 + minute * 60 + second - minutesEast * 60;
        microseconds = seconds * 1_000_000 + fraction;
        // An offset can lead out of the years that there are.
        return microseconds >= Earliest && microseconds <= Latest;
    }

    static readonly long Earliest = (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks / TicksPerMicrosecond;
    static readonly long Latest = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TicksPerMicrosecond;

    /// <summary>The moment as RFC 3339 writes it.</summary>
    public static string Text(long microseconds) => Time(microseconds).UtcDateTime
        .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The moment as the clock has it.</summary>
    public static DateTimeOffset Time(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TicksPerMicrosecond);

    static bool Fraction(ReadOnlySpan<char> text, out int microseconds, out ReadOnlySpan<char> offset)
    {
        microseconds = 0;
        offset = text;
        if (text.IsEmpty || text[0] != '.') return true;
        var digits = 1;
        for (var worth = 100_000; digits < text.Length && char.IsAsciiDigit(text[digits]); digits++, worth /= 10)
            microseconds += (text[digits] - '0') * worth;
        offset = text[digits..];
        return digits > 1;
    }

    static bool Offset(ReadOnlySpan<char> text, out int minutesEast)
    {
        minutesEast = 0;
        if (text is ['Z' or 'z']) return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !Digits(text[1..3], out var hours) || !Digits(text[4..6], out var minutes) || hours > 23 || minutes > 59)
            return false;
        minutesEast = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    static bool Digits(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

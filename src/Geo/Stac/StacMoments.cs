using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waypost.Geo.Stac;

/// <summary>Moments as producers write them, for repair to compare and to write in UTC.</summary>
internal static partial class StacMoments
{
    /// <summary>The same moment as RFC 3339 has it in UTC; null when it is so already, or when that would be a
    /// guess.</summary>
    public static string? InUtc(JsonElement time)
    {
        if (time.ValueKind != JsonValueKind.String || time.GetString() is not { Length: <= 64 } text
            || Sound().IsMatch(text) || Offset().Match(text) is not { Success: true } match)
            return null;
        var offset = match.Groups["offset"].Value.Replace(":", "", StringComparison.Ordinal);
        var minutes = offset is "Z" or "z" ? 0
            : (int.Parse(offset.AsSpan(1, 2), CultureInfo.InvariantCulture) * 60
                + int.Parse(offset.AsSpan(3, 2), CultureInfo.InvariantCulture)) * (offset[0] == '-' ? -1 : 1);
        // A leap second has no name in another offset's hour that this calendar knows.
        if (!DateTime.TryParseExact(match.Groups["day"].Value + "T" + match.Groups["time"].Value,
                "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return null;
        var ticks = local.Ticks - minutes * TimeSpan.TicksPerMinute;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? null
            : new DateTime(ticks).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
                + match.Groups["fraction"].Value + "Z";
    }

    /// <summary>Below 0 when the first of two moments in UTC, as JSON texts, is the earlier; null when one of them is
    /// no such moment.</summary>
    public static int? Order(string first, string second)
    {
        var (one, other) = (Text(first), Text(second));
        if (!Sound().IsMatch(one) || !Sound().IsMatch(other))
            return null;
        var order = string.Compare(one, 0, other, 0, "0000-00-00".Length, StringComparison.Ordinal);
        if (order == 0)
            order = string.Compare(one, 11, other, 11, "00:00:00".Length, StringComparison.Ordinal);
        return order != 0 ? order : string.CompareOrdinal(Fraction(one), Fraction(other));
    }

    // Some writers escape the plus sign of an offset: \u002B00:00.
    static string Text(string json) => json.Contains('\\', StringComparison.Ordinal) && json.StartsWith('"')
        ? JsonElement.Parse(json).GetString()! : json.Trim('"');

    static string Fraction(string moment)
    {
        var fraction = moment.AsSpan("0000-00-00T00:00:00".Length).TrimEnd('Z');
        return fraction.StartsWith(".", StringComparison.Ordinal)
            ? fraction[..(fraction.IndexOf('+') is >= 0 and var plus ? plus : fraction.Length)].TrimEnd('0').ToString()
            : ".";
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)\z", RegexOptions.ECMAScript)]
    private static partial Regex Sound();

    [GeneratedRegex(@"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?<fraction>\.[0-9]+)?"
        + @" ?(?<offset>[Zz]|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Offset();
}

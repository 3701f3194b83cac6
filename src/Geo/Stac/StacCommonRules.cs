using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waypost.Geo.Stac;

/// <summary>
/// STAC's common metadata (https://github.com/radiantearth/stac-spec/blob/v1.1.0/commons/common-metadata.md), which
/// may stand in properties, assets, links, bands and collections.
/// </summary>
internal static partial class StacCommonRules
{
    static readonly string[] DataTypes =
    [
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
        "cint16", "cint32", "cfloat32", "cfloat64", "other",
    ];

    static readonly string[] ProviderRoles = ["producer", "licensor", "processor", "host"];

    public static void Check(JsonElement json, string path, StacFindings findings)
    {
        if (IsPlain(json))
            return;
        foreach (var name in (ReadOnlySpan<string>)["title", "unit", "platform", "constellation", "mission"])
            findings.Text(json, path, name);
        findings.Text(json, path, "description", least: 1);
        foreach (var name in (ReadOnlySpan<string>)["keywords", "roles", "instruments"])
            findings.Texts(json, path, name, _ => true, "a string");
        CheckTimes(json, path, findings);
        CheckValues(json, path, findings);
        if (json.TryGetProperty("license", out var license)
            && (license.ValueKind != JsonValueKind.String || !License().IsMatch(license.GetString()!)))
            findings.Add(path + "/license", license, "an SPDX identifier or \"other\"");
        if (json.TryGetProperty("gsd", out var gsd) && !(gsd.ValueKind == JsonValueKind.Number && gsd.GetDouble() > 0))
            findings.Add(path + "/gsd", gsd, "a number above 0");
        if (json.TryGetProperty("bands", out var bands))
            CheckArray(bands, path + "/bands", findings, CheckBand);
        if (json.TryGetProperty("providers", out var providers))
            CheckArray(providers, path + "/providers", findings, CheckProvider);
    }

    /// <summary>True for an object that has nothing to look at, as most links and assets are.</summary>
    static bool IsPlain(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            if (name.SequenceEqual("href"u8) || name.SequenceEqual("rel"u8) || name.SequenceEqual("type"u8)
                || (name.SequenceEqual("title"u8) && member.Value.ValueKind == JsonValueKind.String)
                || (name.Contains((byte)':') && !name.Contains((byte)'\\')))
                continue;
            return false;
        }
        return true;
    }

    /// <summary>A time in RFC 3339 with UTC's offset.</summary>
    public static void Time(JsonElement time, string path, bool nullable, StacFindings findings)
    {
        if ((nullable && time.ValueKind == JsonValueKind.Null) || IsPlainlySound(time))
            return;
        if (time.ValueKind != JsonValueKind.String || !Rfc3339Utc().IsMatch(time.GetString()!)
            || !IsOnCalendar(time.GetString()!))
            findings.Add(path, time, "a time in UTC as RFC 3339 has it: 2024-05-01T12:00:00Z");
    }

    /// <summary>A moment with whole seconds, as most are, needs no text made of it.</summary>
    static bool IsPlainlySound(JsonElement time)
    {
        if (time.ValueKind != JsonValueKind.String
            || JsonMarshal.GetRawUtf8Value(time) is not [(byte)'"', .. var text, (byte)'"']
            || text is not [_, _, _, _, (byte)'-', _, _, (byte)'-', _, _, (byte)'T', _, _, (byte)':', _, _, (byte)':',
                _, _, .. var offset]
            || !(offset.SequenceEqual("Z"u8) || offset.SequenceEqual("+00:00"u8)))
            return false;
        return Number(text[..4]) is >= 1 and <= 9999 and var year && Number(text[5..7]) is >= 1 and <= 12 and var month
            && Number(text[8..10]) is >= 1 and var day && day <= DateTime.DaysInMonth(year, month)
            && Number(text[11..13]) is >= 0 and < 24 && Number(text[14..16]) is >= 0 and < 60
            && Number(text[17..19]) is >= 0 and <= 60;
    }

    static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return -1;
            number = number * 10 + digit - '0';
        }
        return number;
    }

    static void CheckTimes(JsonElement json, string path, StacFindings findings)
    {
        foreach (var name in (ReadOnlySpan<string>)["datetime", "start_datetime", "end_datetime", "created", "updated"])
        {
            if (json.TryGetProperty(name, out var time))
                Time(time, findings.At(path, name), nullable: name == "datetime", findings);
        }
        var (hasStart, hasEnd) =
            (json.TryGetProperty("start_datetime", out _), json.TryGetProperty("end_datetime", out _));
        if (hasStart != hasEnd)
            findings.Missing(path + (hasStart ? "/end_datetime" : "/start_datetime"), "both ends of the span");
    }

    static void CheckValues(JsonElement json, string path, StacFindings findings)
    {
        if (json.TryGetProperty("data_type", out var type)
            && (type.ValueKind != JsonValueKind.String || !DataTypes.Contains(type.GetString())))
            findings.Add(path + "/data_type", type, string.Join(", ", DataTypes));
        if (json.TryGetProperty("nodata", out var nodata) && nodata.ValueKind != JsonValueKind.Number
            && !(nodata.ValueKind == JsonValueKind.String && nodata.GetString() is "nan" or "inf" or "-inf"))
            findings.Add(path + "/nodata", nodata, "a number, \"nan\", \"inf\" or \"-inf\"");
        if (json.TryGetProperty("statistics", out var statistics)
            && findings.IsObject(statistics, path + "/statistics"))
            CheckStatistics(statistics, path + "/statistics", findings);
    }

    static void CheckStatistics(JsonElement statistics, string path, StacFindings findings)
    {
        if (!statistics.EnumerateObject().Any())
            findings.Add(path, statistics, "at least one statistic");
        foreach (var name in (ReadOnlySpan<string>)["minimum", "maximum", "mean", "stddev"])
        {
            if (statistics.TryGetProperty(name, out var number) && number.ValueKind != JsonValueKind.Number)
                findings.Add($"{path}/{name}", number, "a number");
        }
        if (statistics.TryGetProperty("count", out var count)
            && !(count.ValueKind == JsonValueKind.Number && count.GetDouble() is >= 0 and var whole
                && whole == Math.Floor(whole)))
            findings.Add(path + "/count", count, "a whole number from 0");
        if (statistics.TryGetProperty("valid_percent", out var percent)
            && !(percent.ValueKind == JsonValueKind.Number && percent.GetDouble() is >= 0 and <= 100))
            findings.Add(path + "/valid_percent", percent, "a number from 0 to 100");
    }

    static void CheckBand(JsonElement band, string path, StacFindings findings)
    {
        findings.Text(band, path, "name");
        Check(band, path, findings);
    }

    static void CheckProvider(JsonElement provider, string path, StacFindings findings)
    {
        findings.Text(provider, path, "name", required: true, least: 1);
        findings.Text(provider, path, "description");
        findings.Texts(provider, path, "roles", role => ProviderRoles.Contains(role), string.Join(", ", ProviderRoles));
        if (provider.TryGetProperty("url", out var url)
            && (url.ValueKind != JsonValueKind.String || !StacFindings.IsAbsolute(url.GetString()!)))
            findings.Add(path + "/url", url, "an absolute URI");
    }

    static void CheckArray(JsonElement array, string path, StacFindings findings,
        Action<JsonElement, string, StacFindings> check)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            findings.Add(path, array, "an array");
            return;
        }
        findings.Each(array, path, (member, at) =>
        {
            if (findings.IsObject(member, at))
                check(member, at, findings);
        });
    }

    /// <summary>Whether the day exists; a leap second counts as the second before it.</summary>
    static bool IsOnCalendar(string time) => DateTime.TryParseExact(time[..10], "yyyy-MM-dd",
        System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _)
        || time.StartsWith("0000-", StringComparison.Ordinal);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|\+00:00)\z",
        RegexOptions.ECMAScript)]
    private static partial Regex Rfc3339Utc();

    [GeneratedRegex(@"^[\w\-\.\+]+\z", RegexOptions.ECMAScript)]
    private static partial Regex License();
}

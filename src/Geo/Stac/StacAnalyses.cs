using System.Globalization;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Stac;

/// <summary>A result that was computed from an item, to be kept as an asset of it.</summary>
/// <param name="Href">Where the result is.</param>
/// <param name="Date">The day whose result it is.</param>
public sealed record AnalysisAsset(string Href, DateOnly Date)
{
    /// <summary>Which analysis: what its keys begin with.</summary>
    public string KeyPrefix { get; init; } = StacAnalyses.DefaultPrefix;

    /// <summary>Its media type; null: by the extension of its name.</summary>
    public string? MediaType { get; init; }

    /// <summary>What people call it; null: its file's name.</summary>
    public string? Title { get; init; }

    /// <summary>What it is for (STAC's asset roles).</summary>
    public IReadOnlyList<string> Roles { get; init; } = ["data"];

    /// <summary>Further members of the asset: who made it, when, from what.</summary>
    public JsonObject? Also { get; init; }
}

/// <summary>What registering did to the assets.</summary>
public enum AnalysisChange
{
    /// <summary>A new key was added.</summary>
    Added,

    /// <summary>The day's last result was replaced, as was forced.</summary>
    Replaced,

    /// <summary>This result was registered before; its asset stays as it is.</summary>
    Unchanged,
}

/// <summary>Where an analysis was registered.</summary>
/// <param name="Key">The key of its asset.</param>
/// <param name="Latest">The key of the newest one, which <c>{prefix}:latest</c> repeats.</param>
/// <param name="Change">What was done.</param>
public sealed record RegisteredAnalysis(string Key, string Latest, AnalysisChange Change);

/// <summary>Keeps results of analyses as dated assets of an item.</summary>
/// <remarks>
/// The first result of a day is <c>{prefix}:2026-03-04</c>, further ones <c>{prefix}:2026-03-04.2</c>, <c>.3</c> and so
/// on. None is ever overwritten, unless that is forced: then the day's last one is. <c>{prefix}:latest</c> is a copy of
/// the one with the greatest date and number, so registering an older day does not move it.
/// </remarks>
public static class StacAnalyses
{
    /// <summary>The prefix where none is named.</summary>
    public const string DefaultPrefix = "comparison";

    /// <summary>How many results one day may have under one prefix.</summary>
    public const int MostOfADay = 9999;

    const int LongestPrefix = 64;

    const string DateForm = "yyyy-MM-dd";

    static readonly Dictionary<string, string> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".nc"] = "application/x-netcdf",
        [".zarr"] = "application/vnd.zarr",
        [".json"] = "application/json",
        [".geojson"] = "application/geo+json",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".csv"] = "text/csv",
    };

    readonly record struct Dated(DateOnly Date, int Number, string Key, JsonObject Asset);

    /// <summary>True for what keys may begin with: 1 to 64 letters, digits, dots, hyphens and underscores.</summary>
    public static bool IsPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix.Length is > 0 and <= LongestPrefix
            && prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
    }

    /// <summary>The media type that a name's extension stands for; <c>application/octet-stream</c> where it stands for
    /// none.</summary>
    public static string MediaTypeOf(string href) =>
        MediaTypes.GetValueOrDefault(Path.GetExtension(NameOf(href)), "application/octet-stream");

    /// <summary>The last part of a path or address, without query and fragment.</summary>
    public static string NameOf(string href)
    {
        ArgumentNullException.ThrowIfNull(href);
        var isAddress = href.Contains("://", StringComparison.Ordinal);
        var path = isAddress ? href.Split('?', '#')[0] : href;
        var name = path.TrimEnd('/', '\\').Split('/', '\\')[^1];
        return isAddress ? Uri.UnescapeDataString(name) : name;
    }

    /// <summary>Adds the result to the assets of an item, and brings <c>{prefix}:latest</c> up to date.</summary>
    /// <param name="assets">The item's assets; changed in place.</param>
    /// <param name="result">The result.</param>
    /// <param name="force">Replace the day's last result instead of adding one beside it.</param>
    /// <exception cref="ArgumentException">The prefix is not one.</exception>
    /// <exception cref="InvalidOperationException">The day has as many results as it may.</exception>
    public static RegisteredAnalysis Register(JsonObject assets, AnalysisAsset result, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(result);
        if (!IsPrefix(result.KeyPrefix)) throw new ArgumentException("It is not a prefix of keys.", nameof(result));

        var ofDay = Of(assets, result.KeyPrefix).Where(one => one.Date == result.Date).ToList();
        var same = ofDay.Where(one => HrefOf(one.Asset) == result.Href).Select(one => one.Key).FirstOrDefault();
        var (key, change) = (same, ofDay, force) switch
        {
            ({ } known, _, _) => (known, force ? AnalysisChange.Replaced : AnalysisChange.Unchanged),
            (_, [], _) => (KeyOf(result.KeyPrefix, result.Date, 1), AnalysisChange.Added),
            (_, _, true) => (ofDay[^1].Key, AnalysisChange.Replaced),
            _ => (KeyOf(result.KeyPrefix, result.Date, ofDay[^1].Number + 1), AnalysisChange.Added),
        };
        if (change != AnalysisChange.Unchanged) assets[key] = AssetOf(result);

        var latest = Of(assets, result.KeyPrefix)[^1];
        var pointer = result.KeyPrefix + ":latest";
        if (!JsonNode.DeepEquals(assets[pointer], latest.Asset)) assets[pointer] = latest.Asset.DeepClone();
        return new RegisteredAnalysis(key, latest.Key, change);
    }

    // The dated results of one analysis, oldest first.
    static List<Dated> Of(JsonObject assets, string prefix)
    {
        var found = new List<Dated>();
        foreach (var (key, value) in assets)
            if (key.StartsWith(prefix + ":", StringComparison.Ordinal) && value is JsonObject asset
                && ReadDate(key.AsSpan(prefix.Length + 1)) is var (date, number))
                found.Add(new Dated(date, number, key, asset));
        return [.. found.OrderBy(one => one.Date).ThenBy(one => one.Number)];
    }

    static (DateOnly Date, int Number)? ReadDate(ReadOnlySpan<char> text)
    {
        var number = 1;
        if (text.Length > DateForm.Length)
        {
            if (text[DateForm.Length] != '.' || text[(DateForm.Length + 1)..] is not [>= '1' and <= '9', ..] digits
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                || number is < 2 or > MostOfADay) return null;
            text = text[..DateForm.Length];
        }
        return DateOnly.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? (date, number) : null;
    }

    static string KeyOf(string prefix, DateOnly date, int number)
    {
        if (number > MostOfADay)
            throw new InvalidOperationException($"{date:O} has {MostOfADay} results of {prefix} already.");
        var day = date.ToString(DateForm, CultureInfo.InvariantCulture);
        return $"{prefix}:{day}" + (number == 1 ? "" : "." + number.ToString(CultureInfo.InvariantCulture));
    }

    static JsonObject AssetOf(AnalysisAsset result)
    {
        var asset = new JsonObject
        {
            ["href"] = result.Href,
            ["type"] = result.MediaType ?? MediaTypeOf(result.Href),
            ["title"] = result.Title ?? NameOf(result.Href),
            ["roles"] = new JsonArray([.. result.Roles.Select(role => (JsonNode)role)]),
        };
        foreach (var (name, value) in result.Also ?? []) asset.TryAdd(name, value?.DeepClone());
        return asset;
    }

    static string? HrefOf(JsonObject asset) =>
        asset["href"] is JsonValue value && value.TryGetValue<string>(out var href) ? href : null;
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace Waypost.Geo.Stac;

/// <summary>A document as repair left it.</summary>
/// <param name="Document">The document itself when nothing had to be done.</param>
/// <param name="Repairs">What was done, in order; empty when nothing was.</param>
public readonly record struct StacRepaired(JsonElement Document, IReadOnlyList<StacRepairNote> Repairs);

/// <summary>
/// Puts right what producers of STAC commonly get wrong and what has only one sensible meaning, each time saying so.
/// Whatever would need a guess is left for <see cref="StacRules"/> to find.
/// </summary>
/// <remarks>
/// Applying it twice changes nothing that applying it once did not. The rules, in order, are: the version of STAC 1.0
/// becomes 1.1.0 (every 1.0 item is a 1.1 item; of the collections only the words for a licence changed); absent
/// <c>links</c> and <c>assets</c> become empty; a <c>bbox</c> is computed for a geometry and taken away without one;
/// times in another offset are written in UTC; a time without an offset is left alone, as nobody knows when it is;
/// the absent one of <c>start_datetime</c> and <c>end_datetime</c> becomes <c>datetime</c>; an absent
/// <c>datetime</c> of a span becomes null; an absent title becomes the id where the id has a full stop in it, because
/// STAC Browser cuts titles that it makes of ids there; a collection's licence that is absent or in the words of 1.0
/// becomes <c>other</c>.
/// </remarks>
public static partial class StacRepair
{
    static readonly string[] Times = ["datetime", "start_datetime", "end_datetime", "created", "updated"];

    /// <summary>Repairs an item or a collection; anything else is returned as it is.</summary>
    /// <param name="document">An object without members that are there twice.</param>
    public static StacRepaired Apply(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object || !document.TryGetProperty("type", out var type)
            || type.ValueKind != JsonValueKind.String)
            return new StacRepaired(document, []);
        var edits = new StacEdits(document);
        if (type.ValueEquals("Feature"u8))
            Item(edits);
        else if (type.ValueEquals("Collection"u8))
            Collection(edits);
        return edits.Notes.Count == 0
            ? new StacRepaired(document, [])
            : new StacRepaired(JsonElement.Parse(edits.Write().Span), edits.Notes);
    }

    static void Item(StacEdits edits)
    {
        Version(edits);
        Empty(edits, "links", "[]");
        Empty(edits, "assets", "{}");
        Box(edits);
        if (edits.Properties.ValueKind != JsonValueKind.Object)
            return;
        foreach (var name in Times)
            InUtc(edits, name);
        Span(edits);
        Datetime(edits);
        Title(edits);
    }

    static void Collection(StacEdits edits)
    {
        Version(edits);
        Empty(edits, "links", "[]");
        Licence(edits);
        Intervals(edits);
    }

    static void Version(StacEdits edits)
    {
        if (!edits.Document.TryGetProperty("stac_version", out var version) || version.ValueKind == JsonValueKind.Null)
            edits.Set("stac_version", "\"1.1.0\"", "the version of STAC was not stated", "1.1.0");
        else if (version.ValueKind == JsonValueKind.String && !version.ValueEquals("1.1.0"u8)
            && OlderVersion().IsMatch(version.GetString()!))
            edits.Set("stac_version", "\"1.1.0\"", $"it was written for STAC {version.GetString()}", "1.1.0");
    }

    static void Empty(StacEdits edits, string name, string json)
    {
        if (!edits.Document.TryGetProperty(name, out var value))
            edits.Set(name, json, $"{name} was missing", json);
        else if (value.ValueKind == JsonValueKind.Null)
            edits.Set(name, json, $"{name} was null", json);
    }

    static void Box(StacEdits edits)
    {
        if (!edits.Document.TryGetProperty("geometry", out var geometry))
            return;
        var has = edits.Document.TryGetProperty("bbox", out var bbox);
        if (geometry.ValueKind == JsonValueKind.Null)
        {
            if (has)
                edits.Set("bbox", null, "there was a bbox without a geometry", "taken out");
        }
        else if ((!has || bbox.ValueKind == JsonValueKind.Null) && StacBoxes.Around(geometry) is { } box)
        {
            var json = "[" + box + "]";
            edits.Set("bbox", json, "bbox was missing", json);
        }
    }

    /// <summary>A time in another offset, or with a blank where RFC 3339 has a T, is the same moment in UTC.</summary>
    static void InUtc(StacEdits edits, string name)
    {
        if (edits.Properties.TryGetProperty(name, out var time) && StacMoments.InUtc(time) is { } utc)
            edits.SetProperty(name, $"\"{utc}\"", $"{time.GetString()} was not in UTC as RFC 3339 has it", utc);
    }

    /// <summary>One end of a span is <c>datetime</c>, unless the span would then run backwards.</summary>
    static void Span(StacEdits edits)
    {
        var (start, end) = (edits.Property("start_datetime"), edits.Property("end_datetime"));
        if ((start is null) == (end is null) || edits.Property("datetime") is not { } moment
            || StacMoments.Order(start ?? moment, end ?? moment) is not <= 0)
            return;
        var (missing, there) = start is null
            ? ("start_datetime", "end_datetime") : ("end_datetime", "start_datetime");
        edits.SetProperty(missing, moment, $"{there} was there without {missing}",
            $"{missing} is datetime: {moment.Trim('"')}");
    }

    static void Datetime(StacEdits edits)
    {
        if (edits.Property("datetime") is null && edits.Property("start_datetime") is not null
            && edits.Property("end_datetime") is not null)
            edits.SetProperty("datetime", "null", "datetime was missing beside both ends of a span", "null");
    }

    static void Title(StacEdits edits)
    {
        if (edits.Property("title") is not (null or "null") || !edits.Document.TryGetProperty("id", out var id)
            || id.ValueKind != JsonValueKind.String || !id.GetString()!.Contains('.', StringComparison.Ordinal))
            return;
        edits.SetProperty("title", id.GetRawText(),
            "it had no title, and the id has a full stop at which STAC Browser cuts it", "the title is the id");
    }

    /// <summary>STAC 1.1 has one word, <c>other</c>, for the two of 1.0.</summary>
    static void Licence(StacEdits edits)
    {
        if (!edits.Document.TryGetProperty("license", out var licence) || licence.ValueKind == JsonValueKind.Null)
            edits.Set("license", "\"other\"", "license was missing", "other");
        else if (licence.ValueKind == JsonValueKind.String
            && (licence.ValueEquals("proprietary"u8) || licence.ValueEquals("various"u8)))
            edits.Set("license", "\"other\"", $"license was {licence.GetString()}, a word of STAC 1.0", "other");
    }

    static void Intervals(StacEdits edits)
    {
        if (!edits.Document.TryGetProperty("extent", out var extent) || extent.ValueKind != JsonValueKind.Object
            || !extent.TryGetProperty("temporal", out var temporal) || temporal.ValueKind != JsonValueKind.Object
            || !temporal.TryGetProperty("interval", out var intervals) || intervals.ValueKind != JsonValueKind.Array)
            return;
        var strays = intervals.EnumerateArray().Where(interval => interval.ValueKind == JsonValueKind.Array)
            .SelectMany(interval => interval.EnumerateArray()).Where(time => StacMoments.InUtc(time) is not null)
            .ToList();
        if (strays.Count == 0)
            return;
        var json = extent.GetRawText();
        foreach (var stray in strays)
            json = json.Replace(stray.GetRawText(), $"\"{StacMoments.InUtc(stray)}\"", StringComparison.Ordinal);
        edits.Set("extent", json, "a time of its interval was not in UTC as RFC 3339 has it", "written in UTC");
    }

    [GeneratedRegex(@"^1\.(0\.\d{1,3}(-[\w.]{1,20})?|1\.0-[\w.]{1,20})\z", RegexOptions.ECMAScript)]
    private static partial Regex OlderVersion();
}

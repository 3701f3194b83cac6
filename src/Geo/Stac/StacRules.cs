using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>One way in which a document breaks the rules of STAC.</summary>
/// <param name="Path">Where, as a JSON pointer: <c>/properties/datetime</c>.</param>
/// <param name="What">What was found there.</param>
/// <param name="Expected">What the specification asks for.</param>
public sealed record StacFault(string Path, string What, string Expected);

/// <summary>
/// The structure of STAC 1.1.0 Items and Collections, as strict as the official JSON schemas and needing none of them
/// at run time. What extensions add is not looked into.
/// </summary>
public static class StacRules
{
    /// <summary>Faults that are listed before giving up on a document.</summary>
    public const int FaultLimit = 100;

    /// <summary>Everything wrong with an item or a collection; empty when it is sound.</summary>
    /// <param name="document">The item or collection.</param>
    /// <param name="framed">True for a document whose links to itself and its surroundings a server will write: those
    /// that it has are not looked at, and none is missed.</param>
    public static IReadOnlyList<StacFault> Check(JsonElement document, bool framed = false)
    {
        // Nearly every document is sound: only for one that is not are the paths worth writing.
        var findings = new StacFindings(hasPaths: false) { IsFramed = framed };
        Check(document, findings);
        if (findings.All.Count == 0)
            return [];
        findings = new StacFindings(hasPaths: true) { IsFramed = framed };
        Check(document, findings);
        return findings.All;
    }

    static void Check(JsonElement document, StacFindings findings)
    {
        if (document.ValueKind != JsonValueKind.Object)
            findings.Add("", document, "an object");
        else if (document.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("Collection"))
            CheckCollection(document, findings);
        else
            CheckItem(document, findings);
    }

    static void CheckItem(JsonElement item, StacFindings findings)
    {
        CheckHead(item, "Feature", findings);
        CheckPlace(item, findings);
        if (findings.Need(item, "", "properties", JsonValueKind.Object) is { } properties)
        {
            StacCommonRules.Check(properties, "/properties", findings);
            CheckDatetime(properties, findings);
        }
        if (findings.Need(item, "", "assets", JsonValueKind.Object) is { } assets)
            CheckAssets(assets, "/assets", findings);
        CheckCollectionLink(item, findings);
        CheckBandsPlace(item, findings);
    }

    static void CheckHead(JsonElement document, string type, StacFindings findings)
    {
        findings.Equal(document, "type", type);
        findings.Equal(document, "stac_version", StacJson.Version);
        findings.Text(document, "", "id", required: true, least: 1);
        findings.Texts(document, "", "stac_extensions", StacFindings.IsAbsolute, "an absolute URI", unique: true);
        if (findings.Need(document, "", "links", JsonValueKind.Array) is { } links)
            findings.Each(links, "/links", (link, path) => CheckLink(link, path, findings));
    }

    static bool IsFrame(JsonElement link) => link.ValueKind == JsonValueKind.Object
        && (Is(link, "rel", "self") || Is(link, "rel", "root") || Is(link, "rel", "parent")
            || Is(link, "rel", "collection") || Is(link, "rel", "items"));

    static void CheckPlace(JsonElement item, StacFindings findings)
    {
        if (!item.TryGetProperty("geometry", out var geometry))
            findings.Missing("/geometry", "a GeoJSON geometry or null");
        var has = item.TryGetProperty("bbox", out var bbox);
        if (geometry.ValueKind == JsonValueKind.Null)
        {
            if (has)
                findings.Add("/bbox", bbox, "no bbox, as the geometry is null");
            return;
        }
        if (geometry.ValueKind != JsonValueKind.Undefined)
            StacGeometryRules.Check(geometry, "/geometry", findings);
        if (!has)
            findings.Missing("/bbox", "four or six numbers, as the geometry is not null");
        else
            CheckBox(bbox, "/bbox", findings);
    }

    static void CheckBox(JsonElement box, string path, StacFindings findings)
    {
        if (box.ValueKind != JsonValueKind.Array || box.GetArrayLength() is not (4 or 6)
            || box.EnumerateArray().Any(number => number.ValueKind != JsonValueKind.Number))
            findings.Add(path, box, "an array of four or six numbers");
    }

    static void CheckDatetime(JsonElement properties, StacFindings findings)
    {
        if (!properties.TryGetProperty("datetime", out var datetime))
            findings.Missing("/properties/datetime", "a time, or null together with start_datetime and end_datetime");
        else if (datetime.ValueKind == JsonValueKind.Null
            && !(properties.TryGetProperty("start_datetime", out _)
                && properties.TryGetProperty("end_datetime", out _)))
            findings.Add("/properties/datetime", datetime,
                "a time, as start_datetime and end_datetime are not both there");
    }

    static void CheckAssets(JsonElement assets, string path, StacFindings findings) =>
        findings.EachMember(assets, path, (asset, at) =>
        {
            if (!findings.IsObject(asset, at))
                return;
            findings.Text(asset, at, "href", required: true, least: 1);
            findings.Text(asset, at, "type");
            StacCommonRules.Check(asset, at, findings);
        });

    static void CheckLink(JsonElement link, string path, StacFindings findings)
    {
        if (findings.IsFramed && IsFrame(link) || !findings.IsObject(link, path))
            return;
        findings.Text(link, path, "rel", required: true, least: 1);
        findings.Text(link, path, "href", required: true, least: 1);
        findings.Text(link, path, "type");
        if (link.TryGetProperty("method", out var method)
            && (method.ValueKind != JsonValueKind.String || !StacFindings.IsUpperCase(method.GetString()!)))
            findings.Add(path + "/method", method, "an HTTP method in capitals");
        if (link.TryGetProperty("headers", out var headers) && findings.IsObject(headers, path + "/headers"))
            findings.EachMember(headers, path + "/headers", (header, at) => CheckHeader(header, at, findings));
        if (Is(link, "rel", "self") && link.TryGetProperty("href", out var href)
            && href.ValueKind == JsonValueKind.String
            && !StacFindings.IsAbsolute(href.GetString()!))
            findings.Add(path + "/href", href, "an absolute URI, as rel is self");
        StacCommonRules.Check(link, path, findings);
    }

    static void CheckHeader(JsonElement header, string path, StacFindings findings)
    {
        var texts = header.ValueKind == JsonValueKind.String || (header.ValueKind == JsonValueKind.Array
            && header.EnumerateArray().All(value => value.ValueKind == JsonValueKind.String));
        if (!texts)
            findings.Add(path, header, "a string or an array of strings");
    }

    static void CheckCollectionLink(JsonElement item, StacFindings findings)
    {
        var linked = findings.IsFramed || !item.TryGetProperty("links", out var links)
            || links.ValueKind != JsonValueKind.Array
            || links.EnumerateArray()
                .Any(link => link.ValueKind != JsonValueKind.Object || Is(link, "rel", "collection"));
        var has = item.TryGetProperty("collection", out var collection);
        if (linked)
            findings.Text(item, "", "collection", required: true, least: 1);
        else if (has)
            findings.Add("/collection", collection, "a link with rel collection beside it");
    }

    static void CheckBandsPlace(JsonElement item, StacFindings findings)
    {
        var onAssets = item.TryGetProperty("assets", out var assets) && assets.ValueKind == JsonValueKind.Object
            && assets.EnumerateObject().Any(asset => asset.Value.ValueKind == JsonValueKind.Object
                && asset.Value.TryGetProperty("bands", out _));
        if (!onAssets && item.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty("bands", out var bands))
            findings.Add("/properties/bands", bands, "bands on an asset as well");
    }

    static void CheckCollection(JsonElement collection, StacFindings findings)
    {
        CheckHead(collection, "Collection", findings);
        findings.Text(collection, "", "description", required: true, least: 1);
        findings.Text(collection, "", "license", required: true);
        StacCommonRules.Check(collection, "", findings);
        if (findings.Need(collection, "", "extent", JsonValueKind.Object) is { } extent)
            CheckExtent(extent, findings);
        if (collection.TryGetProperty("assets", out var assets) && findings.IsObject(assets, "/assets"))
            CheckAssets(assets, "/assets", findings);
        if (collection.TryGetProperty("item_assets", out var itemAssets)
            && itemAssets.ValueKind == JsonValueKind.Object)
            findings.EachMember(itemAssets, "/item_assets", (asset, at) => CheckItemAsset(asset, at, findings));
        if (collection.TryGetProperty("summaries", out var summaries) && findings.IsObject(summaries, "/summaries"))
            findings.EachMember(summaries, "/summaries", (summary, at) => CheckSummary(summary, at, findings));
    }

    static void CheckItemAsset(JsonElement asset, string path, StacFindings findings)
    {
        if (!findings.IsObject(asset, path))
            return;
        if (asset.EnumerateObject().Count() < 2)
            findings.Add(path, asset, "at least two fields");
        if (asset.TryGetProperty("href", out var href))
            findings.Add(path + "/href", href, "no href, as this describes the assets of items");
        findings.Text(asset, path, "type");
        StacCommonRules.Check(asset, path, findings);
    }

    static void CheckSummary(JsonElement summary, string path, StacFindings findings)
    {
        var sound = summary.ValueKind switch
        {
            JsonValueKind.Array => summary.GetArrayLength() > 0,
            JsonValueKind.Object => summary.EnumerateObject().Any(),
            _ => false,
        };
        if (!sound)
            findings.Add(path, summary, "an array with values, or an object with minimum and maximum or a JSON schema");
    }

    static void CheckExtent(JsonElement extent, StacFindings findings)
    {
        if (findings.Need(extent, "/extent", "spatial", JsonValueKind.Object) is { } spatial
            && findings.Need(spatial, "/extent/spatial", "bbox", JsonValueKind.Array) is { } boxes)
        {
            if (boxes.GetArrayLength() is 0 or 2)
                findings.Add("/extent/spatial/bbox", boxes, "one box, or one around at least two others");
            findings.Each(boxes, "/extent/spatial/bbox", (box, path) => CheckBox(box, path, findings));
        }
        if (findings.Need(extent, "/extent", "temporal", JsonValueKind.Object) is not { } temporal
            || findings.Need(temporal, "/extent/temporal", "interval", JsonValueKind.Array) is not { } intervals)
            return;
        if (intervals.GetArrayLength() == 0)
            findings.Add("/extent/temporal/interval", intervals, "at least one interval");
        findings.Each(intervals, "/extent/temporal/interval", (interval, path) =>
        {
            if (interval.ValueKind != JsonValueKind.Array || interval.GetArrayLength() != 2)
                findings.Add(path, interval, "two times, either of them null");
            else
                findings.Each(interval, path, (time, at) => StacCommonRules.Time(time, at, nullable: true, findings));
        });
    }

    static bool Is(JsonElement json, string member, string value) => json.TryGetProperty(member, out var found)
        && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);
}

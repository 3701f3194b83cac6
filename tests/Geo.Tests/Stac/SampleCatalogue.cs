using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Tests.Stac;

/// <summary>Makes a self-contained catalogue of the shape that EOMatch writes: one pair of sensors, a few events, each
/// with matchups that link to it and to the products they are made of.</summary>
static class SampleCatalogue
{
    public const string Pair = "LANDSAT_C2L1-Landsat-9-vs-S2_MSI_L1C-S2A";
    public const string Events = "matchup-events-" + Pair;
    public const string Landsat = "LANDSAT_C2L1";
    public const string Sentinel = "S2_MSI_L1C";

    /// <summary>Writes the catalogue: an event a day from 21 May 2022 on, each with one matchup of two products.
    /// </summary>
    public static void Write(string root, int events = 3)
    {
        var files = Files(events);
        foreach (var (path, document) in files)
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }
        var first = Directory.EnumerateDirectories(Path.Combine(root, Pair, "2022", "5")).First();
        File.WriteAllBytes(Path.Combine(first, "preview.png"), [1, 2, 3]);
    }

    /// <summary>Every document by its path below the root.</summary>
    public static Dictionary<string, JsonObject> Files(int events = 3)
    {
        var files = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        for (var n = 0; n < events; n++) Day(files, n);
        string[] collections = [Events, Pair, Landsat, Sentinel];
        foreach (var (collection, kind) in collections.Zip(["Matchup events", "Matchups", "Products", "Products"]))
            files[$"{collection}/collection.json"] = Collection(collection, kind, files.Keys);
        files["catalog.json"] = new JsonObject
        {
            ["type"] = "Catalog",
            ["id"] = "matchup-catalogue",
            ["stac_version"] = "1.1.0",
            ["description"] = "Matchup catalogue",
            ["links"] = Links(
                [("root", "./catalog.json"), .. collections.Select(id => ("child", $"./{id}/collection.json"))]),
        };
        return files;
    }

    static void Day(Dictionary<string, JsonObject> files, int n)
    {
        var day = new DateTime(2022, 5, 21, 0, 0, 0, DateTimeKind.Utc).AddDays(n);
        var folder = FormattableString.Invariant($"{day.Year}/{day.Month}/{day.Day}");
        var (date, west) = ($"{day:yyyyMMdd}", -108.68 + n);
        var matchup = FormattableString.Invariant(
            $"{Pair}_{date}T000000_{date}T084640_{west:0.00}_-27.96_{west + 1:0.00}_-27.00");
        var (eventId, landsat, sentinel) = ($"{Pair}_{date}T083500", $"LC09_L1GT_{date}_02_T2",
            $"S2A_MSIL1C_{date}T084640_N0400");
        files[$"{Landsat}/{folder}/{landsat}.json"] = Item(Landsat, landsat, day, west, [], new()
        {
            ["data"] = new JsonObject
            {
                ["href"] = $"https://data.example/{landsat}.tif",
                ["type"] = "image/tiff",
                ["scrappi:asset_state"] = "downloaded",
            },
        });
        files[$"{Sentinel}/{folder}/{sentinel}.json"] = Item(Sentinel, sentinel, day, west, [], []);
        files[$"{Pair}/{folder}/{matchup}.json"] = Item(Pair, matchup, day, west,
            [
                Link("derived_from", $"../../../../{Landsat}/{folder}/{landsat}.json"),
                Link("derived_from", $"../../../../{Sentinel}/{folder}/{sentinel}.json"),
                Link("related", $"../../../../{Events}/{folder}/{eventId}.json", "event"),
            ],
            new()
            {
                ["comparison:2026-01-15"] = new JsonObject { ["href"] = "file:///npl-data/analysis/a.nc" },
                ["thumbnail"] = new JsonObject { ["href"] = "preview.png", ["type"] = "image/png" },
            },
            ("time_diff_s", 600.5 + n), ("land_fraction", 0.25), ("matchup:event_id", eventId),
            ("end_datetime", $"{day:yyyy-MM-dd}T08:46:40+00:00"));
        files[$"{Events}/{folder}/{eventId}.json"] = Item(Events, eventId, day, west,
            [Link("related", $"../../../../{Pair}/{folder}/{matchup}.json", "matchup")], [],
            ("end_datetime", $"{day:yyyy-MM-dd}T09:00:00+00:00"),
            ("matchup:platforms", new JsonArray("Landsat-9", "S2A")));
    }

    static JsonObject Item(string collection, string id, DateTime day, double west, JsonObject[] links,
        JsonObject assets, params (string Name, JsonNode Value)[] properties)
    {
        var item = new JsonObject
        {
            ["type"] = "Feature",
            ["stac_version"] = "1.1.0",
            ["stac_extensions"] = new JsonArray(),
            ["id"] = id,
            ["geometry"] = new JsonObject
            {
                ["type"] = "Polygon",
                ["coordinates"] = JsonNode.Parse(FormattableString.Invariant(
                    $"[[[{west},-27.96],[{west + 1},-27.96],[{west + 1},-27],[{west},-27],[{west},-27.96]]]")),
            },
            ["bbox"] = new JsonArray(west, -27.96, west + 1, -27.0),
            ["properties"] = new JsonObject { ["datetime"] = $"{day:yyyy-MM-dd}T00:00:00Z" },
            ["links"] = new JsonArray(
            [
                .. links, Link("root", "../../../../catalog.json"), Link("collection", "../../../collection.json"),
                Link("parent", "../../../collection.json"),
            ]),
            ["assets"] = assets,
            ["collection"] = collection,
        };
        foreach (var (name, value) in properties) item["properties"]![name] = value;
        return item;
    }

    static JsonObject Collection(string id, string kind, IEnumerable<string> files) => new()
    {
        ["type"] = "Collection",
        ["id"] = id,
        ["stac_version"] = "1.1.0",
        ["description"] = $"{kind}: {id}",
        ["links"] = Links(
        [
            ("root", "../catalog.json"), ("parent", "../catalog.json"),
            .. files.Where(file => file.StartsWith(id + "/2", StringComparison.Ordinal))
                .Select(file => ("item", "./" + file[(id.Length + 1)..])),
        ]),
        ["extent"] = JsonNode.Parse(
            """{"spatial":{"bbox":[[-180.0,-90.0,180.0,90.0]]},"temporal":{"interval":[[null,null]]}}"""),
        ["license"] = "other",
    };

    static JsonArray Links(IEnumerable<(string Rel, string Href)> links) =>
        [.. links.Select(link => Link(link.Rel, link.Href)).ToArray<JsonNode>()];

    static JsonObject Link(string rel, string href, string? role = null)
    {
        var link = new JsonObject { ["rel"] = rel, ["href"] = href, ["type"] = "application/json" };
        if (role is not null) link["matchup:role"] = role;
        return link;
    }
}

using System.Globalization;
using System.Text;

namespace Waypost.Bench;

/// <summary>Matchups as EOMatch writes them, 2 KB each, for searches to be measured on: six years of five pairs of
/// satellites, half of them around forty sites.</summary>
static class SearchItems
{
    public const double Days = 6 * 365;

    public static readonly DateTime First = new(2019, 1, 1);

    public static readonly string[] Pairs =
        [.. Enumerable.Range(1, 5).Select(n => $"LANDSAT_C2L1-Landsat-{n + 4}-vs-S2_MSI_L1C-S2{(char)('A' + n)}")];

    /// <summary>The id of an item, which tells its collection.</summary>
    public static (string Collection, string Id) Name(int n)
    {
        var pair = Pairs[n % Pairs.Length];
        return (pair, string.Create(CultureInfo.InvariantCulture, $"{pair}_20190101T000000_{n:D8}_-108.68_-27.96"));
    }

    /// <summary>One of five hundred places, a word.</summary>
    public static string Region(int n) => "site" + n % 500;

    public static byte[] Item(int n)
    {
        var random = new Random(n);
        var (collection, id) = Name(n);
        var (x, y) = random.Next(2) == 0 ? (random.Next(-17_900, 17_900) / 100.0, random.Next(-8_000, 8_000) / 100.0)
            : Around(random, random.Next(40));
        var ring = Enumerable.Range(0, 8).Select(i => (X: x + Math.Cos(i * Math.PI / 4) / 2,
            Y: y + Math.Sin(i * Math.PI / 4) / 2)).ToArray();
        var positions = string.Join(
            ',', ring.Append(ring[0]).Select(at => FormattableString.Invariant($"[{at.X:F4},{at.Y:F4}]")));
        var start = First.AddMinutes(random.Next((int)(Days * 24 * 60)));
        var hour = start.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""
            {"type":"Feature","stac_version":"1.1.0","stac_extensions":[],"id":"{{{id}}}",
            "collection":"{{{collection}}}","geometry":{"type":"Polygon","coordinates":[[{{{positions}}}]]},
            "bbox":[{{{x - 0.5}}},{{{y - 0.5}}},{{{x + 0.5}}},{{{y + 0.5}}}],"properties":{"datetime":"{{{hour}}}Z",
            "start_datetime":"{{{hour}}}Z","end_datetime":"{{{start.AddMinutes(7):yyyy-MM-ddTHH:mm:ss}}}Z",
            "title":"Matchup of Landsat and Sentinel over {{{Region(random.Next(500))}}}",
            "matchup:collections":["LANDSAT_C2L1","S2_MSI_L1C"],"matchup:platforms":["Landsat-9","S2A"],
            "matchup:time_diff_abs":{{{random.Next(40_000)}}}.0,"matchup:event_id":"{{{id}}}_event",
            "time_diff_s":{{{random.Next(40_000)}}}.0,"collocation_area_km2":{{{random.Next(9_000) / 10.0}}},
            "collocation_centroid_lon":{{{x}}},"collocation_centroid_lat":{{{y}}},
            "solar_elevation_deg":{{{random.Next(900) / 10.0}}},"land_fraction":{{{random.Next(10_000) / 10_000.0}}}},
            "links":[{"rel":"derived_from","type":"application/json",
            "href":"/api/collections/LANDSAT_C2L1/items/LC09_L1GT_173020_20220521_{{{n}}}"},
            {"rel":"derived_from","type":"application/json",
            "href":"/api/collections/S2_MSI_L1C/items/S2A_MSIL1C_20220521T084640_N0400_R107_{{{n}}}"},
            {"rel":"related","type":"application/json","matchup:role":"event",
            "href":"/api/collections/matchup-events-{{{collection}}}/items/{{{id}}}_event"}],
            "assets":{"comparison:2026-01-15":{
            "href":"https://example.org/analysis/matchup-{{{n}}}_comparison_20260115.nc",
            "type":"application/x-netcdf","title":"Spectral comparison","roles":["data"]},
            "comparison:latest":{"href":"https://example.org/analysis/matchup-{{{n}}}_comparison_20260115.nc",
            "type":"application/x-netcdf","title":"Spectral comparison","roles":["data"]},
            "thumbnail":{"href":"https://example.org/analysis/matchup-{{{n}}}_preview.png","type":"image/png",
            "roles":["thumbnail"] } } }
            """));
    }

    static (double X, double Y) Around(Random random, int site)
    {
        var at = new Random(site);
        return (at.Next(-170, 170) + random.NextDouble() * 3, at.Next(-70, 70) + random.NextDouble() * 3);
    }
}

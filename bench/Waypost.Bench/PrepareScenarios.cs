using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Waypost.Catalogue;
using Waypost.Geo.Stac;

namespace Waypost.Bench;

/// <summary>What it costs to make an item ready to be kept, before any database is asked.</summary>
static class PrepareScenarios
{
    /// <summary>Items prepared one after the other on one core: parsed, repaired, checked, both forms written, place
    /// and words found.</summary>
    public static async Task Prepare(Arguments arguments, CancellationToken ct)
    {
        var items = Enumerable.Range(0, 1000).Select(Matchup).ToArray();
        var seconds = arguments.Int("seconds", 5);
        var sound = Array.ConvertAll(items, item => StacRepair.Apply(StoredDocument.Parse(item, "item")).Document);
        var parts = new Dictionary<string, Action<int>>(StringComparer.Ordinal)
        {
            ["parse"] = n => StoredDocument.Parse(items[n], "item"),
            ["parse_and_repair"] = n => StacRepair.Apply(StoredDocument.Parse(items[n], "item")),
            ["check"] = n => StacRules.Check(sound[n], framed: true),
            ["write_both_forms"] = n => StacForms.Write(sound[n], StacFrame.None, StacSchemes.Web),
            ["place"] = n => PlaceOfItem.Of("", sound[n].GetProperty("geometry"), false),
            ["words"] = n => StacChecks.Words(sound[n].GetProperty("properties")),
            ["all"] = n => PreparedItem.Of(items[n], Preparing.Default),
        };
        var costs = parts.ToDictionary(part => part.Key, part => Microseconds(part.Value, items.Length, seconds, ct));
        var allocated = parts.ToDictionary(part => part.Key, part => Allocated(part.Value, items.Length));
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new
        {
            name = "Waypost, preparing EOMatch-shaped items with two repairs and hidden assets, one core",
            bytes = items.Average(item => item.Length),
            microseconds = costs,
            allocated_bytes = allocated,
            items_per_second = (int)(1e6 / costs["all"]),
        }));
    }

    static long Allocated(Action<int> work, int items)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < items; n++) work(n);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / items;
    }

    static double Microseconds(Action<int> work, int items, int seconds, CancellationToken ct)
    {
        for (var n = 0; n < 3 * items; n++) work(n % items);
        var (watch, done) = (Stopwatch.StartNew(), 0);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            ct.ThrowIfCancellationRequested();
            for (var n = 0; n < items; n++) work(n);
            done += items;
        }
        var spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        return Math.Round(spent.TotalMicroseconds / done, 1);
    }

    /// <summary>A matchup as EOMatch writes it, 2 KB without blanks.</summary>
    internal static byte[] Matchup(int n)
    {
        var random = new Random(n);
        var (west, south) = (random.Next(-17000, 17000) / 100.0, random.Next(-8000, 8000) / 100.0);
        var ring = Enumerable.Range(0, 9).Select(i => (X: west + Math.Cos(i * Math.PI / 4) / 2,
            Y: south + Math.Sin(i * Math.PI / 4) / 2)).ToArray();
        ring[8] = ring[0];
        var start = new DateTime(2022, 5, 21).AddMinutes(n);
        var positions = string.Join(',', ring.Select(at => FormattableString.Invariant($"[{at.X},{at.Y}]")));
        const string pair = "LANDSAT_C2L1-Landsat-9-vs-S2_MSI_L1C-S2A";
        var id = string.Create(CultureInfo.InvariantCulture, $"{pair}_{start:yyyyMMddTHHmmss}_{west:F2}_{south:F2}");
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""
            {"type":"Feature","stac_version":"1.1.0","stac_extensions":[],"id":"{{{id}}}","geometry":{"type":"Polygon",
            "coordinates":[[{{{positions}}}]]},
            "bbox":[{{{west - 0.5}}},{{{south - 0.5}}},{{{west + 0.5}}},{{{south + 0.5}}}],"properties":{
            "end_datetime":"{{{start.AddMinutes(7):yyyy-MM-ddTHH:mm:ss}}}+00:00",
            "matchup:collections":["LANDSAT_C2L1","S2_MSI_L1C"],"matchup:platforms":["Landsat-9","S2A"],
            "matchup:time_diff_abs":{{{random.Next(40000)}}}.0,
            "matchup:event_id":"{{{pair}}}_{{{start:yyyyMMddTHHmmss}}}",
            "time_diff_s":{{{random.Next(40000)}}}.0,"collocation_area_km2":{{{random.Next(9000) / 10.0}}},
            "collocation_centroid_lon":{{{west}}},"collocation_centroid_lat":{{{south}}},
            "solar_elevation_deg":{{{random.Next(900) / 10.0}}},"land_fraction":{{{random.Next(100) / 100.0}}},
            "datetime":"{{{start:yyyy-MM-ddTHH:mm:ss}}}Z"},"links":[
            {"rel":"derived_from","href":"/api/collections/LANDSAT_C2L1/items/LC09_{{{n}}}","type":"application/json"},
            {"rel":"derived_from","href":"/api/collections/S2_MSI_L1C/items/S2A_{{{n}}}","type":"application/json"},
            {"rel":"root","href":"../../../../catalog.json","type":"application/json"},
            {"rel":"collection","href":"../../../collection.json","type":"application/json"},
            {"rel":"related","href":"/api/collections/matchup-events-{{{pair}}}/items/{{{pair}}}_{{{n}}}",
            "type":"application/json","matchup:role":"event"},
            {"rel":"parent","href":"../../../collection.json","type":"application/json"}],"assets":{
            "comparison:2026-05-10":{"href":"file:///npl-data/analysis/2022/05/21/matchup-{{{n}}}_20260510.nc",
            "type":"application/x-netcdf","title":"Spectral comparison"},
            "thumbnail":{"href":"https://example.org/previews/{{{n}}}.png","type":"image/png","roles":["thumbnail"]} },
            "collection":"{{{pair}}}"}
            """).ReplaceLineEndings(""));
    }
}

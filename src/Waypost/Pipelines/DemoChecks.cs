using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Waypost.Geo.Stac;
using Waypost.Geo.Tiles;

namespace Waypost.Pipelines;

/// <summary>Fetches what a request made, as its clients would, and looks at it.</summary>
static class DemoChecks
{
    const int PartBytes = 16;
    const int DeepestLook = 4;

    /// <summary>Looks at everything that the status promises.</summary>
    /// <returns>What was seen, for a person: URLs first.</returns>
    /// <exception cref="DemoFailedException">Something is not what it should be.</exception>
    public static async Task<IReadOnlyList<string>> Verify(HttpClient client, JsonElement status, CancellationToken ct)
    {
        var urls = status.GetProperty("endpoints").EnumerateObject()
            .ToDictionary(url => url.Name, url => url.Value.GetString()!, StringComparer.Ordinal);
        var seen = new List<string> { "status     " + urls["status"], "STAC item  " + urls["stac_item"] };
        await Json(client, urls["status"], ct);
        await CheckItem(client, urls["stac_item"], ct);
        if (urls.TryGetValue("tilejson", out var tileJson))
        {
            seen.Add("tile       " + await CheckTiles(client, tileJson, ct));
            seen.Add("download   " + await CheckCog(client, urls["download"], ct));
            seen.Add("receipt    " + await CheckReceipt(client, urls["receipt"], ct));
        }
        else
        {
            seen.Add("items      " + await CheckFeatures(client, urls["features"], ct));
            seen.Add("download   " + await CheckGeoJson(client, urls["download"], ct));
        }
        seen.AddRange(status.GetProperty("warnings").EnumerateArray().Select(warning =>
            $"warning    {warning.GetProperty("code").GetString()} ({warning.GetProperty("count").GetInt64()}): "
            + warning.GetProperty("message").GetString()));
        return seen;
    }

    static async Task CheckItem(HttpClient client, string url, CancellationToken ct)
    {
        var faults = StacRules.Check(await Json(client, url, ct));
        if (faults.Count > 0)
            throw new DemoFailedException(
                $"The STAC item is not valid: {faults[0].Path} is {faults[0].What}, expected {faults[0].Expected}.");
    }

    static async Task<string> CheckTiles(HttpClient client, string tileJson, CancellationToken ct)
    {
        var tiles = await Json(client, tileJson, ct);
        var template = tiles.GetProperty("tiles")[0].GetString()!;
        var bounds = tiles.GetProperty("bounds").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        var (least, most) = (tiles.GetProperty("minzoom").GetInt32(), tiles.GetProperty("maxzoom").GetInt32());
        for (var zoom = least; zoom <= Math.Min(most, least + DeepestLook); zoom++)
        {
            var (x, y) = TileMath.At(zoom, Wrapped((bounds[0] + bounds[2]) / 2), (bounds[1] + bounds[3]) / 2);
            var url = template.Replace("{z}", $"{zoom}", StringComparison.Ordinal)
                .Replace("{x}", $"{x}", StringComparison.Ordinal).Replace("{y}", $"{y}", StringComparison.Ordinal);
            using var response = await client.GetAsync(url, ct);
            if (!response.IsSuccessStatusCode) await Demo.Read(response, ct);
            // An empty tile is an answer too; the next zoom has the picture in another place.
            if (response.StatusCode == HttpStatusCode.NoContent) continue;
            var (width, height, visible) = PngLook.At(await response.Content.ReadAsByteArrayAsync(ct));
            if (visible > 0) return $"{url} ({width} x {height}, {100.0 * visible / (width * height):0} % drawn)";
        }
        throw new DemoFailedException($"None of the tiles in the middle of {template} shows anything.");
    }

    static async Task<string> CheckCog(HttpClient client, string url, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(0, PartBytes - 1);
        using var response = await client.SendAsync(request, ct);
        var part = await response.Content.ReadAsByteArrayAsync(ct);
        if (response.StatusCode != HttpStatusCode.PartialContent || part.Length != PartBytes
            || part is not [(byte)'I', (byte)'I', 42 or 43, 0, ..])
            throw new DemoFailedException(
                $"{url} answered {(int)response.StatusCode} with {part.Length} bytes, not with the first {PartBytes} "
                + "of a TIFF.");
        return $"{url} ({response.Content.Headers.ContentRange?.Length:N0} bytes, ranges answered)";
    }

    static async Task<string> CheckReceipt(HttpClient client, string url, CancellationToken ct)
    {
        var receipt = await Json(client, url, ct);
        if (!receipt.GetProperty("lossless").GetBoolean() || !receipt.GetProperty("validation").GetProperty("is_valid")
            .GetBoolean())
            throw new DemoFailedException($"The receipt {url} does not say that the COG is valid and without loss.");
        return $"{url} ({receipt.GetProperty("bands").GetArrayLength()} bands unchanged)";
    }

    static async Task<string> CheckFeatures(HttpClient client, string url, CancellationToken ct)
    {
        var page = await Json(client, url + "?limit=5", ct);
        var features = page.GetProperty("features").GetArrayLength();
        if (page.GetProperty("type").GetString() != "FeatureCollection" || features == 0)
            throw new DemoFailedException($"{url} has no features.");
        return $"{url} ({page.GetProperty("numberMatched").GetInt64()} features)";
    }

    static async Task<string> CheckGeoJson(HttpClient client, string url, CancellationToken ct)
    {
        using var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode) await Demo.Read(response, ct);
        var start = new byte[PartBytes * 3];
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct);
        return start.AsSpan().StartsWith("{\"type\":\"FeatureCollection\""u8) ? url + " (GeoJSON)"
            : throw new DemoFailedException($"{url} does not begin as GeoJSON does.");
    }

    static async Task<JsonElement> Json(HttpClient client, string url, CancellationToken ct)
    {
        using var response = await client.GetAsync(url, ct);
        return await Demo.Read(response, ct);
    }

    static double Wrapped(double longitude) => longitude > 180 ? longitude - 360 : longitude;
}

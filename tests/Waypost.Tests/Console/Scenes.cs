using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Geo.Geometry;
using Waypost.Geo.Vector;
using Waypost.Tests.Catalogue;
using Xunit;

namespace Waypost.Tests.MapConsole;

/// <summary>Data for the console to show, sent through the front door like anybody's.</summary>
sealed class Scenes(TestServer server)
{
    const int Width = 900;
    const int Height = 600;
    static readonly GeoBox Alps = new(6.0, 45.2, 10.5, 48.2);

    /// <summary>Sends a file under <c>dataset_resource_version</c> and waits until it is catalogued.</summary>
    public async Task Send(string type, string identity, string title, byte[] content)
    {
        using var client = server.With(TestServer.AdminKey);
        var parts = identity.Split('_');
        using var upload = await client.PutAsync($"/platform/uploads/{identity}", new ByteArrayContent(content), Token);
        upload.EnsureSuccessStatusCode();
        using var answer = await client.PostAsJsonAsync("/platform/submit", new
        {
            dataset_id = parts[0],
            resource_id = parts[1],
            version_id = parts[2],
            request_type = type,
            title,
            source_path = $"upload:{identity}",
        }, Token);
        var accepted = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.True(answer.IsSuccessStatusCode, accepted.ToString());
        var status = await client.GetFromJsonAsync<JsonElement>(
            $"/platform/status/{accepted.GetProperty("request_id").GetString()}?wait=60", Token);
        Assert.True(status.GetProperty("status").GetString() == "completed", status.ToString());
    }

    /// <summary>Catalogues an item with three runs of an analysis, two of them of one day.</summary>
    public static async Task Match(TestServer server, string id, string title, double[] box)
    {
        using var client = server.With(TestServer.AdminKey);
        await Post(client, "/api/collections", Samples.Collection("matches").Text, mayExist: true);
        var item = Samples.Item("matches", id, box, properties: $"\"title\":\"{title}\"");
        await Post(client, "/api/collections/matches/items", item.Text);
        foreach (var (day, file) in new[] { ("2026-01-15", "a"), ("2026-05-10", "b"), ("2026-05-10", "c") })
            await Post(client, $"/api/collections/matches/items/{id}/analyses", JsonSerializer.Serialize(
                new { href = $"https://data.example/{id}-{file}.nc", date = day, provenance = new { run = file } }));
    }

    static async Task Post(HttpClient client, string address, string json, bool mayExist = false)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(address, content, Token);
        Assert.True(
            answer.IsSuccessStatusCode || mayExist && answer.StatusCode == System.Net.HttpStatusCode.Conflict,
            await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>A picture of hills that no satellite has seen, over the Alps.</summary>
    public static byte[] Raster()
    {
        var pixels = new byte[3 * Width * Height];
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var height = 0.5 + (Math.Sin(x / 47.0 + Math.Cos(y / 31.0)) + Math.Sin(y / 39.0 - Math.Sin(x / 90.0))
                    + 0.4 * Math.Sin((x + 2 * y) / 13.0)) / 4.8;
                var at = 3 * (y * Width + x);
                pixels[at] = (byte)(60 + 170 * height);
                pixels[at + 1] = (byte)(90 + 130 * Math.Abs(height - 0.3));
                pixels[at + 2] = (byte)(50 + 160 * height * height);
            }
        using var file = new MemoryStream();
        SampleTiff.Write(file, pixels, Width, Height, Alps);
        return file.ToArray();
    }

    /// <summary>A net of roads and some places.</summary>
    public static byte[] Vector()
    {
        var roads = Enumerable.Range(0, 12).Select(i => Feature("LineString", Road(i)));
        var places = Enumerable.Range(0, 12).Select(i => Feature("Polygon", new[] { Place(i) }));
        return JsonSerializer.SerializeToUtf8Bytes(new { type = "FeatureCollection", features = roads.Concat(places) });
    }

    static object Feature(string type, object coordinates) =>
        new { type = "Feature", properties = new { kind = type }, geometry = new { type, coordinates } };

    static double[][] Road(int i) => [[-9.0 + i, 36], [-8.2 + 1.1 * i, 40], [-9.0 + i, 44]];

    static double[][] Place(int i) => [[-9.0 + i, 40], [-8.5 + i, 40], [-8.7 + i, 40.6], [-9.0 + i, 40]];

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

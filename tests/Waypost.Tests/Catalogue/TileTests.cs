using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Raster;
using Waypost.Geo.Tiles;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public sealed class TileTests
{
    static readonly RenderStyle Gray = new(RenderMode.Ramp, [0], [0], [255], Ramp.Gray, Smooth: false);

    [Theory, Backends]
    public async Task A_raster_is_drawn_as_tiles_where_it_is_and_nowhere_else(Backend backend)
    {
        var (org, client) = await WithRaster(backend);
        var tile = await Get(client, "/tiles/r/a/2/2/1.png");
        Assert.Equal(HttpStatusCode.OK, tile.StatusCode);
        Assert.Equal("image/png", tile.Content.Headers.ContentType!.MediaType);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], (await tile.Content.ReadAsByteArrayAsync(Token))[..4]);
        var twin = await Get(client, $"/api/v1/{org.Id}/tiles/r/a/2/2/1.png");
        Assert.Equal(await tile.Content.ReadAsByteArrayAsync(Token), await twin.Content.ReadAsByteArrayAsync(Token));

        // Within its bounds, where it has no values.
        Assert.Equal(HttpStatusCode.NoContent, (await Get(client, "/tiles/r/a/4/11/6.png")).StatusCode);
        await client.Problem("/tiles/r/a/2/0/1.png", HttpStatusCode.NotFound);
        await client.Problem("/tiles/r/a/7/64/63.png", HttpStatusCode.NotFound);
        await client.Problem("/tiles/r/none/2/2/1.png", HttpStatusCode.NotFound);
        foreach (var wrong in (string[])["2/4/1", "2/2/4", "2/-1/1", "0/0/1", "31/0/0", "-1/0/0"])
            await client.Problem($"/tiles/r/a/{wrong}.png", HttpStatusCode.BadRequest);
    }

    [Theory, Backends]
    public async Task A_tile_that_has_not_changed_is_not_sent_again(Backend backend)
    {
        var (org, client) = await WithRaster(backend);
        var first = await Get(client, "/tiles/r/a/2/2/1.png");
        Assert.Equal(HttpStatusCode.NotModified, (await Get(client, "/tiles/r/a/2/2/1.png", first)).StatusCode);

        // The blob is replaced while its old content is open: the new one is drawn.
        await PutBlob(org, value: 9);
        var second = await Get(client, "/tiles/r/a/2/2/1.png", first);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.NotEqual(
            await first.Content.ReadAsByteArrayAsync(Token), await second.Content.ReadAsByteArrayAsync(Token));
        Assert.Contains("max-age", second.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task TileJson_says_what_a_map_needs_and_its_tiles_are_there(Backend backend)
    {
        var (org, client) = await WithRaster(backend);
        var tileJson = await client.Json("/tiles/r/a/tilejson.json");
        Assert.Equal("3.0.0", tileJson.GetProperty("tilejson").GetString());
        Assert.Equal([0, 0, 80, 80], Numbers(tileJson, "bounds"));
        Assert.Equal((0, 6), (tileJson.GetProperty("minzoom").GetInt32(), tileJson.GetProperty("maxzoom").GetInt32()));
        Assert.Equal("A thing", tileJson.GetProperty("name").GetString());
        Assert.Equal("ESA &amp; co", tileJson.GetProperty("attribution").GetString());
        var template = tileJson.GetProperty("tiles")[0].GetString()!;
        var tile = template.Replace("{z}", "2", StringComparison.Ordinal).Replace("{x}", "2", StringComparison.Ordinal)
            .Replace("{y}", "1", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Get(client, tile)).StatusCode);
        Assert.StartsWith($"{org.Server.Url}api/v1/{org.Id}/tiles/",
            (await client.Json($"/api/v1/{org.Id}/tiles/r/a/tilejson.json")).GetProperty("tiles")[0].GetString(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Get(client, "/tiles/r/a/preview.png")).StatusCode);

        await org.Do(tx => tx.PutRaster(
            org.Id, "r", "a", new(Key(org), Json.Of(Gray), 0, 6, [170, -90, -170, 90]), Samples.Now));
        var crossing = await client.Json("/tiles/r/a/tilejson.json");
        Assert.Equal([-180, -TileMath.MostLatitude, 180, TileMath.MostLatitude], Numbers(crossing, "bounds"));
    }

    [Theory, Backends]
    public async Task Another_organization_gets_no_tile(Backend backend)
    {
        var (org, _) = await WithRaster(backend);
        var stranger = await (await org.Server.NewOrg()).As(Role.OrgAdmin);
        foreach (var path in (string[])["2/2/1.png", "tilejson.json", "preview.png"])
        {
            var real = await stranger.Problem("/tiles/r/a/" + path, HttpStatusCode.NotFound);
            var made = await stranger.Problem("/tiles/r/b/" + path, HttpStatusCode.NotFound);
            Assert.Equal(made.GetRawText(), real.GetRawText().Replace("item a", "item b", StringComparison.Ordinal)
                .Replace("r/a", "r/b", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Many_at_once_over_more_rasters_than_are_kept_open_all_get_their_tile()
    {
        var (org, _) = await WithRaster(Backend.Sqlite);
        var blobs = org.Server.Services.GetRequiredService<Blobs>();
        using var rasters = new OpenRasters(blobs);
        using var desk = new TileDesk(blobs, rasters);
        for (var i = 0; i < OpenRasters.Most + 4; i++) await PutBlob(org, value: (byte)i, name: $"r{i}.tif");

        await Parallel.ForEachAsync(Enumerable.Range(0, 120), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, ct) =>
            {
                var key = Blobs.Key(org.Id, "data", "a", $"r{i * 7 % (OpenRasters.Most + 4)}.tif");
                Assert.NotNull(await desk.Draw(
                    blobs.Find(key)!, raster => TileRenderer.RenderPng(raster, 2, 2, 1, Gray), ct));
            });
        Assert.Equal(OpenRasters.Most, rasters.Count);
    }

    [Fact]
    public async Task A_loan_outlives_its_place_in_the_cache()
    {
        var (org, _) = await WithRaster(Backend.Sqlite);
        var blobs = org.Server.Services.GetRequiredService<Blobs>();
        var rasters = new OpenRasters(blobs);
        var blob = blobs.Find(Key(org))!;
        var loan = rasters.Borrow(blob);
        rasters.Dispose();
        Assert.NotNull(TileRenderer.RenderPng(loan.Raster, 2, 2, 1, Gray));
        loan.Dispose();

        var lent = rasters.Borrow(blob);
        rasters.Dispose();
        lent.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lent.Raster.Read(0, 0, 0, 1, 1, new byte[1]));
        Assert.Throws<FileNotFoundException>(
            () => rasters.Borrow(blob with { Key = Blobs.Key(org.Id, "data", "a", "none.tif") }));
        Assert.Equal(0, rasters.Count);
    }

    static async Task<(TestOrg, HttpClient)> WithRaster(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await PutBlob(org, value: 200);
        await org.Put("r", Samples.Item("r", "a", [0, 0, 80, 80],
            properties: "\"title\":\"A thing\",\"providers\":[{\"name\":\"ESA & co\"}]"));
        await org.Do(tx => tx.PutRaster(
            org.Id, "r", "a", new(Key(org), Json.Of(Gray), 0, 6, [0, 0, 80, 80]), Samples.Now));
        return (org, await org.As(Role.Viewer));
    }

    static string Key(TestOrg org) => Blobs.Key(org.Id, "data", "a", "cog.tif");

    // 80 by 80 degrees from 0, 0 on; only the western half has values, the rest is nodata.
    static async Task PutBlob(TestOrg org, byte value, string name = "cog.tif")
    {
        var blobs = org.Server.Services.GetRequiredService<Blobs>();
        using var source = RasterFile.Open(new MemoryStream(Tiff(value)));
        var scratch = blobs.ScratchFolder("tile-tests");
        await blobs.Put(Blobs.Key(org.Id, "data", "a", name), into =>
        {
            Assert.True(CogWriter.Write(source, into, new CogOptions(scratch), null, Token).IsSound);
            return Task.CompletedTask;
        }, Token);
    }

    // TIFF 6.0 with the GeoTIFF tags of EPSG:4326, one strip of bytes.
    static byte[] Tiff(byte value)
    {
        const int Side = 160;
        var file = new MemoryStream();
        var pixels = new byte[Side * Side];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = i % Side < Side / 2 ? (byte)(value + i % 3 + 1) : (byte)0;
        var scale = Doubles(80.0 / Side, 80.0 / Side, 0);
        var tie = Doubles(0, 0, 0, 0, 80, 0);
        ushort[] wgs84 = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];
        byte[] keys = [.. wgs84.SelectMany(BitConverter.GetBytes)];
        (ushort Tag, ushort Type, int Count, byte[] Value)[] fields =
        [
            (256, 3, 1, Short(Side)), (257, 3, 1, Short(Side)), (258, 3, 1, Short(8)), (259, 3, 1, Short(1)),
            (262, 3, 1, Short(1)), (273, 4, 1, Int(8)), (277, 3, 1, Short(1)), (278, 3, 1, Short(Side)),
            (279, 4, 1, Int(pixels.Length)), (33550, 12, 3, scale), (33922, 12, 6, tie),
            (34735, 3, keys.Length / 2, keys), (42113, 2, 2, "0\0"u8.ToArray()),
        ];
        var directory = 8 + pixels.Length;
        var beyond = directory + 2 + fields.Length * 12 + 4;
        file.Write([(byte)'I', (byte)'I', 42, 0, .. Int(directory), .. pixels, .. Short(fields.Length)]);
        var tail = new MemoryStream();
        foreach (var (tag, type, count, data) in fields)
        {
            file.Write([.. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(type), .. Int(count)]);
            if (data.Length <= 4) file.Write([.. data, .. new byte[4 - data.Length]]);
            else
            {
                file.Write(Int(beyond + (int)tail.Length));
                tail.Write(data);
            }
        }
        file.Write([0, 0, 0, 0, .. tail.ToArray()]);
        return file.ToArray();

        static byte[] Short(int number) => BitConverter.GetBytes((ushort)number);
        static byte[] Int(int number) => BitConverter.GetBytes(number);
        static byte[] Doubles(params double[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];
    }

    static async Task<HttpResponseMessage> Get(HttpClient client, string path, HttpResponseMessage? known = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null) request.Headers.TryAddWithoutValidation("If-None-Match", known.Headers.ETag!.ToString());
        return await client.SendAsync(request, Token);
    }

    static double[] Numbers(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Waypost.Geo.Raster;
using Waypost.Geo.Tests.Raster;
using Xunit;
using static Waypost.Tests.Pipelines.Platform;

namespace Waypost.Tests.Pipelines;

public sealed class MainJobTests
{
    [Theory, Backends]
    public async Task A_raster_is_validated_converted_catalogued_and_served_with_the_same_pixels(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.tif", new TestTiff
        {
            Width = 700,
            Height = 600,
            Bands = 3,
            Photometric = 2
        }.Bytes());

        var status = await platform.Ended(Body("raster", source));

        Assert.True(status.Text("status") == "completed", status.ToString());
        var receipt = await platform.Get(status.Text("endpoints.receipt"));
        Assert.True(receipt.At("lossless").GetBoolean());
        Assert.Equal(3, receipt.At("bands").GetArrayLength());
        var item = await platform.Get(status.Text("endpoints.stac_item"));
        Assert.Equal("floods_dhaka_v1", item.Text("id"));
        var cog = await platform.Client.GetByteArrayAsync(status.Text("endpoints.download"), Token);
        Assert.Equal(receipt.Text("output.sha256"), Convert.ToHexStringLower(SHA256.HashData(cog)));
        using var raster = RasterFile.Open(new MemoryStream(cog));
        Assert.True(CogValidation.Check(new MemoryStream(cog)).IsValid);
        Assert.Equal((700, 600, 3), (raster.Width, raster.Height, raster.BandCount));
    }

    [Theory, Backends]
    public async Task A_vector_is_mended_and_served_as_features(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.geojson", Samples.Points);

        var status = await platform.Ended(Body("vector", source));

        Assert.True(status.Text("status") == "completed", status.ToString());
        Assert.Equal(3, status.At("stac_metadata.properties").At("vector:feature_count").GetInt64());
        Assert.Contains("GEOMETRY_REPAIRED", status.At("warnings").EnumerateArray().Select(w => w.Text("code")));
        var item = await platform.Get(status.Text("endpoints.stac_item"));
        Assert.Equal("ddh_vectors", item.Text("collection"));
    }

    [Theory, Backends]
    public async Task A_part_of_the_COG_is_answered_and_an_old_part_is_not_mixed_with_a_new_file(Backend backend)
    {
        var platform = await Of(backend);
        var status = await platform.Ended(Body("raster", await platform.Upload("a.tif", new TestTiff().Bytes())));
        var url = status.Text("endpoints.download");

        var head = await platform.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url), Token);
        var part = await Range(platform.Client, url, null);
        var same = await Range(platform.Client, url, head.Headers.ETag);
        var other = await Range(platform.Client, url, new EntityTagHeaderValue("\"another\""));

        Assert.Equal("bytes", head.Headers.AcceptRanges.Single());
        Assert.Equal((HttpStatusCode.PartialContent, 16), (part.StatusCode, (int)part.Content.Headers.ContentLength!));
        Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
        Assert.Equal((HttpStatusCode.OK, head.Content.Headers.ContentLength),
            (other.StatusCode, other.Content.Headers.ContentLength));
        await Refusal(await platform.Client.GetAsync(url + "?format=shp", Token), HttpStatusCode.BadRequest,
            "UNSUPPORTED_FORMAT");
    }

    static Task<HttpResponseMessage> Range(HttpClient client, string url, EntityTagHeaderValue? ifRange)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(0, 15) } };
        if (ifRange is not null) request.Headers.IfRange = new RangeConditionHeaderValue(ifRange);
        return client.SendAsync(request, Token);
    }
}

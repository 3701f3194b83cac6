using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Geo.Raster;
using Waypost.Geo.Tests.Raster;
using Waypost.Pipelines;
using Waypost.Storage;
using Waypost.Work;
using Xunit;
using static Waypost.Tests.Pipelines.Platform;

namespace Waypost.Tests.Pipelines;

/// <summary>Bad data ends its request with a reason and a way out; never with a crash, never with a result.</summary>
public sealed class BadDataTests
{
    static readonly Dictionary<string, (string Type, Func<byte[]> Content)> Made = new()
    {
        ["FILE_EMPTY"] = ("raster", () => []),
        ["NOT_A_TIFF"] = ("raster", () => "name,value\na,1\n"u8.ToArray()),
        ["RASTER_EMPTY"] = ("raster", () => new TestTiff { NoData = "7", Value = (_, _, _) => 7 }.Bytes()),
        ["CRS_MISSING"] = ("raster", () => new TestTiff { Epsg = null }.Bytes()),
        ["NO_GEOTRANSFORM"] = ("raster", () => new TestTiff { Scale = [], Tie = [] }.Bytes()),
        ["RASTER_64BIT"] = ("raster", () => new TestTiff { Type = SampleType.Float64 }.Bytes()),
        ["RASTER_TRUNCATED"] = ("raster", () => new TestTiff().Bytes()[..2000]),
        ["DATA_TYPE_MISMATCH"] = ("vector", () => new TestTiff().Bytes()),
        ["VECTOR_EMPTY"] = ("vector", () => """{"type":"FeatureCollection","features":[]}"""u8.ToArray()),
        ["COORDINATES_INVALID"] = ("vector", () => Feature("""{"type":"Point","coordinates":[NaN,1]}""")),
        ["JSON_TRUNCATED"] = ("vector", () => Encoding.UTF8.GetBytes(Samples.Points)[..150]),
        ["NOT_GEOJSON"] = ("vector", () => """{"a":1}"""u8.ToArray()),
        ["UNSUPPORTED_FORMAT"] = ("vector", () => "SQLite format 3\0 and more"u8.ToArray()),
    };

    public static TheoryData<string> Codes => [.. Made.Keys];

    [Theory, MemberData(nameof(Codes))]
    public async Task Each_mistake_has_its_code_a_category_and_a_way_out(string code)
    {
        var platform = await Of(Backend.Sqlite);
        var (type, content) = Made[code];

        var status = await platform.Ended(Body(type, await platform.Upload("file", content())));

        Assert.Equal(("failed", code),
            (status.Text("status"), status.IsNull("error") ? null : status.Text("error.code")));
        Assert.StartsWith("DATA_", status.Text("error.category").Replace("PARAMETER_ERROR", "DATA_"));
        Assert.True(status.At("error.user_fixable").GetBoolean());
        Assert.NotEmpty(status.Text("error.remediation"));
        Assert.True(status.IsNull("endpoints"));
        Assert.DoesNotContain(Path.GetTempPath(), status.ToString(), StringComparison.Ordinal);
        var report = await platform.Get($"/platform/data/{status.Text("request_id")}/report");
        Assert.False(report.At("valid").GetBoolean());
        await Refusal(
            await platform.Client.GetAsync($"/platform/data/{status.Text("request_id")}/download", Token),
            HttpStatusCode.Conflict, "REQUEST_NOT_COMPLETED");
    }

    [Theory, Backends]
    public async Task Bad_shapes_are_mended_or_left_out_and_said_so(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.geojson", """
            {"type":"FeatureCollection","features":[
            {"type":"Feature","geometry":null,"properties":{"n":null}},
            {"type":"Feature","properties":{},
             "geometry":{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}},
            {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2,3]},"properties":null}
            ]}
            """);

        var status = await platform.Ended(Body("vector", source));

        Assert.Equal("completed", status.Text("status"));
        Assert.Equal(
            ["GEOMETRY_MIXED", "GEOMETRY_NULL", "GEOMETRY_REPAIRED", "GEOMETRY_Z_DROPPED"],
            status.At("warnings").EnumerateArray().Select(warning => warning.Text("code")).Order());
        Assert.Equal(2, status.At("stac_metadata.properties").At("table:row_count").GetInt32());
    }

    [Theory, Backends]
    public async Task A_raster_without_a_system_is_taken_when_the_request_names_it(Backend backend)
    {
        var platform = await Of(backend);
        var source = await platform.Upload("a.tif", new TestTiff { Epsg = null }.Bytes());

        var status = await platform.Ended(Body("raster", source, config: new { input_crs = "EPSG:32618" }));

        Assert.Equal("completed", status.Text("status"));
        Assert.Equal("EPSG:32618", status.At("stac_metadata.properties").Text("proj:code"));
    }

    /// <summary>What each file of the samples must get; a file's warning stands where it is taken in.</summary>
    static readonly Dictionary<string, (string Type, string Answer)> Expected = new()
    {
        ["all_nodata.tif"] = ("raster", "RASTER_EMPTY"),
        ["cog_broken_by_update.tif"] = ("raster", "completed SOURCE_COG_INVALID"),
        ["cog_external_ovr_claim.tif"] = ("raster", "completed"),
        ["corrupt.tif"] = ("raster", "UNSUPPORTED_COMPRESSION"),
        ["empty.fgb"] = ("vector", "UNSUPPORTED_FORMAT"),
        ["gcps_no_geotransform.tif"] = ("raster", "NO_GEOTRANSFORM"),
        ["non_earth_crs.tif"] = ("raster", "CRS_NOT_EARTH"),
    };

    public static TheoryData<string> BadFiles => [.. SharedData.Present(Expected.Keys.Select(name => "bad/" + name))];

    [Theory(SkipTestWithoutData = true), MemberData(nameof(BadFiles))]
    public async Task Every_bad_sample_gets_the_answer_of_its_row(string name)
    {
        var platform = await Of(Backend.Sqlite);
        var (type, expected) = Expected[Path.GetFileName(name)];
        var content = await File.ReadAllBytesAsync(SharedData.File(name)!, Token);

        var status = await platform.Ended(Body(type, await platform.Upload(Path.GetFileName(name), content)));

        var answer = status.Text("status") == "failed" ? status.Text("error.code") : string.Join(' ',
            status.At("warnings").EnumerateArray().Select(warning => warning.Text("code"))
                .Where(code => expected.Contains(code, StringComparison.Ordinal)).Prepend("completed"));
        Assert.Equal(expected, answer);
    }

    /// <summary>Those that are not of the formats read so far: samples of 64 bits, a Swiss coordinate system.</summary>
    static readonly Dictionary<string, string> NotNamed = new()
    {
        ["image_nan_float.tif"] = "RASTER_64BIT",
        ["dem.tif"] = "UNSUPPORTED_CRS",
    };

    public static TheoryData<string> GoodRasters => [.. SharedData.Present(
        ((string[])["cog_cmap", "cog_dateline", "cog_rgba", "cog_uint16_utm", "dem", "float_extra_nodata",
            "image_nan_float",
            "landsat7_rgb_utm18", "mosaic_value_1", "mosaic_value_2", "sentinel2_b01", "sentinel2_b09", "sentinel2_tci",
            "world_byte_4326"]).Select(name => $"raster/{name}.tif"))];

    [Theory(SkipTestWithoutData = true), MemberData(nameof(GoodRasters))]
    public async Task Every_sample_raster_of_the_named_formats_comes_out_with_unchanged_checksums(string name)
    {
        var platform = await Of(Backend.Sqlite);
        var content = await File.ReadAllBytesAsync(SharedData.File(name)!, Token);

        var status = await platform.Ended(Body("raster", await platform.Upload(Path.GetFileName(name), content)));

        if (NotNamed.TryGetValue(Path.GetFileName(name), out var refusal))
        {
            Assert.Equal(refusal, status.Text("error.code"));
            return;
        }
        Assert.True(status.Text("status") == "completed", status.ToString());
        var receipt = await platform.Get(status.Text("endpoints.receipt"));
        Assert.True(receipt.At("lossless").GetBoolean());
        Assert.All(receipt.At("bands").EnumerateArray(), band => Assert.True(band.At("equal").GetBoolean()));
        Assert.True(receipt.At("validation.is_valid").GetBoolean());
    }

    [Fact]
    public async Task A_raster_cut_off_anywhere_is_refused_for_good_and_never_taken()
    {
        var whole = new TestTiff { Width = 200, Height = 180, Compression = 8, Tile = (64, 64), Value = Noise }.Bytes();
        await EachCut(whole, RasterJobs.ValidateKind, RasterJobs.TaskExecutors[0], source => Json.Of(
            new RasterJobs.ValidateParameters(source, null, "r", 1)));
    }

    [Fact]
    public async Task A_vector_cut_off_anywhere_is_refused_for_good_and_never_taken()
    {
        var points = Enumerable.Range(0, 400).Select(i => Encoding.UTF8.GetString(Feature(
            $$"""{"type":"Point","coordinates":[{{i % 180}},{{i % 90}}]}""")));
        var whole = Encoding.UTF8.GetBytes(
            """{"type":"FeatureCollection","features":[""" + string.Join(',', points) + "]}");
        await EachCut(whole, VectorJobs.IngestKind, VectorJobs.TaskExecutors[0], source => Json.Of(
            new VectorJobs.IngestParameters(source, null, "r", 1)));
    }

    /// <summary>Runs the executor on the file cut off after each kilobyte.</summary>
    static async Task EachCut(byte[] whole, string kind, TaskExecutor executor, Func<Source, Json> parameters)
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var org = (await server.NewOrg()).Id;
        var blobs = server.Services.GetRequiredService<Blobs>();
        Assert.True(whole.Length > 10 * 1024, $"{whole.Length} bytes are too few to cut");
        for (var length = 0; length < whole.Length; length += 1024)
        {
            var part = whole[..length];
            var sha = Convert.ToHexStringLower(SHA256.HashData(part));
            await blobs.Put(Source.BlobKey(org, sha), stream => stream.WriteAsync(part, Token).AsTask(), Token);
            var asked = parameters(new Source(SourceKind.Upload, "cut", sha, length));
            var task = new LeasedTask(
                org, "t", new string('0', 64), kind, executor.Stage, 1, "all", asked, asked, 1, 1,
                TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
            var context = new TaskContext(
                task, new Silent(), new Lazy<string>(() => blobs.ScratchFolder("cuts-" + org)), server.Services);

            var failed = await Assert.ThrowsAsync<TaskFailedException>(() => executor.Run(context, Token));

            Assert.Equal(ErrorClass.Permanent, failed.Error.Class);
            Assert.True(failed.Error.UserFixable, $"cut at {length}: {failed.Error.Code}");
        }
    }

    static double Noise(int x, int y, int band) => (x * 7919 + y * 104729 + x * y * 31 + band) % 256;

    static byte[] Feature(string geometry) => Encoding.UTF8.GetBytes(
        $$$"""{"type":"Feature","geometry":{{{geometry}}},"properties":{"name":"a name that takes some room"}}""");

    sealed class Silent : IProgress<double>
    {
        public void Report(double value)
        {
        }
    }
}

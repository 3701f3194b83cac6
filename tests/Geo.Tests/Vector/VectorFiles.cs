using System.Text;
using Waypost.Geo.Vector;
using Xunit;

namespace Waypost.Geo.Tests.Vector;

/// <summary>Short ways to read a file in a test, and to find real ones when they are there.</summary>
static class VectorFiles
{
    public static Stream Stream(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    public static async Task<List<RawFeature>> Read(Stream stream, GeoJsonLimits? limits = null)
    {
        using var reader = new GeoJsonReader(stream, limits);
        var features = new List<RawFeature>();
        await foreach (var feature in reader.Read(TestContext.Current.CancellationToken))
            features.Add(feature);
        return features;
    }

    public static Task<List<RawFeature>> Read(string text) => Read(Stream(text));

    public static async Task<(List<VectorFeature> Features, VectorReport Report)> Mend(Stream stream)
    {
        using var reading = new VectorReading(stream);
        var features = new List<VectorFeature>();
        await foreach (var feature in reading.Features(TestContext.Current.CancellationToken))
            features.Add(feature);
        return (features, reading.Report);
    }

    public static Task<(List<VectorFeature> Features, VectorReport Report)> Mend(params string[] features) =>
        Mend(Stream($$"""{"type":"FeatureCollection","features":[{{string.Join(',', features)}}]}"""));

    public static string Feature(string geometry, string properties = "{}") =>
        $$"""{"type":"Feature","geometry":{{geometry}},"properties":{{properties}}}""";

    public static async Task<GeodataFault> Fault(Stream stream, GeoJsonLimits? limits = null) =>
        (await Assert.ThrowsAsync<BadGeodataException>(() => Read(stream, limits))).Fault;

    public static Task<GeodataFault> Fault(string text) => Fault(Stream(text));

    /// <summary>A folder of real files beside the checkout, or null where there is none.</summary>
    public static string? Shared(string path)
    {
        var named = Environment.GetEnvironmentVariable("WAYPOST_SHARED_DATA");
        var roots = new List<string?> { named };
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            roots.Add(Path.Combine(at.FullName, "shared", "data"));
        return roots.OfType<string>().Select(root => Path.Combine(root, path))
            .FirstOrDefault(full => File.Exists(full) || Directory.Exists(full));
    }
}

using System.Globalization;
using System.Text;
using Waypost.Geo.Vector;
using Xunit;
using static Waypost.Geo.Tests.Vector.VectorFiles;

namespace Waypost.Geo.Tests.Vector;

/// <summary>Whatever happens to a file on its way, reading it ends, with features or with a fault.</summary>
public class DamagedFileTests
{
    [Fact]
    public async Task A_file_cut_off_at_any_kilobyte_is_truncated_and_never_anything_else()
    {
        foreach (var bytes in Files(60, new Random(7)))
        {
            for (var length = 0; length < bytes.Length; length += 1024)
            {
                var fault = await Fault(new MemoryStream(bytes, 0, length));
                Assert.Equal(length == 0 ? "FILE_EMPTY" : "JSON_TRUNCATED", fault.Code);
            }
        }
    }

    [Fact]
    public async Task Bytes_that_were_changed_anywhere_give_features_or_a_fault()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = Files(2, random)[0];
            for (var flips = random.Next(1, 5); flips > 0; flips--)
            {
                var at = random.Next(bytes.Length);
                bytes[at] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)"{}[]\",:\\0-eE.tfn \n\u001e"[random.Next(19)],
                    _ => bytes[random.Next(bytes.Length)],
                };
            }
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                await Mend(new Trickle(bytes, random.Next(1, 200)));
                read++;
            }
            catch (BadGeodataException bad)
            {
                Assert.NotEmpty(bad.Fault.Remediation);
                refused++;
            }
        }
        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
    }

    [Fact]
    public async Task A_shape_made_to_take_hours_is_refused_and_a_long_coast_is_not()
    {
        var fault = (await Assert.ThrowsAsync<BadGeodataException>(() => Mend(Feature(Star(150_000, 0.9))))).Fault;
        Assert.Equal("GEOMETRY_TOO_COMPLEX", fault.Code);
        var dense = string.Join(',', Enumerable.Repeat("[1,2]", 500_001));
        Assert.Equal("GEOMETRY_TOO_COMPLEX",
            (await Fault(Feature($$"""{"type":"MultiPoint","coordinates":[{{dense}}]}"""))).Code);
        var (features, _) = await Mend(Feature(Star(150_000, 1e-7)));
        Assert.Single(features);
    }

    /// <summary>A ring whose radius leaps by a share of itself from each position to the next.</summary>
    static string Star(int positions, double leap)
    {
        var ring = new StringBuilder("{\"type\":\"Polygon\",\"coordinates\":[[");
        for (var i = 0; i <= positions; i++)
        {
            var angle = 2 * Math.PI * (i % positions) / positions;
            var radius = 40 * (1 - (i % 2 == 0 ? 0 : leap));
            ring.Append(CultureInfo.InvariantCulture,
                $"{(i == 0 ? "" : ",")}[{radius * Math.Cos(angle)},{radius * Math.Sin(angle)}]");
        }
        return ring.Append("]]}").ToString();
    }

    static List<byte[]> Files(int features, Random random)
    {
        var text = string.Join(",", Enumerable.Range(0, features).Select(i => Feature(
            i % 3 == 0 ? """{"type":"Point","coordinates":[1.25,-2.5e0]}"""
            : i % 3 == 1
                ? """{"type":"Polygon","coordinates":[[[0,0],[5,0],[5,5],[0,5],[0,0]],[[1,1],[1,2],[2,2],[1,1]]]}"""
            : """{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[1,2],[190,9]]}]}""",
            $$"""{"name":"Größe \"{{random.Next()}}\\","list":[1,{"a":null}],"on":true}""")));
        return
        [
            Encoding.UTF8.GetBytes($$"""{"type":"FeatureCollection","name":"x","features":[{{text}}]}"""),
            Encoding.UTF8.GetBytes($$"""{"features":[{{text}}],"crs":null,"type":"FeatureCollection"}"""),
        ];
    }
}

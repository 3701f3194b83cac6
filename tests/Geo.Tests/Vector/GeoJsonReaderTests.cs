using System.Security.Cryptography;
using System.Text;
using NetTopologySuite.Geometries;
using Waypost.Geo.Vector;
using Xunit;
using static Waypost.Geo.Tests.Vector.VectorFiles;

namespace Waypost.Geo.Tests.Vector;

public class GeoJsonReaderTests
{
    const string Point = """{"type":"Point","coordinates":[7.5,47]}""";

    [Theory]
    [InlineData("""{"type":"FeatureCollection","features":[<F>,<F>]}""", 2)]
    [InlineData("""{"features":[<F> , <F>],"name":"x","type":"FeatureCollection"}""", 2)]
    [InlineData("""{"type":"FeatureCollection","crs":{"properties":{"name":"OGC:CRS84"}},"features":[<F>]}""", 1)]
    [InlineData("""{"n":{"features":[1]},"features":[<F>],"type":"FeatureCollection","properties":{"a":"]}"}}""", 1)]
    [InlineData("<F>", 1)]
    [InlineData("<P>", 1)]
    [InlineData("<F>\n<F>\r\n<F>\n", 3)]
    [InlineData("\u001e<F>\n\u001e<P>\n", 2)]
    [InlineData("\uFEFF \n <F>", 1)]
    [InlineData("""{"type":"FeatureCollection","features":[<F>]}{"type":"FeatureCollection","features":[<F>]}""", 2)]
    [InlineData("""{"\u0074ype":"FeatureCollection","featur\u0065s":[<F>]}""", 1)]
    public async Task Every_shape_of_GeoJSON_text_gives_its_features_in_order(string text, int count)
    {
        text = text.Replace("<F>", Feature(Point, """{"n":1}""")).Replace("<P>", Point);
        var features = await Read(text);
        Assert.Equal(count, features.Count);
        Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), features.Select(feature => feature.Index));
        Assert.All(features, feature => Assert.Equal(new Coordinate(7.5, 47), feature.Geometry!.Coordinate));
    }

    [Fact]
    public async Task Ids_and_properties_are_kept_exactly_as_written()
    {
        var features = await Read("""
            {"type":"FeatureCollection","features":[
            {"id":12.50,"properties":{ "a" : 1.0e2, "b":"\u00e9","a":2 },"geometry":null,"type":"Feature"},
            {"type":"Feature","id":"x\"y","geometry":{"coordinates":[1,2],"type":"Point"},"properties":null},
            {"type":"Feature","id":null,"geometry":{"coordinates":[1,2],"type":"Point"}}]}
            """);
        Assert.Equal(["12.50", "\"x\\\"y\"", null], features.Select(feature => feature.IdJson));
        Assert.Equal(["""{ "a" : 1.0e2, "b":"\u00e9","a":2 }""", "{}", "{}"],
            features.Select(feature => feature.PropertiesJson));
        Assert.Null(features[0].Geometry);
    }

    [Theory]
    [InlineData("""{"type":"LineString","coordinates":[[1,2],[3,4,5]]}""", "LINESTRING (1 2, 3 4)")]
    [InlineData("""{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}""", "MULTIPOINT ((1 2), (3 4))")]
    [InlineData("""{"coordinates":[[[0,0],[2,0],[2,2],[0,0]],[[1,0.5],[1.5,1],[1.5,0.5],[1,0.5]]],"type":"Polygon"}""",
        "POLYGON ((0 0, 2 0, 2 2, 0 0), (1 0.5, 1.5 1, 1.5 0.5, 1 0.5))")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6]]]]}""",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))")]
    [InlineData("""{"type":"MultiLineString","coordinates":[[[0,0],[1,0]],[]]}""",
        "MULTILINESTRING ((0 0, 1 0), EMPTY)")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "POLYGON EMPTY")]
    [InlineData("""{"type":"Polygon","coordinates":[[]]}""", "POLYGON EMPTY")]
    [InlineData("""{"type":"Point","coordinates":[]}""", "POINT EMPTY")]
    [InlineData("""{"geometries":[{"type":"Point","coordinates":[1,2]}],"type":"GeometryCollection"}""",
        "GEOMETRYCOLLECTION (POINT (1 2))")]
    [InlineData("""{"type":"Point","coordinates":[180.0000001,-90.0000001]}""", "POINT (180 -90)")]
    public async Task Every_geometry_type_is_read_whatever_the_order_of_its_members(string geometry, string wkt) =>
        Assert.Equal(wkt, (await Read(Feature(geometry)))[0].Geometry!.ToText());

    [Theory]
    [InlineData("", "FILE_EMPTY", "empty")]
    [InlineData(" \n\t", "FILE_EMPTY", "empty")]
    [InlineData("hello", "NOT_JSON", "byte 0")]
    [InlineData("[1,2]", "NOT_GEOJSON", "array")]
    [InlineData("{}", "NOT_GEOJSON", "no type")]
    [InlineData("""{"type":"FeatureCollection"}""", "NOT_GEOJSON", "without features")]
    [InlineData("""{"type":"FeatureCollection","features":null}""", "NOT_GEOJSON", "not an array")]
    [InlineData("""{"type":"FeatureCollection","features":[1]}""", "NOT_GEOJSON", "feature 0")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Point","coordinates":[1,2]}]}""", "NOT_GEOJSON",
        "Feature")]
    [InlineData("""{"type":"Topology","objects":{}}""", "NOT_GEOJSON", "TopoJSON")]
    [InlineData("""{"type":"Banana"}""", "NOT_GEOJSON", "type")]
    [InlineData("""{"type":"FeatureCollection","type":"Feature"}""", "NOT_GEOJSON", "second type")]
    [InlineData("""{"features":[]}""", "NOT_GEOJSON", "no type")]
    [InlineData("""{"type":"FeatureCollection","features":[]}""", "VECTOR_EMPTY", "no features")]
    [InlineData("""{"type":"Feature","geometry":null,"properties":{}}""", "VECTOR_EMPTY", "1")]
    [InlineData("""{"type":"FeatureCollection","features":[""", "JSON_TRUNCATED", "byte 40")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Fea""", "JSON_TRUNCATED", "after 0 whole")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type" "Feature"}]}""", "NOT_JSON", "byte 48")]
    [InlineData("""{"type":"FeatureCollection",}""", "NOT_JSON", "'}'")]
    [InlineData("""{"type":"FeatureCollection","features":[]} x""", "NOT_JSON", "'x'")]
    public async Task A_text_that_cannot_be_read_is_refused_with_its_fault_and_place(string text, string code,
        string said)
    {
        var fault = await Fault(text);
        Assert.Equal(code, fault.Code);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Remediation);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[NaN,1]}""", "COORDINATES_INVALID", "NaN")]
    [InlineData("""{"type":"Point","coordinates":[1,-Infinity]}""", "COORDINATES_INVALID", "Infinity")]
    [InlineData("""{"type":"Point","coordinates":[1e400,1]}""", "COORDINATES_INVALID", "finite")]
    [InlineData("""{"type":"Point","coordinates":["1","2"]}""", "COORDINATES_INVALID", "a string")]
    [InlineData("""{"type":"Point","coordinates":[null,null]}""", "COORDINATES_INVALID", "null")]
    [InlineData("""{"type":"Point","coordinates":[1]}""", "COORDINATES_INVALID", "one number")]
    [InlineData("""{"type":"Point","coordinates":7}""", "COORDINATES_INVALID", "not an array")]
    [InlineData("""{"type":"Point","coordinates":[[1,2]]}""", "COORDINATES_INVALID", "nested 2 deep, not 1")]
    [InlineData("""{"type":"LineString","coordinates":[[1,2],[[3,4]]]}""", "COORDINATES_INVALID", "nesting")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[[1,2]]]]]}""", "COORDINATES_INVALID", "deeper")]
    [InlineData("""{"type":"Point"}""", "NOT_GEOJSON", "without coordinates")]
    [InlineData("""{"type":"Circle","coordinates":[1,2]}""", "NOT_GEOJSON", "type")]
    [InlineData("""{"coordinates":[1,2]}""", "NOT_GEOJSON", "without a type")]
    [InlineData("[1,2]", "NOT_GEOJSON", "an array")]
    [InlineData("""{"type":"GeometryCollection"}""", "NOT_GEOJSON", "without geometries")]
    [InlineData("""{"type":"Point","coordinates":[500000,4649776]}""", "COORDINATES_OUT_OF_RANGE", "metres")]
    [InlineData("""{"type":"Point","coordinates":[47,100]}""", "COORDINATES_OUT_OF_RANGE", "swapped")]
    [InlineData("""{"type":"Point","coordinates":[400,1]}""", "COORDINATES_OUT_OF_RANGE", "Longitude")]
    public async Task A_broken_geometry_is_refused_naming_its_feature(string geometry, string code, string said)
    {
        var text = $$"""{"type":"FeatureCollection","features":[{{Feature(Point)}},{{Feature(geometry)}}]}""";
        var fault = await Fault(text);
        Assert.Equal(code, fault.Code);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.Contains("eature 1 (byte 126)", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}""", "EPSG::3857")]
    [InlineData("\"EPSG:25832\"", "EPSG:25832")]
    [InlineData("""{"type":"EPSG","properties":{"code":2056}}""", "EPSG:2056")]
    public async Task A_legacy_crs_other_than_WGS84_is_refused_by_name_even_after_the_features(string crs, string name)
    {
        foreach (var text in new[] { "\"crs\":C,\"features\":[F]", "\"features\":[F],\"crs\":C" })
        {
            var fault = await Fault("""{"type":"FeatureCollection",""" + text.Replace("F]", Feature(Point) + "]")
                .Replace(":C", ":" + crs) + "}");
            Assert.Equal("UNSUPPORTED_CRS", fault.Code);
            Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("fgb\u0003fgb", "FlatGeobuf")]
    [InlineData("SQLite format 3\0", "GeoPackage")]
    [InlineData("\0\0\u0027\n", "shapefile")]
    [InlineData("PK\u0003\u0004", "ZIP")]
    [InlineData("II*\0", "TIFF")]
    [InlineData("PAR1", "Parquet")]
    [InlineData("<?xml version='1.0'?><kml xmlns=''>", "KML")]
    [InlineData("<!doctype html><html>", "web page")]
    public async Task Another_format_is_recognised_by_its_first_bytes_and_named(string head, string name)
    {
        var fault = await Fault(new MemoryStream(Encoding.Latin1.GetBytes(head + new string('x', 100))));
        Assert.Equal("UNSUPPORTED_FORMAT", fault.Code);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        Assert.Contains("GeoJSON", fault.Remediation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_refused_at_its_byte()
    {
        var fault = await Fault(new MemoryStream(Encoding.Latin1.GetBytes(Feature(Point, """{"n":"é"}"""))));
        Assert.Equal("NOT_JSON", fault.Code);
        Assert.Contains("byte 0xE9 is not UTF-8", fault.Message, StringComparison.Ordinal);
        Assert.Contains("byte " + Feature(Point, """{"n":"é"}""").IndexOf('é'), fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task NaN_in_a_property_and_nesting_without_end_are_named_for_what_they_are()
    {
        var nan = await Fault(Feature(Point, """{"a":NaN}"""));
        Assert.Equal("NOT_JSON", nan.Code);
        Assert.Contains("NaN", nan.Message, StringComparison.Ordinal);
        var deep = new string('[', 5000) + new string(']', 5000);
        Assert.Equal("NESTING_TOO_DEEP", (await Fault(Feature(Point, $$"""{"a":{{deep}}}"""))).Code);
        Assert.Equal("NESTING_TOO_DEEP",
            (await Fault($$"""{"type":"FeatureCollection","a":{{deep}},"features":[]}""")).Code);
    }

    [Fact]
    public async Task A_character_that_no_database_stores_is_replaced_and_counted()
    {
        var feature = (await Read(Feature(Point, """{"a":"\u0000\\u0000\ud83d\ude00\uDC00\ud800x"}""")))[0];
        Assert.Equal("""{"a":"\ufffd\\u0000\ud83d\ude00\ufffd\ufffdx"}""", feature.PropertiesJson);
        Assert.Equal(3, feature.TextRepairs);
    }

    [Fact]
    public async Task A_feature_beyond_the_limit_is_refused_and_the_memory_stays_bounded()
    {
        var limits = new GeoJsonLimits(1 << 20);
        var large = Feature(Point, $$"""{"a":"{{new string('x', 2 << 20)}}"}""");
        Assert.Equal("FEATURE_TOO_LARGE", (await Fault(Stream(large), limits)).Code);
        Assert.Equal("FEATURE_TOO_LARGE",
            (await Fault(Stream($$"""{"type":"FeatureCollection","features":[{{large}}]}"""), limits)).Code);
        Assert.Equal("FEATURE_TOO_LARGE", (await Fault(Stream("""{"a":" """ + new string(' ', 2 << 20)), limits)).Code);
        var fits = Feature(Point, $$"""{"a":"{{new string('x', 1000_000)}}"}""");
        Assert.Equal(2, (await Read(Stream($"{fits}\n{fits}"), limits)).Count);
    }

    [Fact]
    public async Task Bytes_that_trickle_in_one_by_one_give_the_same_features_and_the_files_hash()
    {
        var tricky = Feature(Point, """{"k":"\\\"]}"}""");
        var bytes = Encoding.UTF8.GetBytes(
            $$"""{"features":[{{tricky}},{{Feature(Point)}}],"type":"FeatureCollection"}""");
        using var reader = new GeoJsonReader(new Trickle(bytes, 1));
        var count = 0;
        await foreach (var _ in reader.Read(TestContext.Current.CancellationToken))
            count++;
        Assert.Equal(2, count);
        Assert.Equal(bytes.Length, reader.BytesRead);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), reader.Sha256);
    }

    [Theory]
    [InlineData("vector/ne_110m_countries.geojson", 177)]
    [InlineData("vector/ne_110m_populated_places.geojson", 243)]
    [InlineData("vector/ne_10m_airports.geojson", 891)]
    public async Task Real_files_are_read_whole(string path, int count)
    {
        var file = Shared(path);
        if (file is null)
            Assert.Skip("The samples are not beside this checkout.");
        await using var stream = File.OpenRead(file);
        Assert.Equal(count, (await Read(stream)).Count);
    }
}

/// <summary>A stream that hands out a few bytes at a time, as a slow network does.</summary>
sealed class Trickle(byte[] bytes, int step) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
}

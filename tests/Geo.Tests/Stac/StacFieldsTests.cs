using System.Buffers;
using System.Text;
using System.Text.Json;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

/// <summary>Members of items are answered as the Fields extension says.</summary>
public sealed class StacFieldsTests
{
    const string Item = """
        {"type":"Feature","stac_version":"1.1.0","id":"i","geometry":null,"bbox":[1,2,3,4],
         "properties":{"datetime":"2024-01-01T00:00:00Z","eo:cloud_cover":1.50,"a":{"b":1,"c":2},
         "list":[{"x":1,"y":2}]},
         "links":[{"rel":"self","href":"x"}],"assets":{"d":{"href":"y","type":"t"}},"collection":"c"}
        """;

    [Theory]
    [InlineData("{}", "type stac_version id geometry bbox properties{datetime} links assets collection")]
    [InlineData("""{"include":null,"exclude":null}""",
        "type stac_version id geometry bbox properties{datetime} links assets collection")]
    [InlineData("""{"include":[],"exclude":[]}""",
        "type stac_version id geometry bbox properties{datetime} links assets collection")]
    [InlineData("""{"include":null}""",
        "type stac_version id geometry bbox properties{datetime} links assets collection")]
    [InlineData("""{"include":["id"]}""", "type stac_version id collection")]
    [InlineData("""{"include":["properties.eo:cloud_cover"],"exclude":null}""",
        "type stac_version id properties{eo:cloud_cover} collection")]
    [InlineData("""{"exclude":["geometry","links","assets"]}""",
        "type stac_version id bbox properties{datetime eo:cloud_cover a list} collection")]
    [InlineData("""{"include":[],"exclude":["properties","links","assets","bbox"]}""",
        "type stac_version id geometry collection")]
    [InlineData("""{"include":["properties"],"exclude":["properties.datetime"]}""",
        "type stac_version id properties{eo:cloud_cover a list} collection")]
    [InlineData("""{"include":["properties.a.b"],"exclude":["properties.a","id"]}""",
        "type stac_version properties{a} collection")]
    [InlineData("""{"include":["id"],"exclude":["id"]}""", "type stac_version id collection")]
    [InlineData("""{"include":["nothing.here","properties.none"]}""", "type stac_version id collection")]
    [InlineData("""{"exclude":["type","id","collection","stac_version","properties"]}""",
        "geometry bbox links assets")]
    public void Members_are_there_or_not(string fields, string members) =>
        Assert.Equal(members, Members(Written(StacFields.Read(JsonElement.Parse(fields)))));

    [Fact]
    public void Deeper_paths_decide_about_objects_and_about_arrays_of_them()
    {
        var item = Written(StacFields.Parse("+properties,-properties.a.c,-properties.list.x,assets.d.href"));
        var properties = item.GetProperty("properties");
        Assert.Equal("""{"b":1}""", properties.GetProperty("a").GetRawText());
        Assert.Equal("""[{"y":2}]""", properties.GetProperty("list").GetRawText());
        Assert.Equal("1.50", properties.GetProperty("eo:cloud_cover").GetRawText());
        Assert.Equal("""{"d":{"href":"y"}}""", item.GetProperty("assets").GetRawText());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"include":"id"}""")]
    [InlineData("""{"include":[1]}""")]
    [InlineData("""{"include":[""]}""")]
    [InlineData("""{"includes":[]}""")]
    public void What_names_no_fields_is_refused(string fields) =>
        Assert.Throws<FormatException>(() => StacFields.Read(JsonElement.Parse(fields)));

    static JsonElement Written(StacFields fields)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text)) fields.Write(JsonElement.Parse(Item), json);
        return JsonElement.Parse(Encoding.UTF8.GetString(text.WrittenSpan));
    }

    static string Members(JsonElement item) => string.Join(' ', item.EnumerateObject().Select(member =>
        member.Name != "properties" ? member.Name
            : $"properties{{{string.Join(' ', member.Value.EnumerateObject().Select(one => one.Name))}}}"));
}

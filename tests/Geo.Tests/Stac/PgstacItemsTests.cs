using System.Text.Json.Nodes;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public sealed class PgstacItemsTests
{
    const string BaseItem = """
        {"type":"Feature","stac_version":"1.0.0","collection":"c","assets":{
            "data":{"type":"image/tiff","roles":["data","cog"],"bands":[{"name":"b1","gsd":10},{"name":"b2","gsd":10}]},
            "thumbnail":{"type":"image/png"}}}
        """;

    [Fact]
    public void An_item_gets_back_what_it_shares_with_its_collection_and_not_what_is_marked()
    {
        var whole = Whole("""
            {"bbox":[1,2,1,2],"properties":{"datetime":null,"start_datetime":"a","empty":[]},"links":[],
             "assets":{"data":{"href":"https://x/a.tif","roles":[null,"overview"],
                "bands":[{"name":"other"},{"gsd":"𒍟※"}]},"thumbnail":"𒍟※"}}
            """, BaseItem);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"type":"Feature","stac_version":"1.0.0","id":"i","collection":"c",
             "geometry":{"type":"Point","coordinates":[1,2]},
             "bbox":[1,2,1,2],"properties":{"datetime":null,"start_datetime":"a","empty":[]},"links":[],
             "assets":{"data":{"href":"https://x/a.tif","type":"image/tiff","roles":["data","overview"],
                "bands":[{"name":"other","gsd":10},{"name":"b2"}]}}}
            """), whole), whole.ToJsonString());
    }

    [Fact]
    public void Lists_of_another_length_are_the_items_own()
    {
        var whole = Whole("""{"assets":{"data":{"roles":["one"]},"thumbnail":{}}}""", BaseItem);
        Assert.Equal("""["one"]""", whole["assets"]!["data"]!["roles"]!.ToJsonString());
        Assert.Equal("""{"type":"image/png"}""", whole["assets"]!["thumbnail"]!.ToJsonString());
    }

    [Fact]
    public void A_collection_without_a_template_of_assets_shares_nothing_of_them()
    {
        var whole = Whole("""{"properties":{}}""", """{"type":"Feature","stac_version":null,"assets":null}""");
        Assert.Equal("{}", whole["assets"]!.ToJsonString());
        Assert.Equal("1.1.0", whole.Text("stac_version"));
    }

    static JsonObject Whole(string content, string baseItem) => PgstacItems.Whole(
        "i", "c", JsonNode.Parse("""{"type":"Point","coordinates":[1,2]}"""), JsonNode.Parse(content)!.AsObject(),
        JsonNode.Parse(baseItem)!.AsObject());
}

using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Items are found where they are, whatever their geometry is made of.</summary>
public class PlaceTests
{
    [Theory, Backends]
    public async Task Collections_of_geometries_and_shapes_across_the_antimeridian_are_found(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await org.Put("c",
            Placed("mixed", """
                {"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[10,10]},
                 {"type":"LineString","coordinates":[[20,20],[22,22]]}]}
                """),
            Placed("unbroken", """{"type":"Polygon","coordinates":[[[170,0],[190,0],[190,5],[170,5],[170,0]]]}"""),
            Placed("split", """
                {"type":"MultiPolygon","coordinates":[[[[175,40],[180,40],[180,45],[175,45],[175,40]]],
                 [[[-180,40],[-175,40],[-175,45],[-180,45],[-180,40]]]]}
                """),
            Placed("jumping", """{"type":"Polygon","coordinates":[[[178,60],[-178,60],[-178,62],[178,62],[178,60]]]}""",
                "[178,60,-178,62]"));

        async Task<string> At(string bbox) => string.Join(' ',
            Stac.Ids(await client.Json($"/api/v1/{org.Id}/stac/search?bbox={bbox}")).Order(StringComparer.Ordinal));
        Assert.Equal("mixed", await At("9,9,11,11"));
        Assert.Equal("mixed", await At("20.5,20.5,21,21"));
        Assert.Equal("", await At("12,12,18,18"));
        Assert.Equal("unbroken", await At("-179,1,-178,2"));
        Assert.Equal("split unbroken", await At("179,1,-179,50"));
        Assert.Equal("jumping", await At("179,61,180,61.5"));
        Assert.Equal("jumping", await At("-179.5,61,-179,61.5"));
        Assert.Equal("", await At("0,61,100,61.5"));
        Assert.Equal("jumping split unbroken", await At("170,-10,-170,80"));
    }

    [Theory, Backends]
    public async Task A_line_meets_the_points_of_collections_that_have_lines_as_well(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        // More than one: a database prepares what it compares again and again.
        await org.Put("c", [.. Enumerable.Range(0, 5).Select(at => Placed($"{at}", """
            {"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[10,10]},
             {"type":"LineString","coordinates":[[20,20],[22,22]]}]}
            """))]);
        var client = await org.As(Role.OrgAdmin);
        (string, int)[] lines = [("[[10,0],[10,20]]", 5), ("[[11,0],[11,20]]", 0), ("[[21,0],[21,30]]", 5)];
        foreach (var (line, found) in lines)
        {
            var shape = Uri.EscapeDataString($$"""{"type":"LineString","coordinates":{{line}}}""");
            Assert.Equal(found, Stac.Ids(await client.Json("/api/search?intersects=" + shape)).Length);
        }
    }

    static Json Placed(string id, string geometry, string? bbox = null)
    {
        var item = JsonNode.Parse(Samples.Item("c", id).Text)!;
        item["geometry"] = JsonNode.Parse(geometry);
        if (bbox is not null)
            item["bbox"] = JsonNode.Parse(bbox);
        return new Json(item.ToJsonString());
    }
}

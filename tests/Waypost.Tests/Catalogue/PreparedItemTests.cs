using System.Text;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Geometry;
using Waypost.Geo.Stac;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public class PreparedItemTests
{
    static JsonObject Item() => JsonNode.Parse("""
        {"type":"Feature","stac_version":"1.1.0","id":"a.b","collection":"c",
         "geometry":{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,1],[0,1],[0,0]]]},"bbox":[0,0,2,1],
         "properties":{"datetime":"2024-05-01T12:00:00.000001Z","end_datetime":"2024-05-01T12:00:01Z",
          "title":"Über den Wolken","description":"See /npl-data/x","keywords":["Été","s3://bucket"],
          "eo:cloud_cover":12.5,"flag":true,"nested":{"deep":{"at":"2024-05-01T12:00:00Z"},"list":[1]},"none":null},
         "links":[{"rel":"self","href":"./a.json"},{"rel":"derived_from","href":"/api/collections/d/items/e"}],
         "assets":{"data":{"href":"file:///npl/a.nc"},"tile":{"href":"/tiles/c/a.b/preview.png"}}}
        """)!.AsObject();

    static PreparedItem Prepared(JsonNode item, Preparing? how = null) =>
        PreparedItem.Of(new Json(item.ToJsonString()), how ?? Preparing.Default);

    static PreparedItem WithGeometry(string geometry, string? bbox = null)
    {
        var item = Item();
        item["geometry"] = JsonNode.Parse(geometry);
        item.Remove("bbox");
        if (bbox is not null)
            item["bbox"] = JsonNode.Parse(bbox);
        return Prepared(item);
    }

    [Fact]
    public void An_item_is_taken_apart_into_what_it_is_searched_by()
    {
        var item = Prepared(Item());
        const long noon = 1_714_564_800_000_000;
        Assert.Equal(("c", "a.b"), (item.Collection, item.Id));
        Assert.Equal(new TimeSpanOfItem(noon + 1, noon + 1_000_000, noon + 1), item.Time);
        Assert.True(item.Place!.IsBox);
        Assert.Null(item.Place.LowestMetres);
        Assert.Equal([0, 0, 2, 1], item.Bbox!);
        Assert.Equal(["/properties/start_datetime"], item.Repairs.Select(repair => repair.Path));
        Assert.Equal("uber den wolken\n\nete", item.Words);
        Assert.Equal(
            ["datetime Moment", "end_datetime Moment", "title Text", "description Text (hidden)", "keywords Array",
                "eo:cloud_cover Number", "flag Boolean", "nested Object", "nested.deep Object",
                "nested.deep.at Moment", "nested.list Array", "none Null", "start_datetime Moment"],
            item.Properties.Names.Select(found =>
                $"{found.Name} {found.Type}{(found.IsVisible ? "" : " (hidden)")}"));
    }

    [Fact]
    public void The_external_form_lacks_what_only_means_something_inside()
    {
        var (body, external, hash) = Prepared(Item()).Document;
        Assert.Equal(32, hash.Length);
        Assert.Contains("file:///npl/a.nc", body, StringComparison.Ordinal);
        var outer = JsonNode.Parse(external!)!;
        Assert.Equal(["tile"], outer["assets"]!.AsObject().Select(asset => asset.Key));
        Assert.Null(outer["properties"]!["description"]);
        Assert.Equal("""["Été"]""", outer["properties"]!["keywords"]!.ToJsonString(Relaxed));
        Assert.DoesNotContain("npl", external, StringComparison.Ordinal);
        Assert.DoesNotContain("bucket", Prepared(Item()).Properties.External, StringComparison.Ordinal);
        Assert.Contains("bucket",
            Prepared(Item(), new Preparing(new StacSchemes(["s3"]), Validation.Repair)).Document.External,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_form_changes_with_the_schemes_that_are_visible()
    {
        Assert.Equal("3:http,https", Preparing.Default.Form);
        Assert.Equal("3:gs,http,https,s3", new Preparing(new StacSchemes(["s3", "gs"]), Validation.Strict).Form);
    }

    [Fact]
    public void A_stored_body_as_it_was_sent_is_prepared_to_the_same_form()
    {
        var (first, _) = (Prepared(Item()), 0);
        var again = PreparedItem.Of(
            Encoding.UTF8.GetBytes(StoredDocument.AsSent(first.Document.Body)), Preparing.Default);
        Assert.Equal(first.Document, again.Document);
        Assert.Empty(again.Repairs);
        var links = JsonNode.Parse(first.Document.Body)!["links"]!.AsArray()
            .Select(link => $"{link!["rel"]} {link["href"]}");
        Assert.Equal(
            ["self \uE001/collections/c/items/a.b", "parent \uE001/collections/c", "collection \uE001/collections/c",
                "root \uE001", "derived_from \uE001/collections/d/items/e"], links);
    }

    [Fact]
    public void Strictly_nothing_is_repaired_and_every_fault_is_told()
    {
        var refused = Assert.Throws<Refused>(() =>
            Prepared(Item(), new Preparing(StacSchemes.Web, Validation.Strict)));
        Assert.Equal("STAC_INVALID", refused.Code);
        var fault = Assert.Single((IReadOnlyList<StacFault>)refused.Details["faults"]!);
        Assert.Equal("/properties/start_datetime", fault.Path);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[1,2,30]}""", "POINT (1 2)")]
    [InlineData("""
        {"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},
         {"type":"LineString","coordinates":[[3,4],[5,6]]}]}
        """, "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (3 4, 5 6))")]
    [InlineData("""{"type":"Polygon","coordinates":[[[170,0],[190,0],[190,1],[170,1],[170,0]]]}""",
        "MULTIPOLYGON (((-180 0, -180 1, -170 1, -170 0, -180 0)), ((170 0, 170 1, 180 1, 180 0, 170 0)))")]
    [InlineData("""
        {"type":"MultiPolygon","coordinates":[[[[170,0],[180,0],[180,1],[170,1],[170,0]]],
         [[[-180,0],[-170,0],[-170,1],[-180,1],[-180,0]]]]}
        """,
        "MULTIPOLYGON (((-180 0, -180 1, -170 1, -170 0, -180 0)), ((170 0, 170 1, 180 1, 180 0, 170 0)))")]
    [InlineData("""{"type":"Polygon","coordinates":[[[170,0],[-170,0],[-170,1],[170,1],[170,0]]]}""",
        "MULTIPOLYGON (((-180 0, -180 1, -170 1, -170 0, -180 0)), ((170 0, 170 1, 180 1, 180 0, 170 0)))",
        "[170,0,-170,1]")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}""",
        "MULTIPOLYGON (((0 0, 0 1, 0.5 0.5, 0 0)), ((0.5 0.5, 1 1, 1 0, 0.5 0.5)))")]
    public void Every_geometry_has_a_place(string geometry, string place, string? bbox = null)
    {
        var item = WithGeometry(geometry, bbox);
        var found = Wkb.Read(item.Place!.Ewkb);
        Assert.True(found.IsValid);
        Assert.Equal(place, found.Normalized().AsText());
        Assert.Equal(geometry.Contains("30", StringComparison.Ordinal) ? 30 : null, item.Place.GreatestMetres);
        if (bbox is null && geometry.Contains("190", StringComparison.Ordinal))
            Assert.Equal([170, 0, -170, 1], item.Bbox!);
    }

    [Theory]
    [InlineData("\"id\":\"a.b\"", "\"id\":\"s3%3A%2F%2Fbucket\"", "STAC_INVALID")]
    [InlineData("\"id\":\"a.b\"", "\"id\":\"file:a\"", "STAC_INVALID")]
    [InlineData("\"id\":\"a.b\"", "\"id\":\"a\",\"id\":\"b\"", "NOT_JSON")]
    [InlineData("\"flag\":true", "\"flag\":\"\\ud800\"", "NOT_JSON")]
    [InlineData("\"flag\":true", "\"flag\":\"\\u0000\"", "NOT_JSON")]
    [InlineData("\"flag\":true", "\"flag\":tru", "NOT_JSON")]
    [InlineData("[[0,0],[2,0]", "[[0,0],[2,95]", "STAC_INVALID")]
    [InlineData("2024-05-01T12:00:01Z", "2024-04-01T12:00:01Z", "STAC_INVALID")]
    [InlineData("2024-05-01T12:00:01Z", "2024-05-01T12:00:01", "STAC_INVALID")]
    public void What_cannot_be_kept_is_refused(string replace, string by, string code)
    {
        var text = Item().ToJsonString().Replace(replace, by, StringComparison.Ordinal);
        Assert.Contains(by, text, StringComparison.Ordinal);
        Assert.Equal(code, Assert.Throws<Refused>(
            () => PreparedItem.Of(new Json(text), Preparing.Default)).Code);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Item().ToJsonString());
        bytes[bytes.AsSpan().IndexOf("Wolken"u8)] = 0xFF;
        Assert.Equal("NOT_JSON", Assert.Throws<Refused>(() => PreparedItem.Of(bytes, Preparing.Default)).Code);
    }

    [Fact]
    public void A_collection_is_taken_apart_too()
    {
        var collection = PreparedCollection.Of(new Json("""
            {"type":"Collection","stac_version":"1.0.0","id":"c","title":"In /npl",
             "description":"D","license":"various",
             "extent":{"spatial":{"bbox":[[0,0,1,1]]},"temporal":{"interval":[["1970-01-01T00:00:01Z",null]]}}}
            """), Preparing.Default);
        Assert.Equal(("c", "In /npl", null), (collection.Id, collection.Title, collection.ExternalTitle));
        Assert.Equal("\nd\n", collection.Words);
        Assert.Equal([0, 0, 1, 1], Assert.Single(collection.Boxes));
        Assert.Equal((1_000_000, null), Assert.Single(collection.Intervals));
        Assert.Equal(["/stac_version", "/links", "/license"], collection.Repairs.Select(repair => repair.Path));
        Assert.DoesNotContain("npl", collection.Document.External, StringComparison.Ordinal);
        Assert.Contains("\"itemType\":\"feature\"", collection.Document.Body, StringComparison.Ordinal);
    }

    static readonly System.Text.Json.JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

using System.Text;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public sealed class LocalCatalogueTests
{
    [Fact]
    public void A_walk_finds_every_collection_and_every_item_once_and_in_order()
    {
        var files = SampleCatalogue.Files(events: 2);
        var walk = Walk(files);

        var containers = walk.Containers("/cat/catalog.json").Cast<LocalCatalogueEntry.Container>().ToList();
        var items = containers.SelectMany(walk.Items).Cast<LocalCatalogueEntry.Item>().ToList();

        Assert.Equal(
            ["matchup-catalogue", SampleCatalogue.Events, SampleCatalogue.Pair, SampleCatalogue.Landsat,
                SampleCatalogue.Sentinel],
            containers.Select(container => container.Id));
        Assert.Equal(8, items.Count);
        Assert.Equal(8, items.Select(item => item.Path).Distinct().Count());
        Assert.All(items, item => Assert.Contains("/" + item.Id + ".json", item.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_in_a_circle_end_and_what_is_missing_or_broken_is_named_with_who_links_to_it()
    {
        var walk = Walk(new()
        {
            ["catalog.json"] = Document("Catalog", "r", ("child", "./a.json"), ("child", "./gone.json")),
            ["a.json"] = Document("Collection", "a", ("child", "./catalog.json"), ("child", "./a.json"),
                ("item", "./gone-item.json"), ("item", "./catalog.json"), ("item", "./noid.json")),
            ["noid.json"] = Document("Feature", null),
        });

        var entries = walk.Containers("/cat/catalog.json").ToList();
        var items = entries.OfType<LocalCatalogueEntry.Container>().SelectMany(walk.Items).ToList();

        Assert.Equal(["r", "a"], entries.OfType<LocalCatalogueEntry.Container>().Select(container => container.Id));
        var gone = Assert.Single(entries.OfType<LocalCatalogueEntry.Trouble>());
        Assert.Equal(("/cat/gone.json", "/cat/catalog.json"), (gone.Path, gone.From));
        Assert.Equal(
            ["/cat/gone-item.json: The file is not there.",
                "/cat/catalog.json: Its type is Catalog; Feature was expected.", "/cat/noid.json: The item has no id."],
            items.Cast<LocalCatalogueEntry.Trouble>().Select(trouble => $"{trouble.Path}: {trouble.Sentence}"));
    }

    [Fact]
    public void What_is_not_JSON_is_said_with_its_line()
    {
        var walk = new LocalCatalogueWalk(_ => Encoding.UTF8.GetBytes("{\n\"land_fraction\": NaN}"));
        var trouble = Assert.IsType<LocalCatalogueEntry.Trouble>(Assert.Single(walk.Containers("/cat/catalog.json")));
        Assert.Contains("LineNumber: 1", trouble.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://data.example/a.tif", null, "https://data.example/a.tif")]
    [InlineData("s3://bucket/a.tif", "http://h/c", "s3://bucket/a.tif")]
    [InlineData("file:///npl-data/a.nc", null, "file:///npl-data/a.nc")]
    [InlineData("file:///data/cat/c/a.nc", "http://h/c/", "http://h/c/c/a.nc")]
    [InlineData("preview.png", null, "file:///data/cat/c/2022/preview.png")]
    [InlineData("./my file#1.png", "http://h/c", "http://h/c/c/2022/my%20file%231.png")]
    [InlineData("/data/cat2/a.nc", "http://h/c", "file:///data/cat2/a.nc")]
    [InlineData("/data/cat/../cat2/a.nc", "http://h/c", "file:///data/cat2/a.nc")]
    [InlineData("../../../cat2/a.nc", "http://h/c", "file:///data/cat2/a.nc")]
    [InlineData("/data/cat/a.nc", "http://h/c", "http://h/c/a.nc")]
    [InlineData("comparison:latest.nc", null, "comparison:latest.nc")]
    [InlineData("./comparison:latest.nc", null, "file:///data/cat/c/2022/comparison%3Alatest.nc")]
    [InlineData("file://elsewhere/share/a.nc", "http://h/c", "file://elsewhere/share/a.nc")]
    public void An_asset_becomes_absolute_and_served_only_below_the_catalogue(
        string href, string? baseUrl, string expected) =>
        Assert.Equal(expected, Sending(baseUrl).AssetHref(href, "/data/cat/c/2022/item.json"));

    [Fact]
    public void An_item_goes_with_links_that_the_server_can_resolve_and_notes_of_what_changed()
    {
        var item = new LocalCatalogueEntry.Item("/data/cat/c/2022/i.json", (JsonObject)JsonNode.Parse("""
            {"type":"Feature","id":"i","assets":{"thumbnail":{"href":"p.png","alternate":{"x":{"href":"q.png"}}}},
             "links":[{"rel":"root","href":"../../catalog.json"},
                {"rel":"derived_from","href":"../there.json","type":"application/json"},
                {"rel":"related","href":"../gone.json","matchup:role":"event"},
                {"rel":"related","href":"https://elsewhere.example/collections/a/items/b"},
                {"rel":"related","href":"/api/collections/a/items/b"},
                {"rel":"license","href":"LICENSE"}]}
            """)!, "c");

        var notes = Sending("http://h").Item(item);

        Assert.Equal(
            ["/api/collections/col%20lection/items/x.y%2B", "http://h/c/gone.json",
                "https://elsewhere.example/collections/a/items/b", "/api/collections/a/items/b",
                "http://h/c/2022/LICENSE"],
            item.Document.Links().Select(link => link.Text("href")));
        Assert.Equal("event", item.Document.Links().ElementAt(1).Text("matchup:role"));
        Assert.Equal("http://h/c/2022/q.png",
            item.Document["assets"]!["thumbnail"]!["alternate"]!["x"].Text("href"));
        Assert.Equal("c", item.Document.Text("collection"));
        Assert.Equal(
            ["collection", "assets.thumbnail.href", "assets.thumbnail.alternate.x.href", "links.related"],
            notes.Select(note => note.Where));
        Assert.Equal("links.related", Assert.Single(notes, note => note.IsProblem).Where);
    }

    [Theory]
    [InlineData("http://h/api/collections/a%2Fb/items/c.d", "a/b", "c.d")]
    [InlineData("https://h/x/collections/collections/items/items/?x=/collections/1/items/2", "collections", "items")]
    [InlineData("/stac/v1/collections/a/items/-108.68_-27.96#part", "a", "-108.68_-27.96")]
    public void An_items_address_is_read_under_any_root(string href, string collection, string id) =>
        Assert.Equal(new ItemAddress(collection, id), ItemAddress.Of(href));

    [Theory]
    [InlineData("http://h/api/collections/a")]
    [InlineData("../../x/item.json")]
    [InlineData("http://h/items/a")]
    public void What_is_no_items_address_is_left_alone(string href) => Assert.Null(ItemAddress.Of(href));

    [Fact]
    public void An_item_is_filed_by_its_day_unpadded_with_relative_links()
    {
        var item = (JsonObject)JsonNode.Parse("""
            {"type":"Feature","id":"a_-108.68","collection":"c","properties":{"datetime":null,
                "start_datetime":"2022-05-01T23:30:00-02:00"},
             "links":[{"rel":"self","href":"http://h/api/collections/c/items/a_-108.68"},
                {"rel":"derived_from","href":"http://h/external/collections/p/items/there"},
                {"rel":"related","href":"http://h/external/collections/p/items/missing"},
                {"rel":"via","href":"https://elsewhere.example/"}]}
            """)!;
        var missing = new List<ItemAddress>();

        var path = LocalCatalogueLayout.PathOf(item);
        var written = LocalCatalogueLayout.Item(item, "/cat/" + path, "/cat/c/collection.json", "/cat",
            address => address.Id == "there" ? "/cat/p/2022/5/1/there.json" : null, missing.Add);

        Assert.Equal("c/2022/5/2/a_-108.68.json", path);
        Assert.Equal(
            ["root ../../../../catalog.json", "collection ../../../collection.json", "parent ../../../collection.json",
                "derived_from ../../../../p/2022/5/1/there.json",
                "related http://h/external/collections/p/items/missing", "via https://elsewhere.example/"],
            written.Links().Select(link => $"{link.Text("rel")} {link.Text("href")}"));
        Assert.Equal([new ItemAddress("p", "missing")], missing);
    }

    [Theory]
    [InlineData("../../etc/passwd", "c")]
    [InlineData("i", "..")]
    [InlineData("i", "a\\b")]
    [InlineData("", "c")]
    public void A_server_cannot_choose_where_files_are_written(string id, string collection) =>
        Assert.Throws<FormatException>(() => LocalCatalogueLayout.PathOf(new JsonObject
        {
            ["id"] = id,
            ["collection"] = collection,
            ["properties"] = new JsonObject { ["datetime"] = "2022-05-01T00:00:00Z" },
        }));

    static LocalCatalogueSending Sending(string? baseUrl) => new("/data/cat", baseUrl,
        path => path == "/data/cat/c/there.json" ? ("col lection", "x.y+") : null, _ => true);

    static LocalCatalogueWalk Walk(Dictionary<string, JsonObject> files) => new(path =>
        files.TryGetValue(path["/cat/".Length..], out var document)
            ? Encoding.UTF8.GetBytes(document.ToJsonString()) : null);

    static JsonObject Document(string type, string? id, params (string Rel, string Href)[] links) => new()
    {
        ["type"] = type,
        ["id"] = id,
        ["links"] = new JsonArray([.. links.Select(link => new JsonObject
        {
            ["rel"] = link.Rel,
            ["href"] = link.Href,
        })]),
    };
}

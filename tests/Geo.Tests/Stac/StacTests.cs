using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Geometry;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Vector;
using Waypost.Geo.Vector;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public class StacTests
{
    static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    static StacItemSource Source(StacTime? time = null, string box = "1,2,3,4") => new(
        new StacIdentity("rivers", "main", "v1.0"), GeoBox.Parse(box), null, time ?? StacTime.At(Noon), Noon,
            Noon.AddHours(1),
        new Dictionary<string, StacAsset>
        {
            ["data"] = new("data/rivers.tif", "image/tiff; application=geotiff; profile=cloud-optimized", ["data"],
                "The COG", 1234,
                new string('A', 64),
                    [new StacBand("b1", "float32", double.NaN, null, new StacStatistics(0, double.NaN, 1.5, 2, 99))]),
            ["thumbnail"] = new("thumb.png", "image/png", ["thumbnail"]),
        })
    {
        Title = "Rivers",
        Description = "All of them",
        Tags = ["water", "eau"],
        License = "CC-BY-4.0",
        Links = [new StacLink("self", "https://example.org/items/1", "application/geo+json")],
    };

    static JsonObject Raster(StacTime? time = null) =>
        StacItems.Raster(Source(time), new StacRaster(32618, 100, 50, [30, 0, 100, 0, -30, 200]));

    static JsonObject Vector() => StacItems.Vector(Source(StacTime.Between(Noon, Noon.AddDays(1)), "170,-10,-170,10"),
        new StacVector(7, [new VectorColumn("Name", "name", ["string"], 0, 7), new VectorColumn("x", "x", [], 7, 7)],
            ["Point"]));

    static JsonObject Collection() => StacCollections.Build(StacCollections.Rasters with
    {
        Box = GeoBox.Parse("170,-10,-170,10"),
        Start = Noon,
        Links = [new StacLink("self", "https://example.org/c"), new StacLink("root", "..")],
        Summaries = new JsonObject
        {
            ["proj:code"] = new JsonArray("EPSG:4326"),
            ["empty"] = new JsonArray(),
            ["gsd"] = new JsonObject { ["minimum"] = 1, ["maximum"] = 2 },
        },
    });

    static IReadOnlyList<StacFault> Check(JsonNode json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return StacRules.Check(document.RootElement);
    }

    [Fact]
    public void What_the_builders_write_breaks_no_rule()
    {
        Assert.Empty(Check(Raster()));
        Assert.Empty(Check(Vector()));
        Assert.Empty(Check(Collection()));
        Assert.Empty(Check(StacCollections.Build(StacCollections.Vectors)));
    }

    [Fact]
    public void A_raster_item_has_the_fields_of_the_platform_contract()
    {
        var item = Raster();
        var properties = item["properties"]!;
        Assert.Equal("rivers_main_v1.0", item["id"]!.GetValue<string>());
        Assert.Equal("ddh_rasters", item["collection"]!.GetValue<string>());
        Assert.Equal("EPSG:32618", properties["proj:code"]!.GetValue<string>());
        Assert.Equal(32618, properties["proj:epsg"]!.GetValue<int>());
        Assert.Equal("[50,100]", properties["proj:shape"]!.ToJsonString());
        Assert.Equal("2024-05-01T12:00:00Z", properties["datetime"]!.GetValue<string>());
        Assert.Equal("rivers", properties["ddh:dataset_id"]!.GetValue<string>());
        var data = item["assets"]!["data"]!;
        Assert.Equal("1220" + new string('a', 64), data["file:checksum"]!.GetValue<string>());
        Assert.Equal("""{"name":"b1","data_type":"float32","nodata":"nan","statistics":""" +
            """{"minimum":0,"mean":1.5,"stddev":2,"valid_percent":99}}""", data["bands"]![0]!.ToJsonString());
        Assert.Contains(item["links"]!.AsArray(), link => link!["rel"]!.GetValue<string>() == "collection");
    }

    [Fact]
    public void A_vector_item_counts_its_features_and_a_span_has_no_datetime()
    {
        var properties = Vector()["properties"]!;
        Assert.Null(properties["datetime"]);
        Assert.True(properties.AsObject().ContainsKey("datetime"));
        Assert.Equal("2024-05-02T12:00:00Z", properties["end_datetime"]!.GetValue<string>());
        Assert.Equal(7, properties["table:row_count"]!.GetValue<long>());
        Assert.Equal(7, properties["vector:feature_count"]!.GetValue<long>());
        Assert.Equal("MultiPolygon", Vector()["geometry"]!["type"]!.GetValue<string>());
        Assert.Throws<ArgumentException>(() => StacTime.Between(Noon, Noon.AddSeconds(-1)));
        Assert.Equal("other", StacLicense.Of("Ask us, please"));
    }

    [Theory]
    [InlineData("/properties/datetime", "\"yesterday\"")]
    [InlineData("/properties/datetime", "\"2024-05-01T12:00:00+02:00\"")]
    [InlineData("/properties/datetime", "null")]
    [InlineData("/geometry", "{\"type\":\"Sphere\",\"coordinates\":[1,2]}")]
    [InlineData("/bbox", "[1,2,3]")]
    [InlineData("/stac_version", "\"1.0.0\"")]
    [InlineData("/id", "\"\"")]
    [InlineData("/assets/data/href", "\"\"")]
    [InlineData("/assets/data/bands/0/data_type", "\"double\"")]
    [InlineData("/links/0/href", "\"relative\"")]
    [InlineData("/properties/license", "\"ask us\"")]
    public void A_broken_rule_is_reported_at_its_place(string path, string value)
    {
        var item = Raster();
        Replace(item, path, JsonNode.Parse(value));
        var fault = Assert.Single(Check(item));
        Assert.Equal(path, fault.Path);
        Assert.NotEmpty(fault.Expected);
    }

    [Fact]
    public void The_official_schemas_agree_with_the_builders_and_with_our_rules_on_damaged_documents()
    {
        var folder = VectorFiles.Shared("schemas/stac-1.1.0");
        if (folder is null)
            Assert.Skip("The samples are not beside this checkout.");
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var item = JsonSchema.Load(folder, "item.json");
        var collection = JsonSchema.Load(folder, "collection.json");
        foreach (var (build, schema) in new (Func<JsonObject>, JsonSchema)[]
            { (() => Raster(), item), (Vector, item), (Collection, collection) })
        {
            Compare(build(), schema, sound: true);
            var (accepted, refused) = (0, 0);
            for (var i = 0; i < 1500; i++)
            {
                var json = build();
                for (var damage = random.Next(1, 3); damage > 0; damage--)
                    Damage(json, random);
                if (json["type"]?.ToJsonString() != build()["type"]!.ToJsonString())
                    continue;
                if (Compare(json, schema, sound: null))
                    accepted++;
                else
                    refused++;
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"accepted {accepted}, refused {refused}");
            Assert.True(accepted > 100 && refused > 100);
        }
    }

    static bool Compare(JsonObject json, JsonSchema schema, bool? sound)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        var official = schema.IsValid(document.RootElement);
        var ours = StacRules.Check(document.RootElement);
        Assert.True(official == (ours.Count == 0) && (sound ?? official) == official,
            $"official {official}, ours {string.Join("; ", ours)}\n{json.ToJsonString()}");
        return official;
    }

    /// <summary>Takes away, replaces or adds one value somewhere.</summary>
    static void Damage(JsonObject json, Random random)
    {
        JsonNode at = json;
        while (random.Next(4) > 0
            && Children(at).OfType<JsonNode>().Where(child => child is JsonObject or JsonArray)
            .ToList() is { Count: > 0 } inner)
            at = inner[random.Next(inner.Count)];
        string[] values =
            ["null", "1", "-3.5", "\"\"", "\"x y\"", "\"2024-01-01T00:00:00Z\"", "\"https://a.org/x\"", "{}", "[]",
            "[1,2,3,4]", "true", "\"collection\"", "{\"rel\":\"collection\",\"href\":\"x\"}", "[[1,2,3,4]]",
                "[\"a\",\"a\"]"];
        string[] names =
            ["title", "description", "gsd", "license", "start_datetime", "datetime", "bands", "keywords", "roles",
            "providers",
            "nodata", "statistics", "data_type", "method", "headers", "collection", "bbox", "geometry", "unit",
                "assets", "item_assets"];
        var value = JsonNode.Parse(values[random.Next(values.Length)]);
        if (at is JsonArray array)
        {
            var place = random.Next(array.Count + 1);
            if (place < array.Count && random.Next(2) == 0)
                array.RemoveAt(place);
            else
                array.Insert(place, value);
            return;
        }
        var members = at.AsObject();
        var name = random.Next(3) == 0 || members.Count == 0
            ? names[random.Next(names.Length)]
            : members.ElementAt(random.Next(members.Count)).Key;
        if (random.Next(3) == 0)
            members.Remove(name);
        else
            members[name] = value;
    }

    static IEnumerable<JsonNode?> Children(JsonNode node) => node is JsonArray array ? array
        : node.AsObject().Select(member => member.Value);

    static void Replace(JsonNode json, string path, JsonNode? value)
    {
        var steps = path.Split('/')[1..];
        foreach (var step in steps[..^1])
            json = json is JsonArray array ? array[int.Parse(step)]! : json[step]!;
        json[steps[^1]] = value;
    }
}

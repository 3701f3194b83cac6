using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public class StacRepairTests
{
    const string Collection = """
        {"type":"Collection","stac_version":"1.1.0","id":"c","description":"d","license":"other","links":[],
         "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},"temporal":{"interval":[[null,null]]}}}
        """;

    /// <summary>An item without faults, changed by a text replaced in it.</summary>
    static JsonElement Item(string replace = "", string by = "")
    {
        const string text = """
            {"type":"Feature","stac_version":"1.1.0","id":"a","collection":"c",
             "geometry":{"type":"Point","coordinates":[1,2]},"bbox":[1,2,1,2],
             "properties":{"datetime":"2024-05-01T12:00:00Z"},
             "links":[{"rel":"collection","href":"https://example.org/c"}],"assets":{}}
            """;
        return JsonElement.Parse(replace.Length > 0 ? text.Replace(replace, by, StringComparison.Ordinal) : text);
    }

    static JsonElement Repaired(JsonElement document, params string[] paths)
    {
        var (repaired, notes) = StacRepair.Apply(document);
        Assert.Equal(paths, notes.Select(note => note.Path));
        Assert.All(notes, note => Assert.NotEmpty(note.What + note.Done));
        return repaired;
    }

    static void Sound(JsonElement document) => Assert.Empty(StacRules.Check(document));

    static JsonElement At(JsonElement document, string name) => document.GetProperty("properties").GetProperty(name);

    [Fact]
    public void A_document_without_faults_is_returned_as_it_is()
    {
        var item = Item();
        Assert.Equal(item.GetRawText(), Repaired(item).GetRawText());
        var collection = JsonElement.Parse(Collection);
        Assert.Equal(collection.GetRawText(), Repaired(collection).GetRawText());
    }

    [Fact]
    public void An_end_without_a_start_starts_at_datetime()
    {
        var item = Repaired(Item("\"datetime\"", "\"end_datetime\":\"2024-05-01T12:00:00.5+00:00\",\"datetime\""),
            "/properties/start_datetime");
        Assert.Equal("2024-05-01T12:00:00Z", At(item, "start_datetime").GetString());
        Sound(item);
    }

    [Fact]
    public void A_start_without_an_end_ends_at_datetime()
    {
        var item = Repaired(Item("\"datetime\"", "\"start_datetime\":\"2024-05-01T00:00:00Z\",\"datetime\""),
            "/properties/end_datetime");
        Assert.Equal("2024-05-01T12:00:00Z", At(item, "end_datetime").GetString());
        Sound(item);
    }

    [Theory]
    [InlineData("\"end_datetime\":\"2024-04-30T12:00:00Z\",\"datetime\"")]
    [InlineData("\"start_datetime\":\"2024-05-01T12:00:00.001Z\",\"datetime\"")]
    public void A_span_that_would_run_backwards_is_not_made(string times) => Repaired(Item("\"datetime\"", times));

    [Fact]
    public void A_span_without_datetime_has_the_datetime_null()
    {
        var item = Repaired(Item("\"datetime\":\"2024-05-01T12:00:00Z\"",
            "\"start_datetime\":\"2024-05-01T12:00:00Z\",\"end_datetime\":\"2024-05-01T12:00:00Z\""),
            "/properties/datetime");
        Assert.Equal(JsonValueKind.Null, At(item, "datetime").ValueKind);
        Sound(item);
    }

    [Theory]
    [InlineData("2024-05-01T14:00:00+02:00", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01T23:30:00.250-01:30", "2024-05-02T01:00:00.250Z")]
    [InlineData("2024-05-01 12:00:00Z", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01T12:00:00+0000", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01t12:00:00z", "2024-05-01T12:00:00Z")]
    public void A_time_in_another_offset_is_the_same_moment_in_utc(string written, string meant)
    {
        var item = Repaired(Item("2024-05-01T12:00:00Z", written), "/properties/datetime");
        Assert.Equal(meant, At(item, "datetime").GetString());
        Sound(item);
    }

    [Theory]
    [InlineData("2024-05-01T12:00:00")]
    [InlineData("2024-05-01")]
    [InlineData("2024-02-30T12:00:00+01:00")]
    [InlineData("yesterday")]
    public void A_time_that_would_have_to_be_guessed_is_left_for_the_rules_to_find(string time) =>
        Assert.NotEmpty(StacRules.Check(Repaired(Item("2024-05-01T12:00:00Z", time))));

    [Theory]
    [InlineData("\"stac_version\":\"1.1.0\",", "")]
    [InlineData("1.1.0", "1.0.0")]
    [InlineData("1.1.0", "1.0.0-rc.2")]
    [InlineData("1.1.0", "1.1.0-beta.1")]
    public void An_older_version_becomes_1_1(string replace, string by)
    {
        var item = Repaired(Item(replace, by), "/stac_version");
        Assert.Equal("1.1.0", item.GetProperty("stac_version").GetString());
        Sound(item);
    }

    [Theory]
    [InlineData("0.9.0")]
    [InlineData("2.0.0")]
    public void A_version_that_is_another_format_stays(string version) => Repaired(Item("1.1.0", version));

    [Fact]
    public void Links_and_assets_that_are_not_there_are_empty()
    {
        var item = JsonNode.Parse(Item().GetRawText())!.AsObject();
        item.Remove("links");
        item["assets"] = null;
        var repaired = Repaired(JsonElement.Parse(item.ToJsonString()), "/links", "/assets");
        Assert.Equal("[] {}", $"{repaired.GetProperty("links")} {repaired.GetProperty("assets")}");
        Assert.Empty(StacRules.Check(repaired, framed: true));
    }

    [Fact]
    public void A_box_without_a_geometry_is_taken_out()
    {
        var item = Repaired(Item("{\"type\":\"Point\",\"coordinates\":[1,2]}", "null"), "/bbox");
        Assert.False(item.TryGetProperty("bbox", out _));
        Sound(item);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[1.5,2]}""", "[1.5,2,1.5,2]")]
    [InlineData("""{"type":"Point","coordinates":[1.5,2,-7]}""", "[1.5,2,-7,1.5,2,-7]")]
    [InlineData("""{"type":"LineString","coordinates":[[1,2,3],[0,5,9]]}""", "[0,2,3,1,5,9]")]
    [InlineData("""{"type":"Polygon","coordinates":[[[170,-1],[190,-1],[190,1],[170,1],[170,-1]]]}""",
        "[170,-1,-170,1]")]
    [InlineData("""{"type":"Polygon","coordinates":[[[-190,-1],[-170,-1],[-170,1],[-190,1],[-190,-1]]]}""",
        "[170,-1,-170,1]")]
    [InlineData("""
        {"type":"MultiPolygon","coordinates":[[[[170,-1],[180,-1],[180,1],[170,1],[170,-1]]],
        [[[-180,-1],[-170,-1],[-170,1],[-180,1],[-180,-1]]]]}
        """, "[170,-1,-170,1]")]
    [InlineData("""
        {"type":"MultiPolygon","coordinates":[[[[10,-1],[20,-1],[20,1],[10,1],[10,-1]]],
        [[[-80,-1],[-70,-1],[-70,1],[-80,1],[-80,-1]]]]}
        """, "[-80,-1,20,1]")]
    [InlineData("""{"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]}""",
        "[-180,-90,180,90]")]
    [InlineData("""
        {"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},
        {"type":"LineString","coordinates":[[3,4],[5,6]]}]}
        """, "[1,2,5,6]")]
    public void A_box_is_computed_around_the_geometry(string geometry, string box)
    {
        var item = JsonNode.Parse(Item().GetRawText())!.AsObject();
        item.Remove("bbox");
        item["geometry"] = JsonNode.Parse(geometry);
        var repaired = Repaired(JsonElement.Parse(item.ToJsonString()), "/bbox");
        Assert.Equal(box, repaired.GetProperty("bbox").GetRawText());
        Sound(repaired);
    }

    [Fact]
    public void An_id_with_a_full_stop_becomes_the_title()
    {
        var item = Repaired(Item("\"id\":\"a\"", "\"id\":\"a_-108.68\""), "/properties/title");
        Assert.Equal("a_-108.68", At(item, "title").GetString());
        Repaired(Item("\"id\":\"a\"", "\"id\":\"a_-108\""));
        var titled = JsonNode.Parse(item.GetRawText())!;
        titled["properties"]!["title"] = "Mine";
        Repaired(JsonElement.Parse(titled.ToJsonString()));
    }

    [Theory]
    [InlineData("\"license\":\"other\",", "")]
    [InlineData("\"other\"", "\"proprietary\"")]
    [InlineData("\"other\"", "\"various\"")]
    [InlineData("\"other\"", "null")]
    public void A_licence_in_the_words_of_1_0_is_other(string replace, string by)
    {
        var collection = Repaired(
            JsonElement.Parse(Collection.Replace(replace, by, StringComparison.Ordinal)), "/license");
        Assert.Equal("other", collection.GetProperty("license").GetString());
        Sound(collection);
    }

    [Fact]
    public void The_times_of_an_extent_are_written_in_utc()
    {
        var collection = Repaired(JsonElement.Parse(Collection.Replace(
            "[null,null]", "[\"2024-05-01T14:00:00+02:00\",null]", StringComparison.Ordinal)), "/extent");
        Assert.Contains("[[\"2024-05-01T12:00:00Z\",null]]", collection.GetRawText(), StringComparison.Ordinal);
        Sound(collection);
    }

    [Fact]
    public void Repairing_what_was_repaired_changes_nothing()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            var sent = Damaged(random);
            var (once, notes) = StacRepair.Apply(sent);
            var (twice, more) = StacRepair.Apply(once);
            Assert.True(more.Count == 0 && once.GetRawText() == twice.GetRawText(), $"seed {seed}: {sent}");
            if (notes.Count == 0)
                Assert.True(sent.GetRawText() == once.GetRawText(), $"seed {seed}: {sent}");
            // Nothing that was sound is made worse.
            Assert.True(StacRules.Check(once).Count <= StacRules.Check(sent).Count, $"seed {seed}: {sent}");
        }
    }

    /// <summary>An item or a collection in which anything may be missing, null, or of another shape.</summary>
    static JsonElement Damaged(Random random)
    {
        var document = JsonNode.Parse(random.Next(4) == 0 ? Collection : Item().GetRawText())!.AsObject();
        string[] times = ["2024-05-01T12:00:00Z", "2024-05-01T14:00:00+02:00", "2024-05-01", "2024-04-01T00:00:00.5Z",
            "2025-01-01 00:00:00-0830", "", "null"];
        JsonNode? Any() => random.Next(7) switch
        {
            0 => null,
            1 => JsonValue.Create(times[random.Next(times.Length)]),
            2 => new JsonArray(1, 2, 3, 4),
            3 => new JsonObject { ["type"] = "Point", ["coordinates"] = new JsonArray(181, 2, 3) },
            4 => JsonValue.Create("1.0." + random.Next(3)),
            5 => new JsonObject(),
            _ => JsonValue.Create("a.b"),
        };
        void Damage(JsonObject json, string[] names)
        {
            foreach (var name in names.Where(_ => random.Next(4) == 0))
            {
                if (random.Next(2) == 0)
                    json.Remove(name);
                else
                    json[name] = Any();
            }
        }
        if (document["properties"] is JsonObject properties)
        {
            Damage(properties, ["datetime", "start_datetime", "end_datetime", "created", "title"]);
            foreach (var name in (string[])["datetime", "start_datetime", "end_datetime"])
                if (random.Next(3) == 0)
                    properties[name] = times[random.Next(times.Length)];
        }
        Damage(document, ["stac_version", "id", "geometry", "bbox", "properties", "links", "assets", "license",
            "extent"]);
        return JsonElement.Parse(document.ToJsonString());
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;
using Xunit;

namespace Waypost.Geo.Tests.Stac;

public class StacRedactionTests
{
    static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static string? External(string json) =>
        StacRedaction.External(JsonElement.Parse(json), StacSchemes.Web)?.GetRawText();

    [Fact]
    public void A_document_without_secrets_is_its_own_external_form() => Assert.Null(External("""
        {"type":"Feature","id":"a.b","links":[{"rel":"related","href":"https://example.org/a"}],
         "properties":{"file:size":1,"title":"A/B: 100%"},
         "assets":{"data":{"href":"https://example.org/a.tif","alternate":{}}}}
        """));

    [Theory]
    [InlineData("""{"assets":{"a":{"href":"https://x.org/a","type":"t"},"b":{"href":"file:///b","type":"t"}}}""",
        """{"assets":{"a":{"href":"https://x.org/a","type":"t"}}}""")]
    [InlineData("""{"assets":{"a":{"href":"preview.png"}}}""", """{"assets":{}}""")]
    [InlineData("""{"type":"Feature","id":"a","extent":"file:///npl","license":"/npl"}""",
        """{"type":"Feature","id":"a"}""")]
    [InlineData("""{"type":"Collection","id":"a","license":"/npl-data/x","bbox":"/npl","geometry":"/npl"}""",
        """{"type":"Collection","id":"a","license":"other"}""")]
    [InlineData("""{"assets":{"a":{"href":"https://x.org/a","waypost:registered_by":"me"}}}""",
        """{"assets":{"a":{"href":"https://x.org/a"}}}""")]
    [InlineData("""{"assets":{"href":{"href":"https://x.org/a"}},"x":{"HREF":"a"}}""",
        """{"assets":{"href":{"href":"https://x.org/a"}}}""")]
    [InlineData("""
        {"assets":{"a":{"href":"https://x.org/a","alternate":{"s3":{"href":"s3://b/a"},"w":{"href":"http://x.org"}}}}}
        """, """{"assets":{"a":{"href":"https://x.org/a","alternate":{"w":{"href":"http://x.org"}}}}}""")]
    [InlineData("""
        {"links":[{"rel":"a","href":"/npl"},{"rel":"b","href":"https://x.org"},{"rel":"/npl","href":"https://x"}]}
        """,
        """{"links":[{"rel":"b","href":"https://x.org"}]}""")]
    [InlineData("""{"properties":{"a":"/npl","b":["/npl","c"],"d":["/npl"],"/npl":1,"e":{"f":"C:\\npl"},"g":2}}""",
        """{"properties":{"b":["c"],"g":2}}""")]
    [InlineData("""{"properties":{"href":"/npl","a":1}}""", """{"properties":{"a":1}}""")]
    [InlineData("""{"type":"Collection","id":"c","description":"In /npl","title":"file:///npl"}""",
        """{"type":"Collection","id":"c","description":"c"}""")]
    [InlineData("""{"providers":[{"name":"A","url":"file:///npl"},{"name":"/npl","url":"https://x.org"}]}""",
        """{"providers":[{"name":"A"}]}""")]
    [InlineData("""{"item_assets":{"a":{"title":"/npl","type":"t"},"b":{"title":"T","type":"t","x":"/npl"}}}""",
        """{"item_assets":{"b":{"title":"T","type":"t"}}}""")]
    [InlineData("""{"summaries":{"a":["/npl"],"b":["x","s3://b"],"c":{"minimum":"/npl"}}}""",
        """{"summaries":{"b":["x"]}}""")]
    [InlineData("""
        {"properties":{"bands":[{"name":"b"}],"a":1},"assets":{"d":{"href":"/npl","bands":[{"name":"b"}]}}}
        """,
        """{"properties":{"a":1},"assets":{}}""")]
    [InlineData("""
        {"properties":{"a":1,"bands":[{"name":"b"}]},"assets":{"d":{"href":"/npl","bands":[{"name":"b"}]}}}
        """,
        """{"properties":{"a":1},"assets":{}}""")]
    [InlineData("""{"x":"\ue001/npl","y":{"href":"\ue001/npl"},"z":1}""", """{"z":1}""")]
    [InlineData("""{"geometry":{"type":"Point","coordinates":[1,2],"from":"/npl"}}""",
        """{"geometry":{"type":"Point","coordinates":[1,2]}}""")]
    public void What_only_means_something_inside_is_left_out(string json, string external) =>
        Assert.Equal(external, External(json));

    [Fact]
    public void Properties_alone_have_their_external_form()
    {
        var properties = JsonElement.Parse("""{"a":"/npl","b":{"c":"file:///npl","d":1}}""");
        Assert.Equal("""{"b":{"d":1}}""",
            StacRedaction.ExternalProperties(properties, StacSchemes.Web)?.GetRawText());
        Assert.Null(StacRedaction.ExternalProperties(JsonElement.Parse("""{"a":1}"""), StacSchemes.Web));
    }

    [Fact]
    public void The_whole_form_is_the_document_and_addresses_of_ours_are_known_where_they_may_be()
    {
        var frame = new StacFrame("{\"rel\":\"self\",\"href\":\"\uE001/x\"}", [("crs", "[]")], href =>
            href.StartsWith("/api", StringComparison.Ordinal) ? ('\uE001', href[4..], href != "/api/in") : null);
        var form = StacForms.Write(JsonElement.Parse("""
            { "type": "Feature", "id": "a\u002fé\ue001", "n": 1.50,
              "links": [ { "rel":"self", "href":"x" }, {"rel":"related","href":"/api/a\"b"} ],
              "assets": { "a": { "href":"/api/b", "alternate": { "c": { "href": "/api/c" } } },
                          "b": { "href":"\ue001/npl" }, "i": { "href":"/api/in" } },
              "properties": { "href": "/api/d", "x": { "y": [ 1 ], "z": "2024-05-01T12:00:00Z" } } }
            """), frame, StacSchemes.Web);
        Assert.Equal("{\"type\":\"Feature\",\"id\":\"a/é\\uE001\",\"n\":1.50,"
            + "\"links\":[{\"rel\":\"self\",\"href\":\"\uE001/x\"},{\"rel\":\"related\",\"href\":\"\uE001/a\\\"b\"}],"
            + "\"assets\":{\"a\":{\"href\":\"\uE001/b\",\"alternate\":{\"c\":{\"href\":\"\uE001/c\"}}},"
            + "\"b\":{\"href\":\"\\uE001/npl\"},\"i\":{\"href\":\"\uE001/in\"}},"
            + "\"properties\":{\"href\":\"/api/d\",\"x\":{\"y\":[1],\"z\":\"2024-05-01T12:00:00Z\"}},\"crs\":[]}",
            form.Whole);
        Assert.DoesNotContain("npl", form.External, StringComparison.Ordinal);
        Assert.DoesNotContain("/in", form.External, StringComparison.Ordinal);
        Assert.Contains("\"c\":{\"href\":\"\uE001/c\"}", form.External, StringComparison.Ordinal);
        Assert.Equal("""{"href":"/api/d","x":{"y":[1],"z":"2024-05-01T12:00:00Z"}}""", form.Properties);
        Assert.Equal("""{"x":{"y":[1],"z":"2024-05-01T12:00:00Z"}}""", form.ExternalProperties);
        Assert.Equal(["href Text False", "x Object True", "x.y Array True", "x.z Moment True"],
            form.Names.Select(found => $"{found.Name} {found.Type} {found.IsVisible}"));
    }

    [Fact]
    public void Nothing_hidden_survives_and_everything_else_does()
    {
        var seed = Environment.TickCount;
        var secrets = new Secrets(new Random(seed));
        var hidden = 0;
        for (var round = 0; round < 3000; round++)
        {
            var (whole, expected) = round % 4 == 0 ? secrets.Collection() : secrets.Item();
            // Written with every escape there is, or with none.
            var sent = JsonElement.Parse(whole.ToJsonString(round % 2 == 0 ? null : Relaxed));
            var external = StacRedaction.External(sent, StacSchemes.Web);
            var (was, found) = (whole.ToJsonString(), (external ?? sent).GetRawText());
            Assert.False(found.Contains(Secrets.Mark, StringComparison.OrdinalIgnoreCase),
                $"seed {seed}: {was} {found}");
            Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected.ToJsonString()), external ?? sent),
                $"seed {seed}:\n{was}\n{expected.ToJsonString()}\n{found}");
            if (StacRules.Check(sent).Count == 0)
                Assert.True(StacRules.Check(external ?? sent).Count == 0, $"seed {seed}: {was}\n{found}");
            // What was seen once is seen again: nothing new is hidden in the external form.
            Assert.True(external is not { } once || StacRedaction.External(once, StacSchemes.Web) is null,
                $"seed {seed}: {found}");
            hidden += external is null ? 0 : 1;
        }
        Assert.InRange(hidden, 1000, 3000);
    }
}

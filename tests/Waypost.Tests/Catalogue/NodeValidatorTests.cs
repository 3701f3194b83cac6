using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Tests.Raster;
using Waypost.Geo.Tests.Stac;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

public class NodeValidatorTests
{
    [Fact]
    public async Task The_validator_of_npm_accepts_every_item_and_collection_that_is_served()
    {
        var org = await (await TestServer.Shared(Backend.Sqlite)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var documents = SampleCatalogue.Files().Values.Concat(Shared()).Concat(Faulty()).ToList();
        await Put(org, documents);

        using var folder = new TempFolder();
        foreach (var view in (string[])["stac", "external"])
        {
            var root = $"/api/v1/{org.Id}/{view}";
            await Keep("catalogue", root);
            await Keep("collections", root + "/collections");
            await Keep("items", root + "/search?limit=1000");

            async Task Keep(string name, string address) => await File.WriteAllTextAsync(
                folder.File($"{view}-{name}.json"), await client.GetStringAsync(address, Token), Token);
        }

        var served = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("external-items.json"), Token))!;
        Assert.Equal(documents.Where(IsItem).DistinctBy(Key).Count(), served["features"]!.AsArray().Count);
        var faults = await NodeValidator.FaultsOf(folder.Files, Token);
        Assert.True(faults.Length == 0, faults);
    }

    [Fact]
    public async Task The_validator_of_npm_finds_what_is_not_repaired()
    {
        using var folder = new TempFolder();
        var broken = SampleCatalogue.Files().Values
            .First(document => document["properties"]?["end_datetime"] is not null);
        await File.WriteAllTextAsync(folder.File("broken.json"), broken.ToJsonString(), Token);
        Assert.Contains("start_datetime", await NodeValidator.FaultsOf(folder.Files, Token), StringComparison.Ordinal);
    }

    static async Task Put(TestOrg org, IReadOnlyList<JsonObject> documents)
    {
        await org.Do(async tx =>
        {
            foreach (var collection in documents.Where(document => (string?)document["type"] == "Collection"))
                await tx.PutCollection(org.Id, new Json(collection.ToJsonString()), Samples.Now);
        });
        await org.Do(async tx =>
        {
            foreach (var item in documents.Where(IsItem))
                await tx.PutItem(org.Id, new Json(item.ToJsonString()), Samples.Now);
        });
    }

    static bool IsItem(JsonObject document) => (string?)document["type"] == "Feature";

    static (string?, string?) Key(JsonObject item) => ((string?)item["collection"], (string?)item["id"]);

    /// <summary>The sample catalogue that lies beside some checkouts.</summary>
    static IEnumerable<JsonObject> Shared()
    {
        if (SharedData.File("eomatch-catalogue/catalog.json") is not { } catalogue) return [];
        return Directory.EnumerateFiles(Path.GetDirectoryName(catalogue)!, "*.json", SearchOption.AllDirectories)
            .Where(file => file != catalogue).Select(file => JsonNode.Parse(File.ReadAllText(file))!.AsObject());
    }

    /// <summary>Documents to repair, and one in which nearly everything is hidden from outside.</summary>
    static IEnumerable<JsonObject> Faulty()
    {
        string[] documents =
        [
            """
            {"type":"Collection","stac_version":"1.0.0","id":"faulty","description":"In /npl","license":"proprietary",
             "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},
              "temporal":{"interval":[["2024-05-01T02:00:00+02:00",null]]}},
             "providers":[{"name":"/npl"}],"summaries":{"a":["/npl"]},"item_assets":{"a":{"title":"/npl","type":"t"}},
             "assets":{"a":{"href":"/npl"}}}
            """,
            Item("a.b", "\"datetime\":\"2024-05-01T14:00:00+02:00\"",
                """{"type":"Polygon","coordinates":[[[170,0,5],[190,0,5],[190,1,6],[170,1,6],[170,0,5]]]}"""),
            Item("ends", "\"datetime\":\"2024-05-01T12:00:00Z\",\"end_datetime\":\"2024-05-02T12:00:00Z\"", "null",
                "\"bbox\":[1,2,3,4],"),
            Item("spans", "\"start_datetime\":\"2024-05-01T12:00:00Z\",\"end_datetime\":\"2024-05-02T12:00:00Z\"",
                """{"type":"Point","coordinates":[1,2]}"""),
            Item("hidden", "\"datetime\":\"2024-05-01T12:00:00Z\",\"bands\":[{\"name\":\"b\"}],\"title\":\"/npl\"",
                """{"type":"Point","coordinates":[1,2]}""",
                """
                "links":[{"rel":"related","href":"file:///npl"}],
                "assets":{"a":{"href":"/npl/a","bands":[{"name":"b"}]}},
                """),
        ];
        return documents.Select(document => JsonNode.Parse(document)!.AsObject());
    }

    static string Item(string id, string times, string geometry, string more = "") => $$"""
        {"type":"Feature","stac_version":"1.0.0","id":"{{id}}","collection":"faulty",{{more}}"geometry":{{geometry}},
         "properties":{ {{times}} } }
        """;

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>In which language an answer is (STAC API, Language).</summary>
public sealed class LanguageTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task What_the_server_says_itself_is_English_whatever_is_preferred(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("things", Samples.Item("things", "a"));
        var client = await org.As(Role.Viewer);
        foreach (var root in new[] { "/api", "/external" })
        {
            foreach (var path in new[] { "", "/conformance", "/aggregations", "/collections/things/browse" })
                foreach (var preferred in new[] { null, "en", "de-DE,de;q=0.9,en;q=0.1", "*;q=0", ";;nonsense" })
                    Assert.Equal("en", (await Ask(client, root + path, preferred)).Language);
            var landing = (await Ask(client, root, "fr")).Answer;
            Assert.Equal("en", landing.GetProperty("language").GetProperty("code").GetString());
            foreach (var rel in new[] { "self", "root", "service-desc", "service-doc" })
                Assert.Equal("en", Stac.LinkOf(landing, rel)!.Value.GetProperty("hreflang").GetString());
        }
    }

    [Theory, Backends]
    public async Task A_document_is_in_the_language_that_it_names(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var collection = Samples.Collection("wasser").Text.Replace("\"license\":", """
            "language":{"code":"de","name":"Deutsch"},"languages":[{"code":"en","name":"English"}],"license":
            """, StringComparison.Ordinal).Replace("\"links\":[", """
            "links":[{"rel":"alternate","href":"https://example.org/water","hreflang":"en"},
            """, StringComparison.Ordinal);
        await org.Do(tx => tx.PutCollection(org.Id, new Json(collection), Samples.Now));
        await org.Do(async tx =>
        {
            foreach (var (id, language) in new[]
            {
                ("fr", """{"code":"fr-CA","name":"français"}"""), ("odd", """{"code":"de\r\nX-Injected: 1"}"""),
                ("text", "\"language\""), ("none", "null"),
            })
                await tx.PutItem(org.Id, Samples.Item("wasser", id, properties: $"\"language\":{language}"),
                    Samples.Now);
        });
        var client = await org.As(Role.Viewer);

        foreach (var root in new[] { "/api", "/external" })
        {
            var (language, answer) = await Ask(client, root + "/collections/wasser", "en");
            Assert.Equal("de", language);
            Assert.Equal("en", Stac.LinkOf(answer, "alternate")!.Value.GetProperty("hreflang").GetString());
            var items = root + "/collections/wasser/items";
            Assert.Equal("fr-CA", (await Ask(client, items + "/fr", "de")).Language);
            foreach (var silent in new[] { "/odd", "/text", "/none", "" })
                Assert.Null((await Ask(client, items + silent, "de")).Language);
            var filter = Uri.EscapeDataString("language.code LIKE 'fr%'");
            Assert.Equal(["fr"], Stac.Ids(await client.Json($"{items}?filter={filter}")));
        }
    }

    static async Task<(string? Language, JsonElement Answer)> Ask(HttpClient client, string path, string? preferred)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (preferred is not null) request.Headers.TryAddWithoutValidation("Accept-Language", preferred);
        using var answer = await client.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return (answer.Content.Headers.ContentLanguage.SingleOrDefault(), JsonElement.Parse(text));
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Asks the catalogue the way its clients do.</summary>
static class Stac
{
    /// <summary>The answer's JSON; anything but 200 fails the test with its body.</summary>
    public static async Task<JsonElement> Json(this HttpClient client, string address)
    {
        using var response = await client.GetAsync(address, Token);
        return await Json(response);
    }

    public static async Task<JsonElement> PostJson(this HttpClient client, string address, object body)
    {
        using var response = await client.PostAsJsonAsync(address, body, Token);
        return await Json(response);
    }

    /// <summary>The problem that an address answers with, whose status must be this.</summary>
    public static async Task<JsonElement> Problem(this HttpClient client, string address, HttpStatusCode status)
    {
        using var response = await client.GetAsync(address, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == status, $"{address}: {response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        return JsonElement.Parse(text);
    }

    public static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("features").EnumerateArray().Select(item => item.GetProperty("id").ToString())];

    public static JsonElement? LinkOf(JsonElement answer, string rel, string? method = null)
    {
        foreach (var link in answer.GetProperty("links").EnumerateArray())
            if (link.GetProperty("rel").GetString() == rel
                && (method is null || (link.TryGetProperty("method", out var m) ? m.GetString() : "GET") == method))
                return link;
        return null;
    }

    public static string? Href(JsonElement answer, string rel) => LinkOf(answer, rel)?.GetProperty("href").GetString();

    /// <summary>The ids of all pages from this address on.</summary>
    public static async Task<List<string>> Walk(HttpClient client, string address)
    {
        var ids = new List<string>();
        for (string? next = address; next is not null;)
        {
            var page = await client.Json(next);
            Assert.Equal(page.GetProperty("features").GetArrayLength(), page.GetProperty("numberReturned").GetInt32());
            ids.AddRange(Ids(page));
            next = Href(page, "next");
        }
        return ids;
    }

    static async Task<JsonElement> Json(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.RequestMessage!.RequestUri}: {text}");
        return JsonElement.Parse(text);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

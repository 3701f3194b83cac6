using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Writes to the catalogue the way its clients do.</summary>
static class Sending
{
    /// <summary>Sends JSON, with an If-Match where there is one.</summary>
    public static async Task<HttpResponseMessage> Send(
        this HttpClient client, string method, string address, string? body, string? match = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (match is not null) request.Headers.TryAddWithoutValidation("If-Match", match);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a stream of items; returns the report.</summary>
    public static async Task<(HttpStatusCode Status, string Report)> Bulk(
        this HttpClient client, string address, string body, string type, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new StringContent(body, Encoding.UTF8, type);
        request.Headers.Accept.ParseAdd(accept);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends JSON; the answer must have this status, and where it is a problem this code.</summary>
    public static async Task<JsonElement> Must(
        this HttpClient client, HttpStatusCode status, string method, string address, string? body,
        string? code = null, string? match = null)
    {
        using var answer = await client.Send(method, address, body, match);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{method} {address}: {answer.StatusCode} {text}");
        if (text.Length == 0) return default;
        var json = JsonElement.Parse(text);
        if (code is not null) Assert.Equal(code, json.GetProperty("code").GetString());
        return json;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Pipelines;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Pipelines;

/// <summary>A client of the platform in an organization of its own, through the front door.</summary>
sealed record Platform(TestOrg Org, HttpClient Client)
{
    public static async Task<Platform> Of(Backend backend, Role role = Role.Service) =>
        await Of(await TestServer.Shared(backend), role);

    public static async Task<Platform> Of(TestServer server, Role role = Role.Service)
    {
        var org = await server.NewOrg();
        return new Platform(org, await org.As(role));
    }

    public async Task<string> Upload(string name, byte[] content)
    {
        var response = await Client.PutAsync(
            "/platform/uploads/" + Uri.EscapeDataString(name), new ByteArrayContent(content), Token);
        response.EnsureSuccessStatusCode();
        return "upload:" + name;
    }

    public Task<string> Upload(string name, string content) => Upload(name, Encoding.UTF8.GetBytes(content));

    public static Dictionary<string, object?> Body(
        string type, string source, string dataset = "floods", string resource = "dhaka", string version = "v1",
        object? config = null)
    {
        var body = new Dictionary<string, object?>
        {
            ["dataset_id"] = dataset,
            ["resource_id"] = resource,
            ["version_id"] = version,
            ["request_type"] = type,
            ["source_path"] = source,
        };
        if (config is not null) body["processing_config"] = config;
        return body;
    }

    public Task<HttpResponseMessage> Submit(object body) => Client.PostAsJsonAsync("/platform/submit", body,
        Json.Options, Token);

    /// <summary>Submits what must be taken.</summary>
    public async Task<JsonElement> Submitted(object body)
    {
        var response = await Submit(body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return await Read(response);
    }

    /// <summary>Submits and waits for the end.</summary>
    public async Task<JsonElement> Ended(object body) => await Ended((await Submitted(body)).Text("request_id"));

    /// <summary>Waits for the end of a request.</summary>
    public async Task<JsonElement> Ended(string id)
    {
        for (var i = 0; i < 10; i++)
        {
            var status = await Get($"/platform/status/{id}?wait=30");
            if (status.Text("status") is "completed" or "failed") return status;
        }
        throw new TimeoutException($"The request {id} did not end.");
    }

    public async Task<JsonElement> Get(string url)
    {
        var response = await Client.GetAsync(url, Token);
        Assert.True(response.IsSuccessStatusCode, url + ": " + await response.Content.ReadAsStringAsync(Token));
        return await Read(response);
    }

    public static async Task<JsonElement> Read(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(Token);

    /// <summary>Checks that a response is this refusal, and returns it.</summary>
    public static async Task<JsonElement> Refusal(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == status, $"{response.StatusCode} instead of {status}: {text}");
        var problem = JsonElement.Parse(text);
        Assert.Equal(code, problem.Text("code"));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(problem.Text("error"));
        return problem;
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;
}

/// <summary>Looks into documents.</summary>
static class Looking
{
    public static string Text(this JsonElement element, string path) => element.At(path).GetString()
        ?? throw new InvalidOperationException($"{path} is null in {element}");

    public static JsonElement At(this JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
            element = element.TryGetProperty(name, out var found)
                ? found
                : throw new KeyNotFoundException($"{name} of {path} is not in {element}");
        return element;
    }

    public static bool IsNull(this JsonElement element, string path) =>
        element.At(path).ValueKind == JsonValueKind.Null;
}

/// <summary>Small data sets.</summary>
static class Samples
{
    public const string Points = """
        {"type":"FeatureCollection","features":[
        {"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[10,50]},"properties":{"name":"Ä","n":1}},
        {"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[11,51]},"properties":{"name":null,"n":2.5}},
        {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]},"properties":{}}
        ]}
        """;
}

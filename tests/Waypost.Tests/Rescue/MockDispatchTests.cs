using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Waypost.Access;
using Waypost.Hosting;
using Waypost.Rescue;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>The seed's request gets the seed's answer, and the dispatcher's variables are honoured.</summary>
public sealed class MockDispatchTests : IDisposable
{
    const string Seed = """{"node_id":"node-123","capacity_gb":100,"priority_level":"high"}""";

    readonly string folder = Directory.CreateTempSubdirectory("waypost-mock-").FullName;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_seeds_request_without_any_key_gets_the_seeds_answer()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        foreach (var path in new[] { "/mock_dispatch", "/rescue/mock_dispatch" })
            Assert.Equal((HttpStatusCode.OK, Campaign.Flat("""
                {"status":"success","message":"Payload received and processed","received_data":{"node_id":"node-123",
                "capacity_gb":100,"priority_level":"high"},"mock_data":{"assigned_tasks":[{"task_id":"task-001",
                "dataset_url":"https://data.gov/climate/2024","size_mb":500,"priority":8}],
                "estimated_duration":"2 hours","node_status":"active"}}
                """)), await Post(server.Anyone(), path, Seed));
        var (status, text) = await Post(
            server.Anyone(), "/mock_dispatch", """{"name":"n","description":"d","free_space_gb":1}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, JsonElement.Parse(text).GetProperty("asset").GetArrayLength());
        Assert.Equal("\"Hello rescuer 👋\"", await server.Anyone().GetStringAsync("/rescue/", Token));
    }

    [Fact]
    public async Task Without_a_key_the_compatible_routes_answer_by_a_loopback_name_only_and_nothing_else_is_open()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/dispatch")
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
            Headers = { Host = "waypost.example.org" },
        };
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Anyone().SendAsync(foreign, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(server.Anyone(), "/dispatch", "{}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await Post(server.Anyone(), "/rescue/rescuers", """{"name":"n"}""")).Status);
        // What a page of another origin can send without asking is not taken.
        var page = await server.Anyone().PostAsync(
            "/dispatch", new StringContent("""{"name":"n","description":"d","free_space_gb":1}"""), Token);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, page.StatusCode);
    }

    [Fact]
    public async Task A_file_says_what_the_mock_answers_and_which_errors_it_pretends()
    {
        var path = Write("""
            {"mock_data":{"assigned_tasks":[],"estimated_duration":"none","node_status":"idle"},
            "errors":[{"node_id":"broken","status":503,"detail":"out of order"}]}
            """);
        await using var server = await TestServer.Start(
            Backend.Sqlite, settings => settings with { Rescue = new RescueSettings { MockDataPath = path } });
        Assert.Contains("\"node_status\":\"idle\"", (await Post(server.Anyone(), "/mock_dispatch", Seed)).Text,
            StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"detail":"out of order"}"""), await Post(
            server.Anyone(), "/mock_dispatch", Seed.Replace("node-123", "broken", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("7")]
    [InlineData("""{"tasks":[]}""")]
    [InlineData("""[{"name":"no address"}]""")]
    [InlineData("""{"errors":[{"status":200,"detail":"fine"}]}""")]
    public void A_file_of_another_shape_stops_the_start_by_its_name(string text)
    {
        var path = Write(text);
        var error = Assert.Throws<CannotStartException>(() => Serve(new() { ["MOCK_DATA_PATH"] = path }));
        Assert.Contains("MOCK_DATA_PATH", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dispatchers_variables_go_before_the_file_and_behind_ours()
    {
        var settings = Serve(new()
        {
            ["DISPATCHER_HOST"] = "0.0.0.0",
            ["DISPATCHER_PORT"] = "8001",
            ["DEBUG"] = "true",
            ["LOG_LEVEL"] = "info",
            ["ENABLE_MOCK_MODE"] = "false",
            ["PRIORIZER_URL"] = "http://priorizer:8082",
            ["MOCK_DATA_PATH"] = "",
        });
        Assert.Equal("http://0.0.0.0:8001", settings.Urls);
        Assert.Equal(LogLevel.Information, settings.LogLevel);
        Assert.False(settings.Rescue.EnableMockMode);
        Assert.Equal("http://priorizer:8082", settings.Rescue.PriorizerUrl);
        Assert.Equal(LogLevel.Debug, Serve(new() { ["DEBUG"] = "1" }).LogLevel);
        Assert.Equal(LogLevel.Information, Serve(new() { ["DEBUG"] = "express:*" }).LogLevel);
        Assert.Equal("http://127.0.0.1:9", Serve(new()
        {
            ["DISPATCHER_PORT"] = "8001",
            ["WAYPOST_URLS"] = "http://127.0.0.1:9",
        }).Urls);
    }

    [Theory]
    [InlineData("DISPATCHER_PORT", "http")]
    [InlineData("DISPATCHER_PORT", "70000")]
    [InlineData("LOG_LEVEL", "loud")]
    [InlineData("ENABLE_MOCK_MODE", "perhaps")]
    [InlineData("PRIORIZER_URL", "priorizer")]
    [InlineData("MOCK_DATA_PATH", "/there/is/no/such/file.json")]
    public void A_wrong_variable_stops_the_start_by_its_name(string name, string value) => Assert.Contains(
        name, Assert.Throws<CannotStartException>(() => Serve(new() { [name] = value })).Message,
        StringComparison.Ordinal);

    Settings Serve(Dictionary<string, string> environment) => Assert.IsType<Command.Serve>(
        CommandLine.Read(["--data", folder], environment)).Settings;

    string Write(string text)
    {
        var path = Path.Combine(folder, "mock.json");
        File.WriteAllText(path, text);
        return path;
    }

    static async Task<(HttpStatusCode Status, string Text)> Post(HttpClient client, string path, string body)
    {
        using var answer = await client.PostAsync(
            path, new StringContent(body, Encoding.UTF8, "application/json"), Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}

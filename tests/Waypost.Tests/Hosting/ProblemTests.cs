using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Waypost.Access;
using Waypost.Hosting;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>Everything that can go wrong in a request comes out as the same kind of answer.</summary>
public sealed class ProblemTests : IAsyncLifetime
{
    WebApplication app = null!;
    HttpClient client = null!;

    public sealed record Retry(int MaxAttempts, [property: Range(1, 10)] double Multiplier = 2);

    public enum Colour
    {
        Red,
        DeepBlue,
    }

    public sealed record Body
    {
        public required string Url { get; init; }

        public Retry? RetryPolicy { get; init; }

        public Colour? Colour { get; init; }
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        HostingModule.Add(builder.Services, new WebSettings());
        app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UseQueryRule();
        app.MapPost("/body", (Body body) => body.Url).Open("test");
        app.MapGet("/list", (int? limit, string? after) => $"{limit}{after}").Open("test");
        app.MapGet("/raw", () => "read").Open("test").Query("bbox");
        app.MapGet("/any", () => "read").Open("test").AnyQuery("a proxy's own parameters pass");
        app.MapGet("/things/{id}", (int id) => $"{id}").Open("test");
        app.MapGet("/refused", string () => throw new Refused(409, "LAST_ADMIN", "It is the last.", "Make another.")
        {
            RetryAfter = TimeSpan.FromMilliseconds(2100),
            Details = new Dictionary<string, object?> { ["key_id"] = 7 },
        }).Open("test");
        app.MapGet("/storage", string () => throw new StorageUnavailableException("Full.", "Free some."))
            .Open("test");
        app.MapGet("/bug", string () => throw new InvalidOperationException("secret internals")).Open("test");
        app.MapGet("/empty404", () => TypedResults.NotFound()).Open("test");
        await app.StartAsync(Token);
        client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_carries_code_sentence_remedy_details_and_the_seeds_error_member()
    {
        var response = await client.GetAsync("/refused", Token);
        var problem = await Problem(response, HttpStatusCode.Conflict, "LAST_ADMIN");
        Assert.Equal("3", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("/docs/problems#LAST_ADMIN", problem.GetProperty("type").GetString());
        Assert.Equal("Last admin", problem.GetProperty("title").GetString());
        Assert.Equal("It is the last.", problem.GetProperty("detail").GetString());
        Assert.Equal("It is the last.", problem.GetProperty("error").GetString());
        Assert.Equal("Make another.", problem.GetProperty("remedy").GetString());
        Assert.Equal("/refused", problem.GetProperty("instance").GetString());
        Assert.Equal(7, problem.GetProperty("key_id").GetInt32());
    }

    [Fact]
    public async Task Storage_that_cannot_now_is_a_503_that_says_when_to_come_back()
    {
        var response = await client.GetAsync("/storage", Token);
        var problem = await Problem(response, HttpStatusCode.ServiceUnavailable, "STORAGE_UNAVAILABLE");
        Assert.Equal("Free some.", problem.GetProperty("remedy").GetString());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_bug_is_a_500_with_a_trace_id_and_none_of_its_internals()
    {
        var response = await client.GetAsync("/bug", Token);
        var problem = await Problem(response, HttpStatusCode.InternalServerError, "INTERNAL_ERROR");
        Assert.NotEqual("", problem.GetProperty("trace_id").GetString());
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"url":"a","colour":"green"}""", "INVALID_BODY", "$.colour", "one of: red, deep_blue")]
    [InlineData("""{"url":"a","retry_policy":{"max_attempts":"x"}}""", "INVALID_BODY",
        "$.retry_policy.max_attempts", "a whole number")]
    [InlineData("""{"url":7}""", "INVALID_BODY", "$.url", "should be text")]
    [InlineData("""{"retry_policy":null}""", "INVALID_BODY", "$", "lacks 'url'")]
    [InlineData("""{"url":"a",""", "INVALID_BODY", "$", "not well-formed JSON")]
    [InlineData("{\"url\":\"a\",\n\"urk\":1}", "UNKNOWN_FIELD", "$.urk", "(line 2)")]
    [InlineData("""{"url":"a","retry_policy":{"max_attemps":1}}""", "UNKNOWN_FIELD",
        "$.retry_policy.max_attemps", "$.retry_policy.max_attemps")]
    [InlineData("", "INVALID_BODY", null, "needs a body")]
    public async Task A_wrong_body_is_answered_with_where_and_what(
        string body, string code, string? path, string expected)
    {
        var response = await client.PostAsync("/body", JsonText(body), Token);
        var problem = await Problem(response, HttpStatusCode.BadRequest, code);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", problem.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Waypost", problem.GetRawText(), StringComparison.Ordinal);
        if (path is not null) Assert.Equal(path, problem.GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("/list?limit=many", "INVALID_PARAMETER", "limit should be a whole number")]
    [InlineData("/list?limits=3", "UNKNOWN_PARAMETER", "limits")]
    [InlineData("/raw?box=1", "UNKNOWN_PARAMETER", "box")]
    [InlineData("/things/seven", "INVALID_PARAMETER", "id should be a whole number")]
    public async Task A_wrong_parameter_is_refused_by_name(string url, string code, string expected)
    {
        var response = await client.GetAsync(url, Token);
        var problem = await Problem(response, HttpStatusCode.BadRequest, code);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_parameter_is_answered_with_the_known_ones()
    {
        var problem = await Problem(
            await client.GetAsync("/list?x=1", Token), HttpStatusCode.BadRequest, "UNKNOWN_PARAMETER");
        Assert.Equal(
            ["limit", "after"], problem.GetProperty("allowed").EnumerateArray().Select(name => name.GetString()!));
    }

    [Theory]
    [InlineData("/list?limit=3&after=b", "3b")]
    [InlineData("/raw?bbox=1", "read")]
    [InlineData("/any?whatever=1", "read")]
    public async Task Known_parameters_pass(string url, string expected) =>
        Assert.Equal(expected, await client.GetStringAsync(url, Token));

    [Fact]
    public async Task What_the_framework_answers_without_a_body_gets_one()
    {
        await Problem(await client.GetAsync("/nowhere", Token), HttpStatusCode.NotFound, "ROUTE_NOT_FOUND");
        await Problem(await client.GetAsync("/empty404", Token), HttpStatusCode.NotFound, "NOT_FOUND");
        var wrongMethod = await client.DeleteAsync("/body", Token);
        await Problem(wrongMethod, HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED");
        Assert.Contains("POST", wrongMethod.Content.Headers.Allow);
        var text = new StringContent("hello", Encoding.UTF8, "text/plain");
        await Problem(
            await client.PostAsync("/body", text, Token), HttpStatusCode.UnsupportedMediaType,
            "UNSUPPORTED_MEDIA_TYPE");
    }

    static StringContent JsonText(string body) => new(body, Encoding.UTF8, "application/json");

    static async Task<JsonElement> Problem(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, response.StatusCode);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(Problems.ContentType, response.Content.Headers.ContentType?.MediaType);
        return problem;
    }
}

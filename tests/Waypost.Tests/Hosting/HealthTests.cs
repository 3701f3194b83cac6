using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Waypost.Access;
using Waypost.Events;
using Waypost.Hosting;
using Waypost.Tests.Access;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>Health, borders and headers, as probes and browsers meet them.</summary>
public sealed class HealthTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Health_names_the_database_and_every_loop_with_its_heartbeat(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var health = await server.Anyone().GetFromJsonAsync<JsonElement>("/health", Token);
        Assert.Contains(health.GetProperty("status").GetString(), new[] { "ok", "degraded" });
        Assert.Equal("ok", health.GetProperty("database").GetProperty("status").GetString());
        var loops = health.GetProperty("components").EnumerateArray()
            .Select(loop => loop.GetProperty("name").GetString());
        Assert.Superset(new HashSet<string?> { "access.key_uses", "events.relay", "work.janitor" }, loops.ToHashSet());
        Assert.Equal(HttpStatusCode.OK, (await server.Anyone().GetAsync("/livez", Token)).StatusCode);
    }

    [Fact]
    public async Task A_loop_that_stopped_or_fails_is_named_and_is_no_longer_ready()
    {
        var clock = new Waypost.Tests.Events.ManualClock();
        using var stop = new CancellationTokenSource();
        var failing = new BackgroundLoop("failing", TimeSpan.FromMinutes(1), async ct =>
        {
            await stop.CancelAsync();
            throw new InvalidOperationException("its secret reason");
        });
        var never = new BackgroundLoop("never", TimeSpan.FromMinutes(1), ct => Task.CompletedTask);
        await failing.Run(clock, NullLogger.Instance, stop.Token);
        using var again = new CancellationTokenSource();
        var running = new BackgroundLoop("running", TimeSpan.FromMinutes(1), ct => again.CancelAsync());
        await running.Run(clock, NullLogger.Instance, again.Token);

        var loops = Health.Loops(new Heartbeats([running, failing, never]), clock);
        Assert.Equal(["ok", "failing", "stopped"], loops.Select(loop => loop.Status));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("stopped", Health.Loops(new Heartbeats([running]), clock).Single().Status);
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(loops), StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task A_server_that_runs_is_ready(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        using var ready = await server.Anyone().GetAsync("/readyz", Token);
        var body = await ready.Content.ReadAsStringAsync(Token);
        Assert.True(ready.StatusCode == HttpStatusCode.OK, body);
    }

    [Fact]
    public async Task A_database_that_is_gone_makes_health_503_with_the_reason_until_it_is_back()
    {
        Assert.SkipWhen(BackendsAttribute.PostgresUrl is null, "WAYPOST_TEST_POSTGRES is not set");
        await using var server = await TestServer.Start(Backend.Postgres);
        Assert.Equal(HttpStatusCode.OK, (await server.Anyone().GetAsync("/health", Token)).StatusCode);
        await Connections(server, allowed: false);

        using var gone = await Until(server, HttpStatusCode.ServiceUnavailable);
        var body = await gone.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("error", body.GetProperty("status").GetString());
        Assert.Equal("error", body.GetProperty("database").GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.Anyone().GetAsync("/livez", Token)).StatusCode);
        using var catalogue = await server.With(TestServer.AdminKey).GetAsync("/health/catalogue", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, catalogue.StatusCode);
        Assert.Equal("error", (await catalogue.Content.ReadFromJsonAsync<JsonElement>(Token))
            .GetProperty("status").GetString());
        await KeyTests.Refused(
            await server.With(TestServer.AdminKey).GetAsync("/api/v1/organizations", Token),
            HttpStatusCode.ServiceUnavailable, "STORAGE_UNAVAILABLE");

        await Connections(server, allowed: true);
        using var back = await Until(server, HttpStatusCode.OK);
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.With(TestServer.AdminKey).GetAsync("/api/v1/organizations", Token)).StatusCode);
    }

    static async Task<HttpResponseMessage> Until(TestServer server, HttpStatusCode status)
    {
        while (true)
        {
            var response = await server.Anyone().GetAsync("/health", Token);
            if (response.StatusCode == status) return response;
            response.Dispose();
        }
    }

    static async Task Connections(TestServer server, bool allowed)
    {
        var database = new NpgsqlConnectionStringBuilder(
            server.Services.GetRequiredService<Settings>().Storage.Database).Database;
        await using var source = NpgsqlDataSource.Create(
            BackendsAttribute.PostgresUrl + ";Database=postgres;Pooling=false");
        await using var connection = await source.OpenConnectionAsync(Token);
        foreach (var sql in new[]
        {
            $"alter database {database} with allow_connections {(allowed ? "true" : "false")}",
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'",
        })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Token);
        }
    }

    [Fact]
    public async Task Every_answer_tells_the_browser_what_not_to_do()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        foreach (var url in new[] { "/health", "/nowhere", "/api", "/api/v1/organizations" })
        {
            var response = await server.Anyone().GetAsync(url, Token);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal);
            Assert.Empty(response.Headers.Server);
        }
    }

    [Fact]
    public async Task Pages_of_any_origin_read_the_catalogue_and_only_allowed_ones_the_rest()
    {
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Web = settings.Web with { AllowedOrigins = ["https://map.example.org"] },
        });
        Assert.Equal("*", await AllowedOrigin("/api/collections", "https://anywhere.example"));
        Assert.Null(await AllowedOrigin("/api/v1/default/keys", "https://anywhere.example"));
        Assert.Equal(
            "https://map.example.org", await AllowedOrigin("/api/v1/default/keys", "https://map.example.org"));

        var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/default/keys")
        {
            Headers =
            {
                { "Origin", "https://map.example.org" }, { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "authorization,content-type" },
            },
        };
        var answer = await server.Anyone().SendAsync(preflight, Token);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("https://map.example.org", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());

        async Task<string?> AllowedOrigin(string url, string origin)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Origin", origin } } };
            var response = await server.With(TestServer.AdminKey).SendAsync(request, Token);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed)
                ? allowed.Single() : null;
        }
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_it_is_sent()
    {
        var org = await (await TestServer.Shared(Backend.Sqlite)).NewOrg();
        var key = await org.Key(Role.OrgAdmin);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, org.Server.Url.Port, Token);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"""
            POST /api/v1/{org.Id}/keys HTTP/1.1
            Host: localhost
            Content-Type: application/json
            X-API-Key: {key}
            Expect: 100-continue
            Connection: close
            Content-Length: {Borders.LargestBody + 1}


            """.ReplaceLineEndings("\r\n")), Token);
        var answer = await new StreamReader(stream).ReadToEndAsync(Token);
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("BODY_TOO_LARGE", answer, StringComparison.Ordinal);
    }
}

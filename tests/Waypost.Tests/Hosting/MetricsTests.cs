using System.Net;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Tests.Access;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>What a monitor and a reader get: measurements, and the documentation.</summary>
public sealed partial class MetricsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Requests_the_queue_the_relay_and_the_loops_are_measured(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        await server.Anyone().GetAsync("/livez", Token);
        string text;
        // A request is measured when its answer has left, which may be after we have read it.
        do
        {
            var response = await server.Anyone().GetAsync("/metrics", Token);
            Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
            text = await response.Content.ReadAsStringAsync(Token);
        }
        while (!text.Contains("route=\"/livez\"", StringComparison.Ordinal));
        foreach (var expected in new[]
        {
            "http_server_request_duration_seconds_bucket{method=\"GET\",route=\"/livez\",status=\"200\",le=\"0.005\"}",
            "http_server_request_duration_seconds_count{method=\"GET\",route=\"/livez\",status=\"200\"}",
            "waypost_work_tasks{state=\"ready\"}", "waypost_work_jobs_open ", "waypost_events_unstamped ",
            "waypost_loop_healthy{loop=\"events.relay\"} 1", "dotnet_process_memory_working_set_bytes ",
        })
            Assert.Contains(expected, text, StringComparison.Ordinal);
        if (backend == Backend.Sqlite)
            Assert.Contains("waypost_storage_transactions_total ", text, StringComparison.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches(PrometheusLine(), line);
    }

    [Fact]
    public async Task Paths_that_somebody_makes_up_add_no_series()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        for (var i = 0; i < 20; i++) await server.Anyone().GetAsync($"/made-up-{i}", Token);
        Assert.DoesNotContain(
            "made-up", await server.Anyone().GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Measurements_need_a_key_of_the_installation_unless_they_are_opened()
    {
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Access = settings.Access with { OpenMetrics = false },
        });
        await KeyTests.Refused(
            await server.Anyone().GetAsync("/metrics", Token), HttpStatusCode.Unauthorized, "KEY_NEEDED");
        var org = await server.NewOrg();
        await KeyTests.Refused(
            await (await org.As(Role.OrgAdmin)).GetAsync("/metrics", Token), HttpStatusCode.Forbidden, "FORBIDDEN");
        Assert.Equal(
            HttpStatusCode.OK, (await server.With(TestServer.AdminKey).GetAsync("/metrics", Token)).StatusCode);
    }

    [Fact]
    public async Task The_documentation_is_a_page_of_this_server_alone_with_a_place_for_each_code()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        foreach (var (path, expected) in new[]
        {
            ("/docs", "docs/page.js"), ("/docs/page.js", "openapi/v1.json"), ("/docs/page.css", "color-scheme"),
            ("/docs/problems", "<tr id=\"KEY_NEEDED\">"),
        })
        {
            var response = await server.Anyone().GetAsync(path, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains(expected, text, StringComparison.Ordinal);
            Assert.DoesNotContain("http://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("""^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+.\dEe]+)$""")]
    private static partial Regex PrometheusLine();
}

using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Cli;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class JobCommandTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task A_job_is_watched_to_its_end_and_then_listed_with_the_servers_own_words(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var key = await (await server.NewOrg()).Key(Role.OrgAdmin);
        var job = await Submit(server, key, new { n = 20 });

        var watched = await CliRun.Of(server, key, "jobs", "watch", job, "--output", "json");
        var shown = await CliRun.Of(server, key, "jobs", "show", job);
        var listed = await CliRun.Of(
            server, key, "jobs", "list", "--status", "completed", "--kind", "hello_world", "-o", "json");
        var none = await CliRun.Of(server, key, "jobs", "list", "--status", "failed");

        Assert.Equal(ExitCodes.Ok, watched.ExitCode);
        Assert.Equal("completed", Parsed(watched.Out).GetProperty("status").GetString());
        Assert.Contains("reply: 20 of 20 tasks done, 0 failed", shown.Out, StringComparison.Ordinal);
        Assert.Equal(job, Parsed(Assert.Single(listed.Lines)).GetProperty("job_id").GetString());
        Assert.Contains("There are no such jobs.", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_failed_ends_with_1_and_says_why()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var key = await (await server.NewOrg()).Key(Role.OrgAdmin);
        var job = await Submit(server, key, new { n = 2, failure_rate = 1 });

        var watched = await CliRun.Of(server, key, "jobs", "watch", job);
        var again = await CliRun.Of(server, key, "jobs", "retry", job);

        Assert.Equal(ExitCodes.Failed, watched.ExitCode);
        Assert.Contains("do:", watched.Error, StringComparison.Ordinal);
        Assert.Contains("Job ", watched.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, again.ExitCode);
    }

    [Fact]
    public async Task A_step_that_is_not_possible_any_more_is_refused_by_name()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var key = await (await server.NewOrg()).Key(Role.OrgAdmin);
        var job = await Submit(server, key, new { n = 1 });
        await CliRun.Of(server, key, "jobs", "watch", job);

        var cancelled = await CliRun.Of(server, key, "jobs", "cancel", job);

        Assert.Equal(ExitCodes.Refused, cancelled.ExitCode);
        Assert.Contains("JOB_STATE", cancelled.Error, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Events_are_read_from_the_beginning_and_followed_from_a_position(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var key = await (await server.NewOrg()).Key(Role.OrgAdmin);
        var job = await Submit(server, key, new { n = 1 });
        await CliRun.Of(server, key, "jobs", "watch", job);
        using var client = server.With(key);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/v1/me", Token);
        var org = me.GetProperty("org_id").GetString();
        // The log has them once the relay gave them their positions.
        await client.GetStringAsync($"/api/v1/{org}/events?types=job.completed&since=beginning&wait=30", Token);

        var read = await CliRun.Of(server, key, "events", "--types", "job.*", "--output", "json");
        var types = read.Lines.Select(line => Parsed(line).GetProperty("event_type").GetString()).ToList();
        var following = await FirstLine(
            server, key, "events", "--follow", "--types", "job.completed", "--since", "0", "-o", "json");

        Assert.Equal("job.submitted", types[0]);
        Assert.Contains("job.completed", types);
        Assert.Equal(job, Parsed(following).GetProperty("entity_id").GetString());
    }

    static async Task<string> FirstLine(TestServer server, string key, params string[] args)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var output = new StopAtFirstLine(enough);
        var variables = new Dictionary<string, string>
        {
            ["WAYPOST_SERVER"] = server.Url.AbsoluteUri,
            ["WAYPOST_KEY"] = key,
        };
        var code = await CommandLine.Run(
            args, new Surroundings(output, TextWriter.Null, IsTerminal: false, variables, TimeProvider.System),
            enough.Token);
        Assert.Equal(ExitCodes.Stopped, code);
        return output.ToString();
    }

    /// <summary>Presses Ctrl+C when the first line is written.</summary>
    sealed class StopAtFirstLine(CancellationTokenSource enough) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (!enough.IsCancellationRequested) Write(value);
            enough.Cancel();
        }
    }

    static async Task<string> Submit(TestServer server, string key, object parameters)
    {
        using var client = server.With(key);
        using var answer = await client.PostAsJsonAsync("/api/jobs/submit/hello_world", parameters, Token);
        answer.EnsureSuccessStatusCode();
        var accepted = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        return accepted.GetProperty("job_id").GetString()!;
    }

    static JsonElement Parsed(string text) => JsonDocument.Parse(text).RootElement;
}

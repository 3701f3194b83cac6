using System.CommandLine;
using System.Text.Json;
using Waypost.Access;
using Waypost.Cli;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class CommandLineTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Commands => [.. Leaves("", CommandLine.Root(Surroundings.OfThisProcess()))];

    [Theory, MemberData(nameof(Commands))]
    public async Task Help_of_every_command_shows_an_example_of_it_and_the_exit_codes(string command)
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var run = await CliRun.Of(server, null, [.. words, "--help"]);

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains($"waypost {command}", run.Out.Split("Examples:")[1], StringComparison.Ordinal);
        Assert.Contains("the server refused what was asked", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jobs", "lst")]
    [InlineData("submit", "file.tif")]
    [InlineData("key", "create", "--role", "king")]
    [InlineData("jobs", "list", "--output", "yaml")]
    [InlineData("jobs", "list", "--server", "not an address")]
    [InlineData("events", "--since", "yesterday")]
    [InlineData("submit", "absent.tif", "--dataset", "d", "--resource", "r", "--version", "1")]
    [InlineData("key", "create", "--role", "viewer", "--expires", "soon")]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_to_write(params string[] args)
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var run = await CliRun.Of(server, TestServer.AdminKey, args);

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("USAGE", run.Error, StringComparison.Ordinal);
        Assert.Contains("do:", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task A_server_that_is_not_there_ends_with_3()
    {
        var nobody = new Dictionary<string, string> { ["WAYPOST_SERVER"] = "http://127.0.0.1:1" };

        var run = await CliRun.Of(nobody, Token, "jobs", "list");

        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains("--server", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_with_4_and_says_what_was_wrong_where_and_what_to_do()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var org = await server.NewOrg();
        var viewer = await org.Key(Role.Viewer);

        var forbidden = await CliRun.Of(server, viewer, "key", "list");
        var unknown = await CliRun.Of(server, viewer, "jobs", "show", "none");
        var wrongKey = await CliRun.Of(server, "wp_no_such_key_at_all", "jobs", "list", "--output", "json");

        Assert.Equal(ExitCodes.Refused, forbidden.ExitCode);
        Assert.Contains("FORBIDDEN", forbidden.Error, StringComparison.Ordinal);
        Assert.Contains($"where: GET {server.Url}api/v1/{org.Id}/keys", forbidden.Error, StringComparison.Ordinal);
        Assert.Contains("do: Ask the organization's administrator", forbidden.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Refused, unknown.ExitCode);
        Assert.Contains("NOT_FOUND", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Refused, wrongKey.ExitCode);
        Assert.Equal("KEY_UNKNOWN", JsonDocument.Parse(wrongKey.Error).RootElement.GetProperty("code").GetString());
    }

    [Theory, Backends]
    public async Task An_organization_is_made_and_its_first_key_makes_lists_rotates_and_revokes_others(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var id = "cli" + Guid.CreateVersion7().ToString("N");
        var made = await CliRun.Of(
            server, TestServer.AdminKey, "org", "create", id, "--name", "Made here", "-o", "json");
        var admin = Json(made.Out).GetProperty("admin_key").GetProperty("key").GetString()!;

        var shown = await CliRun.Of(server, admin, "org", "show");
        var key = Json((await CliRun.Of(
            server, admin, "key", "create", "--role", "service", "--scope", "jobs_read", "--expires", "90d",
            "-o", "json")).Out);
        var keyId = key.GetProperty("key_id").GetString()!;
        var listed = await CliRun.Of(server, admin, "key", "list", "--output", "json");
        var table = await CliRun.Of(server, admin, "key", "list");
        var rotated = Json(
            (await CliRun.Of(server, admin, "key", "rotate", keyId, "--overlap", "1h", "-o", "json")).Out);
        var revoked = await CliRun.Of(server, admin, "key", "revoke", keyId);
        var after = await CliRun.Of(server, admin, "key", "list", "--output", "json");

        Assert.Contains("Made here", shown.Out, StringComparison.Ordinal);
        Assert.Equal(2, listed.Lines.Count);
        Assert.Contains(listed.Lines, line => Json(line).GetProperty("key_id").GetString() == keyId);
        var row = table.Lines.Single(line => line.Contains(keyId, StringComparison.Ordinal));
        Assert.Contains("jobs_read", row, StringComparison.Ordinal);
        Assert.NotEqual(key.GetProperty("key").GetString(), rotated.GetProperty("key").GetString());
        Assert.Equal(ExitCodes.Ok, revoked.ExitCode);
        Assert.Single(after.Lines);
        var organizations = await CliRun.Of(
            server, TestServer.AdminKey, "org", "list", "--after", id[..^1], "--output", "json");
        Assert.Contains(organizations.Lines, line => Json(line).GetProperty("id").GetString() == id);
    }

    static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    static IEnumerable<string> Leaves(string path, Command command) => command.Subcommands.Count == 0
        ? [path.Trim()]
        : command.Subcommands.SelectMany(part => Leaves($"{path} {part.Name}", part));
}

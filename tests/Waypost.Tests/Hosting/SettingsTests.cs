using Microsoft.Extensions.Logging;
using Waypost.Access;
using Waypost.Hosting;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>One source for each setting, and a sentence for whatever is wrong with it.</summary>
public sealed class SettingsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-settings-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Nothing_said_means_loopback_sqlite_and_the_folder_data()
    {
        var settings = Serve([], []);
        Assert.Equal("http://127.0.0.1:8080", settings.Urls);
        Assert.Equal("data", settings.Storage.DataFolder);
        Assert.Null(settings.Storage.Database);
        Assert.Null(settings.Access.AdminKey);
    }

    [Fact]
    public void A_flag_goes_before_a_variable_and_a_variable_before_the_file()
    {
        Write("""{ "urls": "http://127.0.0.1:1" }""");
        Assert.Equal("http://127.0.0.1:1", Serve(["--data", folder], []).Urls);
        var environment = new Dictionary<string, string>
        {
            ["WAYPOST_URLS"] = "http://127.0.0.1:2",
            ["WAYPOST_DATA"] = folder,
            ["WAYPOST_SECRET"] = "0123456789abcdef",
            ["WAYPOST_ADMIN_KEY"] = "fedcba9876543210",
            ["PATH"] = "/bin",
            ["WAYPOST_TEST_POSTGRES"] = "the tests' own",
            ["WAYPOST_DATABASE"] = "",
        };
        var settings = Serve([], environment);
        Assert.Equal("http://127.0.0.1:2", settings.Urls);
        Assert.Equal("0123456789abcdef", settings.Access.Secret);
        Assert.Equal("fedcba9876543210", settings.Access.AdminKey);
        Assert.Null(settings.Storage.Database);
        Assert.Equal("http://127.0.0.1:3;http://[::1]:3",
            Serve(["serve", "--urls=http://127.0.0.1:3;http://[::1]:3"], environment).Urls);
    }

    [Fact]
    public void The_file_sets_what_every_module_lets_it()
    {
        Write("""
            {
                // A comment may stay.
                "log_level": "debug",
                "access": { "open_reads": false, "open_metrics": true },
                "events": { "keep_days": 7 },
                "links": { "trusted_proxies": ["10.0.0.0/8", "192.168.1.4"] },
                "outbound": { "allow": ["receiver.example:8443"] },
                "web": { "allowed_origins": ["https://map.example.org"]},
            }
            """);
        var settings = Serve(["--data", folder], []);
        Assert.Equal(LogLevel.Debug, settings.LogLevel);
        Assert.False(settings.Access.OpenReads);
        Assert.Equal(7, settings.Events.KeepDays);
        Assert.Equal(10_000_000, settings.Events.KeepRows);
        Assert.Equal(2, settings.Links.TrustedProxies.Count);
        Assert.Equal(["receiver.example:8443"], settings.Outbound.Allow);
        Assert.Equal(["https://map.example.org"], settings.Web.AllowedOrigins);
        Assert.True(settings.Access.OpenMetrics);
    }

    [Theory]
    [InlineData("""{ "acces": {} }""", "$.acces", "Known here: urls, log_level, access")]
    [InlineData("""{ "access": { "open_read": true } }""", "$.access.open_read", "Known here: open_reads")]
    [InlineData("""{ "access": { "admin_key": "x" } }""", "$.access.admin_key", "not a known field")]
    [InlineData("""{ "storage": {} }""", "$.storage", "not a known field")]
    [InlineData("""{ "log_level": "loud" }""", "$.log_level", "one of: trace, debug")]
    [InlineData("{\n\"events\": { \"keep_days\": \"many\" } }", "$.events.keep_days (line 2)", "a whole number")]
    [InlineData("""{ "events": { "keep_days": 0 } }""", "events.keep_days", "between 1 and 36500")]
    [InlineData("""{ "links": { "trusted_proxies": ["here"] } }""", "$.links.trusted_proxies[0]", "10.0.0.0/8")]
    [InlineData("""{ "outbound": { "allow": ["http://x/"] } }""", "outbound.allow", "http://x/")]
    [InlineData("""{ "web": { "allowed_origins": ["*"] } }""", "web.allowed_origins", "https://map.example.org")]
    [InlineData("""{ "urls": "here" }""", "'here'", "http://127.0.0.1:8080")]
    [InlineData("""{ "urls": "https://127.0.0.1:8080" }""", "https://127.0.0.1:8080", "only http")]
    [InlineData("""{ "urls": 7 }""", "$.urls", "should be text")]
    [InlineData("""{ "urls": "http://a:1", "urls": "http://a:2" }""", "$", "urls")]
    [InlineData("{", "$", "not well-formed JSON")]
    [InlineData("null", "null", "an object was expected")]
    public void A_wrong_name_or_value_in_the_file_stops_the_start_with_its_name_and_what_was_expected(
        string text, string name, string expected)
    {
        Write(text);
        var error = Assert.Throws<CannotStartException>(() => Serve(["--data", folder], []));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("waypost.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WAYPOST_ULRS", "http://127.0.0.1:1", "WAYPOST_ULRS")]
    [InlineData("WAYPOST_SECRET", "hush", "WAYPOST_SECRET")]
    [InlineData("WAYPOST_DATABASE", "Server=x;Pasword=hush", "WAYPOST_DATABASE")]
    [InlineData("WAYPOST_DATABASE", "Username=hush", "WAYPOST_DATABASE")]
    [InlineData("WAYPOST_URLS", "8080", "WAYPOST_URLS")]
    public void A_wrong_variable_stops_the_start_by_name_and_never_repeats_a_secret(
        string variable, string value, string name)
    {
        var error = Assert.Throws<CannotStartException>(
            () => Serve([], new Dictionary<string, string> { [variable] = value }));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "80")]
    [InlineData("--urls")]
    [InlineData("sevre")]
    [InlineData("serve", "twice")]
    public void A_command_line_that_makes_no_sense_is_a_question_of_usage(params string[] arguments) =>
        Assert.Contains("--help", Assert.Throws<UsageException>(() => Serve(arguments, [])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("--help", "WAYPOST_ADMIN_KEY")]
    [InlineData("-h", "examples")]
    [InlineData("--version", "waypost 0.")]
    public void Help_and_version_are_told(string flag, string expected) => Assert.Contains(
        expected, Assert.IsType<Command.Say>(CommandLine.Read([flag], new Dictionary<string, string>())).Text,
        StringComparison.Ordinal);

    static Settings Serve(string[] arguments, Dictionary<string, string> environment) =>
        Assert.IsType<Command.Serve>(CommandLine.Read(arguments, environment)).Settings;

    void Write(string text) => File.WriteAllText(Path.Combine(folder, "waypost.json"), text);
}

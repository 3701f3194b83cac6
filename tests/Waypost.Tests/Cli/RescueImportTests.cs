using System.Text.Json;
using Waypost.Access;
using Waypost.Cli;
using Waypost.Tests.Rescue;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>Files of a catalogue go to a server as one stream.</summary>
public sealed class RescueImportTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-rescue-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Pages_and_lists_are_imported_and_reported()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var key = await (await server.NewOrg()).Key(Role.OrgAdmin);
        var one = Write("1.json", Campaign.Page(Campaign.Package("p1", "https://a.example.org/1")));
        var two = Write("2.json", Campaign.Page(Campaign.Package("p2", "https://a.example.org/2")));
        var both = await CliRun.Of(server, key, "rescue", "import", "ckan", one, two, "--complete", "--json");
        Assert.True(both.ExitCode == ExitCodes.Ok, both.Error);
        Assert.Equal(2, JsonElement.Parse(both.Out).Number("datasets.created"));
        var less = await CliRun.Of(server, key, "rescue", "import", "ckan", two, "--complete");
        Assert.Contains("1 vanished", less.Out, StringComparison.Ordinal);

        var list = await CliRun.Of(
            server, key, "rescue", "import", "csv", Write("a.csv", "url,size_bytes\nhttps://a.example.org/3,5\nx,5\n"));
        Assert.Equal(ExitCodes.Failed, list.ExitCode);
        Assert.Contains("1 created", list.Out, StringComparison.Ordinal);
        Assert.Contains("3 x: ", list.Error, StringComparison.Ordinal);
        Assert.Equal(
            ExitCodes.Usage, (await CliRun.Of(server, key, "rescue", "import", "csv", "/no/such/file")).ExitCode);
        Assert.Equal(
            ExitCodes.Refused, (await CliRun.Of(server, key, "rescue", "import", "csv", one)).ExitCode);
    }

    string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Waypost.Access;
using Waypost.Cli;
using Xunit;

namespace Waypost.Tests.Client;

public sealed class SubmitTests : IDisposable
{
    const string Points = """
        {"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":{"type":"Point","coordinates":[10,50]},"properties":{"name":"one"}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[11,51]},"properties":{"name":"two"}}]}
        """;

    static readonly string[] Identity = ["--dataset", "roads", "--resource", "north", "--version", "1"];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("waypost-cli-");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task A_file_is_uploaded_submitted_followed_and_its_results_are_named(Backend backend)
    {
        var (server, key) = await Ready(backend);
        var file = Written("points.geojson", Points);

        var run = await CliRun.Of(server, key, ["submit", file, .. Identity, "--title", "Two points", "--wait"]);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.Contains("completed", run.Out, StringComparison.Ordinal);
        Assert.Contains("/api/collections/ddh_vectors/items/", run.Out, StringComparison.Ordinal);
        Assert.Contains("Request ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_of_a_submission_is_the_servers_own_JSON()
    {
        var (server, key) = await Ready(Backend.Sqlite);
        var file = Written("points.geojson", Points);

        var accepted = Parsed((await CliRun.Of(server, key, ["submit", file, .. Identity, "-o", "json"])).Out);
        var id = accepted.GetProperty("request_id").GetString()!;
        var ended = await CliRun.Of(server, key, "status", id, "--wait", "--output", "json");
        var shown = await CliRun.Of(server, key, "status", id);

        Assert.Equal("completed", Parsed(Assert.Single(ended.Lines)).GetProperty("status").GetString());
        Assert.Contains(id, shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_refused_by_validation_ends_with_1_its_code_and_what_to_do()
    {
        var (server, key) = await Ready(Backend.Sqlite);
        var file = Written("text.tif", "This is no raster at all, whatever its name says.");

        var run = await CliRun.Of(server, key, ["submit", file, .. Identity, "--wait"]);

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("do:", run.Error, StringComparison.Ordinal);
        Assert.Matches("[A-Z]+_[A-Z]+", run.Error);
    }

    [Fact]
    public async Task An_upload_that_was_cut_off_goes_on_where_it_ended()
    {
        var (server, key) = await Ready(Backend.Sqlite);
        var content = new byte[3 * Uploading.PartBytes / 2];
        new Random(7).NextBytes(content);
        var file = new FileInfo(Path.Combine(folder.FullName, "large.bin"));
        await File.WriteAllBytesAsync(file.FullName, content, Token);
        var already = content.Length / 3;
        using var client = server.With(key);
        using var part = new ByteArrayContent(content, 0, already);
        part.Headers.ContentRange = new ContentRangeHeaderValue(0, already - 1, content.Length);
        await client.PutAsync("/platform/uploads/large.bin", part, Token);
        await using var error = new StringWriter();
        var surroundings = new Surroundings(
            TextWriter.Null, error, IsTerminal: false, new Dictionary<string, string>(), TimeProvider.System);
        using var connection = new Connection(server.Url, key, null, TimeProvider.System);

        var answers = new Answers(surroundings, json: false);
        var source = await new Uploading(connection, answers).Send(file, "large.bin", Token);
        var again = await new Uploading(connection, answers).Send(file, "large.bin", Token);

        Assert.Equal("upload:large.bin", source);
        Assert.Equal(source, again);
        Assert.Contains("Going on with large.bin", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("is on the server already", error.ToString(), StringComparison.Ordinal);
        var state = Parsed(await client.GetStringAsync("/platform/uploads/large.bin", Token));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), state.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task An_upload_that_goes_on_with_another_files_beginning_is_sent_anew()
    {
        var (server, key) = await Ready(Backend.Sqlite);
        var file = new FileInfo(Written("changed.bin", new string('b', 5000)));
        using var client = server.With(key);
        using var part = new ByteArrayContent("aaaaaaaaaa"u8.ToArray());
        part.Headers.ContentRange = new ContentRangeHeaderValue(0, 9, file.Length);
        await client.PutAsync("/platform/uploads/changed.bin", part, Token);
        var surroundings = new Surroundings(
            TextWriter.Null, TextWriter.Null, IsTerminal: false, new Dictionary<string, string>(), TimeProvider.System);
        using var connection = new Connection(server.Url, key, null, TimeProvider.System);

        await new Uploading(connection, new Answers(surroundings, json: true)).Send(file, "changed.bin", Token);

        var state = Parsed(await client.GetStringAsync("/platform/uploads/changed.bin", Token));
        Assert.True(state.GetProperty("complete").GetBoolean());
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file.FullName, Token))),
            state.GetProperty("sha256").GetString());
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    static async Task<(TestServer, string)> Ready(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        return (server, await (await server.NewOrg()).Key(Role.Service));
    }

    string Written(string name, string content)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    static JsonElement Parsed(string text) => JsonDocument.Parse(text).RootElement;
}

using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Hosting;
using Xunit;

namespace Waypost.Tests.MapConsole;

public sealed partial class ConsoleFilesTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_page_is_the_console_or_says_how_to_get_it()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        using var anyone = server.Anyone();
        using var answer = await Get(anyone, "/", "text/html");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains(ConsoleFiles.Present ? "id=\"console\"" : "install Node", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_that_the_page_names_is_served_and_no_script_is_inline()
    {
        Assert.SkipUnless(ConsoleFiles.Present || BackendsAttribute.OnBuildServer, "built without Node");
        var server = await TestServer.Shared(Backend.Sqlite);
        using var anyone = server.Anyone();
        using var answer = await Get(anyone, "/", "text/html");
        var page = await answer.Content.ReadAsStringAsync(Token);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", page);
        var files = FilesOf().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var plain = await Get(anyone, file, "*/*");
            using var brotli = await Get(anyone, file, "*/*", "br");
            Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
            Assert.Equal(plain.Content.Headers.ContentType, brotli.Content.Headers.ContentType);
            Assert.Equal(await plain.Content.ReadAsByteArrayAsync(Token), await Unpacked(brotli));
        }
    }

    [Fact]
    public async Task A_program_that_asks_for_JSON_gets_an_index_of_places_that_exist()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        using var anyone = server.Anyone();
        using var answer = await Get(anyone, "/", "application/json");

        using var index = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("Waypost", index.RootElement.GetProperty("title").GetString());
        var catalogue = index.RootElement.GetProperty("links").EnumerateArray()
            .Single(link => link.GetProperty("rel").GetString() == "catalogue");
        Assert.Equal(new Uri(server.Url, "/api").AbsoluteUri, catalogue.GetProperty("href").GetString());
    }

    [Theory, Backends]
    public async Task A_key_alone_is_enough_to_learn_its_organization(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        using var client = await org.As(Role.Viewer);

        using var me = JsonDocument.Parse(await client.GetStringAsync("/api/v1/me", Token));

        Assert.Equal(org.Id, me.RootElement.GetProperty("org_id").GetString());
        Assert.Equal("viewer", me.RootElement.GetProperty("role").GetString());
        Assert.Contains(
            "jobs_read", me.RootElement.GetProperty("permissions").EnumerateArray().Select(name => name.GetString()));
    }

    static async Task<HttpResponseMessage> Get(HttpClient client, string path, string accept, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        if (encoding is not null) request.Headers.AcceptEncoding.ParseAdd(encoding);
        return await client.SendAsync(request, Token);
    }

    static async Task<byte[]> Unpacked(HttpResponseMessage answer)
    {
        await using var content = await answer.Content.ReadAsStreamAsync(Token);
        if (!answer.Content.Headers.ContentEncoding.Contains("br"))
            return await answer.Content.ReadAsByteArrayAsync(Token);
        await using var unpacking = new System.IO.Compression.BrotliStream(
            content, System.IO.Compression.CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await unpacking.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    [GeneratedRegex("(?:src|href)=\"\\./([^\"]+)\"")]
    private static partial Regex FilesOf();
}

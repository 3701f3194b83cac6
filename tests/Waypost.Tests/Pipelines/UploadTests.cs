using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Waypost.Access;
using Waypost.Pipelines;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Pipelines;

public sealed class UploadTests
{
    static readonly byte[] Content = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 31))];

    [Theory, Backends]
    public async Task A_file_sent_whole_is_there_with_its_hash(Backend backend)
    {
        var client = await Client(backend);

        var created = await client.PutAsync(Url("a.bin"), new ByteArrayContent(Content), Token);
        var again = await client.PutAsync(Url("a.bin"), new ByteArrayContent(Content), Token);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var state = await Read(created);
        Assert.Equal(
            new UploadState("a.bin", "upload:a.bin", true, Content.Length, Content.Length, Hash(Content)), state);
        Assert.Equal(state, await client.GetFromJsonAsync<UploadState>(Url("a.bin"), Json.Options, Token));
    }

    [Theory, Backends]
    public async Task A_file_sent_in_parts_goes_on_where_it_stopped(Backend backend)
    {
        var client = await Client(backend);

        var first = await Send(client, "b.bin", 0, 3999);
        Assert.Equal(HttpStatusCode.PermanentRedirect, first.StatusCode);
        Assert.Equal("4000", first.Headers.GetValues("Upload-Offset").Single());
        Assert.False((await Read(first)).Complete);

        var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Url("b.bin")), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("4000", head.Headers.GetValues("Upload-Offset").Single());
        Assert.Equal("10000", head.Headers.GetValues("Upload-Length").Single());
        Assert.Equal(4000, head.Content.Headers.ContentLength);

        Assert.Equal(HttpStatusCode.PermanentRedirect, (await Send(client, "b.bin", 4000, 4000)).StatusCode);
        var last = await Send(client, "b.bin", 4001, 9999);
        Assert.Equal(HttpStatusCode.Created, last.StatusCode);
        Assert.Equal(Hash(Content), (await Read(last)).Sha256);
    }

    [Theory, Backends]
    public async Task A_part_that_does_not_follow_is_refused_with_the_place_to_go_on(Backend backend)
    {
        var client = await Client(backend);
        await Send(client, "c.bin", 0, 999);

        await Refused(await Send(client, "c.bin", 2000, 2999), HttpStatusCode.Conflict, "UPLOAD_OFFSET", 1000);
        await Refused(await Send(client, "c.bin", 0, 999, 0, 9), HttpStatusCode.BadRequest, "INVALID_RANGE");
        await Refused(await Send(client, "c.bin", 1000, 1999, total: 9_999), HttpStatusCode.Conflict,
            "UPLOAD_LENGTH_CHANGED", 1000);
        await Refused(await Send(client, "new.bin", 5, 9), HttpStatusCode.Conflict, "UPLOAD_OFFSET", 0);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Url("none.bin"), Token)).StatusCode);
    }

    [Theory, Backends]
    public async Task A_new_file_under_an_old_name_may_begin_again_and_the_old_one_goes_when_it_is_whole(
        Backend backend)
    {
        var client = await Client(backend);
        await client.PutAsync(Url("d.bin"), new ByteArrayContent(Content), Token);

        await Send(client, "d.bin", 0, 99, total: 200);
        Assert.False((await client.GetFromJsonAsync<UploadState>(Url("d.bin"), Json.Options, Token))!.Complete);
        var whole = await Send(client, "d.bin", 100, 199, total: 200);

        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(Hash(Content[..200]), (await Read(whole)).Sha256);
    }

    [Theory, Backends]
    public async Task A_file_above_the_limit_is_refused_before_it_is_sent(Backend backend)
    {
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Pipelines = settings.Pipelines with { MostSourceBytes = 5000 },
        });
        var client = await (await server.NewOrg()).As(Role.Service);

        await Refused(
            await client.PutAsync(Url("e.bin"), new ByteArrayContent(Content), Token),
                HttpStatusCode.RequestEntityTooLarge,
            "UPLOAD_TOO_LARGE");
        await Refused(await Send(client, "e.bin", 0, 99), HttpStatusCode.RequestEntityTooLarge, "UPLOAD_TOO_LARGE");
    }

    [Theory, Backends]
    public async Task An_upload_is_its_organizations_own_and_can_be_forgotten(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (mine, theirs) = (await Client(backend), await (await server.NewOrg()).As(Role.OrgAdmin));
        await mine.PutAsync(Url("f.bin"), new ByteArrayContent(Content), Token);

        Assert.Equal(HttpStatusCode.NotFound, (await theirs.GetAsync(Url("f.bin"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await theirs.DeleteAsync(Url("f.bin"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await mine.DeleteAsync(Url("f.bin"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync(Url("f.bin"), Token)).StatusCode);
    }

    [Theory]
    [InlineData("Zürich 2024.tif")]
    [InlineData("a+b&c.tif")]
    public async Task A_file_may_be_called_what_its_owner_likes(string name)
    {
        var client = await Client(Backend.Sqlite);

        var created = await client.PutAsync(Url(Uri.EscapeDataString(name)), new ByteArrayContent(Content), Token);

        Assert.Equal(name, (await Read(created)).Name);
    }

    static async Task<HttpClient> Client(Backend backend) =>
        await (await (await TestServer.Shared(backend)).NewOrg()).As(Role.Service);

    static string Url(string name) => "/platform/uploads/" + name;

    static Task<HttpResponseMessage> Send(HttpClient client, string name, int first, int last, int total = 10_000) =>
        Send(client, name, first, last, first, last, total);

    static Task<HttpResponseMessage> Send(
        HttpClient client, string name, int first, int last, int from, int to, int total = 10_000)
    {
        var part = new ByteArrayContent(Content[from..(to + 1)]);
        part.Headers.ContentRange = new ContentRangeHeaderValue(first, last, total);
        return client.PutAsync(Url(name), part, Token);
    }

    static async Task<UploadState> Read(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<UploadState>(Json.Options, Token))!;

    static async Task Refused(HttpResponseMessage response, HttpStatusCode status, string code, long? offset = null)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal((status, code), (response.StatusCode, problem.GetProperty("code").GetString()));
        if (offset is not null) Assert.Equal(offset, problem.GetProperty("upload_offset").GetInt64());
    }

    static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

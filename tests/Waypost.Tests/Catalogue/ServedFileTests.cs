using System.Net;
using System.Net.Http.Headers;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Files of folders that the operator opened, under <c>/catalogue/</c>.</summary>
public sealed class ServedFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("waypost-files-").FullName;

    static readonly string[] others =
    [
        "items.ndjson", "items.jsonl", "items.geojson", "items.parquet", "items.json.gz", "catalog.JSON", "page.html",
        "a.xml", "a.zip", "none", "a.nc.json",
    ];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, Backends]
    public async Task A_file_of_data_is_served_whole_in_part_and_once_and_no_other_is(Backend backend)
    {
        Directory.CreateDirectory(Path.Combine(folder, "2022", ".kept"));
        await Put("2022/data file.nc", "0123456789");
        await Put("2022/item.json", "{}");
        foreach (var name in others) await Put("2022/" + name, "{}");
        await Put("2022/.kept/a.nc", "0");
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Catalogue = settings.Catalogue with { AssetFolders = [folder] },
        });
        using var client = server.With(TestServer.AdminKey);

        using var whole = await client.GetAsync("/catalogue/2022/data%20file.nc", Token);
        Assert.Equal("0123456789", await whole.Content.ReadAsStringAsync(Token));
        Assert.Equal("application/x-netcdf", whole.Content.Headers.ContentType!.MediaType);
        var policy = whole.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("sandbox", policy, StringComparison.Ordinal);

        using var part = await client.SendAsync(Ask("/catalogue/2022/data%20file.nc", ask =>
            ask.Range = new RangeHeaderValue(2, 4)), Token);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("234", await part.Content.ReadAsStringAsync(Token));
        using var known = await client.SendAsync(Ask("/catalogue/2022/data%20file.nc", ask =>
            ask.IfNoneMatch.Add(whole.Headers.ETag!)), Token);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        foreach (var path in new[]
        {
            "2022/item.json", "2022/.kept/a.nc", "2022", "2022/none.nc", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd",
        }.Concat(others.Select(name => "2022/" + name)))
            await client.Problem("/catalogue/" + path, HttpStatusCode.NotFound);
    }

    [Theory, Backends]
    public async Task What_lies_in_the_folder_of_a_hidden_collection_is_not_served_by_any_name(Backend backend)
    {
        foreach (var collection in new[] { "seen", "Hidden" })
        {
            Directory.CreateDirectory(Path.Combine(folder, collection, "2022"));
            await Put($"{collection}/2022/a.nc", collection);
        }
        File.CreateSymbolicLink(Path.Combine(folder, "seen", "b.nc"), Path.Combine(folder, "Hidden", "2022", "a.nc"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "other"), Path.Combine(folder, "Hidden"));
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Catalogue = settings.Catalogue with { AssetFolders = [folder] },
        });
        using var client = server.With(TestServer.AdminKey);
        foreach (var collection in new[] { "seen", "Hidden" })
            await client.Must(HttpStatusCode.Created, "POST", "/api/collections", Samples.Collection(collection).Text);
        string[] hidden =
        [
            "Hidden/2022/a.nc", "hidden/2022/a.nc", "seen/b.nc", "other/2022/a.nc", "seen/..%2FHidden/2022/a.nc",
            $"{Path.GetFileName(folder)}/Hidden/2022/a.nc",
        ];

        Assert.Equal("Hidden", await client.GetStringAsync("/catalogue/Hidden/2022/a.nc", Token));
        await client.Must(HttpStatusCode.OK, "PUT", "/api/collections/Hidden/visibility", """{"external":false}""");

        foreach (var path in hidden) await client.Problem("/catalogue/" + path, HttpStatusCode.NotFound);
        Assert.Equal("seen", await client.GetStringAsync("/catalogue/seen/2022/a.nc", Token));
    }

    [Theory, Backends]
    public async Task Another_organization_has_no_such_file(Backend backend)
    {
        await Put("a.nc", "0");
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Catalogue = settings.Catalogue with { AssetFolders = [folder] },
        });
        var stranger = await (await server.NewOrg()).As(Role.OrgAdmin);

        await stranger.Problem("/catalogue/a.nc", HttpStatusCode.NotFound);
    }

    [Fact]
    public void A_folder_that_is_not_there_stops_the_start_by_name()
    {
        var settings = new Waypost.Catalogue.CatalogueSettings { AssetFolders = [Path.Combine(folder, "none")] };

        Assert.Contains("catalogue.asset_folders", settings.Problem(), StringComparison.Ordinal);
    }

    Task Put(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text, Token);

    static HttpRequestMessage Ask(string address, Action<HttpRequestHeaders> with)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        with(request.Headers);
        return request;
    }
}

using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Stac;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Client;

/// <summary>A test's organization, its key, and a folder that goes when the test ends.</summary>
sealed class CatalogueRun : IDisposable
{
    readonly Dictionary<string, string> variables;

    CatalogueRun(TestServer server, TestOrg org, string key)
    {
        Server = server;
        Org = org;
        Api = $"{server.Url.AbsoluteUri}api/v1/{org.Id}/stac";
        variables = new Dictionary<string, string> { ["WAYPOST_KEY"] = key, ["HOME"] = Folder };
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("waypost-catalogue-").FullName;

    public TestServer Server { get; }

    public TestOrg Org { get; }

    /// <summary>The root of the organization's STAC API.</summary>
    public string Api { get; }

    public static async Task<CatalogueRun> On(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        return new CatalogueRun(server, org, await org.Key(Role.OrgAdmin));
    }

    /// <summary>A path in the folder.</summary>
    public string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Runs <c>waypost catalogue …</c>.</summary>
    public Task<CliRun> Do(params string[] args) =>
        CliRun.Of(variables, TestContext.Current.CancellationToken, ["catalogue", .. args]);

    /// <summary>Runs it, expects it to end well, and returns its JSON.</summary>
    public async Task<JsonObject> Ok(params string[] args)
    {
        var run = await Do([.. args, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error + run.Out);
        return (JsonObject)JsonNode.Parse(run.Out)!;
    }

    /// <summary>Puts a local catalogue into the server's database by the catalogue's own functions.</summary>
    public async Task Fill(string root, string? leaveOut = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var walk = new LocalCatalogueWalk(File.ReadAllBytes);
        var sending = new LocalCatalogueSending(root, null, path =>
            JsonNode.Parse(File.ReadAllText(path)) is JsonObject item
                ? (item.Text("collection")!, item.Text("id")!) : null, File.Exists);
        var containers = walk.Containers(Path.Combine(root, "catalog.json")).Cast<LocalCatalogueEntry.Container>()
            .Where(container => container.IsCollection && container.Id != leaveOut).ToList();
        await Org.Do(async tx =>
        {
            foreach (var container in containers)
            {
                sending.Collection(container);
                await tx.PutCollection(Org.Id, new Json(container.Document.ToJsonString()), now);
                foreach (var entry in walk.Items(container).Cast<LocalCatalogueEntry.Item>())
                {
                    sending.Item(entry);
                    await tx.PutItem(Org.Id, new Json(entry.Document.ToJsonString()), now);
                }
            }
        });
    }

    /// <summary>The root of what outsiders see of it.</summary>
    public string External => $"{Server.Url.AbsoluteUri}api/v1/{Org.Id}/external";

    /// <summary>Asks the organization's STAC API.</summary>
    /// <param name="path">Below its root.</param>
    /// <param name="root">Another root than the internal view's.</param>
    public async Task<JsonObject> Get(string path, string? root = null)
    {
        using var client = Server.With(variables["WAYPOST_KEY"]);
        var text = await client.GetStringAsync((root ?? Api) + path, TestContext.Current.CancellationToken);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Deletes items through the API.</summary>
    public async Task Delete(IEnumerable<JsonObject> items)
    {
        using var client = Server.With(variables["WAYPOST_KEY"]);
        foreach (var item in items.Where(item => item.Text("type") == "Feature"))
            (await client.DeleteAsync($"{Api}/collections/{item.Text("collection")}/items/{item.Text("id")}",
                TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    /// <summary>Waits until the feed of changes has every item's last change.</summary>
    public async Task Settled()
    {
        var now = TimeProvider.System.GetUtcNow();
        await Org.Do(tx => tx.PutCollection(Org.Id, new Json($$$"""
            {"type":"Collection","id":"mark","stac_version":"1.1.0","description":"{{{now:O}}}","license":"other",
             "links":[],"extent":{"spatial":{"bbox":[[-180,-90,180,90]]}, "temporal":{"interval":[[null,null]]} }
            }
            """), now));
        for (var since = "0"; ;)
        {
            var page = await Get($"/changes?since={since}&limit=1000&include=items");
            if (page["changes"]!.AsArray().Any(change => change!["item"].Text("description") == $"{now:O}")) return;
            if (page.Text("next") is { } next) since = next;
        }
    }

    /// <summary>A local catalogue as its documents by path, links in one order.</summary>
    public static SortedDictionary<string, JsonObject> Documents(string root)
    {
        var documents = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var walk = new LocalCatalogueWalk(path => File.Exists(path) ? File.ReadAllBytes(path) : null);
        foreach (var entry in walk.Containers(Path.Combine(root, "catalog.json")))
        {
            var container = Assert.IsType<LocalCatalogueEntry.Container>(entry);
            documents[Name(root, container.Path)] = container.Document;
            foreach (var item in walk.Items(container))
                documents[Name(root, item.Path)] =
                    Assert.IsType<LocalCatalogueEntry.Item>(item).Document;
        }
        foreach (var document in documents.Values)
            document["links"] = new JsonArray([.. document.Links().Select(link => link.DeepClone())
                .OrderBy(link => link.ToJsonString(), StringComparer.Ordinal)]);
        return documents;
    }

    static string Name(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    /// <summary>Writes the sample catalogue into a folder of this run's, and returns its path.</summary>
    public string Sample(int events = 3)
    {
        SampleCatalogue.Write(At("sample"), events);
        return At("sample");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

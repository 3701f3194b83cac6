using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Geo.Tests.Stac;
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

    /// <summary>A local catalogue as its documents by path, links in one order.</summary>
    public static SortedDictionary<string, JsonObject> Documents(string root)
    {
        var documents = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var walk = new LocalCatalogueWalk(path => File.Exists(path) ? File.ReadAllBytes(path) : null);
        foreach (var entry in walk.Containers(Path.Combine(root, "catalog.json")))
        {
            var container = Assert.IsType<LocalCatalogueEntry.Container>(entry);
            documents[Path.GetRelativePath(root, container.Path)] = container.Document;
            foreach (var item in walk.Items(container))
                documents[Path.GetRelativePath(root, item.Path)] =
                    Assert.IsType<LocalCatalogueEntry.Item>(item).Document;
        }
        foreach (var document in documents.Values)
            document["links"] = new JsonArray([.. document.Links().Select(link => link.DeepClone())
                .OrderBy(link => link.ToJsonString(), StringComparer.Ordinal)]);
        return documents;
    }

    /// <summary>Writes the sample catalogue into a folder of this run's, and returns its path.</summary>
    public string Sample(int events = 3)
    {
        SampleCatalogue.Write(At("sample"), events);
        return At("sample");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

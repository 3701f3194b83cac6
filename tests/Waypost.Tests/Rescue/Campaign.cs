using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>An organization that rescues, spoken to as its clients do.</summary>
sealed class Campaign(TestOrg org, HttpClient client)
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public TestOrg Org => org;

    public HttpClient Client => client;

    public static async Task<Campaign> Start(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        return new Campaign(org, await org.As(Role.OrgAdmin));
    }

    /// <summary>Asks at a path under the organization's rescue.</summary>
    public async Task<(HttpStatusCode Status, string Text)> Ask(
        string method, string path, string? body = null, string type = "application/json", HttpClient? by = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{org.Id}/rescue{path}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        using var answer = await (by ?? client).SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>The same, where the answer must be good.</summary>
    public async Task<JsonElement> Get(string path) => Good(path, await Ask("GET", path));

    public async Task<JsonElement> Ckan(string body, string query = "", string type = "application/json") =>
        Good("import", await Ask("POST", "/imports/ckan" + query, body, type));

    public async Task<JsonElement> Csv(string body, string query = "") =>
        Good("import", await Ask("POST", "/imports/csv" + query, body, "text/csv"));

    public async Task<JsonElement> Post(string path, object body) =>
        Good(path, await Ask("POST", path, JsonSerializer.Serialize(body)));

    public async Task<JsonElement> Put(string path, object body) =>
        Good(path, await Ask("PUT", path, JsonSerializer.Serialize(body)));

    /// <summary>The items of a list, over all its pages of this length.</summary>
    public async Task<IReadOnlyList<JsonElement>> All(string path, int limit = 2)
    {
        var all = new List<JsonElement>();
        var joint = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        for (string? after = null; ;)
        {
            var page = await Get($"{path}{joint}limit={limit}" + (after is null ? "" : "&after=" + after));
            all.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("next").GetString();
            if (after is null) return all;
        }
    }

    /// <summary>A text without its line breaks.</summary>
    public static string Flat(string text) => text.ReplaceLineEndings("");

    /// <summary>A page of package_search.</summary>
    public static string Page(params object[] packages) => JsonSerializer.Serialize(new
    {
        help = "https://catalog.example.gov/api/3/action/help_show?name=package_search",
        success = true,
        result = new { count = packages.Length, sort = "score desc", facets = new { }, results = packages },
    });

    /// <summary>A package with a resource for each address.</summary>
    public static Dictionary<string, object?> Package(string id, params string[] urls) => new()
    {
        ["id"] = id,
        ["name"] = "name-of-" + id,
        ["title"] = "Sea ice of " + id,
        ["notes"] = "Température de l'eau",
        ["metadata_created"] = "2020-11-10T16:22:44.123456",
        ["metadata_modified"] = "2024-05-06T07:08:09.5",
        ["organization"] = new { id = "org-1", name = "noaa-gov", title = "NOAA", created = "2010-01-01T00:00:00" },
        ["extras"] = new[]
        {
            new { key = "harvest_source_id", value = "harvest-1" },
            new { key = "harvest_source_title", value = "NOAA harvest" },
        },
        ["resources"] = urls.Select((url, index) => new
        {
            id = $"{id}-r{index}",
            name = $"File {index} of {id}",
            description = "",
            url,
            state = "active",
            size = 1000 + index,
            created = "2020-11-10T16:22:44.123456",
            mimetype = "text/csv",
        }).ToArray(),
    };

    static JsonElement Good(string path, (HttpStatusCode Status, string Text) answer)
    {
        Assert.True((int)answer.Status is >= 200 and < 300, $"{path}: {answer.Status} {answer.Text}");
        return answer.Text.Length == 0 ? default : JsonElement.Parse(answer.Text);
    }
}

/// <summary>Looks into documents for numbers.</summary>
static class Numbers
{
    public static int Number(this JsonElement element, string path) => element.At(path).GetInt32();
}

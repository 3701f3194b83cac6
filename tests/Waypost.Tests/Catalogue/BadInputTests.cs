using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Every route of the catalogue, as the server itself lists them, asked what it cannot understand.</summary>
public sealed partial class BadInputTests
{
    // Routes of other modules under the same roots.
    static readonly string[] Catalogue =
        ["/api/collections", "/api/search", "/api/queryables", "/api/sortables", "/api/aggregat", "/api/children",
            "/api/changes", "/api/conformance", "/api/catalogue", "/api/features", "/api/shared", "/external"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task An_unknown_parameter_and_a_broken_token_are_refused_by_name_on_every_route(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("things", Samples.Item("things", "a"));
        var client = await org.As(Role.OrgAdmin);
        var routes = (await client.Json("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .Where(path => path.Name == "/api"
                || Catalogue.Any(root => path.Name.StartsWith(root, StringComparison.Ordinal)))
            .ToList();
        var (asked, paged) = (0, 0);
        foreach (var route in routes)
        {
            var path = Hole().Replace(route.Name, hole => hole.Value switch
            {
                "{collection}" => "things",
                "{item}" => "a",
                "{year}" => "2024",
                "{month}" or "{day}" or "{version}" or "{z}" or "{x}" or "{y}" or "{feature_id}" => "1",
                _ => "none",
            });
            foreach (var method in route.Value.EnumerateObject())
            {
                if (method.Name is not ("get" or "post" or "put" or "patch" or "delete")) continue;
                asked++;
                Assert.Contains("nonsense", await Refused(client, method.Name, path + "?nonsense=1"));
                var isThere = !path.Contains("none", StringComparison.Ordinal);
                if (method.Name != "get" || !isThere || !Takes(method.Value, "token")) continue;
                paged++;
                foreach (var token in new[] { "AAAA", "nonsense", "%00", "%FF", new string('a', 5_000), "eyJhIjoxfQ" })
                    Assert.Contains("token", await Refused(client, "get", $"{path}?token={token}"));
            }
        }
        Assert.True(asked > 60 && paged > 8, $"{asked} routes, {paged} of them in pages");
    }

    static async Task<string> Refused(HttpClient client, string method, string address)
    {
        var body = method is "post" or "put" or "patch" ? "{}" : null;
        using var answer = await client.Send(method.ToUpperInvariant(), address, body);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{method} {address}: {answer.StatusCode} {text}");
        return JsonElement.Parse(text).GetProperty("detail").GetString()
            + JsonElement.Parse(text).GetProperty("parameter").GetString();
    }

    static bool Takes(JsonElement operation, string parameter) =>
        operation.TryGetProperty("parameters", out var parameters) && parameters.EnumerateArray()
            .Any(one => one.TryGetProperty("name", out var name) && name.ValueEquals(parameter));

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Hole();
}

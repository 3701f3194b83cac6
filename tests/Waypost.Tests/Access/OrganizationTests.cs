using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Tests.Events;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>Organizations: made by the installation's administrator, blind to each other, limited by their
/// tier.</summary>
public sealed class OrganizationTests
{
    const string All = "/api/v1/organizations";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task The_administrator_makes_an_organization_whose_key_works_at_once(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var id = "acme-" + Guid.CreateVersion7().ToString("N")[..20];
        var made = await server.With(TestServer.AdminKey).PostAsJsonAsync(All, new { id, tier = "premium" }, Token);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal($"/api/v1/{id}", made.Headers.Location?.ToString());
        var body = await made.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("premium", body.GetProperty("tier").GetString());

        var admin = server.With(body.GetProperty("admin_key").GetProperty("key").GetString()!);
        var seen = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/{id}", Token);
        Assert.Equal(id, seen.GetProperty("name").GetString());
        await KeyTests.Refused(
            await server.With(TestServer.AdminKey).PostAsJsonAsync(All, new { id }, Token),
            HttpStatusCode.Conflict, "ORGANIZATION_EXISTS");
        await using var tx = await server.Db.Read(Token);
        Assert.Equal(1, await tx.Count($"""
            select count(*) as n from events where org = {id} and type = {"organization.created"}
            """));
    }

    [Theory, Backends]
    public async Task Nobody_but_the_installations_administrator_makes_or_lists_organizations(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        await KeyTests.Refused(await admin.GetAsync(All, Token), HttpStatusCode.Forbidden, "FORBIDDEN");
        await KeyTests.Refused(
            await admin.PostAsJsonAsync(All, new { id = "mine" }, Token), HttpStatusCode.Forbidden, "FORBIDDEN");
        await KeyTests.Refused(
            await org.Server.Anyone().GetAsync(All, Token), HttpStatusCode.Unauthorized, "KEY_NEEDED");
    }

    [Theory, Backends]
    public async Task The_administrator_pages_through_the_organizations(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var made = new[] { (await server.NewOrg()).Id, (await server.NewOrg()).Id };
        var admin = server.With(TestServer.AdminKey);
        var seen = new List<string>();
        for (string? after = ""; after is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"{All}?limit=3&after={after}", Token);
            seen.AddRange(page.GetProperty("organizations").EnumerateArray()
                .Select(o => o.GetProperty("id").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        Assert.Superset(made.ToHashSet(), seen.ToHashSet());
        await KeyTests.Refused(
            await admin.GetAsync($"{All}?limit=0", Token), HttpStatusCode.BadRequest, "INVALID_PARAMETER");
    }

    [Theory]
    [InlineData("a", "INVALID_ORGANIZATION_ID")]
    [InlineData("Acme", "INVALID_ORGANIZATION_ID")]
    [InlineData("acme-", "INVALID_ORGANIZATION_ID")]
    [InlineData("a--b", "INVALID_ORGANIZATION_ID")]
    [InlineData("9lives", "INVALID_ORGANIZATION_ID")]
    [InlineData("a/b", "INVALID_ORGANIZATION_ID")]
    [InlineData("organizations", "RESERVED_ORGANIZATION_ID")]
    [InlineData("stac", "RESERVED_ORGANIZATION_ID")]
    public async Task An_id_that_would_confuse_paths_is_refused(string id, string code)
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        await KeyTests.Refused(
            await server.With(TestServer.AdminKey).PostAsJsonAsync(All, new { id }, Token),
            HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Every_word_that_begins_a_route_is_reserved()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var words = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!.Trim('/').Split('/'))
            .SelectMany(path => path is ["api", "v1", var after, ..] ? [after] : path is ["api", var twin, ..]
                ? [path[0], twin] : new[] { path[0] })
            .Where(word => word.Length > 0 && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)
                || c is '-' or '_'));
        Assert.Empty(words.ToHashSet().Except(Organizations.Reserved));
    }

    [Theory, Backends]
    public async Task An_organization_names_itself_but_does_not_choose_its_tier(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        var named = await admin.PatchAsJsonAsync($"/api/v1/{org.Id}", new { name = "Søk og redning" }, Token);
        Assert.Equal(
            "Søk og redning", (await named.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("name")
                .GetString());
        await KeyTests.Refused(
            await admin.PatchAsJsonAsync($"/api/v1/{org.Id}", new { tier = "enterprise" }, Token),
            HttpStatusCode.Forbidden, "TIER_IS_GIVEN");
        var given = await org.Server.With(TestServer.AdminKey)
            .PatchAsJsonAsync($"{All}/{org.Id}", new { tier = "basic" }, Token);
        Assert.Equal(
            "basic", (await given.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("tier").GetString());
    }

    [Theory, Backends]
    public async Task An_unknown_organization_and_a_foreign_one_look_the_same(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var mine = await (await server.NewOrg()).As(Role.OrgAdmin);
        var foreign = (await server.NewOrg()).Id;
        const string unknown = "no-such-organization";
        foreach (var client in new[] { mine, server.Anyone(), server.With("wp_not_a_key_of_anybody_at_all") })
        {
            var one = await Answer(client, foreign);
            var other = await Answer(client, unknown);
            Assert.Equal(one, other);
        }

        static async Task<string> Answer(HttpClient client, string id)
        {
            var response = await client.GetAsync($"/api/v1/{id}/keys", Token);
            var named = new HttpRequestMessage(HttpMethod.Get, "/api/v1/default/keys")
            {
                Headers =
                { { "X-Org-ID", id } }
            };
            var byHeader = await client.SendAsync(named, Token);
            var text = $"{response.StatusCode} {await response.Content.ReadAsStringAsync(Token)} "
                + $"{byHeader.StatusCode} {await byHeader.Content.ReadAsStringAsync(Token)}";
            return text.Replace(id, "ID", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("basic", 20, "\"basic\";q=20;w=2", 100)]
    [InlineData("premium", 200, "\"premium\";q=200;w=2", 10)]
    public async Task A_tier_allows_its_burst_and_then_its_rate(string tier, int burst, string policy, int milliseconds)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with { Clock = clock });
        var org = await server.NewOrg(tier);
        var viewer = await org.As(Role.Viewer);
        var url = $"/api/v1/{org.Id}";
        for (var i = 0; i < burst; i++)
        {
            var allowed = await viewer.GetAsync(url, Token);
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal(policy, allowed.Headers.GetValues("RateLimit-Policy").Single());
            Assert.StartsWith($"\"{tier}\";r={burst - i - 1};", allowed.Headers.GetValues("RateLimit").Single(),
                StringComparison.Ordinal);
        }
        var refused = await viewer.GetAsync(url, Token);
        await KeyTests.Refused(refused, HttpStatusCode.TooManyRequests, "RATE_LIMITED");
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal(policy, refused.Headers.GetValues("RateLimit-Policy").Single());

        // An application of the same organization is not limited, nor is another organization.
        var service = await org.As(Role.Service);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(url, Token)).StatusCode);
        var other = await server.NewOrg(tier);
        Assert.Equal(
            HttpStatusCode.OK, (await (await other.As(Role.Viewer)).GetAsync($"/api/v1/{other.Id}", Token)).StatusCode);

        clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync(url, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await viewer.GetAsync(url, Token)).StatusCode);
    }

    [Theory, Backends]
    public async Task A_webhook_secret_is_kept_sealed_and_given_to_code_alone(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        var url = $"/api/v1/{org.Id}/clients/ddh/webhook-secret";
        var set = await admin.PutAsJsonAsync(url, new { secret = "a secret of the application" }, Token);
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);

        var secrets = org.Server.Services.GetRequiredService<Secrets>();
        await org.Do(async tx =>
        {
            Assert.Equal("a secret of the application", await ClientSecrets.Find(tx, secrets, org.Id, "ddh"));
            Assert.Null(await ClientSecrets.Find(tx, secrets, org.Id, "other"));
            Assert.Equal(0, await tx.Count($"""
                select count(*) as n from access_client_secrets where org = {org.Id} and sealed like {"%secret%"}
                """));
        });
        await KeyTests.Refused(
            await admin.PutAsJsonAsync(url, new { secret = "short" }, Token), HttpStatusCode.BadRequest,
            "INVALID_BODY");
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(url, Token)).StatusCode);
        await KeyTests.Refused(await admin.DeleteAsync(url, Token), HttpStatusCode.NotFound, "NOT_FOUND");
    }
}

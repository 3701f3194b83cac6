using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Tests.Events;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>Keys through the front door: made, narrowed, rotated, revoked; never more than their maker has.</summary>
public sealed class KeyTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task A_key_is_shown_once_and_kept_as_a_hash(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var made = await Make(admin, org, new { name = "ship", role = "service", client_id = "apex" });
        var key = made.GetProperty("key").GetString()!;

        Assert.True(KeyText.IsWellFormed(key));
        Assert.StartsWith(made.GetProperty("prefix").GetString()!, key, StringComparison.Ordinal);
        Assert.Equal(0,
            await org.Count($"select count(*) as n from access_keys where org = {org.Id} and hash = {key}"));
        Assert.Equal(
            1, await org.Count($"""
                select count(*) as n from access_keys where org = {org.Id} and hash = {Caller.Hash(key)}
                """));
        var listed = await admin.GetStringAsync(Keys(org), Token);
        Assert.Contains(made.GetProperty("key_id").GetString()!, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.DoesNotContain("\"key\"", listed, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Scopes_narrow_the_role(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var narrow = await Client(admin, org, new
        {
            name = "reader of the name",
            role = "org_admin",
            scopes = new[] { "organization_read" },
        });
        Assert.Equal(HttpStatusCode.OK, (await narrow.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
        await Refused(await narrow.GetAsync(Keys(org), Token), HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    [Theory, Backends]
    public async Task A_key_gives_no_more_than_its_maker_has(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var other = await Make(admin, org, new { name = "other", role = "org_admin" });
        var porter = await Client(admin, org, new
        {
            name = "porter",
            role = "org_admin",
            scopes = new[] { "organization_manage", "jobs_read" },
        });
        await Refused(await Post(porter, Keys(org), new { name = "x", role = "service" }),
            HttpStatusCode.Forbidden, "GRANT_TOO_WIDE");
        // Rotating shows the new key, so it is a way of getting one.
        await Refused(await Post(porter, $"{Keys(org)}/{other.GetProperty("key_id")}/rotate", new { }),
            HttpStatusCode.Forbidden, "GRANT_TOO_WIDE");
        await Make(porter, org, new { name = "y", role = "viewer", scopes = new[] { "jobs_read" } });
    }

    [Theory, Backends]
    public async Task Wrong_requests_for_keys_are_refused_by_name(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        await Refused(
            await Post(admin, Keys(org), new { name = "x", role = "viewer", scopes = new[] { "jobs_write" } }),
            HttpStatusCode.BadRequest, "UNKNOWN_SCOPE");
        await Refused(await Post(admin, Keys(org), new { name = "x", role = "emperor" }),
            HttpStatusCode.BadRequest, "INVALID_BODY");
        await Refused(await Post(admin, Keys(org), new { name = "", role = "viewer" }),
            HttpStatusCode.BadRequest, "INVALID_BODY");
        await Refused(await Post(admin, Keys(org), new { name = "x", role = "viewer", scope = "a" }),
            HttpStatusCode.BadRequest, "UNKNOWN_FIELD");
        await Refused(await Post(admin, Keys(org), new { name = "x", role = "viewer", client_id = "a b" }),
            HttpStatusCode.BadRequest, "INVALID_BODY");
        await Refused(
            await Post(admin, Keys(org), new { name = "x", role = "viewer", expires_at = "2020-01-01T00:00:00Z" }),
            HttpStatusCode.BadRequest, "INVALID_BODY");
        await Refused(await admin.GetAsync(Keys(org) + "?page=2", Token),
            HttpStatusCode.BadRequest, "UNKNOWN_PARAMETER");
    }

    [Theory, Backends]
    public async Task Reads_without_a_key_are_open_to_loopback_names_only(Backend backend)
    {
        using var anyone = (await TestServer.Shared(backend)).Anyone();

        Assert.Equal(HttpStatusCode.OK, await Ask(anyone.BaseAddress!.Authority));
        Assert.Equal(HttpStatusCode.OK, await Ask("localhost"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("rebound.example.org"));

        async Task<HttpStatusCode> Ask(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/collections");
            request.Headers.Host = host;
            using var answer = await anyone.SendAsync(request, Token);
            return answer.StatusCode;
        }
    }

    [Theory, Backends]
    public async Task A_revoked_key_is_refused_by_the_very_next_request(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var made = await Make(admin, org, new { name = "x", role = "viewer" });
        var client = org.Server.With(made.GetProperty("key").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);

        var gone = await admin.DeleteAsync($"{Keys(org)}/{made.GetProperty("key_id")}", Token);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await Refused(await client.GetAsync($"/api/v1/{org.Id}", Token), HttpStatusCode.Unauthorized, "KEY_UNKNOWN");
        await Refused(await admin.DeleteAsync($"{Keys(org)}/{made.GetProperty("key_id")}", Token),
            HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(2, await org.Count($"""
            select count(*) as n from events where org = {org.Id} and type in ('key.created', 'key.revoked')
                and subject = {made.GetProperty("key_id").GetString()}
            """));
    }

    [Theory, Backends]
    public async Task The_last_administrator_stays(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var only = (await admin.GetFromJsonAsync<JsonElement>(Keys(org), Token)).GetProperty("keys")[0];
        await Refused(await admin.DeleteAsync($"{Keys(org)}/{only.GetProperty("key_id")}", Token),
            HttpStatusCode.Conflict, "LAST_ADMINISTRATOR");
        // One that is narrowed cannot make another, so it does not count.
        await Make(admin, org, new { name = "narrow", role = "org_admin", scopes = new[] { "jobs_read" } });
        await Refused(await admin.DeleteAsync($"{Keys(org)}/{only.GetProperty("key_id")}", Token),
            HttpStatusCode.Conflict, "LAST_ADMINISTRATOR");
        await Make(admin, org, new { name = "second", role = "org_admin" });
        var gone = await admin.DeleteAsync($"{Keys(org)}/{only.GetProperty("key_id")}", Token);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Theory, Backends]
    public async Task Two_administrators_who_revoke_each_other_at_once_leave_one(Backend backend)
    {
        for (var round = 0; round < 10; round++)
        {
            var (org, first) = await NewOrg(backend);
            var made = await Make(first, org, new { name = "second", role = "org_admin" });
            var second = org.Server.With(made.GetProperty("key").GetString()!);
            var keys = (await first.GetFromJsonAsync<JsonElement>(Keys(org), Token)).GetProperty("keys");
            var firstId = keys.EnumerateArray().Select(key => key.GetProperty("key_id").GetString()!)
                .Single(id => id != made.GetProperty("key_id").GetString());
            await Task.WhenAll(
                first.DeleteAsync($"{Keys(org)}/{made.GetProperty("key_id")}", Token),
                second.DeleteAsync($"{Keys(org)}/{firstId}", Token));
            Assert.Equal(1, await org.Count($"""
                select count(*) as n from access_keys where org = {org.Id} and revoked_at is null
                """));
        }
    }

    [Theory, Backends]
    public async Task A_rotated_key_works_beside_the_new_one_for_as_long_as_was_asked(Backend backend)
    {
        var clock = new ManualClock(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await TestServer.Start(backend, settings => settings with { Clock = clock });
        var org = await server.NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        var made = await Make(admin, org, new { name = "x", role = "viewer" });
        var rotated = await Read(await Post(
            admin, $"{Keys(org)}/{made.GetProperty("key_id")}/rotate", new { overlap_seconds = 60 }));
        var old = server.With(made.GetProperty("key").GetString()!);
        var young = server.With(rotated.GetProperty("key").GetString()!);

        Assert.Equal(HttpStatusCode.OK, (await old.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await young.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
        clock.Advance(TimeSpan.FromSeconds(60));
        await Refused(await old.GetAsync($"/api/v1/{org.Id}", Token), HttpStatusCode.Unauthorized, "KEY_UNKNOWN");
        Assert.Equal(HttpStatusCode.OK, (await young.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
    }

    [Theory, Backends]
    public async Task A_key_expires_and_another_process_learns_of_a_revocation_within_a_second(Backend backend)
    {
        var clock = new ManualClock(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await TestServer.Start(backend, settings => settings with { Clock = clock });
        var org = await server.NewOrg();
        var admin = await org.As(Role.OrgAdmin);
        var expiring = await Client(
            admin, org, new { name = "x", role = "viewer", expires_at = clock.GetUtcNow().AddSeconds(5) });
        Assert.Equal(HttpStatusCode.OK, (await expiring.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Refused(await expiring.GetAsync($"/api/v1/{org.Id}", Token), HttpStatusCode.Unauthorized, "KEY_UNKNOWN");

        var viewer = await org.As(Role.Viewer);
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync($"/api/v1/{org.Id}", Token)).StatusCode);
        // As another process would: past this one's memory.
        await org.Do(tx => tx.Run($"""
            update access_keys set revoked_at = {clock.GetUtcNow()} where org = {org.Id} and role = {Role.Viewer}
            """));
        clock.Advance(Waypost.Access.Keys.Remembered);
        await Refused(await viewer.GetAsync($"/api/v1/{org.Id}", Token), HttpStatusCode.Unauthorized, "KEY_UNKNOWN");
    }

    [Theory, Backends]
    public async Task When_a_key_was_last_used_is_listed_at_once_and_written_in_batches(Backend backend)
    {
        var (org, admin) = await NewOrg(backend);
        var listed = (await admin.GetFromJsonAsync<JsonElement>(Keys(org), Token)).GetProperty("keys")[0];
        Assert.Equal(JsonValueKind.String, listed.GetProperty("last_used_at").ValueKind);

        await org.Server.Services.GetRequiredService<Waypost.Access.Keys>().WriteUses(Token);
        Assert.Equal(1, await org.Count($"""
            select count(*) as n from access_keys where org = {org.Id} and last_used_at is not null
            """));
    }

    [Fact]
    public void A_made_key_carries_its_checksum()
    {
        var key = KeyText.Make();
        Assert.True(KeyText.IsWellFormed(key));
        Assert.Equal(41, key.Length);
        Assert.False(KeyText.IsWellFormed(key[..^1] + (key[^1] == 'a' ? 'b' : 'a')));
        Assert.False(KeyText.IsWellFormed("wp_short"));
    }

    internal static async Task<JsonElement> Make(HttpClient maker, TestOrg org, object wanted)
    {
        var response = await Post(maker, Keys(org), wanted);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await Read(response);
    }

    static async Task<HttpClient> Client(HttpClient maker, TestOrg org, object wanted) =>
        org.Server.With((await Make(maker, org, wanted)).GetProperty("key").GetString()!);

    static async Task<(TestOrg, HttpClient)> NewOrg(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        return (org, await org.As(Role.OrgAdmin));
    }

    static string Keys(TestOrg org) => $"/api/v1/{org.Id}/keys";

    static Task<HttpResponseMessage> Post(HttpClient client, string url, object body) =>
        client.PostAsJsonAsync(url, body, Token);

    static Task<JsonElement> Read(HttpResponseMessage response) =>
        response.Content.ReadFromJsonAsync<JsonElement>(Token);

    internal static async Task Refused(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(text.Length > 0, $"{response.StatusCode} without a body");
        var problem = JsonElement.Parse(text);
        Assert.Equal((status, code), (response.StatusCode, problem.GetProperty("code").GetString()));
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
    }
}

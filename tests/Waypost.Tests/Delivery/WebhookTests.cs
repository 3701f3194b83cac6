using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Tests.Events;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Delivery;

public sealed class WebhookTests
{
    [Theory, Backends]
    public async Task The_contracts_body_makes_a_webhook_whose_secrets_are_shown_once_or_never(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        using var answer = await client.PostAsJsonAsync(Hooks(org), new
        {
            webhook_config = new
            {
                url = "http://127.0.0.1:1/webhook",
                events = (string[])["entity.created", "mission.completed"],
                headers = new Dictionary<string, string> { ["Authorization"] = "Bearer very-secret-token" },
                retry_policy = new { max_attempts = 3, backoff_multiplier = 2 },
            },
        }, Token);
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var text = await client.GetStringAsync(answer.Headers.Location, Token);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.StartsWith("whsec_", made.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret-token", made.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("********", made.GetProperty("headers").GetProperty("Authorization").GetString());
        Assert.Equal(3, made.GetProperty("retry_policy").GetProperty("max_attempts").GetInt32());
        Assert.DoesNotContain("secret-token", text, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
        await using var tx = await org.Server.Db.Read(Token);
        var kept = await tx.One<Words>(
            $"select url || headers || secret as t from delivery_webhooks where org = {org.Id}");
        Assert.DoesNotContain("secret-token", kept!.T, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", kept.T, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task A_masked_header_keeps_its_value_but_never_goes_to_another_origin(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        await using var elsewhere = await FakeReceiver.Start();
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver, headers: new() { ["X-Token"] = "t1" });

        await Change(new Uri(receiver.Url, "/other"));
        await client.PostAsync($"{Hooks(org)}/{hook.Id}/ping", null, Token);
        Assert.Equal("t1", (await receiver.Next()).Headers["X-Token"]);
        await Change(elsewhere.Url);
        await client.PostAsync($"{Hooks(org)}/{hook.Id}/ping", null, Token);
        Assert.Equal("********", (await elsewhere.Next()).Headers["X-Token"]);

        async Task Change(Uri url)
        {
            using var changed = await client.PutAsJsonAsync($"{Hooks(org)}/{hook.Id}", new
            {
                url,
                events = (string[])["job.*"],
                headers = new Dictionary<string, string> { ["X-Token"] = "********" },
            }, Token);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }
    }

    [Theory, Backends]
    public async Task What_a_webhook_may_not_be_is_refused_by_name(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        string[] jobs = ["job.*"];
        const string Url = "http://127.0.0.1/";

        await Refuses("OUTBOUND_REFUSED", new { url = "http://10.0.0.1/hook", events = jobs });
        await Refuses("OUTBOUND_REFUSED", new { url = "http://localhost/hook", events = jobs });
        await Refuses("OUTBOUND_REFUSED", new { url = "http://169.254.169.254/latest/meta-data", events = jobs });
        await Refuses("OUTBOUND_REFUSED", new { url = "https://me:pass@example.org/", events = jobs });
        await Refuses("WEBHOOK_URL", new { url = "ftp://example.org/", events = jobs });
        await Refuses("WEBHOOK_URL", new { url = "/relative", events = jobs });
        await Refuses("WEBHOOK_URL", new { events = jobs });
        await Refuses("WEBHOOK_EVENTS", new { url = Url, events = Array.Empty<string>() });
        await Refuses("UNKNOWN_EVENT_TYPE", new { url = Url, events = (string[])["job.finished"] });
        await Refuses("WEBHOOK_RETRY_POLICY",
            new { url = Url, events = jobs, retry_policy = new { max_attempts = 0 } });
        await Refuses("WEBHOOK_RETRY_POLICY",
            new { url = Url, events = jobs, retry_policy = new { backoff_multiplier = 11 } });
        await Refuses("WEBHOOK_HEADERS", new { url = Url, events = jobs, headers = new { Host = "x" } });
        await Refuses("WEBHOOK_HEADERS", new { url = Url, events = jobs, headers = new { X = "a\r\nb: c" } });
        await Refuses("WEBHOOK_BODY", new { url = Url, webhook_config = new { url = Url, events = jobs } });
        await Refuses("UNKNOWN_FIELD", new { url = Url, events = jobs, secret = "mine" });

        async Task Refuses(string code, object body)
        {
            using var answer = await client.PostAsJsonAsync(Hooks(org), body, Token);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal((HttpStatusCode.BadRequest, code),
                (answer.StatusCode, problem.GetProperty("code").GetString()));
        }
    }

    [Theory, Backends]
    public async Task Only_administrators_see_webhooks_and_only_their_own(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (mine, theirs) = (await server.NewOrg(), await server.NewOrg());
        await using var receiver = await FakeReceiver.Start();
        var hook = await Make(mine, await mine.As(Role.OrgAdmin), receiver);
        var client = await theirs.As(Role.OrgAdmin);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync($"{Hooks(mine)}/{hook.Id}", Token)).StatusCode);
        foreach (var path in (string[])["", "/deliveries", $"/deliveries/{hook.Id}"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{Hooks(theirs)}/{hook.Id}{path}", Token))
                .StatusCode);
        foreach (var path in (string[])["/ping", "/enable", "/rotate-secret", $"/deliveries/{hook.Id}/replay"])
            Assert.Equal(HttpStatusCode.NotFound,
                (await client.PostAsync($"{Hooks(theirs)}/{hook.Id}{path}", null, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"{Hooks(theirs)}/{hook.Id}", Token))
            .StatusCode);
        var none = await client.GetFromJsonAsync<JsonElement>(Hooks(theirs), Token);
        Assert.Empty(none.GetProperty("webhooks").EnumerateArray());
        Assert.Equal(HttpStatusCode.Forbidden, (await (await mine.As(Role.Viewer)).GetAsync(Hooks(mine), Token))
            .StatusCode);
        await theirs.Do(tx => tx.Emit(theirs.Id, DateTimeOffset.UnixEpoch, new Counted(1)));
        await mine.Do(tx => tx.Emit(mine.Id, DateTimeOffset.UnixEpoch, new Counted(2)));
        Assert.Equal(2, Number(await receiver.Next()));
    }

    [Theory, Backends]
    public async Task A_deleted_webhook_is_gone_with_everything_it_had(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await using var receiver = await FakeReceiver.Start();
        var hook = await Make(org, client, receiver);
        await client.PostAsync($"{Hooks(org)}/{hook.Id}/ping", null, Token);
        await receiver.Next();

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Hooks(org)}/{hook.Id}", Token)).StatusCode);

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{Hooks(org)}/{hook.Id}", Token)).StatusCode);
        Assert.Equal(0, await org.Count($"select count(*) as n from delivery_deliveries where org = {org.Id}"));
        Assert.Equal(0, await org.Count($"select count(*) as n from delivery_lanes where org = {org.Id}"));
    }

    internal sealed record Hook(Guid Id, string Secret);

    internal static string Hooks(TestOrg org) => $"/api/v1/{org.Id}/webhooks";

    internal static async Task<Hook> Make(
        TestOrg org, HttpClient client, FakeReceiver receiver, int attempts = 3,
        Dictionary<string, string>? headers = null, string events = "job.*")
    {
        using var answer = await client.PostAsJsonAsync(Hooks(org), new
        {
            url = new Uri(receiver.Url, "/hook"),
            events = events.Split(','),
            headers,
            retry_policy = new { max_attempts = attempts, backoff_multiplier = 1 },
        }, Token);
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return new Hook(made.GetProperty("id").GetGuid(), made.GetProperty("secret").GetString()!);
    }

    internal static int Number(Received received) =>
        JsonElement.Parse(received.Text).GetProperty("data").GetProperty("n").GetInt32();

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

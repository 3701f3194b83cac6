using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Tests.Events;
using Waypost.Tests.Fakes;
using Xunit;
using static Waypost.Tests.Delivery.WebhookTests;

namespace Waypost.Tests.Delivery;

public sealed class DeliveryTests
{
    [Theory, Backends]
    public async Task Events_arrive_in_order_and_signed_in_both_ways(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var hook = await Make(org, await org.As(Role.OrgAdmin), receiver, headers: new() { ["X-Token"] = "t1" });
        await Emit(org, Enumerable.Range(0, 30));

        var all = new List<Received>();
        for (var i = 0; i < 30; i++) all.Add(await receiver.Next());

        Assert.Equal(Enumerable.Range(0, 30), all.Select(Number));
        Assert.All(all, one =>
        {
            Assert.Equal("POST /hook", $"{one.Method} {one.Path}");
            Assert.Equal("t1", one.Headers["X-Token"]);
            Assert.Equal(one.Headers["webhook-id"], JsonElement.Parse(one.Text).GetProperty("event_id").GetString());
            Assert.Equal(StandardSignature(one, hook.Secret), one.Headers["webhook-signature"]);
            Assert.Equal(PlatformSignature(one, hook.Secret), one.Headers["X-Platform-Signature"]);
        });
    }

    [Theory, Backends]
    public async Task A_delivery_that_fails_is_tried_again_with_the_same_id_before_those_behind_it(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        receiver.AnswerWith(500, 302, 200);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver);
        await Emit(org, [1, 2]);

        Received[] all = [await receiver.Next(), await receiver.Next(), await receiver.Next(), await receiver.Next()];

        Assert.Equal([1, 1, 1, 2], all.Select(Number));
        Assert.Single(all.Take(3).Select(one => one.Headers["webhook-id"]).Distinct());
        var first = (await Settled(org, client, hook, 2))[1];
        var whole = await client.GetFromJsonAsync<JsonElement>(
            $"{Hooks(org)}/{hook.Id}/deliveries/{first.GetProperty("id").GetGuid()}", Token);
        Assert.Equal("sent", whole.GetProperty("status").GetString());
        Assert.Equal(
            [500, 302, 200],
            whole.GetProperty("tries").EnumerateArray().Select(one => one.GetProperty("response_status").GetInt32()));
        Assert.All(whole.GetProperty("tries").EnumerateArray(), one =>
            Assert.True(one.GetProperty("duration_ms").GetInt32() >= 0));
    }

    [Theory, Backends]
    public async Task A_webhook_that_fails_again_and_again_is_disabled_says_so_and_goes_on_when_enabled(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start(async http =>
        {
            http.Response.StatusCode = 503;
            await http.Response.WriteAsync("down for repair", http.RequestAborted);
        });
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver, attempts: 2);
        await using var events = await EventReading.Open(client, $"/api/v1/{org.Id}/events?types=webhook.disabled");
        await Emit(org, [1, 2, 3, 4]);

        var disabled = JsonElement.Parse((await events.Next()).Data);

        Assert.Equal(hook.Id.ToString(), disabled.GetProperty("entity_id").GetString());
        Assert.Contains("503", disabled.GetProperty("data").GetProperty("reason").GetString(),
            StringComparison.Ordinal);
        var view = await client.GetFromJsonAsync<JsonElement>($"{Hooks(org)}/{hook.Id}", Token);
        Assert.False(view.GetProperty("enabled").GetBoolean());
        var log = (await Deliveries(org, client, hook)).ToList();
        Assert.Equal(["waiting", "failed", "failed", "failed"],
            log.Select(one => one.GetProperty("status").GetString()));
        Assert.Equal("down for repair", log[1].GetProperty("tries")[0].GetProperty("answer").GetString());

        receiver.Waiting();
        receiver.AnswerWith();
        using var enabled = await client.PostAsync($"{Hooks(org)}/{hook.Id}/enable", null, Token);
        Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        Assert.Equal(4, Number(await receiver.Next()));
    }

    [Theory, Backends]
    public async Task A_receiver_that_answers_gone_is_not_asked_again(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        receiver.AnswerWith(410);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        await using var events = await EventReading.Open(client, $"/api/v1/{org.Id}/events?types=webhook.disabled");
        var hook = await Make(org, client, receiver);
        await Emit(org, [1, 2]);
        await events.Next();

        Assert.Single(receiver.Waiting());
        var log = await Deliveries(org, client, hook);
        Assert.Equal(["waiting", "failed"], log.Select(one => one.GetProperty("status").GetString()));
    }

    [Theory, Backends]
    public async Task A_delivery_is_replayed_with_its_own_id_and_a_ping_reaches_even_a_disabled_webhook(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        receiver.AnswerWith(410);
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver);
        await Emit(org, [1]);
        var first = await receiver.Next();
        var failed = (await Settled(org, client, hook, 1))[0].GetProperty("id").GetGuid();

        using var queued = await client.PostAsync($"{Hooks(org)}/{hook.Id}/deliveries/{failed}/replay", null, Token);
        var again = await receiver.Next();
        using var pinged = await client.PostAsync($"{Hooks(org)}/{hook.Id}/ping", null, Token);
        var ping = await receiver.Next();

        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        Assert.Equal((first.Text, first.Headers["webhook-id"]), (again.Text, again.Headers["webhook-id"]));
        Assert.Equal("webhook.ping", JsonElement.Parse(ping.Text).GetProperty("event_type").GetString());
        Assert.Equal(StandardSignature(ping, hook.Secret), ping.Headers["webhook-signature"]);
        var log = await Settled(org, client, hook, 3);
        Assert.Equal(failed, log[1].GetProperty("replay_of").GetGuid());
        Assert.Equal(["sent", "sent", "failed"], log.Select(one => one.GetProperty("status").GetString()));
    }

    [Theory, Backends]
    public async Task During_a_rotation_the_old_secret_and_the_new_one_both_sign(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver);

        using var rotated = await client.PostAsync($"{Hooks(org)}/{hook.Id}/rotate-secret", null, Token);
        var secret = (await rotated.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("secret").GetString()!;
        await client.PostAsync($"{Hooks(org)}/{hook.Id}/ping", null, Token);
        var ping = await receiver.Next();

        Assert.NotEqual(hook.Secret, secret);
        Assert.Equal(
            $"{StandardSignature(ping, secret)} {StandardSignature(ping, hook.Secret)}",
            ping.Headers["webhook-signature"]);
        Assert.Equal(
            $"{PlatformSignature(ping, secret)},{PlatformSignature(ping, hook.Secret)}",
            ping.Headers["X-Platform-Signature"]);
    }

    [Theory, Backends]
    public async Task An_event_given_twice_is_delivered_once(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var hook = await Make(org, client, receiver);
        await Emit(org, [1]);
        await receiver.Next();
        var page = await EventLog.Read(server.Db, org.Id, 0, EventFilter.All, 10, Token);

        await Waypost.Delivery.Deliveries.QueueEvents(server.Databases, TimeProvider.System, page.Events, Token);
        await Emit(org, [2]);

        Assert.Equal(2, Number(await receiver.Next()));
        Assert.Equal(2, (await Deliveries(org, client, hook)).Count());
    }

    [Theory, Backends]
    public async Task A_notice_is_sent_once_signed_with_the_clients_secret_and_its_end_is_an_event(Backend backend)
    {
        await using var receiver = await FakeReceiver.Start();
        receiver.AnswerWith(500);
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        await using var events =
            await EventReading.Open(await org.As(Role.Viewer), $"/api/v1/{org.Id}/events?types=delivery.*");
        var body = new Json("""{"request_id":"r1",  "status":"completed"}""");
        await Notify(new Notice(receiver.Url.ToString(), body, "r1") { Secret = "the client's own" });

        var (first, second) = (await receiver.Next(), await receiver.Next());
        Assert.Equal(body.Text, first.Text);
        Assert.Equal(first.Headers["webhook-id"], second.Headers["webhook-id"]);
        Assert.Equal(PlatformSignature(second, "the client's own"), second.Headers["X-Platform-Signature"]);
        var sent = await events.Next();
        Assert.Equal("delivery.sent", sent.EventType);
        Assert.Equal("r1", JsonElement.Parse(sent.Data).GetProperty("entity_id").GetString());

        await Notify(new Notice("http://10.0.0.1/", body, "r2") { MaxAttempts = 2 });
        await Notify(new Notice("not a url", body, "r3") { MaxAttempts = 1 });
        JsonElement[] failed =
            [JsonElement.Parse((await events.Next()).Data), JsonElement.Parse((await events.Next()).Data)];
        Assert.All(failed, one => Assert.Equal("delivery.failed", one.GetProperty("event_type").GetString()));
        Assert.Equal(["r2", "r3"], failed.Select(one => one.GetProperty("entity_id").GetString()).Order());

        Task Notify(Notice notice) => org.Do(tx => tx.Notify(
            server.Services.GetRequiredService<Secrets>(), org.Id, notice, TimeProvider.System.GetUtcNow()));
    }

    [Theory, Backends]
    public async Task A_server_that_dies_between_sending_and_recording_sends_again_with_the_same_id(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        await using var receiver = await FakeReceiver.Start();
        var secrets = Secrets.Of("a secret for this test only");
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        var settings = new DeliverySettings();
        await using (var tx = await log.Db.Begin(Token))
        {
            await tx.Notify(secrets, "a", new Notice(receiver.Url.ToString(), Json.EmptyObject, "r1"),
                clock.GetUtcNow());
            await tx.Commit();
        }
        using var death = CancellationTokenSource.CreateLinkedTokenSource(Token);
        receiver.Answer = http => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
        var dying = new Sender(log.Db, outbound, secrets, settings, clock).Round(death.Token);
        var first = await receiver.Next();
        receiver.Answer = _ => Task.CompletedTask;
        clock.Advance(TimeSpan.FromHours(1));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var next = Task.Run(async () =>
        {
            var sender = new Sender(log.Db, outbound, secrets, settings, clock);
            while (!stop.IsCancellationRequested) await sender.Round(stop.Token);
        }, CancellationToken.None);
        var second = await receiver.Next();

        Assert.Equal(first.Headers["webhook-id"], second.Headers["webhook-id"]);
        await death.CancelAsync();
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => Task.WhenAll(dying, next));
    }

    [Theory, Backends]
    public async Task A_delivery_that_cannot_even_be_written_fails_alone(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        await using var receiver = await FakeReceiver.Start();
        var secrets = Secrets.Of("a secret for this test only");
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        var (broken, sound) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Queue(log, receiver, broken, "broken", secrets.Seal("not a list of headers"));
        await Queue(log, receiver, sound, "sound", secrets.Seal("{}"));
        var sender = new Sender(log.Db, outbound, secrets, new DeliverySettings(), TimeProvider.System);

        while (await Waiting() > 0) await sender.Round(Token);

        Assert.Equal("sound", (await receiver.Next()).Text);
        var why = await log.Db.One<Words>($"select error as t from delivery_attempts where org = {"a"} and error <> ''",
            Token);
        Assert.Contains("JsonException", why!.T, StringComparison.Ordinal);

        async Task<long> Waiting() => (await log.Db.One<Number>($"""
            select count(*) as n from delivery_deliveries where org = {"a"} and state = {DeliveryState.Waiting}
            """, Token))!.N;
    }

    [Theory, Backends]
    public async Task A_lane_with_slow_receivers_and_much_to_send_lets_the_others_have_their_turn(Backend backend)
    {
        await using var log = await LogDatabase.Open(backend);
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        await using var receiver = await FakeReceiver.Start(_ =>
        {
            clock.Advance(Sender.LongestTurn);
            return Task.CompletedTask;
        });
        var secrets = Secrets.Of("a secret for this test only");
        using var outbound = new Outbound(new OutboundSettings(["127.0.0.1"]), TimeProvider.System);
        var (slow, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var body in (string[])["1", "2", "3"])
            await Queue(log, receiver, slow, body, secrets.Seal("{}"), clock.GetUtcNow());
        await Queue(log, receiver, other, "other", secrets.Seal("{}"), clock.GetUtcNow().AddSeconds(1));
        var sender = new Sender(log.Db, outbound, secrets, new DeliverySettings { Concurrency = 1 }, clock);

        var order = new List<string>();
        while (order.Count < 4)
        {
            await sender.Round(Token);
            order.AddRange(receiver.Waiting().Select(one => one.Text));
        }

        Assert.Equal(["1", "other", "2", "3"], order);
    }

    [Fact]
    public void The_pause_between_attempts_has_full_jitter_a_bound_and_respects_the_receiver()
    {
        var first = TimeSpan.FromSeconds(2);
        Assert.Equal(TimeSpan.Zero, Outcomes.Backoff(1, 2, first, null, 0));
        Assert.Equal(TimeSpan.FromSeconds(2), Outcomes.Backoff(1, 2, first, null, 1));
        Assert.Equal(TimeSpan.FromSeconds(16), Outcomes.Backoff(4, 2, first, null, 1));
        Assert.Equal(TimeSpan.FromHours(1), Outcomes.Backoff(20, 10, first, null, 1));
        Assert.Equal(TimeSpan.FromSeconds(60), Outcomes.Backoff(1, 2, first, TimeSpan.FromSeconds(60), 0.5));
        Assert.Equal(TimeSpan.FromHours(24), Outcomes.Backoff(1, 2, first, TimeSpan.FromDays(60), 0.5));
    }

    static Task Emit(TestOrg org, IEnumerable<int> numbers) => org.Do(async tx =>
    {
        foreach (var n in numbers) await tx.Emit(org.Id, DateTimeOffset.UnixEpoch, new Counted(n));
    });

    static async Task Queue(
        LogDatabase log, FakeReceiver receiver, Guid lane, string body, string headers, DateTimeOffset? due = null)
    {
        var now = due ?? TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var tx = await log.Db.Begin(Token);
        await Waypost.Delivery.Deliveries.Queue(tx, new NewDelivery(
            id, "a", lane, Webhook: null, id.ToString(), "notice", "r", body, MaxAttempts: 1, BackoffMultiplier: 1)
        {
            Url = receiver.Url.ToString(),
            HeadersSealed = headers,
        }, now);
        await Waypost.Delivery.Deliveries.Line(tx, "a", lane, now);
        await tx.Commit();
    }

    static async Task<IEnumerable<JsonElement>> Deliveries(TestOrg org, HttpClient client, Hook hook) =>
        (await client.GetFromJsonAsync<JsonElement>($"{Hooks(org)}/{hook.Id}/deliveries", Token))
            .GetProperty("deliveries").EnumerateArray();

    /// <summary>The deliveries, when there are this many and none waits.</summary>
    static async Task<List<JsonElement>> Settled(TestOrg org, HttpClient client, Hook hook, int count)
    {
        while (true)
        {
            var all = (await Deliveries(org, client, hook)).ToList();
            if (all.Count == count && all.All(one => one.GetProperty("status").GetString() != "waiting")) return all;
            Token.ThrowIfCancellationRequested();
        }
    }

    // Computed here from the standards' text, not with the code under test.
    static string StandardSignature(Received one, string secret)
    {
        var content =
            Encoding.UTF8.GetBytes($"{one.Headers["webhook-id"]}.{one.Headers["webhook-timestamp"]}.{one.Text}");
        return "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), content));
    }

    static string PlatformSignature(Received one, string secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), one.Body));

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

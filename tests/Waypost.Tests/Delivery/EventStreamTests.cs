using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Tests.Events;
using Waypost.Tests.Fakes;
using Xunit;

namespace Waypost.Tests.Delivery;

public sealed class EventStreamTests
{
    [Theory, Backends]
    public async Task What_happens_is_streamed_at_once_in_one_shape(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await using var stream = await EventReading.Open(await org.As(Role.Viewer), Events(org));
        var at = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await org.Do(tx => tx.Emit(org.Id, at, new Counted(7), "j1"));

        var item = await stream.Next();

        Assert.Equal("job.progress", item.EventType);
        var data = JsonElement.Parse(item.Data);
        Assert.DoesNotContain('\n', item.Data);
        Assert.Equal(
            ["event_id", "event_type", "timestamp", "org_id", "entity_id", "data", "metadata"],
            data.EnumerateObject().Select(member => member.Name));
        Assert.Equal("job.progress", data.GetProperty("event_type").GetString());
        Assert.Equal(at, data.GetProperty("timestamp").GetDateTimeOffset());
        Assert.Equal(org.Id, data.GetProperty("org_id").GetString());
        Assert.Equal("j1", data.GetProperty("entity_id").GetString());
        Assert.Equal(7, data.GetProperty("data").GetProperty("n").GetInt32());
        Assert.Equal(item.EventId, data.GetProperty("metadata").GetProperty("position").GetInt64().ToString());
        Assert.Equal(TimeSpan.FromSeconds(2), item.ReconnectionInterval);
    }

    [Theory, Backends]
    public async Task A_stream_resumes_after_the_last_event_it_got_from_the_log_then_live(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await Emit(org, Enumerable.Range(0, 450));
        string third;
        await using (var first = await EventReading.Open(client, Events(org) + "?since=beginning"))
            third = (await first.Next(3))[^1].EventId!;

        await using var resumed = await EventReading.Open(client, Events(org), third);
        await using var byQuery = await EventReading.Open(client, $"{Events(org)}?last_event_id={third}");
        var rest = await resumed.Next(447);
        await Emit(org, [450, 451]);
        rest.AddRange(await resumed.Next(2));

        Assert.Equal(Enumerable.Range(3, 449), rest.Select(Number));
        Assert.Equal(Enumerable.Range(3, 449), (await byQuery.Next(449)).Select(Number));
    }

    [Theory, Backends]
    public async Task A_stream_that_is_read_too_slowly_for_its_queue_misses_nothing(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await using var stream = await EventReading.Open(await org.As(Role.Viewer), Events(org));
        var padding = new string('x', 20_000);
        foreach (var part in Enumerable.Range(0, 1500).Chunk(300))
            await org.Do(async tx =>
            {
                foreach (var n in part) await tx.Emit(org.Id, DateTimeOffset.UnixEpoch, new Padded(n, padding));
            });
        await Caught(org, 1500);

        var all = await stream.Next(1500);

        Assert.Equal(Enumerable.Range(0, 1500), all.Select(Number));
    }

    [Theory, Backends]
    public async Task Only_the_types_asked_for_come(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await using var items = await EventReading.Open(client, Events(org) + "?types=item.*,job.completed");
        await org.Do(async tx =>
        {
            await tx.Emit(org.Id, DateTimeOffset.UnixEpoch, new Counted(1));
            await tx.Emit(org.Id, DateTimeOffset.UnixEpoch, new Made(2));
        });

        Assert.Equal(2, Number(await items.Next()));
        var page = await client.GetFromJsonAsync<JsonElement>(Events(org) + "?types=job.*", Token);
        Assert.Equal([1], Numbers(page));
        using var unknown = await client.GetAsync(Events(org) + "?types=job.complete,item.*", Token);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        var problem = await unknown.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("UNKNOWN_EVENT_TYPE", problem.GetProperty("code").GetString());
        Assert.Equal("job.complete", Assert.Single(problem.GetProperty("unknown").EnumerateArray()).GetString());
    }

    [Theory, Backends]
    public async Task An_organization_sees_its_own_events_only(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (mine, theirs) = (await server.NewOrg(), await server.NewOrg());
        await using var stream = await EventReading.Open(await mine.As(Role.Viewer), Events(mine));
        await Emit(theirs, [1]);
        await Emit(mine, [2]);
        await Caught(theirs, 1);

        Assert.Equal(2, Number(await stream.Next()));
        var client = await mine.As(Role.Viewer);
        var page = await client.GetFromJsonAsync<JsonElement>(Events(mine), Token);
        Assert.Equal([2], Numbers(page));
        using var refused = await EventReading.Ask(client, Events(theirs));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var node = await (await mine.As(Role.Node)).GetAsync(Events(mine), Token);
        Assert.Equal(HttpStatusCode.Forbidden, node.StatusCode);
    }

    [Theory, Backends]
    public async Task A_script_reads_page_by_page_and_may_wait_for_the_next_event(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.Viewer);
        await Emit(org, [1, 2, 3]);
        await Caught(org, 3);
        var first = await client.GetFromJsonAsync<JsonElement>(Events(org) + "?limit=2", Token);
        var next = first.GetProperty("next").GetInt64();
        var second = await client.GetFromJsonAsync<JsonElement>($"{Events(org)}?after={next}", Token);

        var waiting = client.GetFromJsonAsync<JsonElement>(
            $"{Events(org)}?after={second.GetProperty("next").GetInt64()}&wait=30", Token);
        await Emit(org, [4]);

        Assert.Equal([1, 2], Numbers(first));
        Assert.Equal([3], Numbers(second));
        Assert.Equal([4], Numbers(await waiting));
    }

    [Theory, Backends]
    public async Task The_numbers_of_an_organizations_events_say_nothing_of_how_busy_others_are(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (org, other) = (await server.NewOrg(), await server.NewOrg());
        var client = await org.As(Role.Viewer);
        await using var stream = await EventReading.Open(client, Events(org) + "?since=beginning");
        await Emit(org, [1]);
        await Caught(org, 1);
        await Emit(other, Enumerable.Range(0, 20));
        await Caught(other, 20);
        await Emit(org, [2]);

        var seen = await stream.Next(2);
        var page = await client.GetFromJsonAsync<JsonElement>($"{Events(org)}?since=beginning", Token);

        Assert.Equal(["1", "2"], seen.Select(item => item.EventId));
        Assert.Equal([1, 2], page.GetProperty("events").EnumerateArray()
            .Select(one => one.GetProperty("metadata").GetProperty("position").GetInt64()));
        Assert.Equal(2, page.GetProperty("next").GetInt64());
    }

    [Theory, Backends]
    public async Task A_resume_that_cannot_be_complete_is_refused_not_silent(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var org = await server.NewOrg();
        var client = await org.As(Role.Viewer);
        await Emit(org, [1, 2]);
        await Caught(org, 2);
        var page = await client.GetFromJsonAsync<JsonElement>(Events(org), Token);
        var last = page.GetProperty("events")[1].GetProperty("metadata").GetProperty("position").GetInt64();
        await org.Do(tx => tx.Run($"insert into events_pruned (org, position) values ({org.Id}, {last})"));

        await Refuses(last - 1, HttpStatusCode.Gone, "EVENTS_PRUNED");
        await Refuses(long.MaxValue, HttpStatusCode.BadRequest, "EVENT_POSITION_UNKNOWN");
        using var script = await client.GetAsync($"{Events(org)}?after={last - 1}", Token);
        Assert.Equal(HttpStatusCode.Gone, script.StatusCode);
        using var nonsense = await EventReading.Ask(client, Events(org), "nonsense");
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        await using var complete = await EventReading.Open(client, Events(org), last.ToString());
        await using var whatIsKept = await EventReading.Open(client, Events(org) + "?since=beginning");

        async Task Refuses(long after, HttpStatusCode status, string code)
        {
            using var refused = await EventReading.Ask(client, Events(org), after.ToString());
            Assert.Equal(status, refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal(code, problem.GetProperty("code").GetString());
        }
    }

    [Theory, Backends]
    public async Task A_quiet_stream_beats_and_ends_with_its_key(Backend backend)
    {
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(backend, settings => settings with { Clock = clock });
        var org = await server.NewOrg();
        using var response = await EventReading.Ask(await org.As(Role.Viewer), Events(org));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        while (await reader.ReadLineAsync(Token) is not { } line
            || !line.StartsWith("id:", StringComparison.Ordinal)) { }

        await ReadUntil(": beat");
        await org.Do(tx => tx.Run($"update access_keys set revoked_at = {clock.GetUtcNow()} where org = {org.Id}"));
        await ReadUntil("event: error");
        Assert.Contains("KEY_UNKNOWN", await reader.ReadLineAsync(Token), StringComparison.Ordinal);

        async Task ReadUntil(string wanted)
        {
            while (true)
            {
                var line = reader.ReadLineAsync(Token).AsTask();
                while (!line.IsCompleted)
                {
                    clock.Advance(Waypost.Delivery.EventStream.Beat);
                    await Task.Yield();
                }
                if (await line == wanted) return;
            }
        }
    }

    [Theory, Backends]
    public async Task Streams_end_at_once_when_the_server_stops(Backend backend)
    {
        var server = await TestServer.Start(backend);
        var org = await server.NewOrg();
        await using var stream = await EventReading.Open(await org.As(Role.Viewer), Events(org));

        var stopping = server.DisposeAsync().AsTask();

        await stream.Ended();
        await stopping;
    }

    [Theory, Backends]
    public async Task Events_go_on_by_themselves_after_the_database_closed_every_connection(Backend backend)
    {
        if (backend == Backend.Sqlite) return;
        await using var server = await TestServer.Start(backend);
        var org = await server.NewOrg();
        await using var stream = await EventReading.Open(await org.As(Role.Viewer), Events(org));
        await Emit(org, [1]);
        Assert.Equal(1, Number(await stream.Next()));

        await Record.ExceptionAsync(() => org.Do(tx => tx.Run($"""
            select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
            """)));
        while (await Record.ExceptionAsync(() => Emit(org, [2])) is not null) { }

        Assert.Equal(2, Number(await stream.Next()));
    }

    static string Events(TestOrg org) => $"/api/v1/{org.Id}/events";

    static Task Emit(TestOrg org, IEnumerable<int> numbers) => org.Do(async tx =>
    {
        foreach (var n in numbers) await tx.Emit(org.Id, DateTimeOffset.UnixEpoch, new Counted(n));
    });

    /// <summary>Returns when the log has this many of the organization's events.</summary>
    static async Task Caught(TestOrg org, int count)
    {
        var client = await org.As(Role.Viewer);
        for (var after = 0L; count > 0;)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"{Events(org)}?limit=1000&wait=30&after={after}",
                Token);
            count -= page.GetProperty("events").GetArrayLength();
            after = page.GetProperty("next").GetInt64();
        }
    }

    static int Number(System.Net.ServerSentEvents.SseItem<string> item) =>
        JsonElement.Parse(item.Data).GetProperty("data").GetProperty("n").GetInt32();

    static IEnumerable<int> Numbers(JsonElement page) => page.GetProperty("events").EnumerateArray()
        .Select(one => one.GetProperty("data").GetProperty("n").GetInt32());

    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed record Padded(int N, string Padding) : IEvent
    {
        public static string EventType => "job.progress";
    }

    sealed record Made(int N) : IEvent
    {
        public static string EventType => "item.created";
    }
}

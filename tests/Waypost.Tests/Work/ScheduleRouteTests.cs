using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Waypost.Tests.Events;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>Schedules through the front door.</summary>
public sealed class ScheduleRouteTests
{
    [Theory, Backends]
    public async Task A_schedule_is_made_seen_replaced_and_removed(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var answer = await org.Send(HttpMethod.Post, "schedules", new
        {
            id = "nightly",
            kind = "hello_world",
            parameters = new { n = 2 },
            cron = "30 2 * * *",
            time_zone = "Europe/Zurich",
        });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/api/v1/{org.Id}/schedules/nightly", answer.Headers.Location?.ToString());
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("last", made.GetProperty("catch_up").GetString());
        Assert.True(made.GetProperty("next_at").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
        Assert.Equal(JsonValueKind.Null, made.GetProperty("last_run").ValueKind);
        Assert.Equal(made.GetRawText(), (await org.Get("schedules/nightly")).GetRawText());
        Assert.Equal("SCHEDULE_EXISTS", Code(await org.Refusal(HttpStatusCode.Conflict, HttpMethod.Post, "schedules",
            new { id = "nightly", kind = "hello_world", every = "PT1H" })));

        var replaced = await org.Send(HttpMethod.Put, "schedules/nightly",
            new { kind = "hello_world", every = "PT1H", catch_up = "none" });
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        var now = await org.Get("schedules/nightly");
        Assert.Equal(("PT1H", null, "none"), (Text(now, "every"), Text(now, "cron"), Text(now, "catch_up")));

        Assert.Equal(HttpStatusCode.NoContent, (await org.Send(HttpMethod.Delete, "schedules/nightly")).StatusCode);
        await org.Refusal(HttpStatusCode.NotFound, HttpMethod.Get, "schedules/nightly");
        await org.Refusal(HttpStatusCode.NotFound, HttpMethod.Delete, "schedules/nightly");
        await org.Refusal(HttpStatusCode.NotFound, HttpMethod.Put, "schedules/nightly",
            new { kind = "hello_world", every = "PT1H" });
    }

    [Theory, Backends]
    public async Task A_schedule_runs_now_when_asked_but_not_beside_itself(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var id = Text(await org.Post("schedules", new { kind = "hello_world", cron = "@yearly" }), "id");
        var started = await org.Post($"schedules/{id}/run");
        var job = Text(started, "job_id")!;
        Assert.Equal("queued", Text(await org.Job(job), "status"));
        var run = (await org.Get($"schedules/{id}")).GetProperty("last_run");
        Assert.Equal((job, "running"), (Text(run, "job_id"), Text(run, "outcome")));
        Assert.Equal("SCHEDULE_RUNNING",
            Code(await org.Refusal(HttpStatusCode.Conflict, HttpMethod.Post, $"schedules/{id}/run")));

        await org.Post($"jobs/{job}/cancel");
        Assert.Equal("cancelled", Text((await org.Get($"schedules/{id}")).GetProperty("last_run"), "outcome"));
        Assert.NotEqual(job, Text(await org.Post($"schedules/{id}/run"), "job_id"));
        Assert.Equal(2, (await org.Get($"schedules/{id}")).GetProperty("fired").GetInt32());
    }

    [Theory, Backends]
    public async Task A_paused_schedule_waits_until_it_is_resumed(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        await org.Post("schedules", new { id = "it", kind = "hello_world", every = "PT1H" });
        var paused = await org.Post("schedules/it/pause");
        Assert.True(paused.GetProperty("paused").GetBoolean());
        Assert.Equal(JsonValueKind.Null, paused.GetProperty("next_at").ValueKind);
        Assert.Equal(paused.GetRawText(), (await org.Post("schedules/it/pause")).GetRawText());
        var resumed = await org.Post("schedules/it/resume");
        Assert.False(resumed.GetProperty("paused").GetBoolean());
        Assert.Equal(JsonValueKind.String, resumed.GetProperty("next_at").ValueKind);

        var begun = await org.Post("schedules", new { kind = "hello_world", every = "PT1H", paused = true });
        Assert.Equal(JsonValueKind.Null, begun.GetProperty("next_at").ValueKind);
    }

    [Theory, Backends]
    public async Task The_list_is_walked_page_by_page(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var ids = Enumerable.Range(0, 5).Select(i => $"s{i}").ToList();
        foreach (var id in ids) await org.Post("schedules", new { id, kind = "hello_world", every = "P1D" });
        var (seen, after) = (new List<string>(), "");
        do
        {
            var page = await org.Get($"schedules?limit=2&after={after}");
            seen.AddRange(page.GetProperty("schedules").EnumerateArray().Select(one => Text(one, "id")!));
            after = Text(page, "next");
        }
        while (after is not null);
        Assert.Equal(ids, seen);
    }

    [Theory, Backends]
    public async Task What_is_wrong_with_a_schedule_is_told(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        (object Body, string Says)[] wrong =
        [
            (new { kind = "hello_world" }, "either cron or every"),
            (new { kind = "hello_world", cron = "* * * * *", every = "PT1H" }, "either cron or every"),
            (new { kind = "hello_world", cron = "61 * * * *" }, "minute says '61'"),
            (new { kind = "hello_world", cron = "0 0 31 2 *" }, "never comes"),
            (new { kind = "hello_world", every = "PT1S" }, "PT10S"),
            (new { kind = "hello_world", cron = "0 3 * * *", time_zone = "Europe/Atlantis" }, "Europe/Atlantis"),
            (new { kind = "hello_world", every = "PT1H", id = "a/b" }, "id of the schedule"),
            (new { kind = "process_raster", every = "PT1H" }, "process_raster"),
            (new { kind = "hello_world", every = "PT1H", parameters = new { n = -1 } }, "n"),
            (new { kind = "hello_world", every = "PT1H", parameters = new { _mine = 1 } }, "_mine"),
            (new { kind = "hello_world", every = "PT1H", catch_up = "all" }, "catch_up"),
            (new { kind = "hello_world", every = "PT1H", until = "tomorrow" }, "until"),
            (new { every = "PT1H" }, "kind"),
        ];
        foreach (var (body, says) in wrong)
        {
            var problem = await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Post, "schedules", body);
            Assert.Contains(says, problem.GetRawText(), StringComparison.Ordinal);
        }
        Assert.Empty((await org.Get("schedules")).GetProperty("schedules").EnumerateArray());
        var viewer = await org.Org.As(Role.Viewer);
        await org.Refusal(HttpStatusCode.Forbidden, HttpMethod.Post, "schedules",
            new { kind = "hello_world", every = "PT1H" }, viewer);
        Assert.Equal(HttpStatusCode.OK, (await org.Send(HttpMethod.Get, "schedules", client: viewer)).StatusCode);
    }

    [Theory, Backends]
    public async Task The_server_itself_fires_what_is_due_and_says_so_in_an_event(Backend backend)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.Start(backend, settings => settings with { Clock = clock });
        var org = new QuietOrg(new TestOrg(server, "default"), server.With(TestServer.AdminKey));
        await org.Post("schedules", new { id = "it", kind = "hello_world", every = "PT10S" });
        var schedule = await org.Get("schedules/it");
        while (schedule.GetProperty("last_run").ValueKind == JsonValueKind.Null)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            schedule = await org.Get("schedules/it");
        }
        var job = Text(schedule.GetProperty("last_run"), "job_id")!;
        Assert.Equal("hello_world", Text(await org.Job(job), "job_type"));
        Assert.NotEqual(0, await org.Org.Count($"""
            select count(*) as n from events
            where org = {org.Id} and type = 'schedule.fired' and subject = 'it' and at <= {clock.GetUtcNow()}
            """));
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static string? Code(JsonElement problem) => Text(problem, "code");

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

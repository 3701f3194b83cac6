using System.Net;
using System.Text.Json;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>What people do to jobs, through the front door.</summary>
public sealed class SteeringTests
{
    static readonly string[] Verbs = ["cancel", "pause", "resume", "retry"];

    [Theory, Backends]
    public async Task A_paused_job_hands_out_nothing_until_it_is_resumed(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var job = await org.Submit(2);

        Assert.Equal("paused", Status(await org.Post($"jobs/{job}/pause")));
        var ask = new { worker = "w", kinds = QuietOrg.Kinds, max = 9 };
        Assert.Empty((await org.Post("tasks/leases", ask)).GetProperty("leases").EnumerateArray());
        Assert.Equal("JOB_STATE", Code(await Not(org, job, "pause")));
        Assert.Equal("queued", Status(await org.Post($"jobs/{job}/resume")));
        Assert.Equal("JOB_STATE", Code(await Not(org, job, "resume")));
        Assert.Equal(2, (await org.Lease(org.Client, 2)).Count);

        Assert.Equal("paused", Status(await org.Post($"jobs/{job}/pause")));
        Assert.Equal("processing", Status(await org.Post($"jobs/{job}/resume")));
    }

    [Theory, Backends]
    public async Task A_cancelled_job_is_over_at_once_and_a_retry_runs_what_was_left_of_it(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var job = await org.Submit(3);
        var task = (await org.Lease(org.Client, 1)).Single();

        Assert.Equal("JOB_STATE", Code(await Not(org, job, "retry")));
        var cancelled = await org.Post($"jobs/{job}/cancel");
        Assert.Equal("cancelled", Status(cancelled));
        Assert.Equal(JsonValueKind.String, cancelled.GetProperty("finished_at").ValueKind);
        var late = await org.Post("tasks/completions", new
        {
            worker = "w",
            completions = new[]
            {
                new
                {
                    task_id = task.GetProperty("task_id").GetString(),
                    fence = task.GetProperty("fence").GetInt64(),
                    result = new { },
                },
            },
        });
        Assert.Equal("stale", late.GetProperty("answers")[0].GetProperty("verdict").GetString());
        foreach (var verb in (string[])["cancel", "pause", "resume"])
            Assert.Equal("JOB_STATE", Code(await Not(org, job, verb)));

        var again = await org.Post($"jobs/{job}/retry");
        Assert.Equal("queued", Status(again));
        Assert.Equal(1, again.GetProperty("run").GetInt32());
        Assert.Equal(3, again.GetProperty("stages")[0].GetProperty("remaining").GetInt32());
        Assert.Equal(3, (await org.Lease(org.Client, 3)).Count);
    }

    [Theory, Backends]
    public async Task A_job_made_more_urgent_is_handed_out_first(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var first = await org.Submit(1, "first");
        var second = await org.Submit(1, "second");

        var answer = await org.Send(HttpMethod.Put, $"jobs/{second}/priority", new { priority = 5 });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(5, (await org.Job(second)).GetProperty("priority").GetInt32());
        Assert.Equal(second, (await org.Lease(org.Client, 1)).Single().GetProperty("job_id").GetString());
        Assert.Equal(0, (await org.Job(first)).GetProperty("priority").GetInt32());
        await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Put, $"jobs/{second}/priority", new { priority = "x" });
        await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Put, $"jobs/{second}/priority", new { urgency = 1 });
    }

    [Theory, Backends]
    public async Task Nobody_steers_a_job_that_is_not_theirs_or_not_there_or_without_the_permission(Backend backend)
    {
        var (org, foreign) = (await QuietServer.NewOrg(backend), await QuietServer.NewOrg(backend));
        var job = await org.Submit(1);
        var viewer = await org.Org.As(Role.Viewer);
        foreach (var verb in Verbs)
        {
            await foreign.Refusal(HttpStatusCode.NotFound, HttpMethod.Post, $"jobs/{job}/{verb}");
            await org.Refusal(HttpStatusCode.NotFound, HttpMethod.Post, $"jobs/{job[..63]}/{verb}");
            await org.Refusal(HttpStatusCode.Forbidden, HttpMethod.Post, $"jobs/{job}/{verb}", client: viewer);
        }
        await foreign.Refusal(HttpStatusCode.NotFound, HttpMethod.Put, $"jobs/{job}/priority", new { priority = 1 });
        await foreign.Refusal(HttpStatusCode.NotFound, HttpMethod.Get, $"jobs/{job}");
        await foreign.Refusal(HttpStatusCode.NotFound, HttpMethod.Get, $"jobs/{job}/tasks");
        Assert.Empty((await foreign.Get("jobs")).GetProperty("jobs").EnumerateArray());
        Assert.Equal("queued", Status(await org.Job(job)));
    }

    [Theory, Backends]
    public async Task The_list_of_jobs_and_that_of_tasks_are_walked_page_by_page_each_once(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var jobs = new List<string>();
        for (var i = 0; i < 7; i++) jobs.Add(await org.Submit(1, $"number {i}"));
        await org.Post($"jobs/{jobs[3]}/cancel");

        Assert.Equal(Enumerable.Reverse(jobs), await Walk(org, "jobs?limit=3", "jobs", "job_id"));
        Assert.Equal([jobs[3]], await Walk(org, "jobs?limit=3&status=cancelled", "jobs", "job_id"));
        Assert.Equal(6, (await Walk(org, "jobs?limit=2&status=queued&kind=hello_world", "jobs", "job_id")).Count);
        Assert.Empty(await Walk(org, "jobs?kind=process_raster", "jobs", "job_id"));

        var many = await org.Submit(5, "many");
        var units = await Walk(org, $"jobs/{many}/tasks?limit=2", "tasks", "unit");
        Assert.Equal(["00000", "00001", "00002", "00003", "00004"], units);
    }

    [Theory, Backends]
    public async Task A_list_is_not_asked_with_what_it_does_not_know(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var job = await org.Submit(1);
        foreach (var list in (string[])["jobs", $"jobs/{job}/tasks"])
            foreach (var wrong in (string[])[
                "status=lost", "status=1", "limit=0", "limit=1001", "limit=x",
                "token=x", "token=AAAA", "token=.", "order=a",
                "token=" + Token("2026-01-01T00:00:00+02:00"), "kind=a%00b",
                "token=" + Token("99999999999999999999 1"), "token=" + Token("1 a\0b")])
            {
                var answer = await org.Send(HttpMethod.Get, $"{list}?{wrong}");
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{list}?{wrong}: {answer.StatusCode}");
            }
        // A time of another zone is a time, and a name that no kind has is a name.
        await org.Get("jobs?token=" + Token("2026-01-01T00:00:00+02:00 a"));
        Assert.Empty((await org.Get("jobs?kind=ab")).GetProperty("jobs").EnumerateArray());
        Assert.InRange((int)(await org.Send(HttpMethod.Get, "jobs/a%00b")).StatusCode, 400, 404);
        await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Post, "jobs",
            """{"kind":"hello_world","parameters":{"message":"a\u0000b"}}""");
        await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Post, "jobs",
            """{"kind":"hello_world","parameters":{"message":"a\ud800b"}}""");
    }

    static string Token(string text) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    static async Task<List<string>> Walk(QuietOrg org, string path, string list, string id)
    {
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await org.Get(token is null ? path : $"{path}&token={token}");
            seen.AddRange(page.GetProperty(list).EnumerateArray().Select(one => one.GetProperty(id).GetString()!));
            token = page.TryGetProperty("next_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);
        return seen;
    }

    static Task<JsonElement> Not(QuietOrg org, string job, string verb) =>
        org.Refusal(HttpStatusCode.Conflict, HttpMethod.Post, $"jobs/{job}/{verb}");

    static string? Status(JsonElement job) => job.GetProperty("status").GetString();

    static string? Code(JsonElement problem) => problem.GetProperty("code").GetString();
}

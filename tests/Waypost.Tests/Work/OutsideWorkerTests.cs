using System.Net;
using System.Text.Json;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>Workers outside the server, through its front door.</summary>
public sealed class OutsideWorkerTests
{
    [Theory, Backends]
    public async Task A_worker_takes_a_job_to_its_end_and_gets_its_next_tasks_with_each_report(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var worker = await org.Org.As(Role.Node);
        var job = await org.Submit(2);
        var leased = await org.Lease(worker, 2);

        Assert.All(leased, task => Assert.Equal(job, task.GetProperty("job_id").GetString()));
        Assert.All(leased, task => Assert.Equal("greeting", task.GetProperty("stage").GetString()));
        Assert.All(leased, task => Assert.Equal(2, task.GetProperty("job_parameters").GetProperty("n").GetInt32()));
        Assert.Equal("processing", (await org.Job(job)).GetProperty("status").GetString());
        while (leased.Count > 0)
        {
            var taken = await org.Post("tasks/completions", new
            {
                worker = "w",
                completions = leased.Select(task => Done(task)),
                next = new { kinds = QuietOrg.Kinds, max = 2 },
            }, worker);
            Assert.DoesNotContain("unknown", Verdicts(taken));
            leased = [.. taken.GetProperty("leases").EnumerateArray()];
            // On a machine that stands still a lease may run out: then there is something to lease again.
            if (leased.Count == 0 && (await org.Job(job)).GetProperty("status").GetString() == "processing")
                leased = [.. (await org.Post(
                    "tasks/leases", new { worker = "w", kinds = QuietOrg.Kinds, max = 2 }, worker))
                    .GetProperty("leases").EnumerateArray()];
        }
        var done = await org.Job(job);
        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal(2, done.GetProperty("result").GetProperty("replies").GetInt32());
    }

    [Theory, Backends]
    public async Task Reports_under_a_stale_fence_about_unknown_tasks_or_by_another_worker_change_nothing(
        Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var (worker, other) = (await org.Org.As(Role.Node), await org.Org.As(Role.Node));
        var job = await org.Submit(1);
        var task = (await org.Lease(worker, 1)).Single();
        var fence = task.GetProperty("fence").GetInt64();

        Assert.Equal(["stale", "stale", "stale"], Verdicts(await org.Post("tasks/completions", new
        {
            worker = "w",
            completions = new[] { Done(task, fence - 1), Done(task, fence + 1), Done(task, fence, "0000000000000000") },
        }, worker)));
        Assert.Equal(["stale"], Verdicts(await Report("w", other)));
        Assert.Equal(["stale"], Verdicts(await Report("another", worker)));
        Assert.Null(await Renewal("w", other));
        Assert.Null(await Renewal("another", worker));
        Assert.Null(await Renewal("w", worker, fence - 1));
        Assert.Equal(1, (await org.Job(job)).GetProperty("stages")[0].GetProperty("remaining").GetInt32());

        Assert.NotNull(await Renewal("w", worker));
        await org.Org.Do(tx => tx.Run($"""
            update work_tasks set lease_until = {TimeProvider.System.GetUtcNow().AddHours(1)}
            where org = {org.Id} and status = 'Processing'
            """));
        Assert.Equal(["accepted", "stale"], Verdicts(await org.Post(
            "tasks/completions", new { worker = "w", completions = new[] { Done(task), Done(task) } }, worker)));
        Assert.Equal(["stale"], Verdicts(await Report("w", worker)));
        Assert.Null(await Renewal("w", worker));

        Task<JsonElement> Report(string name, HttpClient client) => org.Post(
            "tasks/completions", new { worker = name, completions = new[] { Done(task) } }, client);

        async Task<DateTimeOffset?> Renewal(string name, HttpClient client, long? shown = null)
        {
            var renewed = (await org.Post("tasks/renewals", new
            {
                worker = name,
                leases = new[] { new { task_id = task.GetProperty("task_id").GetString(), fence = shown ?? fence } },
            }, client)).GetProperty("leases")[0];
            return renewed.TryGetProperty("expires", out var expires) && expires.ValueKind == JsonValueKind.String
                ? expires.GetDateTimeOffset() : null;
        }
    }

    [Theory, Backends]
    public async Task A_worker_neither_sees_nor_touches_the_tasks_of_another_organization(Backend backend)
    {
        var (org, foreign) = (await QuietServer.NewOrg(backend), await QuietServer.NewOrg(backend));
        var (worker, stranger) = (await org.Org.As(Role.Node), await foreign.Org.As(Role.Node));
        var job = await org.Submit(2);
        var task = (await org.Lease(worker, 1)).Single();

        var none = await foreign.Post("tasks/leases", new { worker = "w", kinds = QuietOrg.Kinds, max = 9 }, stranger);
        Assert.Empty(none.GetProperty("leases").EnumerateArray());
        var report = new { worker = "w", completions = new[] { Done(task) } };
        Assert.Equal(["stale"], Verdicts(await foreign.Post("tasks/completions", report, stranger)));
        await org.Refusal(HttpStatusCode.Forbidden, HttpMethod.Post, "tasks/completions", report, stranger);
        Assert.Equal(2, (await org.Job(job)).GetProperty("stages")[0].GetProperty("remaining").GetInt32());
    }

    [Theory, Backends]
    public async Task Kinds_that_are_not_open_to_workers_outside_are_refused_by_name(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var worker = await org.Org.As(Role.Node);
        string[][] forged = [["process_raster"], ["hello_world", "ingest_vector"], ["no_such_kind"]];
        foreach (var kinds in forged)
        {
            var lease = await org.Refusal(
                HttpStatusCode.BadRequest, HttpMethod.Post, "tasks/leases", new { worker = "w", kinds }, worker);
            Assert.Equal("UNKNOWN_JOB_KIND", lease.GetProperty("code").GetString());
            Assert.Contains("hello_world", lease.GetProperty("remedy").GetString(), StringComparison.Ordinal);
            var report = await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Post, "tasks/completions",
                new { worker = "w", completions = Array.Empty<object>(), next = new { kinds } }, worker);
            Assert.Equal("UNKNOWN_JOB_KIND", report.GetProperty("code").GetString());
        }
        await org.Refusal(HttpStatusCode.Forbidden, HttpMethod.Post, "tasks/leases",
            new { worker = "w", kinds = QuietOrg.Kinds }, await org.Org.As(Role.Viewer));
    }

    [Theory, Backends]
    public async Task A_body_that_makes_no_sense_is_refused_and_never_a_fault_of_the_server(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        foreach (var (path, body) in new[]
        {
            ("tasks/leases", """{"worker":"w","kinds":[null]}"""),
            ("tasks/leases", """{"worker":"w","kinds":null}"""),
            ("tasks/leases", """{"worker":null,"kinds":["hello_world"]}"""),
            ("tasks/leases", """{"worker":"a\u0000b","kinds":["hello_world"]}"""),
            ("tasks/leases", """{"worker":"w","kinds":["hello_world"],"max":0}"""),
            ("tasks/leases", """{"worker":"w","kinds":["hello_world"],"max":257}"""),
            ("tasks/leases", """{"worker":"w","kinds":["hello_world"],"urgent":true}"""),
            ("tasks/completions", """{"worker":"w","completions":[null]}"""),
            ("tasks/completions", """{"worker":"w","completions":[{"fence":1,"result":{}}]}"""),
            ("tasks/completions", """{"worker":"w","completions":[{"task_id":"a","fence":1}]}"""),
            ("tasks/completions",
                $$"""{"worker":"w","completions":[{"task_id":"a","fence":1,"result":{},"error":{{Error}}}]}"""),
            ("tasks/completions", """{"worker":"w","completions":[{"task_id":"a","fence":1,"error":{"code":null}}]}"""),
            ("tasks/completions",
                """{"worker":"w","completions":[{"task_id":"a","fence":1,"result":{"b":"\u0000"}}]}"""),
            ("tasks/completions", """{"worker":"w","completions":[{"task_id":"a","fence":1,"result":["\ud800"]}]}"""),
            ("tasks/completions", """{"worker":"w","completions":[],"next":{"kinds":null}}"""),
            ("tasks/completions", """{"worker":"w","completions":[],"next":{"kinds":["hello_world"],"max":-1}}"""),
            ("tasks/renewals", """{"worker":"w","leases":[null]}"""),
            ("tasks/renewals", """{"worker":"w","leases":[{"task_id":null,"fence":1}]}"""),
        })
            await org.Refusal(HttpStatusCode.BadRequest, HttpMethod.Post, path, body);
    }

    [Theory, Backends]
    public async Task What_a_worker_says_went_wrong_is_kept_and_cut_to_a_bearable_length(Backend backend)
    {
        var org = await QuietServer.NewOrg(backend);
        var job = await org.Submit(1);
        var task = (await org.Lease(org.Client, 1)).Single();
        var longest = new string('x', 20_000);
        var taken = await org.Post("tasks/completions", new
        {
            worker = "w",
            completions = new[]
            {
                new
                {
                    task_id = task.GetProperty("task_id").GetString(),
                    fence = task.GetProperty("fence").GetInt64(),
                    error = new
                    {
                        code = longest, category = longest, message = "It\0broke " + longest, remediation = longest,
                        user_fixable = true, @class = "permanent",
                    },
                },
            },
        });

        Assert.Equal(["accepted"], Verdicts(taken));
        var error = (await org.Job(job)).GetProperty("error");
        Assert.StartsWith("It", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        foreach (var part in (string[])["code", "category", "message", "remediation"])
            Assert.InRange(error.GetProperty(part).GetString()!.Length, 1, 4000);
    }

    const string Error = """
        {"code":"X","category":"SYSTEM_ERROR","message":"m","remediation":null,"user_fixable":false,"class":"permanent"}
        """;

    static object Done(JsonElement task, long? fence = null, string? id = null) => new
    {
        task_id = id ?? task.GetProperty("task_id").GetString(),
        fence = fence ?? task.GetProperty("fence").GetInt64(),
        result = new { greeted = task.GetProperty("unit").GetString(), message = "hi" },
    };

    static List<string?> Verdicts(JsonElement taken) =>
        [.. taken.GetProperty("answers").EnumerateArray().Select(answer => answer.GetProperty("verdict").GetString())];
}

using Waypost.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

public sealed class EngineTests
{
    static readonly StageKind Many = new("many", Parallelism.Dynamic, job =>
        [.. Enumerable.Range(0, job.Parameters.Element.GetProperty("n").GetInt32())
            .Select(i => new NewTask($"{i}", Json.EmptyObject))]);

    static JobKind Kind(string name, params StageKind[] stages) => new() { Name = name, Stages = stages };

    [Theory, Backends]
    public async Task A_lease_that_ran_out_goes_to_another_and_the_late_answer_changes_nothing(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("one", StageKind.Single("only")));
        var job = await engine.Submit("one");
        var late = (await engine.Lease(1)).Single();
        engine.Clock.Advance(TimeSpan.FromMinutes(3));
        await engine.Leases.Sweep(Token);
        var second = (await engine.Lease(1)).Single();

        Assert.Equal(late.TaskId, second.TaskId);
        Assert.True(second.Fence > late.Fence);
        Assert.Equal(Verdict.Stale, (await engine.Complete(late, """{"by":"late"}""")).Verdict);
        Assert.Equal(Verdict.Accepted, (await engine.Complete(second, """{"by":"second"}""")).Verdict);
        Assert.Equal(JobState.Completed, (await engine.Job(job)).Status);
    }

    [Theory, Backends]
    public async Task A_task_that_kills_every_worker_is_given_up_and_its_job_fails(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("one", StageKind.Single("only")));
        var job = await engine.Submit("one");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Single(await engine.Lease(1));
            engine.Clock.Advance(TimeSpan.FromMinutes(3));
            await engine.Leases.Sweep(Token);
        }

        Assert.Empty(await engine.Lease(1));
        var shown = await engine.Job(job);
        Assert.Equal((JobState.Failed, "WORKER_LOST"), (shown.Status, shown.Error!.Code));
    }

    [Theory, Backends]
    public async Task A_transient_failure_waits_longer_each_time_and_a_permanent_one_is_final(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("one", StageKind.Single("only")));
        var job = await engine.Submit("one");
        await engine.Fail((await engine.Lease(1)).Single(), ErrorClass.Transient);
        engine.Clock.Advance(TimeSpan.FromSeconds(22));
        Assert.Empty(await engine.Lease(1));
        engine.Clock.Advance(TimeSpan.FromSeconds(16));
        await engine.Fail((await engine.Lease(1)).Single(), ErrorClass.Transient);
        engine.Clock.Advance(TimeSpan.FromSeconds(44));
        Assert.Empty(await engine.Lease(1));
        engine.Clock.Advance(TimeSpan.FromSeconds(32));

        Assert.Equal(TaskState.Failed, (await engine.Fail((await engine.Lease(1)).Single(), ErrorClass.Permanent))
            .Status);
        Assert.Equal(JobState.Failed, (await engine.Job(job)).Status);
    }

    [Theory, Backends]
    public async Task One_task_that_reads_many_results_gets_a_reference_to_them(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("fan", Many, StageKind.FanIn("gather")));
        var job = await engine.Submit("fan", """{"n":5}""");
        foreach (var task in await engine.Lease(9)) await engine.Complete(task, """{"v":1}""");

        var gather = (await engine.Lease(9)).Single().Parameters.Element;
        Assert.Equal(job, gather.GetProperty("job_id").GetString());
        Assert.Equal(1, gather.GetProperty("source_stage").GetInt32());
        Assert.Equal(5, gather.GetProperty("expected_count").GetInt32());
        await using var tx = await engine.Db.Read(Token);
        Assert.Equal(5, (await tx.StageResults(EngineOn.Org, job, 1)).Count(r => r.Succeeded));
    }

    [Theory, Backends]
    public async Task Beyond_its_threshold_of_failures_a_stage_fails_the_job_and_frees_its_siblings(Backend backend)
    {
        await using var engine = await EngineOn.Open(
            backend, Kind("some", Many with { OnFailure = FailurePolicy.Threshold(30) }));
        var job = await engine.Submit("some", """{"n":10}""");
        var tasks = await engine.Lease(10);
        foreach (var task in tasks.Take(3)) await engine.Fail(task, ErrorClass.Permanent);
        Assert.Equal(JobState.Processing, (await engine.Job(job)).Status);
        await engine.Fail(tasks[3], ErrorClass.Permanent);

        Assert.Equal(JobState.Failed, (await engine.Job(job)).Status);
        Assert.Equal(Verdict.Stale, (await engine.Complete(tasks[4])).Verdict);
        var renewed = await engine.Leases.Renew([new HeldLease(EngineOn.Org, tasks[5].TaskId, tasks[5].Fence)], Token);
        Assert.Null(renewed.Single().Expires);
    }

    [Theory, Backends]
    public async Task A_retry_runs_only_what_failed_and_goes_on_from_there(Backend backend)
    {
        var follow = new StageKind("follow", Parallelism.MatchPrevious, job =>
            [.. job.Previous.Where(r => r.Succeeded).Select(r => new NewTask(r.Unit, Json.EmptyObject))]);
        await using var engine = await EngineOn.Open(
            backend, Kind("two", Many with { OnFailure = FailurePolicy.Continue }, follow));
        var job = await engine.Submit("two", """{"n":4}""");
        var tasks = await engine.Lease(4);
        foreach (var task in tasks.Take(3)) await engine.Complete(task);
        await engine.Fail(tasks[3], ErrorClass.Permanent);
        await engine.WorkOff();
        Assert.Equal(JobState.CompletedWithErrors, (await engine.Job(job)).Status);

        Assert.True(await engine.Steer(job, (course, row) => course.Retry(row)));
        var again = (await engine.Lease(9)).Single();
        Assert.Equal(tasks[3].TaskId, again.TaskId);
        await engine.Complete(again);
        var rest = (await engine.Lease(9)).Single();
        Assert.Equal(("follow", tasks[3].Unit), (rest.Stage, rest.Unit));
        await engine.Complete(rest);
        var shown = await engine.Job(job);
        Assert.Equal((JobState.Completed, 1, 8), (shown.Status, shown.Run, shown.Progress.TasksDone));
    }

    [Theory, Backends]
    public async Task A_paused_job_hands_out_nothing_until_it_is_resumed(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("many_only", Many));
        var job = await engine.Submit("many_only", """{"n":3}""");
        var running = (await engine.Lease(1)).Single();
        Assert.True(await engine.Steer(job, (course, row) => course.Pause(row)));
        Assert.Empty(await engine.Lease(9));
        await engine.Complete(running);
        Assert.True(await engine.Steer(job, (course, row) => course.Resume(row)));

        Assert.Equal(2, (await engine.Lease(9)).Count);
    }

    [Theory, Backends]
    public async Task A_small_organization_is_served_beside_a_large_one_and_urgent_jobs_first(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("many_only", Many));
        await engine.Submit("many_only", """{"n":500}""", "large");
        await engine.Submit("many_only", """{"n":2}""", "small");
        var first = (await engine.Lease(1)).Single().Org;
        var second = (await engine.Lease(1)).Single().Org;
        await engine.Submit("many_only", """{"n":1,"now":true}""", "large", priority: 5);

        Assert.NotEqual(first, second);
        Assert.True((await engine.Lease(1)).Single().JobParameters.Element.TryGetProperty("now", out _));
        Assert.Equal(["large", "small"], (await engine.Lease(4)).Select(t => t.Org).Distinct()
            .Order(StringComparer.Ordinal));
    }

    [Theory, Backends]
    public async Task No_more_tasks_of_a_kind_run_at_once_than_it_allows(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("few", Many) with { MostAtOnce = 2 });
        await engine.Submit("few", """{"n":9}""");
        var (one, other) = (engine.Leases, engine.AnotherProcess());
        var leased = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => engine.Lease(1, null, i % 2 == 0 ? one : other)));

        Assert.Equal(2, leased.Sum(tasks => tasks.Count));
    }

    [Theory, Backends]
    public async Task Two_servers_and_many_workers_do_every_task_exactly_once(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("many_only", Many));
        var jobs = new[]
        {
            await engine.Submit("many_only", """{"n":400}"""),
            await engine.Submit("many_only", """{"n":401}"""),
        };
        var servers = new[] { engine.Leases, engine.AnotherProcess() };
        var done = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var accepted = 0;
            for (var tasks = await engine.Lease(5, null, servers[i % 2]); tasks.Count > 0;)
            {
                var completion = await servers[i % 2].Complete(
                    [.. tasks.Select(t => TaskReport.Done(t, Json.EmptyObject))], new LeaseAsk(["many_only"], "w", 5),
                    Token);
                accepted += completion.Answers.Count(a => a.Verdict == Verdict.Accepted);
                tasks = completion.Next;
            }
            return accepted;
        }, Token)));

        Assert.Equal(801, done.Sum());
        foreach (var job in jobs) Assert.Equal(JobState.Completed, (await engine.Job(job)).Status);
    }

    [Theory, Backends]
    public async Task An_estimate_needs_five_finished_runs_of_its_size(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Kind("one", StageKind.Single("only")));
        for (var run = 1; run <= 5; run++)
        {
            var job = await engine.Submit("one", $$"""{"run":{{run}}}""");
            Assert.Null((await engine.Job(job)).EstimatedCompletion);
            var task = (await engine.Lease(1)).Single();
            engine.Clock.Advance(TimeSpan.FromSeconds(run));
            await engine.Complete(task);
        }
        var next = await engine.Submit("one", """{"run":6}""");

        Assert.Equal(engine.Clock.GetUtcNow().AddSeconds(4), (await engine.Job(next)).EstimatedCompletion);
    }

    [Fact]
    public void A_job_is_the_same_whatever_the_order_and_spelling_of_its_parameters()
    {
        var id = Identity.JobId("k", new Json("""{"a":1,"b":[1.50,{"y":"é","x":null}],"_note":"x"}"""));

        Assert.Equal(id, Identity.JobId("k", new Json("""{ "b":[1.5,{"x":null,"y":"\u00e9"}], "a":1.0 }""")));
        Assert.NotEqual(id, Identity.JobId("k2", new Json("""{"a":1,"b":[1.5,{"x":null,"y":"é"}]}""")));
        Assert.NotEqual(id, Identity.JobId("k", new Json("""{"a":1,"b":[1.5,{"x":null,"y":"é"}]}"""), "content"));
        Assert.Equal("07cb9a0b2be7b75767c103f5d370b366cfc3072d67c592a4fb6fcd1408d36934",
            Identity.JobId("k", Json.EmptyObject));
        Assert.Equal(16, Identity.TaskId(id, 1, "all").Length);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

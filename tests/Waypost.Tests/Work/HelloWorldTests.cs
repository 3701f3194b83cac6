using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Work;

public sealed class HelloWorldTests
{
    [Theory, Backends]
    public async Task A_submitted_job_runs_to_its_result_and_the_same_again_is_the_same_job(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);

        var first = await client.PostAsJsonAsync("/api/jobs/submit/hello_world", new { n = 20, message = "hi" }, Token);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        var job = await Read(first);
        var done = await Read(await client.GetAsync($"{job.GetProperty("status_url").GetString()}?wait=30", Token));

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal(20, done.GetProperty("result").GetProperty("replies").GetInt32());
        Assert.Equal(100, done.GetProperty("progress").GetProperty("percent").GetDouble());
        Assert.Equal(40, done.GetProperty("progress").GetProperty("tasks_done").GetInt32());

        var again = await client.PostAsJsonAsync(
            $"/api/v1/{org.Id}/jobs", new { kind = "hello_world", parameters = new { message = "hi", n = 20.0 } },
            Token);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(job.GetProperty("job_id").GetString(), (await Read(again)).GetProperty("job_id").GetString());
    }

    [Theory, Backends]
    public async Task A_job_whose_tasks_partly_fail_completes_with_errors_and_says_which(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        var client = await org.As(Role.OrgAdmin);
        var job = await Read(await client.PostAsJsonAsync(
            "/api/jobs/submit/hello_world", new { n = 40, failure_rate = 0.3, seed = 7 }, Token));
        var id = job.GetProperty("job_id").GetString();

        var done = await Read(await client.GetAsync($"/api/v1/{org.Id}/jobs/{id}?wait=30", Token));
        var failed = await Read(await client.GetAsync($"/api/v1/{org.Id}/jobs/{id}/tasks?status=failed&limit=100",
            Token));

        Assert.Equal("completed_with_errors", done.GetProperty("status").GetString());
        Assert.Equal("GREETING_FAILED", done.GetProperty("error").GetProperty("code").GetString());
        var count = failed.GetProperty("tasks").GetArrayLength();
        Assert.InRange(count, 4, 24);
        Assert.Equal(40 - count, done.GetProperty("result").GetProperty("replies").GetInt32());
        Assert.Equal(count, done.GetProperty("progress").GetProperty("tasks_failed").GetInt32());
    }

    [Theory, Backends]
    public async Task A_parameter_that_hello_world_does_not_know_is_refused_by_name(Backend backend)
    {
        var client = await (await (await TestServer.Shared(backend)).NewOrg()).As(Role.OrgAdmin);
        var answer = await client.PostAsJsonAsync("/api/jobs/submit/hello_world", new { count = 20 }, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("count", (await Read(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    static async Task<JsonElement> Read(HttpResponseMessage answer) =>
        await answer.Content.ReadFromJsonAsync<JsonElement>(Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

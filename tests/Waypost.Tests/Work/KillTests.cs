using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>kill -9 in the middle of 1,000 greetings and their replies, again and again.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    const int Greetings = 1000;
    const int Points = 50;

    [Theory, Backends]
    public async Task A_server_killed_at_any_moment_ends_with_exactly_the_right_result_after_a_restart(Backend backend)
    {
        var seed = Environment.GetEnvironmentVariable("WAYPOST_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : (int)(TimeProvider.System.GetTimestamp() & 0xFFFFFF);
        output.WriteLine($"WAYPOST_SEED={seed}");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("waypost-kill-").FullName;
        var (database, drop) = backend == Backend.Postgres ? await TestServer.NewDatabase()
            : (null, () => Task.CompletedTask);
        var hits = new List<int>();
        var server = await ServerProcess.Start(folder, database);
        try
        {
            var jobs = new List<string>();
            while (hits.Count < Points)
            {
                // The next job is under way before the last one's leases have run out: some are killed more than once.
                jobs.Add(await Submit(server, seed + hits.Count));
                hits.Add(await UntilDone(server, jobs[^1], random.Next(2 * Greetings), polls: random.Next(3)));
                await server.Kill();
                server = await ServerProcess.Start(folder, database);
            }
            foreach (var job in jobs) await MustBeRight(server, job);
        }
        finally
        {
            await server.DisposeAsync();
            await drop();
            Directory.Delete(folder, recursive: true);
        }
        foreach (var tenth in hits.GroupBy(done => done * 10 / (2 * Greetings)).OrderBy(group => group.Key))
            output.WriteLine($"{tenth.Key * 10,3} % done: {new string('#', tenth.Count())}");
        Assert.Equal(Points, hits.Count);
        Assert.True(hits.Count(done => done < 2 * Greetings) > Points * 3 / 4,
            "Too many kills came after the job's end.");
    }

    static async Task<string> Submit(ServerProcess server, int seed)
    {
        var answer = await server.Client.PostAsJsonAsync(
            "/api/jobs/submit/hello_world", new { n = Greetings, message = "still here", seed }, Token);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("job_id").GetString()!;
    }

    /// <summary>Asks until so many tasks are done, and then a few times more: the kill comes at no special place.
    /// Returns how many were done when it was asked last.</summary>
    static async Task<int> UntilDone(ServerProcess server, string id, int tasks, int polls)
    {
        var done = await Done(server, id);
        while (done < tasks) done = await Done(server, id);
        for (; polls > 0; polls--) done = await Done(server, id);
        return done;
    }

    static async Task<int> Done(ServerProcess server, string id) =>
        (await Job(server, id)).GetProperty("progress").GetProperty("tasks_done").GetInt32();

    static Task<JsonElement> Job(ServerProcess server, string id, int wait = 0) =>
        server.Client.GetFromJsonAsync<JsonElement>($"/api/jobs/status/{id}?wait={wait}", Token);

    static async Task MustBeRight(ServerProcess server, string id)
    {
        var job = await Job(server, id, wait: 60);
        Assert.Equal("completed", job.GetProperty("status").GetString());
        Assert.Equal(Greetings, job.GetProperty("result").GetProperty("replies").GetInt32());
        Assert.All(job.GetProperty("stages").EnumerateArray(), stage =>
        {
            Assert.Equal(Greetings, stage.GetProperty("total").GetInt32());
            Assert.Equal(0, stage.GetProperty("remaining").GetInt32());
            Assert.Equal(0, stage.GetProperty("failed").GetInt32());
        });
        var replies = new List<string>();
        string? token = null;
        do
        {
            var page = await server.Client.GetFromJsonAsync<JsonElement>(
                $"/api/v1/default/jobs/{id}/tasks?stage=2&limit=1000{(token is null ? "" : "&token=" + token)}", Token);
            replies.AddRange(page.GetProperty("tasks").EnumerateArray().Select(task =>
                task.GetProperty("result").GetProperty("reply").GetString()!));
            token = page.GetProperty("next_token").GetString();
        }
        while (token is not null);
        Assert.Equal(
            Enumerable.Range(0, Greetings).Select(i => $"still here yourself, {i:D5}"),
            replies.Order(StringComparer.Ordinal));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

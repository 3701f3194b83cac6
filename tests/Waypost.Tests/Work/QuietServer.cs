using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Pipelines;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>A server whose own worker has stopped: tasks wait for the test, jobs stay where they are.</summary>
static class QuietServer
{
    static readonly ConcurrentDictionary<Backend, Lazy<Task<TestServer>>> servers = new();

    /// <summary>A new organization on the quiet server of this database.</summary>
    public static async Task<QuietOrg> NewOrg(Backend backend)
    {
        var server = await servers.GetOrAdd(backend, b => new Lazy<Task<TestServer>>(() => Start(b))).Value;
        var org = await server.NewOrg();
        return new QuietOrg(org, await org.As(Role.OrgAdmin));
    }

    static async Task<TestServer> Start(Backend backend)
    {
        var server = await TestServer.Start(backend);
        await server.Services.GetRequiredService<LocalWorker>().StopAsync(CancellationToken.None);
        return server;
    }
}

/// <summary>An organization and a client of it that may do everything.</summary>
sealed record QuietOrg(TestOrg Org, HttpClient Client)
{
    public string Id => Org.Id;

    /// <summary>Submits a job of n greetings; no two of a test are the same.</summary>
    public async Task<string> Submit(int n = 3, string message = "hello", int priority = 0)
    {
        var answer = await Post("jobs", new { kind = "hello_world", parameters = new { n, message }, priority });
        return answer.GetProperty("job_id").GetString()!;
    }

    public Task<JsonElement> Job(string id) => Get($"jobs/{id}");

    /// <summary>Leases this many tasks, and holds them for longer than any test takes.</summary>
    public async Task<List<JsonElement>> Lease(HttpClient client, int count, string worker = "w")
    {
        while (true)
        {
            var given = await Post("tasks/leases", new { worker, kinds = Kinds, max = count }, client);
            var leases = given.GetProperty("leases").EnumerateArray().ToList();
            var kept = 0;
            await Org.Do(async tx => kept = await tx.Run($"""
                update work_tasks set lease_until = {TimeProvider.System.GetUtcNow().AddHours(1)}
                where org = {Id} and status = 'Processing'
                """));
            // A machine that stood still for longer than a lease lasts: its tasks are free again.
            if (kept >= leases.Count && leases.Count == count) return leases;
        }
    }

    public static string[] Kinds { get; } = ["hello_world"];

    public Task<JsonElement> Get(string path) => Client.GetFromJsonAsync<JsonElement>($"/api/v1/{Id}/{path}", Token);

    /// <summary>The answer to a POST that must succeed.</summary>
    public async Task<JsonElement> Post(string path, object? body = null, HttpClient? client = null)
    {
        var answer = await Send(HttpMethod.Post, path, body, client);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>The problem with which a request must be refused.</summary>
    public async Task<JsonElement> Refusal(
        HttpStatusCode status, HttpMethod method, string path, object? body = null, HttpClient? client = null)
    {
        var answer = await Send(method, path, body, client);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == status, $"{path}: {(int)answer.StatusCode} {text}");
        var problem = JsonElement.Parse(text);
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        return problem;
    }

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body = null,
        HttpClient? client = null) => (client ?? Client).SendAsync(
            new HttpRequestMessage(method, $"/api/v1/{Id}/{path}")
            {
                Content = body switch
                {
                    null => null,
                    string raw => new StringContent(raw, System.Text.Encoding.UTF8, "application/json"),
                    _ => JsonContent.Create(body),
                },
            }, Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Waypost.Tests.Fakes;

/// <summary>What somebody's server received.</summary>
sealed record Received(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>Somebody else's HTTP server: a webhook's receiver, or a site with files. It answers as told.</summary>
sealed class FakeReceiver : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Channel<Received> received = Channel.CreateUnbounded<Received>();
    readonly WebApplication app;

    FakeReceiver(WebApplication app) => this.app = app;

    /// <summary>How it answers; 200 without a body until it is changed.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public Uri Url => new(app.Urls.Single());

    public string Host => $"{Url.Host}:{Url.Port}";

    public static async Task<FakeReceiver> Start(Func<HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new FakeReceiver(app);
        if (answer is not null) receiver.Answer = answer;
        app.Run(receiver.Take);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Answers with these statuses one after the other, then with 200.</summary>
    public void AnswerWith(params int[] statuses)
    {
        var left = new Queue<int>(statuses);
        Answer = http =>
        {
            lock (left) http.Response.StatusCode = left.TryDequeue(out var status) ? status : 200;
            return Task.CompletedTask;
        };
    }

    /// <summary>The next request that came in.</summary>
    public async Task<Received> Next() =>
        await received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>The requests that came in and nobody has looked at.</summary>
    public IReadOnlyList<Received> Waiting()
    {
        var waiting = new List<Received>();
        while (received.Reader.TryRead(out var one)) waiting.Add(one);
        return waiting;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task Take(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        await received.Writer.WriteAsync(new Received(
            http.Request.Method, http.Request.Path + http.Request.QueryString,
            http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray()), http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        await Answer(http);
    }
}

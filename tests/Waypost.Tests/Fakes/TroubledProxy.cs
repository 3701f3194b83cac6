using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Waypost.Tests.Fakes;

/// <summary>What a request comes to on its way.</summary>
enum Trouble
{
    /// <summary>It is answered with 503 before it arrives.</summary>
    Busy,

    /// <summary>It is answered with 429 before it arrives.</summary>
    TooMany,

    /// <summary>It arrives, and the connection is cut in the middle of the answer.</summary>
    Cut,
}

/// <summary>A proxy before a server, with bad days: the next requests that write come to the troubles that were put in.
/// </summary>
sealed class TroubledProxy : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient behind;

    TroubledProxy(WebApplication app, HttpClient behind)
    {
        this.app = app;
        this.behind = behind;
    }

    /// <summary>What the next requests that write come to.</summary>
    public ConcurrentQueue<Trouble> Ahead { get; } = new();

    public Uri Url => new(app.Urls.Single());

    public static async Task<TroubledProxy> Before(Uri server, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        var proxy = new TroubledProxy(builder.Build(), new HttpClient { BaseAddress = server });
        proxy.app.Run(proxy.Pass);
        await proxy.app.StartAsync(ct);
        return proxy;
    }

    async Task Pass(HttpContext http)
    {
        var trouble = HttpMethods.IsGet(http.Request.Method) || !Ahead.TryDequeue(out var next) ? (Trouble?)null : next;
        if (trouble is Trouble.Busy or Trouble.TooMany)
        {
            http.Response.StatusCode = trouble == Trouble.Busy ? 503 : 429;
            http.Response.Headers.RetryAfter = "0";
            return;
        }
        using var request = new HttpRequestMessage(
            new HttpMethod(http.Request.Method), http.Request.Path + http.Request.QueryString.Value);
        if (!HttpMethods.IsGet(http.Request.Method)) request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, value) in http.Request.Headers)
            if (name is not ("Host" or "Content-Length" or "Transfer-Encoding" or "Connection")
                && !request.Headers.TryAddWithoutValidation(name, value.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray());
        using var answer = await behind.SendAsync(request, http.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (answer.Headers.ETag is { } etag) http.Response.Headers.ETag = etag.ToString();
        await http.Response.Body.WriteAsync(
            trouble == Trouble.Cut ? body.AsMemory(0, body.Length / 2) : body, http.RequestAborted);
        if (trouble != Trouble.Cut) return;
        await http.Response.Body.FlushAsync(http.RequestAborted);
        http.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        behind.Dispose();
    }
}

using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Xunit;

namespace Waypost.Tests.Fakes;

/// <summary>A client of an event stream, reading with the framework's own parser.</summary>
sealed class EventReading : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly HttpResponseMessage response;
    readonly IAsyncEnumerator<SseItem<string>> items;

    EventReading(HttpResponseMessage response, Stream body)
    {
        this.response = response;
        items = SseParser.Create(body).EnumerateAsync(Token).GetAsyncEnumerator(Token);
    }

    /// <summary>Opens a stream; it is connected, and subscribed, when this returns.</summary>
    public static async Task<EventReading> Open(HttpClient client, string path, string? lastEventId = null)
    {
        var response = await Ask(client, path, lastEventId);
        response.EnsureSuccessStatusCode();
        return new EventReading(response, await response.Content.ReadAsStreamAsync(Token));
    }

    /// <summary>Asks for a stream, whatever the answer.</summary>
    public static async Task<HttpResponseMessage> Ask(HttpClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    /// <summary>The next event; fails when the stream ends or stays silent.</summary>
    public async Task<SseItem<string>> Next()
    {
        Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(Patience, Token), "The stream ended.");
        return items.Current;
    }

    /// <summary>The next few events.</summary>
    public async Task<List<SseItem<string>>> Next(int count)
    {
        var next = new List<SseItem<string>>();
        for (var i = 0; i < count; i++) next.Add(await Next());
        return next;
    }

    /// <summary>Returns when the other side has ended the stream.</summary>
    public async Task Ended() => Assert.False(await items.MoveNextAsync().AsTask().WaitAsync(Patience, Token));

    public async ValueTask DisposeAsync()
    {
        response.Dispose();
        await items.DisposeAsync();
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

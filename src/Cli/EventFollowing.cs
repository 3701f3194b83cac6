using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary>Follows the organization's events as they happen; a lost connection is taken up where it broke.</summary>
sealed class EventFollowing(Connection server, Answers answers)
{
    const int MostTroubles = 10;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    string? lastId;

    /// <summary>Writes each event until it is stopped or the server is gone for good.</summary>
    /// <param name="types">Which types; null: all.</param>
    /// <param name="since">beginning, now or a position.</param>
    /// <param name="ct">Stops.</param>
    public async Task<int> Run(string? types, string since, CancellationToken ct)
    {
        var first = From(since);
        var (troubles, pause) = (0, FirstPause);
        while (true)
            try
            {
                var query = lastId is null ? first : [];
                query["types"] = types;
                await foreach (var sent in Stream("/events" + JobCommands.Query(query), ct))
                {
                    (troubles, pause) = (0, FirstPause);
                    using var one = JsonDocument.Parse(sent.Data);
                    if (sent.EventType == "error") throw Ended(sent.Data);
                    Write(one.RootElement, answers);
                }
                throw new UnreachableException(server.Server, new IOException("it closed the stream."));
            }
            catch (UnreachableException) when (++troubles < MostTroubles)
            {
                await Task.Delay(pause, answers.Clock, ct);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
    }

    /// <summary>Where reading begins, as the route takes it.</summary>
    public static Dictionary<string, string?> From(string since) => since is "beginning" or "now"
        ? new() { ["since"] = since }
        : long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? new() { ["after"] = since }
            : throw new UsageException(
                $"--since is '{since}'; beginning, now or a position was expected.",
                "A position is the number that an earlier reading ended with.");

    /// <summary>Writes one event.</summary>
    public static void Write(JsonElement one, Answers answers)
    {
        var data = one.Part("data")?.GetRawText();
        var (when, what, whose) = (one.Time("timestamp"), one.Text("event_type"), one.Text("entity_id"));
        answers.Line(one.GetRawText(), $"[grey]{when}[/] {what} {whose} [grey]{data}[/]");
    }

    async IAsyncEnumerable<SseItem<string>> Stream(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var address = new Uri(server.Server, await server.OrgPath(path, ct));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        using var answer = await server.Ask(request, ct);
        if (!answer.IsSuccessStatusCode) throw await Connection.ProblemOf(answer, ct);
        var parser = SseParser.Create(await answer.Content.ReadAsStreamAsync(ct));
        await using var items = parser.EnumerateAsync(ct).GetAsyncEnumerator(ct);
        while (await Next(items, ct))
        {
            lastId = parser.LastEventId is { Length: > 0 } id ? id : lastId;
            yield return items.Current;
        }
    }

    async Task<bool> Next(IAsyncEnumerator<SseItem<string>> items, CancellationToken ct)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception error) when (Connection.IsNoAnswer(error, ct))
        {
            throw new UnreachableException(server.Server, error);
        }
    }

    // The stream was opened with a key that no longer works.
    ServerProblemException Ended(string problem) =>
        new(System.Net.HttpStatusCode.Unauthorized, $"GET {server.Server}", problem);
}

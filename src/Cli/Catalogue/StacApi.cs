using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>A STAC API, ours or anybody else's, from its landing page on.</summary>
/// <remarks>Waits and asks again while the server is busy (429, 502, 503, 504) or cannot be reached; the key goes to
/// the
/// server's own origin and nowhere else, whatever its links say.</remarks>
sealed class StacApi : IDisposable
{
    const int MostTries = 8;
    static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(10);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    readonly HttpClient http = new() { Timeout = LongestAnswer };
    readonly string? key;
    readonly TimeProvider clock;
    readonly Action<string> tell;
    JsonObject? landing;
    bool answered;

    /// <summary>Opens nothing yet; the first question does.</summary>
    /// <param name="root">The landing page's address.</param>
    /// <param name="key">The key to show; null: none.</param>
    /// <param name="clock">Paces repeated questions.</param>
    /// <param name="tell">Told of every question.</param>
    public StacApi(Uri root, string? key, TimeProvider clock, Action<string>? tell = null)
    {
        this.tell = tell ?? (_ => { });
        Root = new Uri(root.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        this.key = key;
        this.clock = clock;
        http.DefaultRequestHeaders.UserAgent.ParseAdd("waypost-client");
    }

    /// <summary>The landing page's address, without a slash at its end.</summary>
    public Uri Root { get; }

    /// <summary>The address of a path below the root: <c>/collections</c>.</summary>
    public Uri At(string path) => new(Root.AbsoluteUri.TrimEnd('/') + path);

    /// <summary>The landing page, asked for once.</summary>
    public async Task<JsonObject> Landing(CancellationToken ct) =>
        landing ??= await Get(new Uri(Root.AbsoluteUri.TrimEnd('/') + "/"), ct);

    /// <summary>The address of the landing page's link of a kind; null when there is none.</summary>
    public async Task<Uri?> LinkTo(string rel, string? method, CancellationToken ct) =>
        (await Landing(ct)).Links().FirstOrDefault(link => link.Text("rel") == rel
            && (method is null || string.Equals(link.Text("method"), method, StringComparison.OrdinalIgnoreCase)))
            ?.Text("href") is { } href && Uri.TryCreate(Root, href, out var uri) ? uri : null;

    /// <summary>GETs a JSON object.</summary>
    public async Task<JsonObject> Get(Uri address, CancellationToken ct)
    {
        using var answer = await Ask(() => new HttpRequestMessage(HttpMethod.Get, address), ct);
        return await Parsed(answer, ct);
    }

    /// <summary>GETs a JSON object; null where the server has none (404).</summary>
    public async Task<JsonObject?> Find(Uri address, CancellationToken ct)
    {
        try
        {
            return await Get(address, ct);
        }
        catch (ServerProblemException problem) when (problem.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>POSTs a JSON object and reads one.</summary>
    public async Task<JsonObject> Post(Uri address, JsonObject body, CancellationToken ct)
    {
        using var answer = await Send(HttpMethod.Post, address, body.ToJsonString(), ct);
        return await Parsed(answer, ct);
    }

    /// <summary>Sends JSON; the answer is a success.</summary>
    public Task<HttpResponseMessage> Send(HttpMethod method, Uri address, string body, CancellationToken ct) =>
        Ask(() => new HttpRequestMessage(method, address)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        }, ct);

    /// <summary>Asks until there is an answer that is not about being busy; it is a success.</summary>
    /// <param name="make">The request, anew for each try.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ServerProblemException">The server refused.</exception>
    /// <exception cref="UnreachableException">It did not answer, however often it was asked.</exception>
    public async Task<HttpResponseMessage> Ask(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var request = make();
                if (key is not null && IsSameOrigin(request.RequestUri!))
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                tell($"{request.Method} {request.RequestUri}");
                var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
                answered = true;
                if (answer.IsSuccessStatusCode) return answer;
                using (answer)
                {
                    if (!IsBusy(answer.StatusCode) || tries == MostTries)
                        throw await Connection.ProblemOf(answer, ct);
                    tell($"answered {(int)answer.StatusCode}, asking again");
                    pause = answer.Headers.RetryAfter?.Delta ?? pause;
                }
            }
            catch (Exception error) when (Connection.IsNoAnswer(error, ct))
            {
                // A server that starts again is back within seconds; one that never answered was mistyped.
                if (tries == MostTries || !answered) throw new UnreachableException(Root, error);
            }
            await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, ct);
            pause *= 2;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    bool IsSameOrigin(Uri address) => Uri.Compare(
        address, Root, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    static bool IsBusy(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    static async Task<JsonObject> Parsed(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            await using var content = await answer.Content.ReadAsStreamAsync(ct);
            if (await JsonNode.ParseAsync(content, cancellationToken: ct) is JsonObject json) return json;
        }
        catch (System.Text.Json.JsonException)
        {
            // Said below: a page for people is the usual reason.
        }
        throw new UsageException(
            $"{answer.RequestMessage!.RequestUri} answered something that is not a JSON object.",
            "--api-url has to be the root of a STAC API, such as http://127.0.0.1:8080/api");
    }
}

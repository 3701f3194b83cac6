using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary>The server that a command talks to, and as whom.</summary>
sealed class Connection : IDisposable
{
    const int DefaultTries = 1;
    const string DefaultOrg = "default";
    static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(30);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    readonly HttpClient http;
    readonly string? statedOrg;
    readonly TimeProvider clock;
    string? knownOrg;

    /// <summary>Opens nothing yet; the first question does.</summary>
    /// <param name="server">The server's address, maybe with a path in front of its routes.</param>
    /// <param name="key">The key to show; null: none.</param>
    /// <param name="org">The organization to name in paths; null: the key's own.</param>
    /// <param name="clock">Paces repeated questions.</param>
    public Connection(Uri server, string? key, string? org, TimeProvider clock)
    {
        Server = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");
        // Without a key nobody is asked: such reads are of the default organization.
        statedOrg = org;
        knownOrg = key is null ? DefaultOrg : null;
        this.clock = clock;
        // 308 answers a part of an upload and leads nowhere.
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = LongestAnswer };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("waypost-client");
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>The server's address, a slash at its end.</summary>
    public Uri Server { get; }

    /// <summary>Whether the command line names an organization.</summary>
    public bool IsOrgStated => statedOrg is not null;

    /// <summary>A path under <c>/api/v1/{org}</c>; whose key it is the server is asked once.</summary>
    public async Task<string> OrgPath(string path, CancellationToken ct)
    {
        if (statedOrg is not null) return $"api/v1/{Uri.EscapeDataString(statedOrg)}{path}";
        if (knownOrg is null)
        {
            using var me = JsonDocument.Parse(await Get("api/v1/me", ct));
            knownOrg = me.RootElement.GetProperty("org_id").GetString()!;
        }
        return $"api/v1/{Uri.EscapeDataString(knownOrg)}{path}";
    }

    /// <summary>A path that exists at the root too: under the organization only where one was stated.</summary>
    public string TwinPath(string path) =>
        statedOrg is null ? path.TrimStart('/') : $"api/v1/{Uri.EscapeDataString(statedOrg)}{path}";

    /// <summary>GETs, and returns the body.</summary>
    /// <param name="path">Relative to the server.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="tries">How often to ask while nobody answers: a server may be starting again.</param>
    public async Task<string> Get(string path, CancellationToken ct, int tries = DefaultTries)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < TimeSpan.FromSeconds(10) ? pause * 2 : pause)
            try
            {
                return await Body(new HttpRequestMessage(HttpMethod.Get, new Uri(Server, path)), ct);
            }
            catch (UnreachableException) when (--tries > 0)
            {
                await Task.Delay(pause, clock, ct);
            }
    }

    /// <summary>Sends JSON, or nothing, and returns the body.</summary>
    public Task<string> Send(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var request = new HttpRequestMessage(method, new Uri(Server, path));
        if (body is not null)
            request.Content = new StringContent(
                JsonSerializer.Serialize(body, Wire.Options), Encoding.UTF8, "application/json");
        return Body(request, ct);
    }

    /// <summary>Asks and returns the answer, whatever its status; its body is not read yet.</summary>
    /// <exception cref="UnreachableException">No answer came.</exception>
    public async Task<HttpResponseMessage> Ask(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (Exception error) when (IsNoAnswer(error, ct))
        {
            throw new UnreachableException(Server, error);
        }
    }

    /// <summary>The problem in an answer.</summary>
    public static async Task<ServerProblemException> ProblemOf(HttpResponseMessage answer, CancellationToken ct) => new(
        answer.StatusCode, $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri}",
        await answer.Content.ReadAsStringAsync(ct));

    /// <summary>Whether this is the network's trouble, and not ours or a wish to stop.</summary>
    public static bool IsNoAnswer(Exception error, CancellationToken ct) => !ct.IsCancellationRequested
        && error is HttpRequestException or IOException or TaskCanceledException;

    async Task<string> Body(HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            using var answer = await Ask(request, ct);
            if (!answer.IsSuccessStatusCode) throw await ProblemOf(answer, ct);
            try
            {
                return answer.StatusCode == HttpStatusCode.NoContent ? "" : await answer.Content.ReadAsStringAsync(ct);
            }
            catch (Exception error) when (IsNoAnswer(error, ct))
            {
                throw new UnreachableException(Server, error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}

/// <summary>How the server writes JSON.</summary>
static class Wire
{
    /// <summary>Names in snake_case; what is null is left out.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}

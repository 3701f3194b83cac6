using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>Sends documents through the API of a Waypost server.</summary>
/// <remarks>A request that broke off is sent again: the server answers <c>unchanged</c> for what it has.</remarks>
sealed class ApiTarget(StacApi api, bool isStrict, TimeProvider clock) : ICatalogueTarget
{
    const int PageOfIds = 1000;
    const int MostTries = 6;
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    static readonly MediaTypeHeaderValue Lines = new("application/x-ndjson");

    /// <inheritdoc/>
    public string Name => api.Root.AbsoluteUri;

    /// <inheritdoc/>
    public async Task<Sent> Collection(JsonObject collection, CancellationToken ct)
    {
        var id = collection.Text("id") ?? "";
        var address = api.At("/collections/" + Uri.EscapeDataString(id));
        var body = collection.ToJsonString(CatalogueFolder.Plain);
        try
        {
            var before = await EtagOf(address, ct);
            if (before is null)
            {
                using var made = await api.Send(HttpMethod.Post, api.At("/collections"), body, ct);
                return new Sent(id, id, "created", [], []);
            }
            using var put = await api.Ask(() => Put(address, body, before), ct);
            var after = put.Headers.ETag ?? await EtagOf(address, ct);
            return new Sent(id, id, Equals(after, before) ? "unchanged" : "updated", [], []);
        }
        catch (ServerProblemException problem) when (problem.Status is HttpStatusCode.BadRequest
            or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed)
        {
            return new Sent(id, id, "failed", [problem.Sentence], []);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Sent>> Items(IReadOnlyList<string> lines, CancellationToken ct)
    {
        var report = new Dictionary<int, Sent>();
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            var left = Enumerable.Range(0, lines.Count)
                .Where(line => report.GetValueOrDefault(line) is null or { IsToBeSentAgain: true }).ToList();
            if (left.Count == 0 || tries > MostTries) break;
            if (tries > 1) await Task.Delay(pause *= 2, clock, ct);
            try
            {
                await Send(left.ConvertAll(line => lines[line]), (line, sent) =>
                {
                    if (line < left.Count) report[left[line]] = sent;
                }, ct);
            }
            catch (Exception error) when (tries < MostTries && Connection.IsNoAnswer(error, ct))
            {
                // The answer broke off: what is not in it is sent again, and found unchanged where it arrived.
            }
        }
        return [.. Enumerable.Range(0, lines.Count).Select(line => report.GetValueOrDefault(line)
            ?? Named(lines[line], "failed", ["The server did not say what became of it."], []))];
    }

    async Task Send(IReadOnlyList<string> lines, Action<int, Sent> report, CancellationToken ct)
    {
        var mode = isStrict ? "strict" : "repair";
        var content = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        using var answer = await api.Ask(() =>
        {
            var request = new HttpRequestMessage(
                HttpMethod.Post, api.At($"/bulk_items?method=upsert&validation={mode}"))
            {
                Content = new ByteArrayContent(content),
            };
            request.Content.Headers.ContentType = Lines;
            request.Headers.Accept.ParseAdd("application/x-ndjson");
            return request;
        }, ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        while (await reader.ReadLineAsync(ct) is { } line)
            if (line.Length > 0) Note(line, lines, report);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> Ids(string collection, [EnumeratorCancellation] CancellationToken ct)
    {
        var wish = new StacWish { Collections = [collection], Limit = PageOfIds };
        await foreach (var page in StacSearch.Pages(api, wish, ct))
            foreach (var item in StacSearch.Items(page))
                if (item.Text("id") is { } id) yield return id;
    }

    /// <inheritdoc/>
    public async Task<bool> Delete(ItemAddress address, CancellationToken ct)
    {
        try
        {
            var at = At(address);
            var etag = await EtagOf(at, ct);
            using var gone = await api.Ask(() => With(new HttpRequestMessage(HttpMethod.Delete, at), etag), ct);
            return true;
        }
        catch (ServerProblemException problem) when (problem.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<string> Register(AnalysisToSend analysis, CancellationToken ct)
    {
        var asset = analysis.Asset;
        var body = JsonSerializer.Serialize(new
        {
            asset.Href,
            Date = asset.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            asset.KeyPrefix,
            asset.MediaType,
            asset.Title,
            analysis.Force,
        }, Wire.Options);
        var address = new Uri(At(analysis.Address).AbsoluteUri + "/analyses");
        using var answer = await api.Send(HttpMethod.Post, address, body, ct);
        using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct), default, ct);
        return document.RootElement.Text("key") ?? "";
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Uri At(ItemAddress address) => api.At(
        $"/collections/{Uri.EscapeDataString(address.Collection)}/items/{Uri.EscapeDataString(address.Id)}");

    async Task<EntityTagHeaderValue?> EtagOf(Uri address, CancellationToken ct)
    {
        try
        {
            using var answer = await api.Ask(() => new HttpRequestMessage(HttpMethod.Get, address), ct);
            return answer.Headers.ETag ?? EntityTagHeaderValue.Any;
        }
        catch (ServerProblemException problem) when (problem.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    static HttpRequestMessage Put(Uri address, string body, EntityTagHeaderValue before) => With(
        new HttpRequestMessage(HttpMethod.Put, address)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        }, before);

    // An organization may require the tag; where the item changed meanwhile, the server refuses.
    static HttpRequestMessage With(HttpRequestMessage request, EntityTagHeaderValue? etag)
    {
        if (etag is not null) request.Headers.IfMatch.Add(etag);
        return request;
    }

    // The last line sums up; it is about no line of ours.
    static void Note(string told, IReadOnlyList<string> lines, Action<int, Sent> report)
    {
        using var document = JsonDocument.Parse(told);
        var one = document.RootElement;
        if (one.Text("status") is not { } status || !one.TryGetProperty("line", out var number)
            || !number.TryGetInt32(out var line) || line < 1 || line > lines.Count) return;
        report(line - 1, Named(lines[line - 1], status, Words(one, "problems"), Words(one, "repairs")) with
        {
            IsToBeSentAgain = one.Part("problems") is { } problems
                && problems.EnumerateArray().Any(problem => problem.Text("code") == "STORAGE_UNAVAILABLE"),
        });
    }

    static Sent Named(string item, string status, IReadOnlyList<string> problems, IReadOnlyList<string> repairs)
    {
        using var document = JsonDocument.Parse(item);
        return new Sent(document.RootElement.Text("collection") ?? "", document.RootElement.Text("id") ?? "", status,
            problems, repairs);
    }

    static string[] Words(JsonElement one, string name) => one.Part(name) is not { } list ? []
        : [.. list.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()!
            : part.Text("detail") ?? (part.Text("done") is { } done
                ? $"{part.Text("path")}: {part.Text("what")}; {done}" : part.GetRawText()))];
}

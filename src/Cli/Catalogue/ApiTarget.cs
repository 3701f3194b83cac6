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
sealed class ApiTarget(StacApi api, bool isStrict) : ICatalogueTarget
{
    const int PageOfIds = 1000;

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
        var sent = new List<Sent>(lines.Count);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        while (await reader.ReadLineAsync(ct) is { } line)
            if (line.Length > 0 && Outcome(line) is { } outcome) sent.Add(outcome);
        return sent;
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

    static Sent? Outcome(string line)
    {
        using var document = JsonDocument.Parse(line);
        var one = document.RootElement;
        return one.Text("status") is not { } status ? null : new Sent(
            one.Text("collection") ?? "", one.Text("id") ?? "", status, Words(one, "problems"), Words(one, "repairs"));
    }

    static string[] Words(JsonElement one, string name) => one.Part(name) is not { } list ? []
        : [.. list.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()!
            : part.Text("detail") ?? (part.Text("done") is { } done
                ? $"{part.Text("path")}: {part.Text("what")}; {done}" : part.GetRawText()))];
}

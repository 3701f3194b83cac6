using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue status</c>, also <c>eomatch-status</c>: what a STAC API has, collection by collection.
/// </summary>
static class CatalogueStatusCommand
{
    const int MostAtOnce = 4;

    sealed record Line(string Id, long? Items, string? Newest, string? Oldest);

    public static Command Make(Surroundings surroundings)
    {
        var options = new CatalogueOptions();
        var command = options.AddTo(new Command("status", "See how many items each collection has, and of when"));
        Examples.Add(command,
            "waypost catalogue status --api-url http://127.0.0.1:8080/api",
            "waypost catalogue status --json | jq -r '.collections[] | [.id, .items] | @tsv'");
        return command.DoesAlone(surroundings, options.Json, async (parsed, answers, ct) =>
        {
            var settings = EomatchSettings.Read(parsed.GetValue(options.Config), surroundings);
            using var api = options.Api(parsed, surroundings, settings, "query");
            var lines = await Lines(api, ct);
            var body = JsonSerializer.Serialize(new
            {
                ApiUrl = api.Root.AbsoluteUri,
                CheckedAt = surroundings.Clock.GetUtcNow(),
                Collections = lines,
            }, Wire.Options);
            if (answers.IsJson) answers.One(body, _ => []);
            else
                answers.Many(body, "collections", ["COLLECTION", "ITEMS", "NEWEST", "OLDEST"],
                    line =>
                    [
                        line.Text("id"), line.Text("items") ?? "?", line.Time("newest") ?? "?",
                        line.Time("oldest") ?? "?",
                    ],
                    $"{api.Root} has no collections.");
            return ExitCodes.Ok;
        });
    }

    static async Task<IReadOnlyList<Line>> Lines(StacApi api, CancellationToken ct)
    {
        var lines = new SortedDictionary<string, Line>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var next = api.At("/collections"); next is not null;)
        {
            var page = await api.Get(next, ct);
            await Parallel.ForEachAsync(
                (page["collections"] as JsonArray)?.OfType<JsonObject>() ?? [],
                new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct },
                async (collection, stop) =>
                {
                    var line = await Ask(api, collection, stop);
                    lock (lines) lines[line.Id] = line;
                });
            next = page.Links().FirstOrDefault(link => link.Text("rel") == "next")?.Text("href") is { } href
                && seen.Add(href) ? new Uri(api.Root, href) : null;
        }
        return [.. lines.Values];
    }

    static async Task<Line> Ask(StacApi api, JsonObject collection, CancellationToken ct)
    {
        var id = collection.Text("id") ?? "";
        try
        {
            var newest = await One(api, id, "-datetime", ct);
            var oldest = await One(api, id, "+datetime", ct);
            return new Line(id, StacSearch.Matched(newest), TimeOf(newest), TimeOf(oldest));
        }
        catch (ServerProblemException problem) when (problem.Status == HttpStatusCode.BadRequest)
        {
            // A server that does not sort: what its collection says of itself is the next best.
            var interval = collection["extent"]?["temporal"]?["interval"]?[0] as JsonArray;
            var any = await StacSearch.First(api, new StacWish { Collections = [id], Limit = 1 }, ct);
            return new Line(id, StacSearch.Matched(any), Text(interval, 1), Text(interval, 0));
        }
    }

    static async Task<JsonObject> One(StacApi api, string collection, string order, CancellationToken ct)
    {
        var address = await api.LinkTo("search", "GET", ct) ?? await api.LinkTo("search", null, ct)
            ?? api.At("/search");
        var query = $"collections={Uri.EscapeDataString(collection)}&limit=1&sortby={Uri.EscapeDataString(order)}";
        return await api.Get(new UriBuilder(address) { Query = query }.Uri, ct);
    }

    static string? TimeOf(JsonObject page) => StacSearch.Items(page).FirstOrDefault()?["properties"] is { } properties
        ? properties.Text("datetime") ?? properties.Text("start_datetime") : null;

    static string? Text(JsonArray? interval, int index) =>
        interval is { Count: 2 } && interval[index] is JsonValue value && value.TryGetValue<string>(out var text)
            ? text : null;
}

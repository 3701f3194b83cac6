using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>What items are asked for (STAC API 1.0, Item Search, with the filter extension).</summary>
sealed record StacWish
{
    /// <summary>Only of these collections; empty: of all.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];

    /// <summary>Only these ids; empty: all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>A span of time, as the parameter has it; null: any.</summary>
    public string? Datetime { get; init; }

    /// <summary>West, south, east, north; null: anywhere.</summary>
    public IReadOnlyList<double>? Bbox { get; init; }

    /// <summary>A condition in CQL2; null: none.</summary>
    public string? Filter { get; init; }

    /// <summary><c>cql2-text</c> or <c>cql2-json</c>.</summary>
    public string FilterLang { get; init; } = "cql2-text";

    /// <summary>Items to a page.</summary>
    public int Limit { get; init; } = 500;

    /// <summary>The same wish as a fingerprint compares it: whatever it says, in one text.</summary>
    public string Fingerprint => string.Join('\n',
    [
        string.Join(' ', Collections.Order(StringComparer.Ordinal)), Datetime ?? "", Join(Bbox), Filter ?? "",
        FilterLang,
    ]);

    /// <summary>As a query string.</summary>
    public string Query()
    {
        var parts = new List<string> { FormattableString.Invariant($"limit={Limit}") };
        if (Collections.Count > 0) parts.Add("collections=" + Uri.EscapeDataString(string.Join(',', Collections)));
        if (Ids.Count > 0) parts.Add("ids=" + Uri.EscapeDataString(string.Join(',', Ids)));
        if (Datetime is not null) parts.Add("datetime=" + Uri.EscapeDataString(Datetime));
        if (Bbox is not null) parts.Add("bbox=" + Uri.EscapeDataString(Join(Bbox)));
        if (Filter is not null) parts.Add($"filter={Uri.EscapeDataString(Filter)}&filter-lang={FilterLang}");
        return string.Join('&', parts);
    }

    /// <summary>As a body.</summary>
    public JsonObject Body()
    {
        var body = new JsonObject { ["limit"] = Limit };
        if (Collections.Count > 0) body["collections"] = Texts(Collections);
        if (Ids.Count > 0) body["ids"] = Texts(Ids);
        if (Datetime is not null) body["datetime"] = Datetime;
        if (Bbox is not null) body["bbox"] = new JsonArray([.. Bbox.Select(number => (JsonNode)number)]);
        if (Filter is null) return body;
        body["filter-lang"] = FilterLang;
        body["filter"] = FilterLang == "cql2-json" ? JsonNode.Parse(Filter) : Filter;
        return body;
    }

    static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    static string Join(IReadOnlyList<double>? numbers) => numbers is null ? ""
        : string.Join(',', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
}

/// <summary>Reads search results page by page, by whatever links the server gives.</summary>
static class StacSearch
{
    // What proxies and servers let pass as an address; longer wishes go into a body.
    const int LongestAddress = 6000;

    /// <summary>Each page of the result, the next one being fetched while the caller works on this one.</summary>
    public static async IAsyncEnumerable<JsonObject> Pages(
        StacApi api, StacWish wish, [EnumeratorCancellation] CancellationToken ct)
    {
        var ahead = First(api, wish, ct);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var page = await ahead;
            var next = page.Links().FirstOrDefault(link => link.Text("rel") == "next");
            // A server that leads in a circle would be asked for ever.
            if (next is null || !seen.Add(next.ToJsonString()))
            {
                yield return page;
                yield break;
            }
            ahead = Next(api, wish, next, ct);
            yield return page;
        }
    }

    /// <summary>The items of a page.</summary>
    public static IEnumerable<JsonObject> Items(JsonObject page) =>
        (page["features"] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>How many items match, where the server counts: numberMatched, or what the older context extension has.
    /// </summary>
    public static long? Matched(JsonObject page) =>
        Number(page["numberMatched"]) ?? Number(page["context"]?["matched"]);

    /// <summary>The first page.</summary>
    public static async Task<JsonObject> First(StacApi api, StacWish wish, CancellationToken ct)
    {
        var address = await api.LinkTo("search", "GET", ct) ?? await api.LinkTo("search", null, ct)
            ?? api.At("/search");
        var query = new UriBuilder(address) { Query = wish.Query() }.Uri;
        // stac-fastapi takes CQL2 text on GET only, and JSON on POST only; GET is what every server must have.
        var mayPost = wish is not { Filter: not null, FilterLang: "cql2-text" };
        if (!mayPost || (query.AbsoluteUri.Length <= LongestAddress && wish.Filter is null))
            return await api.Get(query, ct);
        var post = await api.LinkTo("search", "POST", ct);
        return post is null ? await api.Get(query, ct) : await api.Post(post, wish.Body(), ct);
    }

    // STAC API 1.0, Item Search, Pagination: a link may carry a method, a body, and the wish to merge it.
    static async Task<JsonObject> Next(StacApi api, StacWish wish, JsonObject link, CancellationToken ct)
    {
        var address = new Uri(api.Root, link.Text("href") ?? "");
        if (!string.Equals(link.Text("method"), "POST", StringComparison.OrdinalIgnoreCase))
            return await api.Get(address, ct);
        var body = link["merge"] is JsonValue merge && merge.TryGetValue<bool>(out var merged) && merged
            ? wish.Body() : [];
        foreach (var (name, value) in link["body"] as JsonObject ?? []) body[name] = value?.DeepClone();
        return await api.Post(address, body, ct);
    }

    static long? Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}

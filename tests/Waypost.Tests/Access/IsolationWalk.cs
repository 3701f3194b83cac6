using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>Walks every route of the description as a stranger, with somebody's real ids in path, query and body, and
/// says where an answer or a row gives anything away.</summary>
/// <remarks>An answer to a real id must be the answer to an id that does not exist, but for the id itself; a path or
/// header that names the organization must be answered as if it did not exist; and no row of it may change.</remarks>
sealed partial class IsolationWalk(TestOrg victim, IReadOnlyDictionary<string, string> real, TestOrg own,
    HttpClient stranger)
{
    const string NoOrg = "no-such-organization";

    // What is no secret and belongs to nobody: constants that a route needs.
    static readonly Dictionary<string, string> Constants = new()
    {
        ["job_type"] = "hello_world",
        ["path"] = "a.nc",
        ["z"] = "0",
        ["x"] = "0",
        ["y"] = "0",
        ["version"] = "1",
        ["year"] = "2024",
        ["month"] = "05",
        ["day"] = "06",
    };

    static readonly string[] IdQueries = ["ids", "collections", "dataset_id"];

    static readonly string[] Order = ["get", "head", "delete", "patch", "post", "put"];

    readonly IReadOnlyDictionary<string, string> none = real.ToDictionary(id => id.Key, id => Nonexistent(id.Value));
    readonly List<string> findings = [];

    /// <summary>One operation of the description.</summary>
    sealed record Operation(string Method, string Path, IReadOnlyList<string> Queries, string? Body, bool HasBody);

    /// <summary>What was found; nothing, when all is well.</summary>
    public async Task<IReadOnlyList<string>> Run()
    {
        var before = await TenantRows.Of(victim);
        foreach (var operation in await Operations())
        {
            await Compare(operation);
            var after = await TenantRows.Of(victim);
            findings.AddRange(before.Where(table => after[table.Key] != table.Value).Select(table =>
                $"{operation.Method} {operation.Path} changed {table.Key}: {table.Value} became {after[table.Key]}"));
            before = after;
        }
        return findings;
    }

    async Task Compare(Operation operation)
    {
        if (Unfillable(operation) is { } missing)
        {
            findings.Add($"{operation.Method} {operation.Path}: the walk does not know what to put for {missing}");
            return;
        }
        var toReal = await Ask(operation, own.Id, real);
        var toNone = await Ask(operation, own.Id, none);
        if (Names(operation).Any() && toReal != toNone)
            findings.Add($"{operation.Method} {operation.Path} tells a real id from another: «{Short(toReal)}» and "
                + $"«{Short(toNone)}»");
        foreach (var (name, secret) in real.Where(id => id.Value.Length >= 16))
            if (toNone.Contains(secret, StringComparison.Ordinal))
                findings.Add($"{operation.Method} {operation.Path} shows the {name} unasked");

        if (operation.Path.Contains("{org_id}", StringComparison.Ordinal))
        {
            var foreign = await Ask(operation, victim.Id, real);
            var unknown = await Ask(operation, NoOrg, real);
            if (foreign != unknown)
                findings.Add($"{operation.Method} {operation.Path} tells a real organization: «{Short(foreign)}» and "
                    + $"«{Short(unknown)}»");
        }
        else
        {
            var foreign = await Ask(operation, "", none, victim.Id);
            var unknown = await Ask(operation, "", none, NoOrg);
            if (foreign != unknown && !operation.Path.StartsWith("/health", StringComparison.Ordinal))
                findings.Add(
                    $"{operation.Method} {operation.Path} with X-Org-ID: «{Short(foreign)}» and «{Short(unknown)}»");
        }
    }

    /// <summary>The answer, with the ids that were sent taken out.</summary>
    async Task<string> Ask(
        Operation operation, string org, IReadOnlyDictionary<string, string> ids, string? header = null)
    {
        var path = PathPart().Replace(operation.Path, part => part.Groups["name"].Value is var name && name == "org_id"
            ? org : Uri.EscapeDataString(Constants.GetValueOrDefault(name) ?? ids[name]));
        var query = string.Join('&', operation.Queries.Intersect(IdQueries).Select(name => name + "=" + name switch
        {
            "ids" => ids["item"],
            "collections" => ids["collection"],
            _ => ids["dataset_id"],
        }));
        using var request = new HttpRequestMessage(
            new HttpMethod(operation.Method), path + (query.Length > 0 ? "?" + query : ""));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.5));
        if (header is not null) request.Headers.Add("X-Org-ID", header);
        if (operation.HasBody) request.Content = Content(operation, ids);
        using var response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var text = $"{(int)response.StatusCode} {response.Content.Headers.ContentType} "
            + $"{Encoding.Latin1.GetString(body)}";
        foreach (var id in new[] { header, org }.OfType<string>().Where(id => id.Length > 0))
            text = text.Replace(id, "[org]", StringComparison.Ordinal);
        // When it was answered says nothing of what.
        text = TimeStamp().Replace(text, "");
        foreach (var (name, id) in ids.OrderByDescending(id => id.Value.Length))
            text = id.Length > 4 ? text.Replace(id, $"[{name}]", StringComparison.Ordinal)
                : Regex.Replace(text, $"(?<=[ /']){Regex.Escape(id)}(?=[ \"'?])", $"[{name}]");
        return text;
    }

    static HttpContent Content(Operation operation, IReadOnlyDictionary<string, string> ids) =>
        operation.Body == "Stream"
            ? new ByteArrayContent("{}"u8.ToArray())
            : new StringContent(
                JsonSerializer.Serialize(BodyOf(operation, ids)), Encoding.UTF8, "application/json");

    /// <summary>A body for the operation with the ids in it; null when nobody has said which.</summary>
    static object? BodyOf(Operation operation, IReadOnlyDictionary<string, string> ids) =>
        IsolationRescue.BodyOf(operation.Path, operation.Body, ids) ?? OtherBodyOf(operation, ids);

    static object? OtherBodyOf(Operation operation, IReadOnlyDictionary<string, string> ids) => operation.Body switch
    {
        "Stream" => "bytes",
        "JobSubmission" => new { kind = "hello_world", parameters = new { n = 1, message = "of a stranger" } },
        "ScheduleWish" => new { kind = "hello_world", cron = "@yearly" },
        "AnalysisWish" => new { href = "https://example.org/of-a-stranger.nc" },
        "Json" => new { n = 1, message = "of a stranger" },
        "QueryableDeclaration" => new { title = "of a stranger" },
        "JsonElement" when operation.Path.EndsWith("/aggregate", StringComparison.Ordinal) => new
        {
            ids = new[] { ids["item"] },
            aggregations = new[] { "total_count", "collection_frequency" },
        },
        "JsonElement" when operation.Path.Contains("/queryables/", StringComparison.Ordinal) =>
            new { title = "of a stranger" },
        "JsonElement" when operation.Path.EndsWith("/resubmit", StringComparison.Ordinal) =>
            new { request_id = ids["request_id"] },
        "JsonElement" when operation.Path.EndsWith("/submit", StringComparison.Ordinal) => new
        {
            dataset_id = "stranger",
            resource_id = "stranger",
            version_id = "v1",
            request_type = "vector",
            source_path = "upload:" + ids["name"],
        },
        "JsonElement" when operation.Path.Contains("/items", StringComparison.Ordinal) => new
        {
            type = "Feature",
            stac_version = "1.1.0",
            id = ids["item"],
            geometry = (object?)null,
            properties = new { datetime = "2024-01-01T00:00:00Z" },
            assets = new { },
            links = Array.Empty<object>(),
        },
        "JsonElement" when operation.Path.Contains("/collections", StringComparison.Ordinal) =>
            JsonElement.Parse(Catalogue.Samples.Collection(ids["collection"]).Text),
        "WritingRules" => new { require_if_match = false, validation = "repair" },
        // The platform's search looks into collections whose names everybody knows.
        "SearchBody" when operation.Path.Contains("/platform/", StringComparison.Ordinal) =>
            new { ids = new[] { ids["item"] }, collections = new[] { "ddh_rasters" } },
        "SearchBody" => new { ids = new[] { ids["item"] }, collections = new[] { ids["collection"] } },
        "NewOrganization" => new { id = ids["organization_id"] },
        "OrganizationChange" => new { name = "taken over" },
        "WebhookSecret" => new { secret = "a secret of the stranger" },
        "NewKey" => new { name = "stranger", role = "viewer" },
        "KeyRotation" => new { overlap_seconds = 0 },
        "PriorityChange" => new { priority = 9 },
        "WebhookBody" => new { url = "http://127.0.0.1:9/", events = new[] { "job.*" } },
        "LeaseRequest" => new { worker = "stranger", kinds = new[] { "hello_world" } },
        "CompletionRequest" => new
        {
            worker = "stranger",
            completions = new[] { new { task_id = ids["task_id"], fence = 1, result = new { } } },
        },
        "NewShare" => new { view = "internal" },
        "CollectionVisibility" => new { external = false },
        "RenewalRequest" => new { worker = "stranger", leases = new[] { new { task_id = ids["task_id"], fence = 1 } } },
        _ => null,
    };

    string? Unfillable(Operation operation)
    {
        var part = PathNames(operation).FirstOrDefault(name =>
            name != "org_id" && !Constants.ContainsKey(name) && !real.ContainsKey(name));
        return part ?? (operation.HasBody && BodyOf(operation, real) is null ? $"the body {operation.Body}" : null);
    }

    IEnumerable<string> Names(Operation operation) => PathNames(operation).Where(real.ContainsKey)
        .Concat(operation.Queries.Intersect(IdQueries))
        .Concat(operation.Body is "SearchBody" or "JsonElement" or "CompletionRequest" or "RenewalRequest"
            ? ["body"] : []);

    static IEnumerable<string> PathNames(Operation operation) =>
        PathPart().Matches(operation.Path).Select(part => part.Groups["name"].Value);

    // What only looks comes first: what writes would leave the stranger things of its own under the same names.
    async Task<IReadOnlyList<Operation>> Operations()
    {
        var text = await victim.Server.Anyone().GetStringAsync(
            "/openapi/v1.json", TestContext.Current.CancellationToken);
        return [.. (
            from path in JsonElement.Parse(text).GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            let schema = Schema(operation.Value)
            orderby ChangesWhatIsFound(operation.Name, path.Name), Array.IndexOf(Order, operation.Name), path.Name
            select new Operation(
                operation.Name.ToUpperInvariant(), path.Name, Queries(operation.Value), schema,
                operation.Value.TryGetProperty("requestBody", out _)))];
    }

    static bool ChangesWhatIsFound(string method, string path) =>
        (method == "delete" && path.Contains("/collections/{collection}", StringComparison.Ordinal))
        || (method == "post" && (path.EndsWith("/collections", StringComparison.Ordinal)
            || path.EndsWith("items", StringComparison.Ordinal)));

    static string[] Queries(JsonElement operation) => !operation.TryGetProperty("parameters", out var parameters) ? []
        : [.. parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "query")
            .Select(parameter => parameter.GetProperty("name").GetString()!)];

    static string? Schema(JsonElement operation) => operation.TryGetProperty("requestBody", out var body)
        && SchemaName().Match(body.GetRawText()) is { Success: true } named ? named.Groups["name"].Value : null;

    static string Short(string text) => text.Length <= 400 ? text : text[..400] + "…";

    /// <summary>An id of the same shape that nobody has.</summary>
    static string Nonexistent(string id)
    {
        var end = id.LastIndexOfAny([.. "0123456789abcdef"]);
        if (end < 0) return id + "7";
        return id[..end] + (id[end] == '7' ? '3' : '7') + id[(end + 1)..];
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex PathPart();

    [GeneratedRegex("\"timeStamp\":\"[^\"]*\",?")]
    private static partial Regex TimeStamp();

    [GeneratedRegex(@"#/components/schemas/(?<name>\w+)")]
    private static partial Regex SchemaName();
}

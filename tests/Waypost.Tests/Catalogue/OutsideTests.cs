using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;
using Xunit;
using Secrets = Waypost.Geo.Tests.Stac.Secrets;

namespace Waypost.Tests.Catalogue;

/// <summary>Nothing that is hidden comes out of a catalogue, by any route or question: a catalogue with secrets answers
/// exactly as one that never had any.</summary>
public sealed partial class OutsideTests
{
    const string Mark = Secrets.Mark;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A question, about a catalogue mounted at <c>{root}</c>.</summary>
    sealed record Question(string Method, string Path, string? Body = null)
    {
        public override string ToString() => $"{Method} {Path} {Body}";
    }

    [Theory, Backends]
    public async Task A_catalogue_with_secrets_answers_as_one_that_never_had_any(Backend backend) =>
        await AnswersAlike(await TestServer.Shared(backend));

    /// <summary>The same where nearly every search is too much to count: what is hidden must not be what decides it.
    /// </summary>
    [Theory, Backends]
    public async Task Nor_do_secrets_decide_what_is_counted(Backend backend)
    {
        await using var server = await TestServer.Start(backend, settings => settings with
        {
            Catalogue = settings.Catalogue with
            {
                Search = new SearchLimits
                {
                    Few = 5,
                    MostLookedAt = 8,
                    FirstLook = 4,
                    MostEntries = 12,
                    MostCounted = 12,
                },
            },
        });
        await AnswersAlike(server);
    }

    static async Task AnswersAlike(TestServer server)
    {
        var seed = Environment.TickCount;
        var twins = await TwinCatalogues.Make(server, seed);
        var (inside, outside) = (await twins.Secret.As(Role.OrgAdmin), await twins.Plain.As(Role.OrgAdmin));
        var friend = await twins.Friend.As(Role.Viewer);
        await TwinCatalogues.Settle(inside, outside);
        var questions = Routes(server).Concat(Searches(twins.Names, new Random(seed))).ToList();
        var answered = 0;
        var mount = $"/api/v1/{twins.Friend.Id}/shared/";
        var (shared, other) = (mount + twins.Secret.Id, mount + twins.Plain.Id);

        foreach (var question in questions)
        {
            answered += await Compare(question, inside, "/external", outside, "/external");
            answered += await Compare(question, friend, shared, friend, other);
        }
        var strangers = (
            await TwinCatalogues.Outsider(twins.Secret), await TwinCatalogues.Outsider(twins.Plain));
        foreach (var question in Beside()) await Compare(question, strangers.Item1, "", strangers.Item2, "");
        var validators = await Validators(inside);
        await CompareFeeds();

        // What only those inside see changes; nothing changes for outsiders, and nothing is told to them.
        await twins.ChangeInside();
        await CompareFeeds();
        Assert.Equal(validators, await Validators(inside));
        foreach (var question in questions.Where(one => one.Method == "GET" && one.Body is null).Take(120))
            await Compare(question, inside, "/external", outside, "/external");

        // It would prove nothing if nothing were there to find, or nothing were answered.
        Assert.Contains(Mark, await inside.GetStringAsync("/api/search?limit=100", Token), StringComparison.Ordinal);
        Assert.True(answered > questions.Count / 3, $"{answered} of {2 * questions.Count} were answered, seed {seed}");

        async Task CompareFeeds()
        {
            Assert.Equal(await Feed(outside, "/external"), await Feed(inside, "/external"));
            Assert.Equal(await Feed(friend, other), await Feed(friend, shared));
        }

        async Task<int> Compare(
            Question asked, HttpClient one, string oneRoot, HttpClient other, string otherRoot)
        {
            for (var (page, next) = (0, asked); next is not null; page++)
            {
                var (whole, again) = await Ask(twins, one, next, oneRoot);
                // The mark is looked for in all of it, before anything is overlooked.
                if (!asked.ToString().Contains(Mark, StringComparison.Ordinal))
                    Assert.DoesNotContain(Mark, Laid(whole), StringComparison.OrdinalIgnoreCase);
                var (first, second) = (Still(whole), Still((await Ask(twins, other, next, otherRoot)).Answer));
                Assert.True(first == second, $"{next} at {oneRoot}, seed {seed}:\n{first}\nas it should be:\n{second}");
                if (again is null || page > 20) return first.StartsWith("200", StringComparison.Ordinal) ? 1 : 0;
                next = again;
            }
            return 0;
        }
    }

    static async Task<(string Answer, Question? Next)> Ask(
        TwinCatalogues twins, HttpClient client, Question question, string root)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(question.Method), question.Path.Replace("{root}", root, StringComparison.Ordinal));
        if (question.Body is { } body) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, Token);
        var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Token));
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Content-Length" or "Transfer-Encoding"))
            .OrderBy(header => header.Key).Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
        var whole = $"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n{text}";
        foreach (var id in new[] { twins.Secret.Id, twins.Plain.Id })
            whole = whole.Replace(id, "[org]", StringComparison.Ordinal);
        return (whole, Next(question, text, root));
    }

    static string Still(string answer) => Moving().Replace(answer, "\"${name}\":\"…\"");

    // An answer, and what stands in it in another writing: tokens of pages.
    static string Laid(string answer) => answer + string.Concat(Tokens().Matches(answer)
        .Select(token => token.Groups["text"].Value).Where(text => System.Buffers.Text.Base64Url.IsValid(text))
        .Select(text => Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text))));

    // The changes from the beginning to the end, in small pages.
    static async Task<string> Feed(HttpClient client, string root)
    {
        var (all, since) = (new StringBuilder(), "0");
        while (true)
        {
            var text = await client.GetStringAsync($"{root}/changes?limit=3&include=items&since={since}", Token);
            var page = JsonElement.Parse(text);
            Assert.DoesNotContain(Mark, text, StringComparison.OrdinalIgnoreCase);
            foreach (var change in page.GetProperty("changes").EnumerateArray())
            {
                Assert.False(change.TryGetProperty("version", out _));
                all.AppendLine(Elsewhere().Replace(Still(change.GetRawText()), "{root}"));
            }
            var next = page.GetProperty("next").GetString()!;
            if (next == since) break;
            since = next;
        }
        return all.ToString();
    }

    // By which a client asks whether what it has is still so; each still answers that it is.
    static async Task<List<string>> Validators(HttpClient client)
    {
        var found = new List<string>();
        foreach (var path in new[]
        {
            $"/collections/{TwinCatalogues.Collections[0]}", $"/collections/{TwinCatalogues.Collections[0]}/items/i0",
        })
        {
            using var answer = await client.GetAsync("/external" + path, Token);
            found.Add($"{path} {answer.Headers.ETag} {answer.Content.Headers.LastModified}");
            using var ask = new HttpRequestMessage(HttpMethod.Get, "/external" + path);
            ask.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
            using var same = await client.SendAsync(ask, Token);
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        }
        return found;
    }

    // The pages after an answer are questions as well.
    static Question? Next(Question question, string text, string root)
    {
        if (!text.StartsWith('{') || question.Method is not ("GET" or "POST")) return null;
        var answer = JsonElement.Parse(text);
        if (!answer.TryGetProperty("links", out var links) || links.ValueKind != JsonValueKind.Array) return null;
        foreach (var link in links.EnumerateArray())
        {
            if (link.GetProperty("rel").GetString() != "next") continue;
            var path = new Uri(link.GetProperty("href").GetString()!).PathAndQuery;
            var at = "{root}" + path[root.Length..];
            if (question.Body is null) return new Question("GET", at);
            var body = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(question.Body)!;
            foreach (var member in link.GetProperty("body").EnumerateObject()) body[member.Name] = member.Value;
            return new Question("POST", at, JsonSerializer.Serialize(body));
        }
        return null;
    }

    /// <summary>Every route of an outside view, by every method, with ids that are there and that are not to be
    /// known.</summary>
    static IEnumerable<Question> Routes(TestServer server)
    {
        var patterns = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Where(pattern => pattern.StartsWith("/external", StringComparison.Ordinal)).Distinct();
        foreach (var pattern in patterns)
            foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" })
                foreach (var collection in pattern.Contains("{collection", StringComparison.Ordinal)
                    ? new[] { TwinCatalogues.Collections[0], TwinCatalogues.Hidden } : ["none"])
                    foreach (var item in pattern.Contains("{item", StringComparison.Ordinal) && method == "GET"
                        ? new[] { "i0", "i1", "hidden-item" } : ["i0"])
                        yield return new Question(
                            method, "{root}" + PathPart().Replace(pattern, part => part.Groups["name"].Value switch
                            {
                                "collection" => collection,
                                "item" or "item_id" => item,
                                "year" => "1970",
                                "z" or "x" or "y" or "feature" => "0",
                                _ => "1",
                            })["/external".Length..],
                            method is "GET" or "HEAD" or "DELETE" or "OPTIONS" ? null : "{}");
    }

    static IEnumerable<Question> Searches(IReadOnlyCollection<string> names, Random random)
    {
        foreach (var query in Queries(names, random))
            foreach (var route in new[]
            {
                "/search", "/collections", $"/collections/{TwinCatalogues.Collections[0]}/items",
                $"/collections/{TwinCatalogues.Hidden}/items", "/aggregate",
                $"/collections/{TwinCatalogues.Collections[0]}/aggregate",
            })
                yield return new Question("GET", "{root}" + route + "?" + query);
        foreach (var body in Bodies(names, random))
            foreach (var route in new[]
            {
                "/search", "/aggregate", "/collections", $"/collections/{TwinCatalogues.Collections[0]}/items",
            })
                yield return new Question("POST", "{root}" + route, body);
        var features = $"{{root}}/features/collections/i0/items";
        foreach (var query in new[] { "", "?limit=2", "?bbox=0,0,10,10" })
            yield return new Question("GET", features + query);
        foreach (var parameter in new[] { "language=de", "f=json", "since=0", "nonsense=" + Mark, "type=Catalog" })
            foreach (var route in new[] { "", "/children", "/changes", "/queryables", "/sortables", "/search" })
                yield return new Question("GET", $"{{root}}{route}?{parameter}");
    }

    /// <summary>What there is beside the external view, asked by somebody who may read only that.</summary>
    static IEnumerable<Question> Beside()
    {
        foreach (var path in new[]
        {
            "/health/catalogue", "/openapi/v1.json", "/openapi/stac.json", "/catalogue/x.nc",
            $"/catalogue/{TwinCatalogues.Hidden}/x.nc", "/catalogue/items.ndjson", "/catalogue/catalog.json", "/api",
            "/api/search", "/api/changes", "/api/shared", "/api/queryables/title", "/tiles/seen-a/i1/tilejson.json",
            "/api/features/collections", "/platform/status/x", "/api/collections/seen-a/items/i0/versions",
        })
            foreach (var method in new[] { "GET", "HEAD" })
                yield return new Question(method, "{root}" + path);
    }

    static IEnumerable<string> Queries(IReadOnlyCollection<string> names, Random random)
    {
        yield return "limit=5";
        yield return "limit=3&datetime=1980-01-01T00:00:00Z/..";
        yield return "bbox=-180,-90,180,90&limit=4";
        yield return $"collections={TwinCatalogues.Hidden},{TwinCatalogues.Collections[1]}";
        yield return "ids=i0,i1,hidden-item";
        yield return "aggregations=total_count,collection_frequency,datetime_min,datetime_max,datetime_frequency";
        foreach (var words in new[]
        {
            Mark, $"\"{Mark}\"", "file", "npl", $"{Mark} OR T", "-" + Mark, "hidden", "description", "T",
        })
            yield return "q=" + Uri.EscapeDataString(words);
        foreach (var name in Some(names, random))
        {
            var quoted = Uri.EscapeDataString($"\"{name}\"");
            yield return "limit=4&sortby=" + Uri.EscapeDataString("-properties." + name);
            yield return "limit=4&sortby=" + Uri.EscapeDataString(name);
            yield return $"filter={quoted}%20IS%20NULL&filter-lang=cql2-text";
            yield return $"filter={quoted}%20LIKE%20%27%25{Mark}%25%27";
            yield return $"filter={quoted}%20%3E%20%27%27";
            yield return "fields=" + Uri.EscapeDataString("id,properties." + name);
            yield return "fields=" + Uri.EscapeDataString("-properties." + name);
            yield return "query=" + Uri.EscapeDataString($$"""{"{{Escaped(name)}}":{"contains":"{{Mark}}"} }""");
            foreach (var suffix in new[] { "_frequency", "_min", "_max" })
                yield return "aggregations=" + Uri.EscapeDataString(name + suffix);
        }
        // What is unknown is answered with what is near: never with what is hidden.
        foreach (var name in names.Where(name => name.Contains(Mark, StringComparison.Ordinal)).Take(5))
        {
            var near = Uri.EscapeDataString($"\"{name.Replace(Mark, Mark[..^1], StringComparison.Ordinal)}\"");
            yield return $"filter={near}%20IS%20NULL";
            yield return "sortby=" + near;
            yield return "aggregations=" + near + "_frequency";
        }
        foreach (var path in new[] { "assets", "links", "assets.data.href", "keywords", "providers", "properties" })
        {
            yield return "fields=" + path;
            yield return $"filter={path}%20LIKE%20%27%25{Mark}%25%27";
            yield return "sortby=" + path;
        }
    }

    static IEnumerable<string> Bodies(IReadOnlyCollection<string> names, Random random)
    {
        yield return """{"limit":7}""";
        yield return $$"""{"collections":["{{TwinCatalogues.Hidden}}"]}""";
        yield return $$"""{"q":["{{Mark}}","n1"]}""";
        yield return """{"aggregations":["total_count","collection_frequency","datetime_frequency"]}""";
        foreach (var name in Some(names, random))
        {
            var json = Escaped(name);
            var property = $$"""{"property":"{{json}}"}""";
            yield return $$"""{"limit":4,"sortby":[{"field":"properties.{{json}}","direction":"desc"}]}""";
            yield return $$"""{"filter":{"op":"isNull","args":[{{property}}]},"limit":5}""";
            yield return $$"""{"filter":{"op":"not","args":[{"op":"isNull","args":[{{property}}]}]},"limit":5}""";
            yield return $$"""{"filter":{"op":"like","args":[{{property}},"%{{Mark}}%"]},"limit":5}""";
            var folded = $$"""{"op":"casei","args":[{{property}}]}""";
            yield return $$"""{"filter":{"op":"like","args":[{{folded}},"%{{Mark}}%"]},"limit":5}""";
            yield return $$"""{"filter":{"op":">","args":[{{property}},"a"]},"limit":5}""";
            yield return $$"""{"fields":{"include":["properties.{{json}}"],"exclude":["links"]},"limit":5}""";
        }
    }

    static IEnumerable<string> Some(IReadOnlyCollection<string> names, Random random) => names
        .OrderBy(name => name.Contains(Mark, StringComparison.Ordinal) ? 0 : 1).Take(3)
        .Concat(names.OrderBy(_ => random.Next()).Take(3)).Concat(["title", "keywords"]).Distinct();

    static string Escaped(string name) => JsonEncodedText.Encode(name).ToString();

    [GeneratedRegex(@"\{\**(?<name>\w+)[^}]*\}")]
    private static partial Regex PathPart();

    [GeneratedRegex("token=(?<text>[A-Za-z0-9_-]+)|\"token\":\"(?<text>[A-Za-z0-9_-]+)\"")]
    private static partial Regex Tokens();

    [GeneratedRegex("http://[^/]*(/external|/api/v1/[^/]*/shared/[^/]*)")]
    private static partial Regex Elsewhere();

    // The clock goes on; and positions in the feed of changes count what happens to the whole organization.
    [GeneratedRegex("\"(?<name>timeStamp|position|next|latest)\":(\"[^\"]*\"|\\d+)")]
    private static partial Regex Moving();
}

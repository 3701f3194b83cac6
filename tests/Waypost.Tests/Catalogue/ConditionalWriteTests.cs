using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>What writers may say that they have seen, and want to be answered (RFC 9110, RFC 7240).</summary>
public sealed class ConditionalWriteTests
{
    const string Items = "/api/collections/c/items";

    static readonly string Written = Samples.Now.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
    static readonly string Before = Samples.Now.UtcDateTime.AddSeconds(-1).ToString("R", CultureInfo.InvariantCulture);

    [Theory, Backends]
    public async Task A_put_that_must_not_overwrite_adds_what_is_not_there(Backend backend)
    {
        var client = await Client(backend);
        foreach (var (address, body) in new[]
        {
            (Items + "/new", Item("new", "one")), ("/api/collections/d", Samples.Collection("d").Text),
        })
        {
            await client.Must(HttpStatusCode.NotFound, "PUT", address, body, "NOT_FOUND");
            using var added = await Send(client, "PUT", address, body, ("If-None-Match", "*"));
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
            Assert.EndsWith(address["/api".Length..], added.Headers.Location!.ToString(), StringComparison.Ordinal);
            using var again = await Send(client, "PUT", address, body, ("If-None-Match", "*"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, again.StatusCode);
            using var read = await client.GetAsync(address, Token);
            Assert.Equal(added.Headers.ETag, read.Headers.ETag);
        }
    }

    [Theory, Backends]
    public async Task Tags_are_compared_as_the_standard_says(Backend backend)
    {
        var client = await Client(backend);
        using var read = await client.GetAsync(Items + "/a", Token);
        var tag = read.Headers.ETag!.Tag;
        foreach (var (name, value, status) in new[]
        {
            // A tag may have a comma in it; a list may have empty places.
            ("If-Match", $"\"x,y\", , {tag}", HttpStatusCode.NoContent),
            ("If-Match", $"\"x,{tag[1..]}", HttpStatusCode.PreconditionFailed),
            ("If-Match", "W/" + tag, HttpStatusCode.PreconditionFailed),
            ("If-Match", "*", HttpStatusCode.NoContent),
            ("If-Match", "*, " + tag, HttpStatusCode.BadRequest),
            ("If-Match", "", HttpStatusCode.BadRequest),
            ("If-None-Match", "\"another\"", HttpStatusCode.NoContent),
            ("If-None-Match", "W/" + tag, HttpStatusCode.PreconditionFailed),
            ("If-None-Match", "*", HttpStatusCode.PreconditionFailed),
        })
            foreach (var method in new[] { "PATCH", "DELETE" })
            {
                if (method == "DELETE" && status == HttpStatusCode.NoContent) continue;
                using var answer = await Send(client, method, Items + "/a", method == "PATCH" ? "{}" : null,
                    (name, value));
                Assert.True(status == answer.StatusCode, $"{method} {name}: {value} {answer.StatusCode}");
            }
    }

    [Theory, Backends]
    public async Task A_time_tells_which_version_was_seen(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/catalogue/settings", "{\"require_if_match\":true}");
        foreach (var address in new[] { Items + "/a", "/api/collections/c" })
        {
            using var read = await client.GetAsync(address, Token);
            Assert.Equal(Samples.Now, read.Content.Headers.LastModified);
            using var outside = await client.GetAsync(
                address.Replace("/api", "/external", StringComparison.Ordinal), Token);
            Assert.Null(outside.Content.Headers.LastModified);
            await client.Must(HttpStatusCode.PreconditionRequired, "PATCH", address, "{}", "PRECONDITION_REQUIRED");
            using var early = await Send(client, "PATCH", address, "{}", ("If-Unmodified-Since", Before));
            Assert.Equal(HttpStatusCode.PreconditionFailed, early.StatusCode);
            using var no = await Send(client, "PATCH", address, "{}", ("If-Unmodified-Since", "yesterday"));
            Assert.Equal(HttpStatusCode.PreconditionRequired, no.StatusCode);
            // Where a tag was sent, the time says nothing.
            using var both = await Send(client, "PATCH", address, "{}",
                ("If-Unmodified-Since", Written), ("If-Match", "\"another\""));
            Assert.Equal(HttpStatusCode.PreconditionFailed, both.StatusCode);
            using var well = await Send(
                client, "PATCH", address, "{\"title\":\"New\"}", ("If-Unmodified-Since", Written));
            Assert.Equal(HttpStatusCode.NoContent, well.StatusCode);
            // It has changed by now, in this second or one before: the old time is no good any more.
            using var late = await Send(client, "PATCH", address, "{}", ("If-Unmodified-Since", Written));
            Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        }
        using var put = await Send(
            client, "PUT", Items + "/a", Item("a", "two"), ("If-Unmodified-Since", Before));
        Assert.Equal(HttpStatusCode.PreconditionFailed, put.StatusCode);
        using var gone = await Send(client, "DELETE", Items + "/a", null, ("If-Unmodified-Since", Before));
        Assert.Equal(HttpStatusCode.PreconditionFailed, gone.StatusCode);
    }

    [Theory, Backends]
    public async Task A_put_has_an_entity_tag_only_where_what_is_kept_is_what_was_sent(Backend backend)
    {
        var client = await Client(backend);
        foreach (var (address, body) in new[]
        {
            (Items + "/a", Item("a", "two")), ("/api/collections/c", Samples.Collection("c", "Other.").Text),
        })
        {
            using var changed = await client.Send("PUT", address, body);
            Assert.Equal((HttpStatusCode.NoContent, null), (changed.StatusCode, changed.Headers.ETag));
            using var shown = await Send(client, "PUT", address, body, ("Prefer", "return=representation"));
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
            Assert.EndsWith(
                address["/api".Length..], shown.Content.Headers.ContentLocation!.ToString(), StringComparison.Ordinal);
            var kept = await shown.Content.ReadAsStringAsync(Token);
            using var same = await client.Send("PUT", address, kept);
            Assert.Equal((HttpStatusCode.NoContent, shown.Headers.ETag), (same.StatusCode, same.Headers.ETag));
            using var read = await client.GetAsync(address, Token);
            Assert.Equal(same.Headers.ETag, read.Headers.ETag);
        }
    }

    [Theory, Backends]
    public async Task A_preference_is_followed_and_said_to_be(Backend backend)
    {
        var client = await Client(backend);
        foreach (var (prefer, status, applied) in new (string?, HttpStatusCode, string?)[]
        {
            (null, HttpStatusCode.NoContent, null),
            ("return=representation", HttpStatusCode.OK, "return=representation"),
            ("respond-async, Return = \"representation\"; x=1", HttpStatusCode.OK, "return=representation"),
            ("return=minimal, return=representation", HttpStatusCode.NoContent, "return=minimal"),
            ("handling=\"a, return=representation\"", HttpStatusCode.NoContent, null),
            ("noreturn=representation", HttpStatusCode.NoContent, null),
            ("return=everything", HttpStatusCode.NoContent, null),
        })
        {
            using var answer = prefer is null ? await Send(client, "PATCH", Items + "/a", "{}")
                : await Send(client, "PATCH", Items + "/a", "{}", ("Prefer", prefer));
            Assert.True(status == answer.StatusCode, $"{prefer}: {answer.StatusCode}");
            Assert.Equal(applied, answer.Headers.TryGetValues("Preference-Applied", out var said)
                ? said.Single() : null);
            Assert.NotNull(answer.Headers.ETag);
        }
        foreach (var (address, body) in new[]
        {
            (Items, Item("b", "one")), ("/api/collections", Samples.Collection("d").Text),
            (Items, $$"""{"type":"FeatureCollection","features":[{{Item("e", "one")}}]}"""),
        })
        {
            using var added = await Send(client, "POST", address, body, ("Prefer", "return=minimal"));
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
            Assert.Equal("return=minimal", added.Headers.GetValues("Preference-Applied").Single());
            Assert.Empty(await added.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Theory, Backends]
    public async Task Results_are_registered_by_the_organizations_rules(Backend backend)
    {
        var client = await Client(backend);
        await client.Must(HttpStatusCode.OK, "PUT", "/api/catalogue/settings",
            "{\"require_if_match\":true,\"validation\":\"strict\"}");
        const string address = Items + "/a/analyses";
        var wish = new { href = "https://e.org/x.nc", date = "2026-03-04", force = false };
        // Adding one takes nothing from anybody; replacing one does.
        var added = await client.Must(HttpStatusCode.Created, "POST", address, JsonSerializer.Serialize(wish));
        var force = JsonSerializer.Serialize(new { href = "https://e.org/y.nc", date = "2026-03-04", force = true });
        await client.Must(HttpStatusCode.PreconditionRequired, "POST", address, force, "PRECONDITION_REQUIRED");
        await client.Must(
            HttpStatusCode.PreconditionFailed, "POST", address, force, "PRECONDITION_FAILED", "\"another\"");
        var replaced = await client.Must(HttpStatusCode.OK, "POST", address, force, match: added.Text("etag"));
        Assert.Equal("replaced", replaced.Text("change"));
        // Who says what he has seen is held to it, whether or not he has to.
        await client.Must(HttpStatusCode.PreconditionFailed, "POST", address,
            JsonSerializer.Serialize(wish with { date = "2026-03-05" }), "PRECONDITION_FAILED", added.Text("etag"));
    }

    static async Task<HttpResponseMessage> Send(
        HttpClient client, string method, string address, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request, Token);
    }

    static string Item(string id, string title) =>
        Samples.Item("c", id, [1, 2, 3, 4], properties: $"\"title\":\"{title}\"").Text;

    static async Task<HttpClient> Client(Backend backend)
    {
        var org = await (await TestServer.Shared(backend)).NewOrg();
        await org.Put("c", Samples.Item("c", "a", [1, 2, 3, 4], properties: "\"title\":\"one\""));
        return await org.As(Role.OrgAdmin);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

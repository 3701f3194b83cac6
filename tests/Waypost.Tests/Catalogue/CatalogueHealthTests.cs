using System.Net;
using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Tests.Events;
using Waypost.Tests.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Whether a catalogue is still being fed.</summary>
public sealed class CatalogueHealthTests
{
    [Theory, Backends]
    public async Task Freshness_is_judged_by_when_items_were_put_in_not_by_when_they_are(Backend backend)
    {
        await using var database = await TestDatabase.New(backend);
        var clock = new ManualClock();
        var settings = new CatalogueSettings { StaleAfterHours = 24 };
        var empty = await Read();
        Assert.Equal((Freshness.Unknown, 0, null), (empty.Status, empty.TotalItems, empty.NewestIngestAt));

        await Put("old", "1984-05-06T07:08:09Z");
        var old = await Read();
        Assert.Equal((Freshness.Ok, 1, 0), (old.Status, old.TotalItems, old.HoursSinceNewestIngest));
        Assert.Equal(new DateTimeOffset(1984, 5, 6, 7, 8, 9, TimeSpan.Zero), old.NewestItemDatetime);
        Assert.True(old.HoursSinceNewestItem > 24 * 365 * 40);

        clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(Freshness.Ok, (await Read()).Status);
        clock.Advance(TimeSpan.FromMinutes(6));
        var stale = await Read();
        Assert.Equal((Freshness.Stale, 24.1), (stale.Status, stale.HoursSinceNewestIngest));
        Assert.Equal(24, stale.StaleThresholdHours);

        // The same item once more is not news; another one is.
        await Put("old", "1984-05-06T07:08:09Z");
        Assert.Equal(Freshness.Stale, (await Read()).Status);
        await Put("older", "1982-01-01T00:00:00Z");
        var fed = await Read();
        Assert.Equal((Freshness.Ok, 2, clock.GetUtcNow()), (fed.Status, fed.TotalItems, fed.NewestIngestAt));
        Assert.Equal(1984, fed.NewestItemDatetime!.Value.Year);

        Task<CatalogueHealth> Read() => CatalogueHealth.Read(database.Db, "here", settings, clock, Token);

        async Task Put(string id, string at)
        {
            await using var tx = await database.Db.Begin(Token);
            await tx.PutCollection("here", Samples.Collection("c"), clock.GetUtcNow());
            await tx.PutItem("here", Samples.Item("c", id, [1, 2, 3, 4], at), clock.GetUtcNow());
            await tx.Commit();
        }
    }

    [Theory, Backends]
    public async Task Monitors_read_it_and_see_figures_of_their_own_catalogue_only(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        var (org, other) = (await server.NewOrg(), await server.NewOrg());
        await org.Put("c", Samples.Item("c", "i", [1, 2, 3, 4]));
        foreach (var client in (HttpClient[])[await org.As(Role.Viewer), await org.As(Role.Service)])
            foreach (var address in (string[])["/health/catalogue", $"/api/v1/{org.Id}/health/catalogue"])
            {
                var health = await client.Json(address);
                Assert.Equal(1, health.GetProperty("total_items").GetInt64());
                Assert.Equal(48, health.GetProperty("stale_threshold_hours").GetDouble());
                Assert.Equal(health.GetProperty("newest_ingest_at").GetDateTimeOffset(), Samples.Now);
                Assert.Equal("stale", health.GetProperty("status").GetString());
            }
        var whole = await (await org.As(Role.Viewer)).Json("/health");
        Assert.Equal("stale", whole.GetProperty("catalogue").GetProperty("status").GetString());

        var foreign = await (await other.As(Role.Viewer)).Json("/health/catalogue");
        Assert.Equal(("unknown", 0), (foreign.GetProperty("status").GetString(), Total(foreign)));
        var worker = await (await org.As(Role.Node)).Json("/health/catalogue");
        Assert.Equal(("unknown", null), (worker.GetProperty("status").GetString(), Total(worker)));
        Assert.Equal(JsonValueKind.Null, (await (await org.As(Role.Node)).Json("/health")).GetProperty("catalogue")
            .ValueKind);
        using var refused = await (await other.As(Role.Viewer)).GetAsync(
            $"/api/v1/{org.Id}/health/catalogue", Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Anyone().GetAsync("/health/catalogue", Token)).StatusCode);
    }

    static long? Total(JsonElement health) =>
        health.GetProperty("total_items") is { ValueKind: JsonValueKind.Number } total ? total.GetInt64() : null;

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Waypost.Rescue;
using Waypost.Rescue.Priorities;
using Waypost.Tests.Pipelines;
using Xunit;

namespace Waypost.Tests.Rescue;

/// <summary>An operator says what counts, sees what that changes, and puts everything in that order.</summary>
public sealed class PriorityTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Weights_show_what_they_would_change_before_they_change_it(Backend backend)
    {
        var campaign = await Wanted(backend);
        var preview = await campaign.Post(
            "/priorities/preview?top=1", new { popularity = 1, threat = 0, scarcity = 0, value = 0, size = 0 });
        Assert.Equal(3, preview.Number("assets"));
        // The one of the most wanted dataset.
        Assert.Equal(2, preview.GetProperty("top")[0].Number("asset_id"));
        Assert.Equal([2], preview.GetProperty("entering").EnumerateArray().Select(one => one.GetInt32()));
        Assert.Equal([1], preview.GetProperty("leaving").EnumerateArray().Select(one => one.GetInt32()));
        Assert.Equal(10, preview.GetProperty("coverage").GetArrayLength());
        Assert.All(await campaign.All("/assets"), asset => Assert.True(asset.IsNull("rank")));

        var small = await campaign.Post(
            "/priorities/preview", new { popularity = 0, threat = 0, scarcity = 0, value = 0, size = 1 });
        Assert.Equal([1, 3, 2], small.GetProperty("top").EnumerateArray().Select(one => one.Number("asset_id")));
    }

    [Theory, Backends]
    public async Task A_run_puts_assets_in_order_and_writes_a_ranking_of_their_datasets(Backend backend)
    {
        var campaign = await Wanted(backend);
        await campaign.Put(
            "/priorities/weights", new { popularity = 1, threat = 0, scarcity = 0, value = 0, size = 0 });
        Assert.Equal(1, (await campaign.Get("/priorities/weights")).Number("popularity"));
        var run = await campaign.Post("/priorities/run", new { });
        Assert.Equal((3, 3, 2), (run.Number("assets"), run.Number("moved"), run.Number("datasets")));
        Assert.Equal(1, (await campaign.Get("/assets/2")).Number("rank"));
        var ranking = (await campaign.All("/rankings?type=auto")).Single();
        Assert.Equal([2, 1], (await campaign.All($"/rankings/{ranking.Number("id")}/ranks"))
            .OrderBy(one => one.Number("rank")).Select(one => one.Number("dataset_id")));
        Assert.Equal(2, (await campaign.Post("/test_ranking", new { }))[0].Number("dataset_id"));
        Assert.Equal(2, (await campaign.Post("/ranking", new { })).GetProperty("asset")[0].Number("asset_id"));
        Assert.Equal(0, (await campaign.Post("/priorities/run", new { })).Number("moved"));
    }

    [Theory, Backends]
    public async Task Weights_that_make_no_sense_are_refused(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        foreach (var wrong in new[] { """{"popularity":-1}""", """{"size":1001}""", """{"colour":1}""", "[]" })
            Assert.Equal(HttpStatusCode.BadRequest, (await campaign.Ask("PUT", "/priorities/weights", wrong)).Status);
    }

    [Fact]
    public void More_weight_on_a_side_never_puts_an_asset_behind_one_that_has_less_of_it()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var (a, b) = (Any(random, 1), Any(random, 2));
            if (a.Threat < b.Threat) (a, b) = (b, a);
            var weights = new PriorityWeights { Threat = random.NextDouble(), Size = random.NextDouble() };
            var more = weights with { Threat = weights.Threat + random.NextDouble() * 5 };
            if (Urgency.Score(a, weights, 10) >= Urgency.Score(b, weights, 10))
                Assert.True(
                    Urgency.Score(a, more, 10) >= Urgency.Score(b, more, 10) - 1e-12, $"seed {seed}, case {i}");
        }
    }

    [Fact]
    public async Task An_external_priorizer_is_asked_beside_all_requests_and_what_it_said_last_stays()
    {
        // The server asks by itself too: whatever it hears then is what holds at that moment.
        var says = (Status: 503, Body: "");
        await using var priorizer = WebApplication.CreateSlimBuilder().Build();
        priorizer.Urls.Add("http://127.0.0.1:0");
        priorizer.MapPost("/ranking", (HttpContext http) =>
        {
            var (status, body) = says;
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body, Token);
        });
        await priorizer.StartAsync(Token);
        await using var server = await TestServer.Start(Backend.Sqlite, settings => settings with
        {
            Rescue = new RescueSettings { PriorizerUrl = priorizer.Urls.Single() },
        });
        var admin = server.With(TestServer.AdminKey);
        await admin.PostAsync("/rescue/imports/csv", new StringContent(
            "url,size_bytes\nhttps://a.example.org/1,1\nhttps://a.example.org/2,2\n",
            Encoding.UTF8, "text/csv"), Token);
        var external = server.Services.GetRequiredService<ExternalPriorizer>();
        says = (200, """{"asset":[{"asset_id":2,"priority":1},{"asset_id":1,"priority":7},{"asset_id":"x"}]}""");
        await external.Ask(Token);
        Assert.Equal(7, (await admin.GetFromJsonAsync<JsonElement>("/rescue/assets/1", Token)).Number("rank"));
        foreach (var wrong in new[] { (503, ""), (200, "nonsense"), (200, "[]") })
        {
            says = wrong;
            await external.Ask(Token);
            var state = await admin.GetFromJsonAsync<JsonElement>("/rescue/priorities/external", Token);
            Assert.False(state.IsNull("problem"));
            Assert.Equal(2, state.Number("ranked"));
        }
        Assert.Equal(7, (await admin.GetFromJsonAsync<JsonElement>("/rescue/assets/1", Token)).Number("rank"));
    }

    static Rankable Any(Random random, long id) => new(
        id, null, random.NextInt64(1, 1L << 42), random.NextDouble(), random.NextDouble(), random.NextDouble(), 0, 2,
        random.Next(10), false, null);

    // A small file, a large one of a dataset that everybody wants, and one that no dataset names.
    static async Task<Campaign> Wanted(Backend backend)
    {
        var campaign = await Campaign.Start(backend);
        var (plain, wanted) = (Campaign.Package("p1", "https://a.example.org/1"),
            Campaign.Package("p2", "https://a.example.org/2"));
        wanted["tracking_summary"] = new { total = 900, recent = 3 };
        await campaign.Ckan(Campaign.Page(plain, wanted));
        await campaign.Csv("url,size_bytes\nhttps://a.example.org/2,1099511627776\nhttps://a.example.org/3,99999999\n");
        return campaign;
    }
}

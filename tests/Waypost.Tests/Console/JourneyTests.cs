using Waypost.Access;
using Xunit;

namespace Waypost.Tests.MapConsole;

public sealed class JourneyTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Footprints_items_tiles_features_and_jobs_are_seen_live()
    {
        Chromium.Required();
        await using var server = await TestServer.Start(Backend.Sqlite);
        var scenes = new Scenes(server);
        await scenes.Send("raster", "painted_hills_1", "Painted hills", Scenes.Raster());
        await scenes.Send("vector", "osm_roads_1", "Roads", Scenes.Vector());

        await Chromium.Walk("console", new Dictionary<string, string>
        {
            ["JOURNEY_URL"] = server.Url.AbsoluteUri,
            ["JOURNEY_KEY"] = TestServer.AdminKey,
            ["JOURNEY_RASTER"] = "Painted hills",
            ["JOURNEY_VECTOR"] = "Roads",
        }, Token);
    }

    [Fact]
    public async Task The_catalogue_is_searched_by_words_and_a_drawn_box_and_versions_stand_side_by_side()
    {
        Chromium.Required();
        await using var server = await TestServer.Start(Backend.Sqlite);
        await Scenes.Match(server, "match-1", "Match-up over the gulf", [34.8, 44.6, 35.6, 45.4]);
        await Scenes.Match(server, "match-2", "Another one", [34.6, 45.1, 35.2, 45.9]);

        await Chromium.Walk("catalogue", new Dictionary<string, string>
        {
            ["JOURNEY_URL"] = server.Url.AbsoluteUri,
            ["JOURNEY_TITLE"] = "Match-up over the gulf",
            ["JOURNEY_WORD"] = "gulf",
        }, Token);
    }

    [Fact]
    public async Task Where_reads_are_not_open_the_console_asks_for_a_key_and_shows_its_organization()
    {
        Chromium.Required();
        await using var server = await TestServer.Start(
            Backend.Sqlite, settings => settings with { Access = settings.Access with { OpenReads = false } });
        var org = await server.NewOrg();

        await Chromium.Walk("key", new Dictionary<string, string>
        {
            ["JOURNEY_URL"] = server.Url.AbsoluteUri,
            ["JOURNEY_KEY"] = await org.Key(Role.Viewer),
            ["JOURNEY_ORG"] = org.Id,
        }, Token);
    }
}

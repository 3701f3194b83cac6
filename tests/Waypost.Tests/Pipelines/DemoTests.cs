using Waypost.Hosting;
using Waypost.Pipelines;
using Xunit;

namespace Waypost.Tests.Pipelines;

public sealed class DemoTests
{
    [Theory, Backends]
    public async Task The_demo_shows_its_samples_verifies_every_step_and_leaves_nothing_behind(Backend backend)
    {
        var (database, drop) = backend == Backend.Postgres
            ? await TestServer.NewDatabase()
            : ("", () => Task.CompletedTask);
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var code = await Start.Run(
            ["demo", "--exit"], new Dictionary<string, string> { ["WAYPOST_DATABASE"] = database }, output, errors);

        await drop();
        Assert.True(code == 0, output + errors.ToString());
        var folder = output.ToString().Split('\n').Select(line => line.Trim())
            .Single(line => line.StartsWith("data ", StringComparison.Ordinal))[5..].Trim();
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_file_that_does_not_come_through_is_the_exit_code()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("waypost-demo-test-").FullName, "broken.geojson");
        await File.WriteAllTextAsync(file, "[]", TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var nothing = new Dictionary<string, string>();

        Assert.Equal(1, await Start.Run(["demo", "--exit", file], nothing, output, errors));
        Assert.Equal(2, await Start.Run(["demo", "--exit", file + "x"], nothing, output, errors));
        Assert.Equal(2, await Start.Run(["--exit"], nothing, output, errors));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void A_picture_that_shows_nothing_is_seen_to_show_nothing()
    {
        // 1 x 2 pixels RGBA: the second one opaque red in the first picture, as transparent as the other in the second.
        var one = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAADklEQVR4nGNg"
            + "AIH/QAQABQUB/1oiddQAAAAASUVORK5CYII=");
        var none = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAADklEQVR4nGNg"
            + "AIH/QAwABAYBACGJwQgAAAAASUVORK5CYII=");

        Assert.Equal((1, 2, 1L), PngLook.At(one));
        Assert.Equal((1, 2, 0L), PngLook.At(none));
        Assert.Throws<DemoFailedException>(() => PngLook.At(one.AsSpan(0, 40)));
        Assert.Throws<DemoFailedException>(() => PngLook.At("not a picture"u8));
    }
}

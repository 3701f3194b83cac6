using Waypost.Access;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>What the start sets up, and what it makes of another start's leavings.</summary>
public sealed class FirstStartTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, Backends]
    public async Task Without_a_given_key_one_is_made_once_and_kept_for_its_owner(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        var folder = Directory.CreateTempSubdirectory("waypost-start-").FullName;
        var first = await Run(server, null, folder);
        Assert.True(KeyText.IsWellFormed(first.MadeKey!));
        Assert.Equal(System.Net.HttpStatusCode.OK, await Ask(server, first.MadeKey!));
        Assert.Null((await Run(server, null, folder)).MadeKey);
        Assert.Equal(first.MadeKey, (await File.ReadAllTextAsync(first.KeyFile!, Token)).Trim());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(first.KeyFile!));
        Directory.Delete(folder, recursive: true);
    }

    [Theory, Backends]
    public async Task A_newly_given_key_replaces_the_one_given_before(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        await Run(server, "the second administrator key", "unused");
        Assert.Equal(System.Net.HttpStatusCode.OK, await Ask(server, "the second administrator key"));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, await Ask(server, TestServer.AdminKey));
        await Run(server, TestServer.AdminKey, "unused");
        Assert.Equal(System.Net.HttpStatusCode.OK, await Ask(server, TestServer.AdminKey));
    }

    [Theory, Backends]
    public async Task A_short_key_or_somebody_elses_stops_the_start(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        var org = await server.NewOrg();
        var foreign = await org.Key(Role.OrgAdmin);
        var taken = await Assert.ThrowsAsync<CannotStartException>(() => Run(server, foreign, "unused"));
        Assert.DoesNotContain(foreign, taken.Message, StringComparison.Ordinal);
        var shortKey = await Assert.ThrowsAsync<CannotStartException>(() => Run(server, "fifteen letters", "unused"));
        Assert.Contains("16", shortKey.Message, StringComparison.Ordinal);
    }

    [Theory, Backends]
    public async Task Many_processes_starting_at_once_agree(Backend backend)
    {
        await using var server = await TestServer.Start(backend);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Run(server, "the key of all processes", "unused")));
        Assert.Equal(System.Net.HttpStatusCode.OK, await Ask(server, "the key of all processes"));
    }

    static async Task<FirstStart.Outcome> Run(TestServer server, string? key, string folder)
    {
        var outcome = await FirstStart.Run(
            server.Databases, new AccessSettings(key, null), folder, TimeProvider.System, Token);
        (server.Services.GetService(typeof(Keys)) as Keys)!.Forget();
        return outcome;
    }

    static async Task<System.Net.HttpStatusCode> Ask(TestServer server, string key) =>
        (await server.With(key).GetAsync("/api/v1/organizations", Token)).StatusCode;
}

using System.Net;
using System.Text.Json;
using Waypost.Tests.Work;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>kill -9 in the middle of a stream of items.</summary>
public sealed class BulkKillTests
{
    const int Items = 6_000;

    [Theory, Backends]
    public async Task Chunks_are_there_whole_or_not_at_all_and_sending_again_completes_them(Backend backend)
    {
        var folder = Directory.CreateTempSubdirectory("waypost-bulk-kill-").FullName;
        var (database, drop) = backend == Backend.Postgres ? await TestServer.NewDatabase()
            : (null, () => Task.CompletedTask);
        var server = await ServerProcess.Start(folder, database);
        try
        {
            await server.Client.Must(HttpStatusCode.Created, "POST", "/api/collections", Samples.Collection("c").Text);
            foreach (var enough in new[] { 1, 2_000 })
            {
                var sending = server.Client.Bulk("/api/bulk_items", Stream, "application/x-ndjson");
                while (await Count(server) < enough && !sending.IsCompleted)
                {
                }
                await server.Kill();
                await Assert.ThrowsAnyAsync<Exception>(() => sending);
                server = await ServerProcess.Start(folder, database);
                Assert.Equal(0, await Count(server) % 1_000);
            }
            var before = await Count(server);
            var (status, report) = await server.Client.Bulk("/api/bulk_items", Stream, "application/x-ndjson");
            var sum = JsonElement.Parse(report);
            Assert.Equal((HttpStatusCode.OK, before, Items - before, 0L), (status,
                sum.GetProperty("unchanged").GetInt64(), sum.GetProperty("created").GetInt64(),
                sum.GetProperty("failed").GetInt64()));
            Assert.Equal(Items, await Count(server));
            var whole = await server.Client.Json("/api/search?ids=i0,i5999");
            Assert.Equal(2, whole.GetProperty("features").GetArrayLength());
        }
        finally
        {
            await server.DisposeAsync();
            await drop();
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Stream { get; } = string.Join('\n', Enumerable.Range(0, Items).Select(i =>
        Samples.Item("c", "i" + i, [1, 2, 3, 4]).Text.ReplaceLineEndings(" ")));

    static async Task<long> Count(ServerProcess server) =>
        (await server.Client.Json("/api/collections/c/items?limit=1")).GetProperty("numberMatched").GetInt64();
}

using System.Globalization;
using Waypost.Storage;
using Waypost.Tests.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Simulation;

/// <summary>The shipped engine in a thousand bad days, each repeatable from its seed (WAYPOST_SEED).</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    const int Steps = 250;
    const int SeedsOnSqlite = 60;
    const int SeedsOnPostgres = 12;
    const int SeedsForPlants = 40;

    static int FirstSeed => Environment.GetEnvironmentVariable("WAYPOST_SEED") is { } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : (int)(TimeProvider.System.GetTimestamp() & 0xFFFFFF);

    [Theory, Backends]
    public async Task No_task_is_lost_or_done_twice_whatever_workers_and_operators_do(Backend backend)
    {
        await using var database = await Open(backend);
        var first = FirstSeed;
        var completed = 0;
        var seeds = backend == Backend.Sqlite ? SeedsOnSqlite : SeedsOnPostgres;
        output.WriteLine($"seeds {first} to {first + seeds - 1}");
        for (var seed = first; seed < first + seeds; seed++)
        {
            var world = new World(seed, database.Databases, EngineRules.Shipped);
            try
            {
                await world.Live(Steps, Token);
            }
            catch (Exception violation) when (violation is not OperationCanceledException)
            {
                throw new InvalidOperationException($"WAYPOST_SEED={seed} shows: {violation.Message}", violation);
            }
            completed += world.Completed;
        }
        output.WriteLine($"{completed} tasks completed");
        Assert.True(completed > seeds * 10, $"Only {completed} tasks were completed in {seeds} runs.");
    }

    public static TheoryData<string> Plants =>
        ["any fence will do", "a stage is done one task early", "backoff is not waited for"];

    [Theory, MemberData(nameof(Plants))]
    public async Task A_fault_planted_in_the_engine_is_found(string plant)
    {
        var shipped = EngineRules.Shipped;
        var faulty = plant switch
        {
            "any fence will do" => shipped with { IsCurrentFence = (_, _) => true },
            "a stage is done one task early" => shipped with { IsStageDone = remaining => remaining <= 1 },
            _ => shipped with { DueBy = now => now.AddHours(1) },
        };
        var first = FirstSeed;
        for (var seed = first; seed < first + SeedsForPlants; seed++)
        {
            await using var database = await Open(Backend.Sqlite);
            try
            {
                await new World(seed, database.Databases, faulty).Live(Steps, Token);
            }
            catch (Exception found) when (found is not OperationCanceledException)
            {
                output.WriteLine($"found with seed {seed}, after {seed - first + 1}: {found.Message}");
                return;
            }
        }
        Assert.Fail($"{plant}: not found by the seeds {first} to {first + SeedsForPlants - 1}.");
    }

    static async Task<TestDatabase> Open(Backend backend)
    {
        var database = await TestDatabase.New(backend);
        await using var tx = await database.Db.Begin(Token);
        await SimulatedKinds.CreateTable(tx);
        await tx.Commit();
        return database;
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}

using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Tests.Simulation;

/// <summary>What a simulated job asks for.</summary>
/// <param name="Number">Makes each job another one.</param>
/// <param name="Size">How many tasks its dynamic stages have.</param>
/// <param name="BadPlan">The number of the stage whose plan throws; 0: none.</param>
/// <param name="BadEnds">How often its end throws before it works.</param>
/// <param name="Follows">Whether another job follows it.</param>
sealed record SimulatedJob(int Number, int Size, int BadPlan, int BadEnds, bool Follows);

/// <summary>What a simulated task answers: <paramref name="Fan"/> tasks follow from it.</summary>
sealed record SimulatedResult(long Fence, int Fan);

/// <summary>Job kinds of random shapes.</summary>
static class SimulatedKinds
{
    /// <summary>Where the end of each job is written down, in the transaction that ends it.</summary>
    public static Task CreateTable(Tx tx) => tx.Run($"""
        create table simulation_ends (
            org    text not null,
            job_id text not null,
            state  text not null
        )
        """);

    public static IReadOnlyList<JobKind> Random(Random random, string suffix)
    {
        var follower = Kind(random, $"follower_{suffix}", null);
        return [follower, .. Enumerable.Range(0, 4).Select(i => Kind(random, $"kind{i}_{suffix}", follower.Name))];
    }

    static JobKind Kind(Random random, string name, string? follower)
    {
        var stages = Enumerable.Range(1, random.Next(1, 5)).Select(n => Stage(random, n)).ToList();
        var tries = new Dictionary<string, int>(StringComparer.Ordinal);
        return new JobKind
        {
            Name = name,
            Stages = stages,
            Result = job => Json.Of(new { succeeded = job.LastStage.Count(r => r.Succeeded) }),
            Finished = async (tx, job) =>
            {
                tries[job.JobId] = tries.GetValueOrDefault(job.JobId) + 1;
                await tx.Run($"""
                    insert into simulation_ends (org, job_id, state) values ({job.Org}, {job.JobId}, {job.State})
                    """);
                if (tries[job.JobId] <= job.Parameters.To<SimulatedJob>().BadEnds)
                    throw new InvalidOperationException("The simulated end throws.");
            },
            Next = job => follower is not null && job.Parameters.To<SimulatedJob>().Follows
                ? new NewJob(job.Org, follower,
                    Json.Of(job.Parameters.To<SimulatedJob>() with { BadPlan = 0, BadEnds = 0 }))
                : null,
        };
    }

    static StageKind Stage(Random random, int number)
    {
        var parallelism = number == 1
            ? Pick(random, Parallelism.Single, Parallelism.Dynamic)
            : Pick(random, Enum.GetValues<Parallelism>());
        var policy = random.Next(3) switch
        {
            0 => FailurePolicy.FailFast,
            1 => FailurePolicy.Continue,
            _ => FailurePolicy.Threshold(random.Next(10, 90)),
        };
        return new StageKind($"s{number}", parallelism, input =>
        {
            var job = input.Parameters.To<SimulatedJob>();
            if (job.BadPlan == number) throw new InvalidOperationException("The simulated plan throws.");
            return [.. Units(parallelism, job, input).Select(unit => new NewTask(unit, Json.EmptyObject))];
        })
        {
            OnFailure = policy,
            MaxAttempts = random.Next(1, 5),
            Lease = TimeSpan.FromSeconds(random.Next(10, 90)),
            Backoff = TimeSpan.FromSeconds(random.Next(5, 40)),
        };
    }

    static IEnumerable<string> Units(Parallelism parallelism, SimulatedJob job, StageInput input) => parallelism switch
    {
        Parallelism.Single or Parallelism.FanIn => ["all"],
        Parallelism.Dynamic => Enumerable.Range(0, job.Size).Select(i => $"d{i}"),
        Parallelism.MatchPrevious => input.Previous.Where(r => r.Succeeded).Select(r => r.Unit),
        Parallelism.FanOut => input.Previous.Where(r => r.Succeeded)
            .SelectMany(r => Enumerable.Range(0, r.Result!.Value.To<SimulatedResult>().Fan)
                .Select(i => $"{r.TaskId}/{i}")),
        _ => throw new ArgumentOutOfRangeException(nameof(parallelism)),
    };

    static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The job that shows whether the engine is well: n greetings, each of which gets a reply; some fail if asked.
/// </summary>
public static class HelloWorld
{
    const int MostGreetings = Stages.MostTasks;
    const int LongestMessage = 1000;

    /// <summary>It is the job that servers are killed under: it comes back quickly, and does not give up.</summary>
    const int ManyAttempts = 1000;

    static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(2);

    /// <summary>What the job takes.</summary>
    /// <param name="N">How many greetings.</param>
    /// <param name="Message">What they say.</param>
    /// <param name="FailureRate">Which share of the greetings fails for good, 0 to 1.</param>
    /// <param name="Seed">Which ones: the same seed, the same ones.</param>
    sealed record Parameters(int N = 3, string Message = "hello", double FailureRate = 0, long Seed = 0);

    sealed record Greeting(string Greeted, string Message);

    /// <summary>The kind.</summary>
    public static JobKind Kind { get; } = new()
    {
        Name = "hello_world",
        Stages =
        [
            new StageKind("greeting", Parallelism.Dynamic, job =>
                [.. Enumerable.Range(0, job.Parameters.To<Parameters>().N)
                    .Select(i => new NewTask($"{i:D5}", Json.EmptyObject))])
                { OnFailure = FailurePolicy.Continue, Lease = ShortLease, MaxAttempts = ManyAttempts },
            new StageKind("reply", Parallelism.MatchPrevious, job =>
                [.. job.Previous.Where(r => r.Succeeded).Select(r => new NewTask(r.Unit, r.Result!.Value))])
                { Lease = ShortLease, MaxAttempts = ManyAttempts },
        ],
        Check = Check,
        Result = job => Json.Of(new { replies = job.LastStage.Count(r => r.Succeeded) }),
        SizeClass = parameters => $"n{(int)Math.Log10(Math.Max(1, parameters.To<Parameters>().N))}",
        IsOpenToClients = true,
        IsOpenToOutsideWorkers = true,
    };

    /// <summary>What does its tasks here.</summary>
    public static IReadOnlyList<TaskExecutor> Executors { get; } =
    [
        new("hello_world", "greeting", (context, _) => Task.FromResult(Greet(context.Task))),
        new("hello_world", "reply", (context, _) => Task.FromResult(Json.Of(
            new { reply = $"{context.Task.Parameters.To<Greeting>().Message} yourself, {context.Task.Unit}" }))),
    ];

    static Json Check(JsonElement given)
    {
        foreach (var member in given.EnumerateObject())
            if (member.Name is not ("n" or "message" or "failure_rate" or "seed"))
                throw Wrong($"The parameter {member.Name} is not known.",
                    "It takes n, message, failure_rate and seed.");
        Parameters parameters;
        try
        {
            parameters = new Json(given.GetRawText()).To<Parameters>();
        }
        catch (JsonException error)
        {
            throw Wrong($"The parameters cannot be read: {error.Message}",
                "n and seed are integers, failure_rate a number.");
        }
        if (parameters.N is < 0 or > MostGreetings)
            throw Wrong($"n is {parameters.N}.", $"It is 0 to {MostGreetings}.");
        if (parameters.FailureRate is not (>= 0 and <= 1))
            throw Wrong($"failure_rate is {parameters.FailureRate}.", "It is 0 to 1.");
        if (parameters.Message is not { Length: <= LongestMessage })
            throw Wrong("The message is missing or too long.", $"It has up to {LongestMessage} characters.");
        return Json.Of(parameters);
    }

    static Refused Wrong(string sentence, string remedy) => Refused.Bad("INVALID_PARAMETERS", sentence, remedy);

    static Json Greet(LeasedTask task)
    {
        var parameters = task.JobParameters.To<Parameters>();
        if (Chance(parameters.Seed, task.Unit) < parameters.FailureRate)
            throw new TaskFailedException(new TaskError(
                "GREETING_FAILED", "SYSTEM_ERROR", $"The greeting {task.Unit} failed, as failure_rate asks for.",
                "Submit it with another failure_rate or seed.", UserFixable: true, ErrorClass.Permanent));
        return Json.Of(new Greeting(task.Unit, parameters.Message));
    }

    /// <summary>A number from 0 to 1 that follows from seed and unit.</summary>
    static double Chance(long seed, string unit) => BinaryPrimitives.ReadUInt32BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}|{unit}"))) / (double)(1L << 32);
}

using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>How many tasks a stage has, and where they come from.</summary>
public enum Parallelism
{
    /// <summary>Exactly one task.</summary>
    Single,

    /// <summary>As many as the job's parameters say; none is allowed.</summary>
    Dynamic,

    /// <summary>One for each unit that succeeded in the stage before, under the same unit.</summary>
    MatchPrevious,

    /// <summary>As many as the results of the stage before say; none is allowed.</summary>
    FanOut,

    /// <summary>One task that is told where to read the results of the stage before:
    /// <c>{job_id, source_stage, expected_count}</c>.</summary>
    FanIn,
}

/// <summary>What one failed task means for its stage and its job.</summary>
/// <param name="MostFailedPercent">The stage goes on while no more than this share of its tasks failed.</param>
public sealed record FailurePolicy(double MostFailedPercent)
{
    /// <summary>The first failed task fails the job; its siblings are cancelled.</summary>
    public static readonly FailurePolicy FailFast = new(0);

    /// <summary>The stage goes on; the job ends as completed with errors, unless every task of a stage
    /// failed.</summary>
    public static readonly FailurePolicy Continue = new(100);

    /// <summary>The stage goes on until more than this percentage of its tasks failed.</summary>
    public static FailurePolicy Threshold(double percent) => new(percent);

    /// <summary>True when so many failures end the job at once.</summary>
    internal bool IsBroken(int failed, int total) =>
        failed > 0 && failed * 100.0 > MostFailedPercent * total;
}

/// <summary>One stage of a kind of job.</summary>
/// <param name="Name">What the stage is called; executors are registered by it.</param>
/// <param name="Parallelism">How many tasks it has.</param>
/// <param name="Plan">The tasks, as a pure function of the job's parameters and the results before: it is called
/// inside the transaction that closes the stage before, so it must be quick and touch nothing.</param>
public sealed record StageKind(
    string Name, Parallelism Parallelism, Func<StageInput, IReadOnlyList<NewTask>> Plan)
{
    /// <summary>What one failed task means.</summary>
    public FailurePolicy OnFailure { get; init; } = FailurePolicy.FailFast;

    /// <summary>How often a task is tried before it counts as failed.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How long a worker may be silent before its task goes to another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a task waits after its first failed attempt; doubled for each further one.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A stage of one task that reads the results of the stage before by reference.</summary>
    public static StageKind FanIn(string name) =>
        new(name, Parallelism.FanIn, _ => [new NewTask("all", Json.EmptyObject)]);

    /// <summary>A stage of one task with the job's own parameters.</summary>
    public static StageKind Single(string name) =>
        new(name, Parallelism.Single, job => [new NewTask("all", job.Parameters)]);
}

/// <summary>What a stage's plan is made from.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Parameters">The job's parameters, as its kind's check left them.</param>
/// <param name="Previous">How each task of the stage before ended; empty for the first stage and for fan_in.</param>
public sealed record StageInput(string JobId, Json Parameters, IReadOnlyList<TaskResult> Previous);

/// <summary>One task that a stage wants done.</summary>
/// <param name="Unit">What it is about: unique within the stage, the same again gives the same task id.</param>
/// <param name="Parameters">What the executor needs to know.</param>
public sealed record NewTask(string Unit, Json Parameters);

/// <summary>How one task ended.</summary>
public sealed record TaskResult(string TaskId, string Unit, bool Succeeded, Json? Result);

/// <summary>A job to be done for an organization.</summary>
/// <param name="Org">Whose job it is.</param>
/// <param name="Kind">A registered kind.</param>
/// <param name="Parameters">What its kind's check accepts; hashed into the job's id.</param>
public sealed record NewJob(string Org, string Kind, Json Parameters)
{
    /// <summary>More urgent jobs have a larger one; 0 is ordinary.</summary>
    public int Priority { get; init; }

    /// <summary>Jobs of one kind and class take about the same time; null: the kind decides.</summary>
    public string? SizeClass { get; init; }

    /// <summary>A hash of what the job reads, so that changed content under the same name is another job.</summary>
    public string? ContentKey { get; init; }

    /// <summary>What the job carries along for its kind's hooks (<c>_</c>-parameters); not hashed.</summary>
    public Json Internal { get; init; } = Json.EmptyObject;
}

/// <summary>How a job ended.</summary>
/// <param name="Org">Whose job it was.</param>
/// <param name="JobId">The job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="State">Completed, completed with errors, failed or cancelled.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Internal">What it carried along.</param>
/// <param name="LastStage">How each task of the last stage that was opened ended.</param>
/// <param name="Result">What its kind's <see cref="JobKind.Result"/> made of it; null while that is asked.</param>
/// <param name="Error">Why it failed; the first failed task's error where tasks failed.</param>
public sealed record JobOutcome(
    string Org, string JobId, string Kind, JobState State, Json Parameters, Json Internal,
    IReadOnlyList<TaskResult> LastStage, Json? Result, TaskError? Error);

/// <summary>A kind of job: its stages, and what happens around them. Registered by hand in a module above.</summary>
public sealed record JobKind
{
    /// <summary>What clients call it: lower-case words with underscores.</summary>
    public required string Name { get; init; }

    /// <summary>The stages, one after the other.</summary>
    public required IReadOnlyList<StageKind> Stages { get; init; }

    /// <summary>Validates and normalises the parameters; throws <see cref="Access.Refused"/>. Null: any
    /// object.</summary>
    public Func<JsonElement, Json>? Check { get; init; }

    /// <summary>Makes the job's result from its last stage: a pure function.</summary>
    public Func<JobOutcome, Json>? Result { get; init; }

    /// <summary>Called inside the transaction that ends the job, however it ended. If it throws, the job fails and it
    /// is called again with that outcome; if that throws too, the job ends without it.</summary>
    public Func<Tx, JobOutcome, Task>? Finished { get; init; }

    /// <summary>Makes this a kind of standing job (<see cref="StandingJobs"/>): one stage whose tasks are granted to
    /// workers by the module above, and which never ends. Called inside the transaction that ends tasks, with those of
    /// one organization; null: an ordinary kind.</summary>
    public Func<Tx, IReadOnlyList<EndedGrant>, Task>? Ended { get; init; }

    /// <summary>True for a kind whose tasks are granted and not planned.</summary>
    public bool IsStanding => Ended is not null;

    /// <summary>The job that follows when this one completed (with errors or without), submitted in the same
    /// transaction; null: none.</summary>
    public Func<JobOutcome, NewJob?>? Next { get; init; }

    /// <summary>Which class of size the parameters belong to, for the estimate.</summary>
    public Func<Json, string>? SizeClass { get; init; }

    /// <summary>How many tasks of this kind may run at once, over all organizations and workers; null: no
    /// limit.</summary>
    public int? MostAtOnce { get; init; }

    /// <summary>Whether clients may submit it by name, not only modules of this server.</summary>
    public bool IsOpenToClients { get; init; }

    /// <summary>Whether workers outside this server may do its tasks. Its hooks must then not believe what the results
    /// say about anybody else's things.</summary>
    public bool IsOpenToOutsideWorkers { get; init; }
}

/// <summary>Every kind of job there is, listed by hand and checked at start.</summary>
public sealed class JobKinds
{
    readonly Dictionary<string, JobKind> kinds;

    /// <summary>Registers these kinds.</summary>
    /// <exception cref="ArgumentException">A kind is wrong; the sentence says which and how.</exception>
    public JobKinds(IEnumerable<JobKind> kinds)
    {
        this.kinds = new Dictionary<string, JobKind>(StringComparer.Ordinal);
        foreach (var kind in kinds)
        {
            if (Fault(kind) is { } fault)
                throw new ArgumentException($"The job kind {kind.Name} {fault}.", nameof(kinds));
            if (!this.kinds.TryAdd(kind.Name, kind))
                throw new ArgumentException($"The job kind {kind.Name} is registered twice.", nameof(kinds));
        }
    }

    /// <summary>All of them, by name.</summary>
    public IEnumerable<JobKind> All => kinds.Values.OrderBy(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>The kind of this name; null: there is none.</summary>
    public JobKind? Find(string name) => kinds.GetValueOrDefault(name);

    /// <summary>The kind of this name.</summary>
    /// <exception cref="ArgumentException">It is not registered.</exception>
    public JobKind Get(string name) => Find(name)
        ?? throw new ArgumentException($"The job kind {name} is not registered.", nameof(name));

    static string? Fault(JobKind kind)
    {
        if (!IsName(kind.Name)) return "must be named with lower-case letters, digits and underscores";
        if (kind.Stages.Count == 0) return "has no stages";
        if (kind.Stages.GroupBy(s => s.Name, StringComparer.Ordinal).Any(same => same.Count() > 1))
            return "has two stages of one name";
        if (kind.Stages[0].Parallelism is Parallelism.MatchPrevious or Parallelism.FanIn)
            return "begins with a stage that needs one before it";
        if (kind.MostAtOnce < 1) return "may never run";
        if (kind.IsStanding && (kind.Stages is not [{ MaxAttempts: 1 }] || kind.Finished is not null
            || kind.Next is not null || kind.Result is not null || kind.IsOpenToClients || kind.IsOpenToOutsideWorkers))
            return "stands, and has more than one stage, attempts, an end of its own or an open door";
        foreach (var stage in kind.Stages)
        {
            if (!IsName(stage.Name)) return $"has a stage named {stage.Name}, which is not lower-case words";
            if (stage.MaxAttempts < 1) return $"never tries its stage {stage.Name}";
            if (stage.Lease < TimeSpan.FromSeconds(1)) return $"leases its stage {stage.Name} for less than a second";
            if (stage.Backoff < TimeSpan.Zero) return $"retries its stage {stage.Name} in the past";
            if (stage.OnFailure.MostFailedPercent is not (>= 0 and <= 100))
                return $"has a failure threshold outside 0 to 100 on its stage {stage.Name}";
        }
        return null;
    }

    static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}

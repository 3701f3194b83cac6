using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Does the tasks of one stage of one kind of job in this process.</summary>
/// <param name="Kind">The kind of job.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Run">Does one task. May be called again for the same task after a crash: it must be idempotent.</param>
public sealed record TaskExecutor(string Kind, string Stage, Func<TaskContext, CancellationToken, Task<Json>> Run);

/// <summary>What an executor works with.</summary>
/// <param name="Task">What to do.</param>
/// <param name="Progress">Where to say how much is done, 0 to 1, as often as it likes.</param>
/// <param name="ScratchFolder">A folder of its own, made when first asked for, gone when the task ends.</param>
/// <param name="Services">What else the server has.</param>
public sealed record TaskContext(
    LeasedTask Task, IProgress<double> Progress, Lazy<string> ScratchFolder, IServiceProvider Services);

/// <summary>A task failed for a known reason.</summary>
public sealed class TaskFailedException(TaskError error, Exception? inner = null) : Exception(error.Message, inner)
{
    /// <summary>The reason.</summary>
    public TaskError Error { get; } = error;
}

using Waypost.Work;

namespace Waypost.Tests.Simulation;

/// <summary>What an onlooker knows who sees only leases and answers; it shares no code with the engine.</summary>
sealed class Model
{
    const double LeastJitter = 0.75;

    readonly Dictionary<string, Known> tasks = new(StringComparer.Ordinal);

    readonly Dictionary<string, int> runs = new(StringComparer.Ordinal);

    sealed class Known
    {
        public required string JobId { get; init; }
        public long Fence { get; set; }
        public bool IsDone { get; set; }
        public DateTimeOffset NotBefore { get; set; }
    }

    public int Completed { get; private set; }

    public void Leased(LeasedTask task, DateTimeOffset now)
    {
        var known = tasks.TryGetValue(task.TaskId, out var found)
            ? found
            : tasks[task.TaskId] = new Known { JobId = task.JobId, Fence = -1 };
        if (task.Fence <= known.Fence)
            throw new ViolationException(
                $"The task {task.TaskId} was leased under fence {task.Fence} after {known.Fence}.");
        if (known.IsDone) throw new ViolationException($"The task {task.TaskId} was leased after it was done.");
        if (now < known.NotBefore)
            throw new ViolationException(
                $"The task {task.TaskId} was leased at {now:T}, before its backoff ended at {known.NotBefore:T}.");
        known.Fence = task.Fence;
    }

    public void Answered(
        LeasedTask task, TaskReport report, ReportAnswer answer, StageKind stage, DateTimeOffset now)
    {
        if (answer.Verdict != Verdict.Accepted) return;
        MustBeCurrent(task, "accepted");
        var known = tasks[task.TaskId];
        if (known.IsDone) throw new ViolationException($"The task {task.TaskId} was done twice.");
        known.IsDone = answer.Status is TaskState.Completed or TaskState.Failed;
        if (answer.Status == TaskState.Completed) Completed++;
        if (answer.Status is not (TaskState.PendingRetry or TaskState.Held)) return;
        if (task.Attempt >= stage.MaxAttempts || report.Error!.Class == ErrorClass.Permanent)
            throw new ViolationException($"The task {task.TaskId} is to be tried again after attempt {task.Attempt}.");
        known.NotBefore = now + stage.Backoff * LeastJitter;
    }

    public void MustBeCurrent(LeasedTask task, string what)
    {
        var known = tasks[task.TaskId];
        if (known.Fence != task.Fence)
            throw new ViolationException(
                $"The stale fence {task.Fence} of task {task.TaskId} was {what}; it is at {known.Fence}.");
    }

    /// <summary>In each run of a job what failed may be done again, and what comes after is planned anew.</summary>
    public void IsInRun(string jobId, int run)
    {
        if (runs.GetValueOrDefault(jobId) == run) return;
        runs[jobId] = run;
        foreach (var known in tasks.Values.Where(task => task.JobId == jobId))
            (known.IsDone, known.NotBefore) = (false, DateTimeOffset.MinValue);
    }
}

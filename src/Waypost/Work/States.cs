namespace Waypost.Work;

/// <summary>Where a job is in its life.</summary>
public enum JobState
{
    /// <summary>Its tasks wait for a worker.</summary>
    Queued,

    /// <summary>A worker took its first task.</summary>
    Processing,

    /// <summary>No more tasks are handed out until somebody resumes it.</summary>
    Paused,

    /// <summary>Every task succeeded.</summary>
    Completed,

    /// <summary>It came to its end although some tasks failed.</summary>
    CompletedWithErrors,

    /// <summary>It ended before its last stage did.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Cancelled,
}

/// <summary>Where a task is in its life.</summary>
public enum TaskState
{
    /// <summary>Whoever asks next gets it.</summary>
    Ready,

    /// <summary>A worker holds a lease on it.</summary>
    Processing,

    /// <summary>An attempt failed; it is ready again once its time has come.</summary>
    PendingRetry,

    /// <summary>Its job is paused.</summary>
    Held,

    /// <summary>Done, with a result.</summary>
    Completed,

    /// <summary>Given up, with an error.</summary>
    Failed,

    /// <summary>Not wanted any more.</summary>
    Cancelled,
}

/// <summary>What can happen to a job.</summary>
enum JobStep
{
    Start,
    Pause,
    Resume,
    ResumeUnstarted,
    Complete,
    CompleteWithErrors,
    Fail,
    Cancel,
    Retry,
}

/// <summary>What can happen to a task.</summary>
enum TaskStep
{
    Lease,
    Complete,
    Fail,
    BackOff,
    BecomeDue,
    Requeue,
    Hold,
    Release,
    ReleaseLater,
    Cancel,
    Retry,
    Plan,
}

/// <summary>The only moves there are. Every update of a state takes its sources and its target from here.</summary>
static class Transitions
{
    static readonly JobState[] Alive = [JobState.Queued, JobState.Processing, JobState.Paused];

    static readonly TaskState[] Unfinished =
        [TaskState.Ready, TaskState.Processing, TaskState.PendingRetry, TaskState.Held];

    static readonly Dictionary<JobStep, (JobState[] From, JobState To)> Jobs = new()
    {
        [JobStep.Start] = ([JobState.Queued], JobState.Processing),
        [JobStep.Pause] = ([JobState.Queued, JobState.Processing], JobState.Paused),
        [JobStep.Resume] = ([JobState.Paused], JobState.Processing),
        [JobStep.ResumeUnstarted] = ([JobState.Paused], JobState.Queued),
        [JobStep.Complete] = (Alive, JobState.Completed),
        [JobStep.CompleteWithErrors] = (Alive, JobState.CompletedWithErrors),
        [JobStep.Fail] = (Alive, JobState.Failed),
        [JobStep.Cancel] = (Alive, JobState.Cancelled),
        [JobStep.Retry] = ([JobState.CompletedWithErrors, JobState.Failed, JobState.Cancelled], JobState.Queued),
    };

    static readonly Dictionary<TaskStep, (TaskState[] From, TaskState To)> Tasks = new()
    {
        [TaskStep.Lease] = ([TaskState.Ready], TaskState.Processing),
        [TaskStep.Complete] = ([TaskState.Processing], TaskState.Completed),
        [TaskStep.Fail] = ([TaskState.Processing], TaskState.Failed),
        [TaskStep.BackOff] = ([TaskState.Processing], TaskState.PendingRetry),
        [TaskStep.BecomeDue] = ([TaskState.PendingRetry], TaskState.Ready),
        [TaskStep.Requeue] = ([TaskState.Processing], TaskState.Ready),
        [TaskStep.Hold] = (Unfinished, TaskState.Held),
        [TaskStep.Release] = ([TaskState.Held], TaskState.Ready),
        [TaskStep.ReleaseLater] = ([TaskState.Held], TaskState.PendingRetry),
        [TaskStep.Cancel] = (Unfinished, TaskState.Cancelled),
        [TaskStep.Retry] = ([TaskState.Failed, TaskState.Cancelled], TaskState.Ready),
        // A stage planned again after a retry: what it wants anew starts over.
        [TaskStep.Plan] = ([TaskState.Completed, TaskState.Failed, TaskState.Cancelled], TaskState.Ready),
    };

    /// <summary>True when the job will not change any more unless somebody retries it.</summary>
    public static bool IsOver(this JobState state) => !Alive.Contains(state);

    /// <summary>True when the task will not change any more unless its job is retried.</summary>
    public static bool IsOver(this TaskState state) => !Unfinished.Contains(state);

    /// <summary>Where the step leads from this state; null: the step is not possible there.</summary>
    public static JobState? After(this JobState state, JobStep step) =>
        Jobs[step].From.Contains(state) ? Jobs[step].To : null;

    /// <summary>Where the step leads from this state; null: the step is not possible there.</summary>
    public static TaskState? After(this TaskState state, TaskStep step) =>
        Tasks[step].From.Contains(state) ? Tasks[step].To : null;

    /// <summary>The state that the step leads to.</summary>
    public static JobState Target(this JobStep step) => Jobs[step].To;

    /// <summary>The state that the step leads to.</summary>
    public static TaskState Target(this TaskStep step) => Tasks[step].To;

    /// <summary>The states that the step is possible from.</summary>
    public static IReadOnlyList<JobState> Sources(this JobStep step) => Jobs[step].From;

    /// <summary>The states that the step is possible from.</summary>
    public static IReadOnlyList<TaskState> Sources(this TaskStep step) => Tasks[step].From;
}

using Waypost.Events;

namespace Waypost.Work;

/// <summary>A job was accepted.</summary>
public sealed record JobSubmitted(string JobId, string Kind, int Priority) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.submitted";
}

/// <summary>A worker took the first task of a job.</summary>
public sealed record JobStarted(string JobId, string Kind) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.started";
}

/// <summary>Every task of a stage has ended.</summary>
public sealed record JobStageCompleted(string JobId, string Kind, int Stage, string Name, int Total, int Failed)
    : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.stage_completed";
}

/// <summary>A job got on by at least five percent.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Done">Tasks of the current stage that have ended.</param>
/// <param name="Total">Tasks of the current stage.</param>
/// <param name="Percent">Of the whole job, each stage counting the same.</param>
public sealed record JobProgress(string JobId, string Kind, int Done, int Total, int Percent) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.progress";
}

/// <summary>A job ended and every task succeeded.</summary>
public sealed record JobCompleted(string JobId, string Kind, JobState State) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.completed";
}

/// <summary>A job came to its end although some tasks failed.</summary>
public sealed record JobCompletedWithErrors(string JobId, string Kind, JobState State, TaskError? Error) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.completed_with_errors";
}

/// <summary>A job ended before its last stage did.</summary>
public sealed record JobFailed(string JobId, string Kind, JobState State, TaskError? Error) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.failed";
}

/// <summary>Somebody ended a job.</summary>
public sealed record JobCancelled(string JobId, string Kind, JobState State) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.cancelled";
}

/// <summary>Somebody paused a job: what runs ends, nothing new begins.</summary>
public sealed record JobPaused(string JobId, string Kind) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.paused";
}

/// <summary>A paused job goes on, or a failed one is tried again.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Run">Counts from 0; a retry begins the next one.</param>
public sealed record JobResumed(string JobId, string Kind, int Run) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "job.resumed";
}

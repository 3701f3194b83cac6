using Waypost.Events;

namespace Waypost.Work;

/// <summary>A schedule submitted its job.</summary>
/// <param name="ScheduleId">The schedule.</param>
/// <param name="Kind">The job's kind.</param>
/// <param name="JobId">The job; null where it could not be submitted.</param>
/// <param name="DueAt">When it was due.</param>
/// <param name="Trigger"><c>time</c>, <c>catch_up</c> (late, after nobody was there), or <c>manual</c>.</param>
/// <param name="Error">Why no job could be submitted; null where one was.</param>
public sealed record ScheduleFired(
    string ScheduleId, string Kind, string? JobId, DateTimeOffset DueAt, string Trigger, string? Error) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "schedule.fired";
}

/// <summary>A schedule left an occurrence out.</summary>
/// <param name="ScheduleId">The schedule.</param>
/// <param name="Kind">The kind of the job that was not submitted.</param>
/// <param name="DueAt">When it was due; of several that were missed, the first.</param>
/// <param name="Reason">Why.</param>
public sealed record ScheduleSkipped(string ScheduleId, string Kind, DateTimeOffset DueAt, SkipReason Reason) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "schedule.skipped";
}

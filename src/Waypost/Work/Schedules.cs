using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>What becomes of occurrences that passed while no server ran.</summary>
public enum CatchUp
{
    /// <summary>The last of them is met as soon as a server runs again; the earlier ones are left out.</summary>
    Last,

    /// <summary>They are left out.</summary>
    None,
}

/// <summary>What became of the last occurrence that a schedule met.</summary>
public enum ScheduleOutcome
{
    /// <summary>Its job has not ended yet.</summary>
    Running,

    /// <summary>Every task of its job succeeded.</summary>
    Completed,

    /// <summary>Its job came to its end although some tasks failed.</summary>
    CompletedWithErrors,

    /// <summary>Its job failed.</summary>
    Failed,

    /// <summary>Somebody ended its job.</summary>
    Cancelled,

    /// <summary>No job could be submitted; the error says why.</summary>
    NotSubmitted,
}

/// <summary>Why an occurrence was left out.</summary>
public enum SkipReason
{
    /// <summary>The job of an earlier occurrence had not ended.</summary>
    StillRunning,

    /// <summary>No server ran when it was due.</summary>
    Missed,
}

/// <summary>A schedule as a client asks for it: a job, and when.</summary>
public sealed record ScheduleWish
{
    /// <summary>What it is called in every path: letters, digits, dots, hyphens and underscores; absent: one is
    /// made.</summary>
    public string? Id { get; init; }

    /// <summary>The kind of job that it submits.</summary>
    public required string Kind { get; init; }

    /// <summary>What the kind asks for; absent: none.</summary>
    public Json? Parameters { get; init; }

    /// <summary>More urgent jobs have a larger one; 0 is ordinary.</summary>
    public int Priority { get; init; }

    /// <summary>Five fields: minute, hour, day of month, month, day of week. Either this or <c>every</c>.</summary>
    public string? Cron { get; init; }

    /// <summary>An ISO 8601 duration: <c>PT5M</c>. Counted from when the schedule was made or changed.</summary>
    public string? Every { get; init; }

    /// <summary>Whose clocks <c>cron</c> means: an IANA time zone.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>What becomes of occurrences that passed while no server ran.</summary>
    public CatchUp CatchUp { get; init; }

    /// <summary>Whether it waits until somebody resumes it.</summary>
    public bool Paused { get; init; }
}

/// <summary>A schedule, when it is due next, and how it went last.</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Kind">The kind of job that it submits.</param>
/// <param name="Parameters">What it tells the job.</param>
/// <param name="Priority">How urgent its jobs are.</param>
/// <param name="Cron">Its cron expression; null where it has an interval.</param>
/// <param name="Every">Its interval; null where it has a cron expression.</param>
/// <param name="TimeZone">Whose clocks the expression means.</param>
/// <param name="CatchUp">What becomes of occurrences that passed while no server ran.</param>
/// <param name="Paused">Whether it waits to be resumed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ChangedAt">When it was last replaced, paused or resumed.</param>
/// <param name="NextAt">When it is due next; null while paused.</param>
/// <param name="Fired">How many jobs it submitted.</param>
/// <param name="Skipped">How often it left occurrences out; a run of missed ones counts once.</param>
/// <param name="ConsecutiveFailures">How many times in a row its job failed or could not be submitted.</param>
/// <param name="LastRun">The last occurrence that it met; null: none yet.</param>
/// <param name="LastSkip">The last occurrence that it left out; null: none yet.</param>
public sealed record Schedule(
    string Id, string Kind, Json Parameters, int Priority, string? Cron, string? Every, string TimeZone,
    CatchUp CatchUp, bool Paused, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? NextAt,
    long Fired, long Skipped, int ConsecutiveFailures, ScheduleRun? LastRun, ScheduleSkip? LastSkip);

/// <summary>An occurrence that was met.</summary>
/// <param name="DueAt">When it was due; for one that somebody asked for, when that was.</param>
/// <param name="At">When the job was submitted.</param>
/// <param name="JobId">The job; null where none could be submitted.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="EndedAt">When the job ended.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ScheduleRun(
    DateTimeOffset DueAt, DateTimeOffset At, string? JobId, ScheduleOutcome Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EndedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

/// <summary>An occurrence that was left out.</summary>
/// <param name="DueAt">When it was due.</param>
/// <param name="At">When it was left out.</param>
/// <param name="Reason">Why.</param>
public sealed record ScheduleSkip(DateTimeOffset DueAt, DateTimeOffset At, SkipReason Reason);

/// <summary>A schedule as its row has it.</summary>
/// <param name="Org">Whose.</param>
/// <param name="Series">Tells it from an earlier one of the same name: part of what its jobs' ids are made of.</param>
/// <param name="AnchoredAt">What intervals are counted from, in whole seconds.</param>
/// <param name="Shown">What clients see of it.</param>
sealed record ScheduleRow(string Org, Guid Series, DateTimeOffset AnchoredAt, Schedule Shown) : IRow<ScheduleRow>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"""
        org, id, series, kind, parameters, priority, cron, every, time_zone, catch_up, paused, anchored_at, created_at,
        changed_at, next_at, fired, skipped, failures, last_due_at, last_fired_at, last_ended_at, last_job_id,
        last_outcome, last_error, skipped_at, skipped_due, skip_reason
        """;

    /// <summary>When it is due.</summary>
    /// <exception cref="Refused">This machine does not know its time zone (any more).</exception>
    public Timetable Timetable() => ScheduleRules.TimetableOf(
        Shown.Cron, Shown.Every, Shown.TimeZone, AnchoredAt);

    public static ScheduleRow Read(Row row) => new(
        row.Text("org"), row.Id("series"), row.Time("anchored_at"), new Schedule(
            row.Text("id"), row.Text("kind"), row.Json("parameters"), row.Int("priority"), row.TextOrNull("cron"),
            row.TextOrNull("every"), row.Text("time_zone"), row.Enum<CatchUp>("catch_up"), row.Bool("paused"),
            row.Time("created_at"), row.Time("changed_at"), row.TimeOrNull("next_at"), row.Long("fired"),
            row.Long("skipped"), row.Int("failures"),
            row.IsNull("last_due_at") ? null : new ScheduleRun(
                row.Time("last_due_at"), row.Time("last_fired_at"), row.TextOrNull("last_job_id"),
                row.Enum<ScheduleOutcome>("last_outcome"), row.TimeOrNull("last_ended_at"),
                row.TextOrNull("last_error")),
            row.IsNull("skipped_at") ? null : new ScheduleSkip(
                row.Time("skipped_due"), row.Time("skipped_at"), row.Enum<SkipReason>("skip_reason"))));
}

/// <summary>What a schedule must be to be kept.</summary>
static class ScheduleRules
{
    const int LongestId = 100;

    /// <summary>Its name, checked; a new one where it has none.</summary>
    public static string Id(string? wished)
    {
        if (wished is null) return Guid.CreateVersion7().ToString();
        return wished.Length is > 0 and <= LongestId && wished is not ("." or "..")
            && wished.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? wished
            : throw Refused.Bad("INVALID_SCHEDULE", "The id of the schedule is not one.",
                $"It has 1 to {LongestId} letters, digits, dots, hyphens and underscores.");
    }

    /// <summary>When it is due, from what it says.</summary>
    /// <exception cref="Refused">It does not say that, or not in a way that is understood.</exception>
    public static Timetable TimetableOf(string? cron, string? every, string timeZone, DateTimeOffset anchor)
    {
        if ((cron is null) == (every is null))
            throw Refused.Bad("INVALID_SCHEDULE", "A schedule has either cron or every.",
                "Send one of them: \"cron\": \"0 3 * * *\", or \"every\": \"PT6H\".");
        var zone = Zone(timeZone);
        try
        {
            return cron is null ? Work.Timetable.Every(Work.Timetable.Interval(every!), anchor)
                : Work.Timetable.Of(Work.Cron.Parse(cron), zone);
        }
        catch (FormatException wrong)
        {
            var field = cron is null ? "every" : "cron";
            throw Refused.Bad("INVALID_SCHEDULE", $"The field {field} is '{cron ?? every}'. {wrong.Message}");
        }
    }

    static TimeZoneInfo Zone(string name) =>
        name == "UTC" ? TimeZoneInfo.Utc
        : name.Length <= LongestId && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
        : throw Refused.Bad("INVALID_SCHEDULE", $"The time zone {name} is not known to this server.",
            "Name one of the IANA data base, such as Europe/Zurich; or UTC.");
}

using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Submits the jobs of the schedules that are due, each in the transaction that moves its schedule
/// on.</summary>
/// <remarks>
/// Any number of servers may run this on one database: a schedule's row is held while its occurrence is met, and is not
/// due any more afterwards. Killed before the commit, nothing happened, and the next round meets the occurrence.
/// Whoever holds a schedule's row touches no job's row but that of the job it has just submitted, and the end of a job
/// holds the job before the schedule: so two never wait for each other.
/// </remarks>
sealed class FireSchedules(Databases databases, Leases leases, TimeProvider clock, ILogger log)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>How many it meets in one round; the longest overdue come first.</summary>
    const int Batch = 200;

    /// <summary>How long a schedule rests that could not even be looked at.</summary>
    static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    sealed record Due(string Org, string Id) : IRow<Due>
    {
        public static Due Read(Row row) => new(row.Text("org"), row.Text("id"));
    }

    /// <summary>Meets what is due; returns how many schedules moved on here.</summary>
    public async Task<int> Round(CancellationToken ct)
    {
        var moved = 0;
        foreach (var db in databases.All)
        {
            List<Due> due;
            await using (var tx = (await db.Read(ct)).AcrossOrganizations("schedules of all are due by the clock"))
                due = await tx.All<Due>($"""
                    select org, id from work_schedules where not paused and next_at <= {clock.GetUtcNow()}
                        and (rest_until is null or rest_until <= {clock.GetUtcNow()})
                    order by next_at limit {Batch}
                    """);
            foreach (var one in due)
                if (await Meet(one, ct)) moved++;
        }
        return moved;
    }

    async Task<bool> Meet(Due due, CancellationToken ct)
    {
        try
        {
            return await leases.Do(due.Org, course => course.MeetDue(due.Org, due.Id), ct);
        }
        catch (Exception failure)
            when (failure is not StorageUnavailableException and not OperationCanceledException)
        {
            // One schedule that cannot be met must not keep the others from being met.
            ScheduleLog.CannotMeet(log, due.Id, due.Org, failure);
            return await PutOff(due, failure.Message, ct);
        }
    }

    async Task<bool> PutOff(Due due, string why, CancellationToken ct)
    {
        try
        {
            return await leases.Do(due.Org, course => course.PutOff(due.Org, due.Id, why, Rest), ct);
        }
        catch (Exception failure)
            when (failure is not StorageUnavailableException and not OperationCanceledException)
        {
            // It is tried again in the next round, and so are the others.
            ScheduleLog.CannotRest(log, due.Id, due.Org, failure);
            return false;
        }
    }
}

/// <summary>Meeting one occurrence, and hearing how its job ended.</summary>
static class ScheduleCourse
{
    /// <summary>What a job of a schedule carries along: the schedule's id.</summary>
    public const string Carried = "_schedule";

    /// <summary>An occurrence that is met later than this was missed.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    sealed record Now(JobState State) : IRow<Now>
    {
        public static Now Read(Row row) => new(row.Enum<JobState>("state"));
    }

    /// <summary>Meets what the schedule is due for, once; false: somebody else has, or it is not due any
    /// more.</summary>
    public static async Task<bool> MeetDue(this Course course, string org, string id)
    {
        var now = course.Now;
        var row = await course.Tx.One<ScheduleRow>($"""
            select {ScheduleRow.Columns} from work_schedules
            where org = {org} and id = {id} and not paused and next_at <= {now}
                and (rest_until is null or rest_until <= {now}) {course.Tx.SkipLocked}
            """);
        if (row?.Shown.NextAt is not { } due) return false;

        var timetable = row.Timetable();
        var last = timetable.LastWithin(due, now);
        await course.Tx.Run($"""
            update work_schedules set next_at = {timetable.After(now)}, rest_until = {(DateTimeOffset?)null}
            where org = {org} and id = {id}
            """);
        var late = last is { } at && now - at > Grace;
        if (last is null || (late && row.Shown.CatchUp == CatchUp.None))
        {
            await course.Skip(row, due, SkipReason.Missed);
            return true;
        }
        if (last > due) await course.Skip(row, due, SkipReason.Missed);
        if (await course.IsRunning(row)) await course.Skip(row, last.Value, SkipReason.StillRunning);
        else await course.Fire(row, last.Value, $"{last.Value:O}", late ? "catch_up" : "time");
        return true;
    }

    /// <summary>Whether the job of an earlier occurrence has not ended.</summary>
    public static async Task<bool> IsRunning(this Course course, ScheduleRow row) =>
        row.Shown.LastRun?.JobId is { } job
        && await course.Tx.One<Now>($"select state from work_jobs where org = {row.Org} and id = {job}")
            is { State: var state } && !state.IsOver();

    /// <summary>Submits the schedule's job; returns it, or null where it could not be.</summary>
    /// <param name="course">The transaction, which holds the schedule's row.</param>
    /// <param name="row">The schedule.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="occurrence">Tells this occurrence from every other one of the schedule.</param>
    /// <param name="trigger">What made it fire.</param>
    public static async Task<SubmittedJob?> Fire(
        this Course course, ScheduleRow row, DateTimeOffset due, string occurrence, string trigger)
    {
        var (schedule, now) = (row.Shown, course.Now);
        var (submitted, error) = await course.TrySubmit(new NewJob(row.Org, schedule.Kind, schedule.Parameters)
        {
            Priority = schedule.Priority,
            ContentKey = $"schedule|{row.Series}|{occurrence}",
            Internal = Json.Of(new Dictionary<string, object> { [Carried] = schedule.Id, ["_due_at"] = due }),
        });
        var outcome = submitted is null ? ScheduleOutcome.NotSubmitted : OutcomeOf(submitted.State);
        DateTimeOffset? ended = submitted?.State.IsOver() == true ? now : null;
        await course.Tx.Run($"""
            update work_schedules set fired = fired + {(submitted is null ? 0 : 1)}, last_due_at = {due},
                last_fired_at = {now}, last_ended_at = {ended},
                last_job_id = {submitted?.JobId}, last_outcome = {outcome}, last_error = {error},
                failures = {FailuresAfter(schedule.ConsecutiveFailures, outcome)}
            where org = {row.Org} and id = {schedule.Id}
            """);
        await course.Tx.Emit(row.Org, now,
            new ScheduleFired(schedule.Id, schedule.Kind, submitted?.JobId, due, trigger, error), schedule.Id);
        return submitted;
    }

    /// <summary>Writes down how the job of a schedule ended, in the transaction that ends it.</summary>
    public static async Task ScheduledJobEnded(this Course course, JobRow job, JobOutcome outcome)
    {
        if (!job.Internal.Text.Contains(Carried, StringComparison.Ordinal)
            || !job.Internal.Element.TryGetProperty(Carried, out var carried)
            || carried.GetString() is not { } id) return;
        var ended = OutcomeOf(outcome.State);
        // A job that failed, was retried and failed again is one failure.
        var failed = ended == ScheduleOutcome.Failed;
        var succeeded = ended is ScheduleOutcome.Completed or ScheduleOutcome.CompletedWithErrors;
        await course.Tx.Run($"""
            update work_schedules set last_ended_at = {course.Now}, last_error = {outcome.Error?.Message},
                failures = case when {succeeded} then 0
                    when {failed} and last_outcome <> {ScheduleOutcome.Failed} then failures + 1 else failures end,
                last_outcome = {ended}
            where org = {job.Org} and id = {id} and last_job_id = {job.Id}
            """);
    }

    /// <summary>Lets a schedule rest that could not be met, and says why. It stays due for what it was due for: whoever
    /// meets it then, late, does with it what the schedule wants done with what was missed.</summary>
    public static async Task<bool> PutOff(this Course course, string org, string id, string why, TimeSpan rest)
    {
        var now = course.Now;
        var row = await course.Tx.One<ScheduleRow>($"""
            update work_schedules set last_due_at = next_at, rest_until = {now + rest}, last_fired_at = {now},
                last_ended_at = null, last_job_id = null, last_outcome = {ScheduleOutcome.NotSubmitted},
                last_error = {why}, failures = failures + 1
            where org = {org} and id = {id} and not paused and next_at <= {now}
                and (rest_until is null or rest_until <= {now})
            returning {ScheduleRow.Columns}
            """);
        if (row is not { Shown: { LastRun: { } run } schedule }) return false;
        await course.Tx.Emit(
            org, now, new ScheduleFired(id, schedule.Kind, null, run.DueAt, "time", why), id);
        return true;
    }

    static async Task<(SubmittedJob? Submitted, string? Error)> TrySubmit(this Course course, NewJob job)
    {
        if (course.Kinds.Find(job.Kind) is null)
            return (null, $"This server has no jobs of kind {job.Kind} any more.");
        try
        {
            return (await course.Submit(job), null);
        }
        catch (Refused refused)
        {
            // Its kind's check, before anything was written.
            return (null, refused.Message);
        }
    }

    static async Task Skip(this Course course, ScheduleRow row, DateTimeOffset due, SkipReason reason)
    {
        await course.Tx.Run($"""
            update work_schedules set skipped = skipped + 1, skipped_at = {course.Now}, skipped_due = {due},
                skip_reason = {reason}
            where org = {row.Org} and id = {row.Shown.Id}
            """);
        await course.Tx.Emit(row.Org, course.Now,
            new ScheduleSkipped(row.Shown.Id, row.Shown.Kind, due, reason), row.Shown.Id);
    }

    static ScheduleOutcome OutcomeOf(JobState state) => state switch
    {
        JobState.Completed => ScheduleOutcome.Completed,
        JobState.CompletedWithErrors => ScheduleOutcome.CompletedWithErrors,
        JobState.Failed => ScheduleOutcome.Failed,
        JobState.Cancelled => ScheduleOutcome.Cancelled,
        _ => ScheduleOutcome.Running,
    };

    // A job that has just begun says nothing yet.
    static int FailuresAfter(int failures, ScheduleOutcome outcome) => outcome switch
    {
        ScheduleOutcome.Failed or ScheduleOutcome.NotSubmitted => failures + 1,
        ScheduleOutcome.Completed or ScheduleOutcome.CompletedWithErrors => 0,
        _ => failures,
    };
}

/// <summary>What schedules tell the log.</summary>
static partial class ScheduleLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The schedule {Schedule} of {Org} could not be met and rests.")]
    public static partial void CannotMeet(ILogger logger, string schedule, string org, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The schedule {Schedule} of {Org} could not be met, nor made to rest; it is tried again.")]
    public static partial void CannotRest(ILogger logger, string schedule, string org, Exception failure);
}

using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>The routes of schedules: make, look, replace, delete, pause, resume, run now.</summary>
static class ScheduleRoutes
{
    const int DefaultPage = 100;
    const int LargestPage = 1000;
    const int MostOfAnOrganization = 1000;

    /// <summary>A page of the list.</summary>
    /// <param name="Schedules">In the order of their ids.</param>
    /// <param name="Next">Send it as <c>after</c> to read on; null on the last page.</param>
    public sealed record ScheduleList(IReadOnlyList<Schedule> Schedules, string? Next);

    /// <summary>A job that was submitted because somebody asked for it.</summary>
    /// <param name="ScheduleId">The schedule.</param>
    /// <param name="JobId">The job.</param>
    /// <param name="StatusUrl">Where to look at it.</param>
    public sealed record ScheduleStarted(string ScheduleId, string JobId, string StatusUrl);

    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        var all = org.MapGroup("/schedules").WithTags("Work");
        all.MapGet("", List).Permit(Permission.JobsRead).WithName("listSchedules")
            .WithSummary("List schedules");
        all.MapPost("", Create).Permit(Permission.JobsWrite).WithName("createSchedule")
            .WithSummary("Make a schedule that submits a job at times");
        all.MapGet("/{schedule_id}", Show).Permit(Permission.JobsRead).WithName("getSchedule")
            .WithSummary("A schedule, when it is due next, and how it went last");
        all.MapPut("/{schedule_id}", Replace).Permit(Permission.JobsWrite).WithName("replaceSchedule")
            .WithSummary("Replace a schedule; what it remembers of its runs stays");
        all.MapDelete("/{schedule_id}", Delete).Permit(Permission.JobsWrite).WithName("deleteSchedule")
            .WithSummary("Remove a schedule; a job of it that runs goes on");
        all.MapPost("/{schedule_id}/pause", Pause).Permit(Permission.JobsWrite).WithName("pauseSchedule")
            .WithSummary("Let a schedule wait until it is resumed");
        all.MapPost("/{schedule_id}/resume", Resume).Permit(Permission.JobsWrite).WithName("resumeSchedule")
            .WithSummary("Let a paused schedule go on with its next occurrence");
        all.MapPost("/{schedule_id}/run", RunNow).Permit(Permission.JobsWrite).WithName("runSchedule")
            .WithSummary("Submit a schedule's job now");
    }

    static async Task<Ok<ScheduleList>> List(
        Caller caller, Db db, CancellationToken ct, [Range(1, LargestPage)] int limit = DefaultPage, string after = "")
    {
        var rows = await db.All<ScheduleRow>($"""
            select {ScheduleRow.Columns} from work_schedules where org = {caller.Org} and id > {after}
            order by id limit {limit + 1}
            """, ct);
        var shown = rows.Take(limit).Select(row => row.Shown).ToList();
        return TypedResults.Ok(new ScheduleList(shown, rows.Count > limit ? shown[^1].Id : null));
    }

    static async Task<Created<Schedule>> Create(
        ScheduleWish body, Caller caller, Db db, JobKinds kinds, TimeProvider clock, CancellationToken ct)
    {
        var (id, plan) = (ScheduleRules.Id(body.Id), Plan.Of(body, kinds, clock.GetUtcNow()));
        await using var tx = await db.Begin(ct);
        var count = await tx.Count($"select count(*) as n from work_schedules where org = {caller.Org}");
        if (count >= MostOfAnOrganization)
            throw Refused.Conflict("TOO_MANY_SCHEDULES",
                $"The organization has {MostOfAnOrganization} schedules, the most it may have.", "Delete one first.");
        var row = await tx.One<ScheduleRow>($"""
            insert into work_schedules (org, id, series, kind, parameters, priority, cron, every, time_zone, catch_up,
                paused, anchored_at, created_at, changed_at, next_at, fired, skipped, failures)
            values ({caller.Org}, {id}, {Guid.CreateVersion7()}, {body.Kind}, {plan.Parameters}, {body.Priority},
                {body.Cron}, {body.Every}, {body.TimeZone}, {body.CatchUp}, {body.Paused}, {plan.Anchor}, {plan.Now},
                {plan.Now}, {plan.NextAt}, 0, 0, 0)
            on conflict (org, id) do nothing
            returning {ScheduleRow.Columns}
            """) ?? throw Refused.Conflict("SCHEDULE_EXISTS", $"There is a schedule {id} already.",
                $"PUT /api/v1/{caller.Org}/schedules/{id} replaces it.");
        await tx.Commit();
        return TypedResults.Created($"/api/v1/{caller.Org}/schedules/{id}", row.Shown);
    }

    static async Task<Ok<Schedule>> Show(string schedule_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok((await db.One<ScheduleRow>($"""
            select {ScheduleRow.Columns} from work_schedules where org = {caller.Org} and id = {schedule_id}
            """, ct) ?? throw None(schedule_id)).Shown);

    static async Task<Ok<Schedule>> Replace(
        string schedule_id, ScheduleWish body, Caller caller, Db db, JobKinds kinds, TimeProvider clock,
        CancellationToken ct)
    {
        if (body.Id is not null && body.Id != schedule_id)
            throw Refused.Bad("INVALID_SCHEDULE", "The id in the body is not the one in the path.",
                "Leave it out, or make a new schedule under the other id.");
        var plan = Plan.Of(body, kinds, clock.GetUtcNow());
        await using var tx = await db.Begin(ct);
        var row = await tx.One<ScheduleRow>($"""
            update work_schedules set kind = {body.Kind}, parameters = {plan.Parameters}, priority = {body.Priority},
                cron = {body.Cron}, every = {body.Every}, time_zone = {body.TimeZone}, catch_up = {body.CatchUp},
                paused = {body.Paused}, anchored_at = {plan.Anchor}, changed_at = {plan.Now}, next_at = {plan.NextAt},
                rest_until = {(DateTimeOffset?)null}
            where org = {caller.Org} and id = {schedule_id}
            returning {ScheduleRow.Columns}
            """) ?? throw None(schedule_id);
        await tx.Commit();
        return TypedResults.Ok(row.Shown);
    }

    static async Task<NoContent> Delete(string schedule_id, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        if (await tx.Run($"delete from work_schedules where org = {caller.Org} and id = {schedule_id}") == 0)
            throw None(schedule_id);
        await tx.Commit();
        return TypedResults.NoContent();
    }

    static Task<Ok<Schedule>> Pause(
        string schedule_id, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        Turn(schedule_id, paused: true, caller, db, clock, ct);

    static Task<Ok<Schedule>> Resume(
        string schedule_id, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        Turn(schedule_id, paused: false, caller, db, clock, ct);

    // Paused time is not caught up with; told the same twice, it stays as it is.
    static async Task<Ok<Schedule>> Turn(
        string id, bool paused, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var row = await Hold(tx, caller.Org, id);
        if (row.Shown.Paused == paused) return TypedResults.Ok(row.Shown);
        var now = clock.GetUtcNow();
        var next = paused ? null : row.Timetable().After(now);
        row = await tx.One<ScheduleRow>($"""
            update work_schedules set paused = {paused}, next_at = {next}, changed_at = {now},
                rest_until = {(DateTimeOffset?)null}
            where org = {caller.Org} and id = {id}
            returning {ScheduleRow.Columns}
            """);
        await tx.Commit();
        return TypedResults.Ok(row!.Shown);
    }

    static async Task<Accepted<ScheduleStarted>> RunNow(
        string schedule_id, Caller caller, Leases leases, CancellationToken ct)
    {
        var job = await leases.Do(caller.Org, async course =>
        {
            var row = await Hold(course.Tx, caller.Org, schedule_id);
            if (await course.IsRunning(row))
                throw Refused.Conflict("SCHEDULE_RUNNING", "The schedule's last job has not ended.",
                    $"Wait for it, or POST /api/v1/{caller.Org}/jobs/{row.Shown.LastRun!.JobId}/cancel first.");
            return await course.Fire(row, course.Now, $"{Guid.CreateVersion7()}", "manual") is { } submitted
                ? submitted.JobId : null;
        }, ct);
        if (job is null) throw await NotSubmitted(schedule_id, caller, leases, ct);
        var url = $"/api/v1/{caller.Org}/jobs/{job}";
        return TypedResults.Accepted(url, new ScheduleStarted(schedule_id, job, url));
    }

    static async Task<Refused> NotSubmitted(string id, Caller caller, Leases leases, CancellationToken ct)
    {
        var row = await leases.Do(caller.Org, course => Hold(course.Tx, caller.Org, id), ct);
        return Refused.Conflict("JOB_NOT_SUBMITTED", $"The job could not be submitted: {row.Shown.LastRun?.Error}",
            "Replace the schedule with one whose job this server takes.");
    }

    static async Task<ScheduleRow> Hold(Tx tx, string org, string id) => await tx.One<ScheduleRow>($"""
        select {ScheduleRow.Columns} from work_schedules where org = {org} and id = {id} {tx.ForUpdate}
        """) ?? throw None(id);

    static Refused None(string id) => Refused.NotFound($"The schedule {id}");

    /// <summary>A wish that was found in order, and what follows from it.</summary>
    sealed record Plan(Json Parameters, DateTimeOffset Now, DateTimeOffset Anchor, DateTimeOffset? NextAt)
    {
        public static Plan Of(ScheduleWish wish, JobKinds kinds, DateTimeOffset now)
        {
            var parameters = wish.Parameters ?? Json.EmptyObject;
            var kind = Jobs.CheckOpen(kinds, wish.Kind, parameters);
            kind.Check?.Invoke(parameters.Element);
            // Whole seconds: what is computed from the anchor is what the database keeps.
            var anchor = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, now.Offset);
            var next = ScheduleRules.TimetableOf(wish.Cron, wish.Every, wish.TimeZone, anchor).After(now)
                ?? throw Refused.Bad("INVALID_SCHEDULE", $"The field cron is '{wish.Cron}', which never comes.",
                    "Name a day that its months have.");
            return new Plan(parameters, now, anchor, wish.Paused ? null : next);
        }
    }
}

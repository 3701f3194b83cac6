-- A schedule submits a job of its kind at times. `next_at` is the one thing that decides whether it is due: whoever
-- moves it on submits the job in the same transaction, so that no occurrence is met twice, or lost.
create table work_schedules (
    org           <key>  not null,
    id            <key>  not null,
    series        <id>   not null,
    kind          text   not null,
    parameters    <json> not null,
    priority      int    not null,
    cron          text,
    every         text,
    time_zone     text   not null,
    catch_up      text   not null check (catch_up in ('Last', 'None')),
    paused        boolean not null,
    anchored_at   <time> not null,
    created_at    <time> not null,
    changed_at    <time> not null,
    next_at       <time>,
    fired         bigint not null,
    skipped       bigint not null,
    failures      int    not null check (failures >= 0),
    last_due_at   <time>,
    last_fired_at <time>,
    last_ended_at <time>,
    last_job_id   text,
    last_outcome  text check (last_outcome in
        ('Running', 'Completed', 'CompletedWithErrors', 'Failed', 'Cancelled', 'NotSubmitted')),
    last_error    text,
    skipped_at    <time>,
    skipped_due   <time>,
    skip_reason   text check (skip_reason in ('StillRunning', 'Missed')),
    primary key (org, id),
    check ((cron is null) <> (every is null))
);
create index work_schedules_due on work_schedules (next_at) where not paused;

-- A job is what somebody asked for; it runs stage after stage. Its id is the hash of its kind and parameters.
create table work_jobs (
    org         <key>  not null,
    id          <key>  not null,
    kind        text   not null,
    state       text   not null check (state in
        ('Queued', 'Processing', 'Paused', 'Completed', 'CompletedWithErrors', 'Failed', 'Cancelled')),
    priority    int    not null,
    size_class  text   not null,
    parameters  <json> not null,
    internal    <json> not null,
    stage       int    not null,
    run         int    not null,
    result      <json>,
    error       <json>,
    created_at  <time> not null,
    started_at  <time>,
    finished_at <time>,
    took_ms     bigint,
    primary key (org, id)
);
create index work_jobs_newest on work_jobs (org, created_at, id);
create index work_jobs_runs on work_jobs (org, kind, size_class, finished_at) where state = 'Completed';

-- The counters that say when a stage is done: `remaining` reaches zero exactly once in each run.
create table work_stages (
    org       <key>  not null,
    job_id    text   not null,
    stage     int    not null,
    name      text   not null,
    total     int    not null,
    remaining int    not null check (remaining >= 0),
    failed    int    not null check (failed >= 0 and failed <= total),
    opened_at <time>,
    closed_at <time>,
    primary key (org, job_id, stage),
    foreign key (org, job_id) references work_jobs (org, id)
);

create table work_tasks (
    org           <key>  not null,
    id            text   not null,
    job_id        text   not null,
    stage         int    not null,
    ordinal       int    not null,
    kind          text   not null,
    unit          text   not null,
    status        text   not null check (status in
        ('Ready', 'Processing', 'PendingRetry', 'Held', 'Completed', 'Failed', 'Cancelled')),
    priority      int    not null,
    fence         bigint not null,
    attempt       int    not null,
    execute_after <time> not null,
    lease_until   <time> check ((status = 'Processing') = (lease_until is not null)),
    claimed_by    text,
    progress      <float>,
    parameters    <json> not null,
    result        <json>,
    error         <json>,
    primary key (org, id),
    foreign key (org, job_id, stage) references work_stages (org, job_id, stage)
);
create index work_tasks_of_job on work_tasks (org, job_id, stage, ordinal);
create index work_tasks_ready on work_tasks (org, kind, priority desc, execute_after, id) where status = 'Ready';
create index work_tasks_leased on work_tasks (lease_until) where status = 'Processing';
create index work_tasks_later on work_tasks (execute_after) where status = 'PendingRetry';

-- One row for each kind with a limit of tasks at once; whoever leases such a kind holds its row.
create table work_limits (
    kind text primary key,
    used bigint not null
);

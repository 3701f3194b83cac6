-- The queue most teams write themselves: one table, a partial index, FOR UPDATE SKIP LOCKED.
create table jobs (
    id            bigserial primary key,
    status        text not null default 'ready',
    priority      int not null default 0,
    execute_after timestamptz not null default now(),
    lease_until   timestamptz,
    fence         int not null default 0,
    body          jsonb not null default '{}'
);
create index jobs_ready on jobs (priority desc, execute_after, id) where status = 'ready';
insert into jobs (body) select '{"n": 1}'::jsonb from generate_series(1, 400000);
vacuum analyze jobs;

-- Stage completion as it is often built: after each task, count what is left of the stage.
create table tasks (
    id     bigint primary key,
    job    text not null,
    stage  int not null,
    status text not null default 'processing'
);
create index tasks_by_stage on tasks (job, stage);
insert into tasks (id, job, stage) select n, 'job-1', 1 from generate_series(1, 10000) n;
create sequence next_task;
vacuum analyze tasks;

-- A schedule that could not even be looked at is left alone until then; what it was due for stays as it is.
alter table work_schedules add column rest_until <time>;

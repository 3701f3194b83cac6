begin;
select nextval('next_task') as task \gset
update tasks set status = 'completed' where id = :task and status = 'processing';
select pg_advisory_xact_lock(hashtext('job-1:1'));
select count(*) from tasks where job = 'job-1' and stage = 1 and status not in ('completed', 'failed');
commit;

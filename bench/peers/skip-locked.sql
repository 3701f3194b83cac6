update jobs set status = 'leased', fence = fence + 1, lease_until = now() + interval '60 s'
where id = (select id from jobs where status = 'ready' and execute_after <= now()
            order by priority desc, execute_after, id limit 1 for update skip locked)
returning id, fence \gset
update jobs set status = 'completed' where id = :id and fence = :fence;

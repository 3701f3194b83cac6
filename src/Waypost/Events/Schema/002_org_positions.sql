-- Every organization counts its own events, so that nobody sees from the gaps how much happens elsewhere. The relay
-- stamps `org_position` with `position`; what leaves the server is the organization's, what loops of the server keep is
-- the log's.
alter table events add column org_position bigint;
with counted as (
    select seq, row_number() over (partition by org order by position) as n from events where position is not null)
update events set org_position = counted.n from counted where events.seq = counted.seq;
drop index events_by_org;
create unique index events_by_org on events (org, org_position) where org_position is not null;

-- The last position given out to each organization.
create table events_heads (
    org      <key>  primary key,
    position bigint not null
);
insert into events_heads (org, position)
select org, max(org_position) from events where org_position is not null group by org;

-- Until now these were positions of the log; in an organization's own numbers nothing is missing yet.
delete from events_pruned;

-- One row for each thing that happened. `seq` is the order of writing, which is not the order of committing; `position`
-- is: the relay stamps it after commit, and until then it is null.
create table events (
-- only sqlite
    seq      integer primary key autoincrement,
-- only postgres
    seq      bigint generated always as identity primary key,
-- both
    id       <id>   not null unique,
    org      <key>  not null,
    type     text   not null,
    subject  text,
    at       <time> not null,
    body     <json> not null,
    position bigint
);
create unique index events_by_position on events (position) where position is not null;
create unique index events_by_org on events (org, position) where position is not null;
create index events_to_stamp on events (seq) where position is null;

-- The one row of the relay that may stamp: whoever holds the lease. `position` is the last one given out.
create table events_relay (
    name     text   primary key,
    holder   text   not null,
    expires  <time> not null,
    position bigint not null
);
insert into events_relay (name, holder, expires, position)
values ('relay', '', '2000-01-01T00:00:00.000000Z', 0);

-- How far each named reader has got, and which process may read for it now. `fence` grows with every change of holder.
create table events_readers (
    name       text   primary key,
    position   bigint not null,
    holder     text   not null,
    expires    <time> not null,
    fence      bigint not null,
    updated_at <time> not null
);

-- Events that a reader failed on again and again: set aside, so that those behind them go on.
create table events_set_aside (
    reader   text   not null,
    event_id <id>   not null,
    org      <key>  not null,
    position bigint not null,
    error    text   not null,
    at       <time> not null,
    primary key (reader, event_id)
);

-- The highest position that was pruned from an organization's log: a resume from before it would miss events.
create table events_pruned (
    org      <key>  primary key,
    position bigint not null
);

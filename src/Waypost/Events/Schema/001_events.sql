-- One row for each thing that happened. `position` is stamped by the relay after commit; until then it is null.
create table events (
    id       <id>   primary key,
    org      <key>  not null,
    type     text   not null,
    subject  text,
    at       <time> not null,
    body     <json> not null,
    position bigint
);
create unique index events_by_position on events (position) where position is not null;
create unique index events_by_org on events (org, position) where position is not null;
create index events_to_stamp on events (id) where position is null;

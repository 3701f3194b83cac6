-- What an outsider may not see is taken out when a document is written: `external` is that form, null where nothing
-- had to be taken out. Every write is known by the id of the event that told of it (`change_id`).
alter table catalogue_collections add column external text;
alter table catalogue_collections add column is_external boolean not null default true;
alter table catalogue_collections add column change_id <id>;
alter table catalogue_collections add column created_at <time>;
alter table catalogue_bodies add column external text;

-- `moment`: the item's datetime in microseconds, which may be null where it has a start and an end. n1 to n8 and t1 to
-- t8 hold the properties that its organization had promoted (catalogue_queryables says which is where): numbers,
-- moments as microseconds and booleans as 0 and 1; texts.
alter table catalogue_items add column moment bigint;
alter table catalogue_items add column lowest <float>;
alter table catalogue_items add column highest <float>;
alter table catalogue_items add column created_at <time>;
alter table catalogue_items add column change_id <id>;
alter table catalogue_items add column n1 <float>;
alter table catalogue_items add column n2 <float>;
alter table catalogue_items add column n3 <float>;
alter table catalogue_items add column n4 <float>;
alter table catalogue_items add column n5 <float>;
alter table catalogue_items add column n6 <float>;
alter table catalogue_items add column n7 <float>;
alter table catalogue_items add column n8 <float>;
alter table catalogue_items add column t1 <key>;
alter table catalogue_items add column t2 <key>;
alter table catalogue_items add column t3 <key>;
alter table catalogue_items add column t4 <key>;
alter table catalogue_items add column t5 <key>;
alter table catalogue_items add column t6 <key>;
alter table catalogue_items add column t7 <key>;
alter table catalogue_items add column t8 <key>;
-- Rows that have nothing there cost these indexes nothing.
create index catalogue_items_by_n1 on catalogue_items (org, n1, starts) where n1 is not null;
create index catalogue_items_by_n2 on catalogue_items (org, n2, starts) where n2 is not null;
create index catalogue_items_by_n3 on catalogue_items (org, n3, starts) where n3 is not null;
create index catalogue_items_by_n4 on catalogue_items (org, n4, starts) where n4 is not null;
create index catalogue_items_by_n5 on catalogue_items (org, n5, starts) where n5 is not null;
create index catalogue_items_by_n6 on catalogue_items (org, n6, starts) where n6 is not null;
create index catalogue_items_by_n7 on catalogue_items (org, n7, starts) where n7 is not null;
create index catalogue_items_by_n8 on catalogue_items (org, n8, starts) where n8 is not null;
create index catalogue_items_by_t1 on catalogue_items (org, t1, starts) where t1 is not null;
create index catalogue_items_by_t2 on catalogue_items (org, t2, starts) where t2 is not null;
create index catalogue_items_by_t3 on catalogue_items (org, t3, starts) where t3 is not null;
create index catalogue_items_by_t4 on catalogue_items (org, t4, starts) where t4 is not null;
create index catalogue_items_by_t5 on catalogue_items (org, t5, starts) where t5 is not null;
create index catalogue_items_by_t6 on catalogue_items (org, t6, starts) where t6 is not null;
create index catalogue_items_by_t7 on catalogue_items (org, t7, starts) where t7 is not null;
create index catalogue_items_by_t8 on catalogue_items (org, t8, starts) where t8 is not null;
create index catalogue_items_by_change on catalogue_items (org, change_id);

-- The properties by themselves, apart from the documents: what has not been promoted is found by going through them.
create table catalogue_properties (
    row_id     <row>  references catalogue_items (row_id),
    org        <key>  not null,
    properties <json> not null,
    external   <json>
);

-- What can be asked about: found in items, or declared. `types` are JSON Schema's, with spaces between; `slot` is the
-- column that it was promoted to, in use once `is_filled`.
create table catalogue_queryables (
    org        <key> not null,
    collection <key> not null,
    name       <key> not null,
    types      text  not null,
    declared   <json>,
    slot       text,
    is_filled  boolean not null default false,
    is_hidden  boolean not null default false,
    primary key (org, collection, name)
);

-- The versions that were replaced, and those that say that something is gone (body is null).
create table catalogue_history (
    row_id     <row>,
    org        <key>  not null,
    collection <key>  not null,
    id         <key>  not null,
    version    bigint not null,
    body       text,
    hash       text,
    changed_at <time> not null,
    change_id  <id>,
    unique (org, collection, id, version)
);
create index catalogue_history_by_change on catalogue_history (org, change_id) where body is null;

-- Where each write stands in the order in which all were committed.
create table catalogue_changes (
    org       <key>  not null,
    position  bigint not null,
    change_id <id>   not null,
    primary key (org, position)
);

-- Which other organizations may read a collection, and which view of it.
create table catalogue_shares (
    org         <key> not null,
    collection  <key> not null,
    with_org    <key> not null,
    is_external boolean not null,
    shared_at   <time> not null,
    primary key (org, collection, with_org),
    foreign key (org, collection) references catalogue_collections (org, id)
);
create index catalogue_shares_with on catalogue_shares (with_org, org);

create table catalogue_settings (
    org              <key>   not null,
    require_if_match boolean not null,
    is_strict        boolean not null,
    primary key (org)
);

-- In which form every row has been prepared: a new version of the preparation, or other allowed schemes, do it again.
create table catalogue_forms (
    form         text   primary key,
    reached      bigint not null,
    is_complete  boolean not null
);

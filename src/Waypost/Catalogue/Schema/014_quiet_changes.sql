-- What outsiders last saw change of an item, or of a collection (an empty id), where something changed since that they
-- do not see: for them that change is still the last.
create table catalogue_quiet (
    org        <key>  not null,
    collection <key>  not null,
    id         <key>  not null,
    change_id  <id>   not null,
    changed_at <time> not null,
    primary key (org, collection, id)
);
create index catalogue_quiet_by_change on catalogue_quiet (org, change_id);

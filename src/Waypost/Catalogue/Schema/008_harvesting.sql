-- How many documents each change holds, so that a reader of the feed knows beforehand how much there is to look at.
alter table catalogue_changes add column items int not null default 1000;

-- One row for all of an organization's catalogue. `shown_epoch` counts how often a collection was shown to outsiders or
-- hidden from them. Whoever adds a collection or promotes a property holds the row, so that neither misses the other.
create table catalogue_wholes (
    org         <key>  not null,
    shown_epoch bigint not null,
    primary key (org)
);

-- A collection that is being deleted with its items takes no more of them.
alter table catalogue_collections add column is_going boolean not null default false;
create index catalogue_collections_going on catalogue_collections (org, id) where is_going;

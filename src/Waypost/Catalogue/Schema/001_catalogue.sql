-- Documents are kept as the text that is served: PostgreSQL's jsonb would hand it back re-ordered and slower. What is
-- searched by is promoted into columns when it is written. In the text, U+E000 to U+E003 stand for the addresses of
-- this server (see LinkRoots), which every answer puts in.
create table catalogue_collections (
    org        <key>  not null,
    id         <key>  not null,
    version    bigint not null,
    title      text,
    body       text   not null,
    hash       text   not null,
    -- The longest of its items in microseconds: how far before a search's start an item may begin and still reach it.
    longest    bigint not null,
    changed_at <time> not null,
    primary key (org, id)
);

create table catalogue_items (
    row_id     <row>,
    org        <key>  not null,
    collection <key>  not null,
    id         <key>  not null,
    version    bigint not null,
    hash       text   not null,
    -- Microseconds since 1970, both ends included.
    starts     bigint not null,
    ends       bigint not null,
    geometry   <geometry>,
    -- The box of the geometry. `is_box`: the geometry is nothing but this box, so that comparing boxes is exact.
    is_box     boolean not null,
    west       <float>,
    south      <float>,
    east       <float>,
    north      <float>,
    changed_at <time> not null,
    unique (org, id, collection),
    foreign key (org, collection) references catalogue_collections (org, id),
    check (ends >= starts),
    check ((geometry is null) = (west is null))
);
-- The order in which items are paged, and all that most searches need to count them.
create index catalogue_items_by_time
    on catalogue_items (org, starts desc, collection, id, ends, west, south, east, north, is_box);
create index catalogue_items_by_collection
    on catalogue_items (org, collection, starts desc, id, ends, west, south, east, north, is_box);
create index catalogue_items_nowhere on catalogue_items (org, collection) where west is null;

-- The documents apart from what they are searched by: searches then go through little, and what they go through stays
-- in memory.
create table catalogue_bodies (
    row_id <row>  references catalogue_items (row_id),
    org    <key>  not null,
    body   text   not null
);

-- How many items a collection has, as changes to add up: two writers never wait for one number.
create table catalogue_counts (
    row_id     <row>,
    org        <key>  not null,
    collection <key>  not null,
    items      bigint not null
);
create index catalogue_counts_by_collection on catalogue_counts (org, collection, items);

-- The rasters that tiles are made of.
create table catalogue_rasters (
    org          <key>  not null,
    collection   <key>  not null,
    item_id      <key>  not null,
    blob_key     text   not null,
    render_style <json> not null,
    min_zoom     int    not null,
    max_zoom     int    not null,
    west         <float> not null,
    south        <float> not null,
    east         <float> not null,
    north        <float> not null,
    changed_at   <time> not null,
    primary key (org, collection, item_id),
    check (min_zoom >= 0 and max_zoom >= min_zoom)
);

-- The features of vector items, in sets. A set is filled in chunks and then published by pointing an item at it.
create table catalogue_features (
    row_id     <row>,
    org        <key>  not null,
    set_id     <key>  not null,
    number     bigint not null,
    chunk      int    not null,
    source_id  text,
    geometry   <geometry>,
    west       <float>,
    south      <float>,
    east       <float>,
    north      <float>,
    properties text   not null,
    unique (org, set_id, number)
);
create index catalogue_features_by_chunk on catalogue_features (org, set_id, chunk);

create table catalogue_feature_sets (
    org          <key>  not null,
    item_id      <key>  not null,
    collection   <key>  not null,
    set_id       <key>  not null,
    features     bigint not null,
    west         <float>,
    south        <float>,
    east         <float>,
    north        <float>,
    published_at <time> not null,
    primary key (org, item_id)
);

-- Sets that nothing points at any more, to be deleted piece by piece.
create table catalogue_dropped_sets (
    org        <key>  not null,
    set_id     <key>  not null,
    dropped_at <time> not null,
    primary key (org, set_id)
);

-- only postgres
create index catalogue_items_by_place on catalogue_items using gist (geometry);
create index catalogue_features_by_place on catalogue_features using gist (geometry);
-- only sqlite
create virtual table catalogue_items_boxes using rtree (row_id, west, east, south, north);
create trigger catalogue_items_box_in after insert on catalogue_items when new.west is not null begin
    insert into catalogue_items_boxes values (new.row_id, new.west, new.east, new.south, new.north);
end;
create trigger catalogue_items_box_out after delete on catalogue_items when old.west is not null begin
    delete from catalogue_items_boxes where row_id = old.row_id;
end;
create trigger catalogue_items_box_moved after update of west, east, south, north on catalogue_items
when old.west is not new.west or old.east is not new.east or old.south is not new.south or old.north is not new.north
begin
    delete from catalogue_items_boxes where row_id = old.row_id;
    insert into catalogue_items_boxes
        select new.row_id, new.west, new.east, new.south, new.north where new.west is not null;
end;
create virtual table catalogue_features_boxes using rtree (row_id, west, east, south, north);
create trigger catalogue_features_box_in after insert on catalogue_features when new.west is not null begin
    insert into catalogue_features_boxes values (new.row_id, new.west, new.east, new.south, new.north);
end;
create trigger catalogue_features_box_out after delete on catalogue_features when old.west is not null begin
    delete from catalogue_features_boxes where row_id = old.row_id;
end;
-- both

-- What free text finds an item by: its words without case and accents, a blank between them; no row where there are
-- none.
create table catalogue_text (
    row_id <row> references catalogue_items (row_id),
    org    <key> not null,
    words  text  not null
);

-- The index of places knows times too: a small place over many years, asked for one week, holds little.
-- only postgres
create index catalogue_text_words on catalogue_text using gin (string_to_array(words, ' '));
drop index catalogue_items_by_place;
create index catalogue_items_by_place on catalogue_items using gist (geometry, int8range(starts, ends, '[]'));
-- only sqlite
create virtual table catalogue_words
    using fts5(words, content='catalogue_text', content_rowid='row_id', tokenize='ascii');
create trigger catalogue_words_in after insert on catalogue_text begin
    insert into catalogue_words (rowid, words) values (new.row_id, new.words);
end;
create trigger catalogue_words_out after delete on catalogue_text begin
    insert into catalogue_words (catalogue_words, rowid, words) values ('delete', old.row_id, old.words);
end;
create trigger catalogue_words_changed after update of words on catalogue_text begin
    insert into catalogue_words (catalogue_words, rowid, words) values ('delete', old.row_id, old.words);
    insert into catalogue_words (rowid, words) values (new.row_id, new.words);
end;

-- Days since 1970, rounded outwards to what a 32-bit number holds: a few minutes.
drop trigger catalogue_items_box_in;
drop trigger catalogue_items_box_out;
drop trigger catalogue_items_box_moved;
drop table catalogue_items_boxes;
create virtual table catalogue_items_places using rtree (row_id, west, east, south, north, first, last);
insert into catalogue_items_places
    select row_id, west, east, south, north, starts / 86400e6, ends / 86400e6 from catalogue_items
    where west is not null;
create trigger catalogue_items_place_in after insert on catalogue_items when new.west is not null begin
    insert into catalogue_items_places values
        (new.row_id, new.west, new.east, new.south, new.north, new.starts / 86400e6, new.ends / 86400e6);
end;
create trigger catalogue_items_place_out after delete on catalogue_items when old.west is not null begin
    delete from catalogue_items_places where row_id = old.row_id;
end;
create trigger catalogue_items_place_moved after update of west, south, east, north, starts, ends on catalogue_items
when old.west is not new.west or old.east is not new.east or old.south is not new.south or old.north is not new.north
    or old.starts is not new.starts or old.ends is not new.ends
begin
    delete from catalogue_items_places where row_id = old.row_id;
    insert into catalogue_items_places
        select new.row_id, new.west, new.east, new.south, new.north, new.starts / 86400e6, new.ends / 86400e6
        where new.west is not null;
end;
-- both

-- For map tiles: how far below the map's upper edge a latitude is, 0 to 1 (web Mercator).
-- only postgres
create function cql_mercator(latitude double precision) returns double precision
language sql immutable parallel safe
return 0.5 - ln(tan(pi() / 4 + latitude * pi() / 360)) / (2 * pi());
-- both

-- Whole orders to walk along: by a promoted property, and then as items without one are ordered. Where neither value
-- nor time tells items apart, their names do.
drop index catalogue_items_by_n1;
create index catalogue_items_by_n1
    on catalogue_items (org, n1 desc, starts desc, collection, id) where n1 is not null;
drop index catalogue_items_by_n2;
create index catalogue_items_by_n2
    on catalogue_items (org, n2 desc, starts desc, collection, id) where n2 is not null;
drop index catalogue_items_by_n3;
create index catalogue_items_by_n3
    on catalogue_items (org, n3 desc, starts desc, collection, id) where n3 is not null;
drop index catalogue_items_by_n4;
create index catalogue_items_by_n4
    on catalogue_items (org, n4 desc, starts desc, collection, id) where n4 is not null;
drop index catalogue_items_by_n5;
create index catalogue_items_by_n5
    on catalogue_items (org, n5 desc, starts desc, collection, id) where n5 is not null;
drop index catalogue_items_by_n6;
create index catalogue_items_by_n6
    on catalogue_items (org, n6 desc, starts desc, collection, id) where n6 is not null;
drop index catalogue_items_by_n7;
create index catalogue_items_by_n7
    on catalogue_items (org, n7 desc, starts desc, collection, id) where n7 is not null;
drop index catalogue_items_by_n8;
create index catalogue_items_by_n8
    on catalogue_items (org, n8 desc, starts desc, collection, id) where n8 is not null;
drop index catalogue_items_by_t1;
create index catalogue_items_by_t1
    on catalogue_items (org, t1 desc, starts desc, collection, id) where t1 is not null;
drop index catalogue_items_by_t2;
create index catalogue_items_by_t2
    on catalogue_items (org, t2 desc, starts desc, collection, id) where t2 is not null;
drop index catalogue_items_by_t3;
create index catalogue_items_by_t3
    on catalogue_items (org, t3 desc, starts desc, collection, id) where t3 is not null;
drop index catalogue_items_by_t4;
create index catalogue_items_by_t4
    on catalogue_items (org, t4 desc, starts desc, collection, id) where t4 is not null;
drop index catalogue_items_by_t5;
create index catalogue_items_by_t5
    on catalogue_items (org, t5 desc, starts desc, collection, id) where t5 is not null;
drop index catalogue_items_by_t6;
create index catalogue_items_by_t6
    on catalogue_items (org, t6 desc, starts desc, collection, id) where t6 is not null;
drop index catalogue_items_by_t7;
create index catalogue_items_by_t7
    on catalogue_items (org, t7 desc, starts desc, collection, id) where t7 is not null;
drop index catalogue_items_by_t8;
create index catalogue_items_by_t8
    on catalogue_items (org, t8 desc, starts desc, collection, id) where t8 is not null;

-- Items whose datetime is not their start: in the order of their datetime they stand elsewhere.
create index catalogue_items_by_moment on catalogue_items (org, moment desc, collection, id) where moment <> starts;

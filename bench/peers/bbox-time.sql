-- What PostGIS alone needs for a page of ten by place and time, without counting, HTTP or links.
\set west random(-18000, 16000) * 0.01
\set south random(-8500, 6500) * 0.01
\set east :west + random(200, 2000) * 0.01
\set north :south + random(200, 2000) * 0.01
\set since 1546300800000000 + random(0, 2130) * 86400000000
\set until :since + random(1, 60) * 86400000000
select bodies.body from catalogue_items as items join catalogue_bodies as bodies on bodies.row_id = items.row_id
where items.org = 'default' and starts <= :until::bigint and ends >= :since::bigint
    and st_intersects(geometry, st_makeenvelope(:west::float8, :south::float8, :east::float8, :north::float8, 4326))
order by starts desc, collection, id limit 10;

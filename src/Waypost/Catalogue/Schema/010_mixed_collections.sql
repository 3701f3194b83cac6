-- A line that is compared with row after row is prepared by GEOS, and then misses the points of a collection that mixes
-- points with lines. Such a collection meets what one of its members meets.
-- only postgres
create or replace function cql_spatial(relation text, a geometry, b geometry) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
    if geometrytype(a) = 'GEOMETRYCOLLECTION' then a := st_unaryunion(st_collectionhomogenize(a)); end if;
    if geometrytype(b) = 'GEOMETRYCOLLECTION' then b := st_unaryunion(st_collectionhomogenize(b)); end if;
    if st_isempty(a) or st_isempty(b) then
        return relation = 'disjoint' or (relation = 'equals' and st_isempty(a) and st_isempty(b));
    end if;
    if geometrytype(a) = 'GEOMETRYCOLLECTION' or geometrytype(b) = 'GEOMETRYCOLLECTION' then
        if relation not in ('intersects', 'disjoint') then return null; end if;
        return (relation = 'intersects') = exists (
            select from st_dump(a) as one, st_dump(b) as other where st_intersects(one.geom, other.geom));
    end if;
    return case relation
        when 'intersects' then st_intersects(a, b)
        when 'disjoint' then not st_intersects(a, b)
        when 'equals' then st_equals(a, b)
        when 'touches' then st_touches(a, b)
        when 'within' then st_within(a, b)
        when 'overlaps' then st_overlaps(a, b)
        when 'crosses' then st_crosses(a, b)
        when 'contains' then st_contains(a, b) end;
end $$;

-- Functions of one expression, which the planner writes into the statement itself: to call one costs several times what
-- it does, for every row that is looked at. They say what they said.
-- only postgres
create or replace function cql_number(properties jsonb, name text) returns double precision
language sql immutable parallel safe
return case
    when jsonb_typeof(properties -> name) = 'number' then
        case when length(properties ->> name) < 300 then (properties ->> name)::double precision
            else cql_double(properties -> name) end
    when properties -> name is null and strpos(name, '.') > 0 then cql_double(cql_member(properties, name))
end;

create or replace function cql_text(properties jsonb, name text) returns text
language sql immutable parallel safe
return case
    when jsonb_typeof(properties -> name) = 'string' then properties ->> name
    when properties -> name is null and strpos(name, '.') > 0 then
        case jsonb_typeof(cql_member(properties, name)) when 'string' then cql_member(properties, name) #>> '{}' end
end;

-- Every search by words goes through what was written since words were last put in order: no more of that than a
-- search does not notice.
alter index catalogue_text_words set (gin_pending_list_limit = 256);

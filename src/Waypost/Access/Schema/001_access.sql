create table organizations (
    id         <key>  primary key,
    name       text   not null,
    tier       text   check (tier in ('basic', 'premium', 'enterprise')),
    created_at <time> not null
);

-- Only the hash of a key is kept; `prefix` is what its owner recognises it by.
create table access_keys (
    id           <id>    primary key,
    org          <key>   not null references organizations (id),
    name         text    not null,
    client_id    text    not null,
    hash         text    not null unique,
    prefix       text    not null,
    role         text    not null,
    scopes       <json>  not null,
    created_at   <time>  not null,
    expires_at   <time>,
    rotated_at   <time>,
    revoked_at   <time>,
    last_used_at <time>
);
create index access_keys_by_org on access_keys (org, id);

-- While a key is being rotated, the old one works beside the new one until `previous_until`.
alter table access_keys add column previous_hash text;
alter table access_keys add column previous_until <time>;
-- True for the administrator's key that the server itself set up when it started.
alter table access_keys add column by_start boolean not null default false;
create unique index access_keys_by_previous on access_keys (previous_hash) where previous_hash is not null;

-- The secret with which an application's webhooks are signed; sealed, because signing needs it back.
create table access_client_secrets (
    org        <key>  not null references organizations (id),
    client_id  text   not null,
    sealed     text   not null,
    updated_at <time> not null,
    primary key (org, client_id)
);

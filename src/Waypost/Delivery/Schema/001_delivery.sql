-- Who wants to be told. `from_position` is the log's head when it was made: what happened before is not sent.
create table delivery_webhooks (
    id                 <id>    primary key,
    org                <key>   not null,
    url                text    not null,
    events             <json>  not null,
    headers            text    not null,
    secret             text    not null,
    previous_secret    text,
    previous_until     <time>,
    max_attempts       int     not null check (max_attempts between 1 and 20),
    backoff_multiplier <float> not null check (backoff_multiplier between 1 and 10),
    enabled            boolean not null,
    disabled_reason    text,
    failed_in_a_row    int     not null,
    from_position      bigint  not null,
    created_at         <time>  not null,
    updated_at         <time>  not null
);
create index delivery_webhooks_by_org on delivery_webhooks (org, id);

-- One row for each thing to be sent; `seq` is the order within a lane. Without a webhook it carries its own target.
create table delivery_deliveries (
-- only sqlite
    seq                integer primary key autoincrement,
-- only postgres
    seq                bigint generated always as identity primary key,
-- both
    id                 <id>    not null unique,
    org                <key>   not null,
    lane               <id>    not null,
    webhook            <id>,
    message_id         text    not null,
    replay_of          <id>,
    event_type         text    not null,
    subject            text,
    body               text    not null,
    url                text,
    headers            text,
    secret             text,
    max_attempts       int     not null,
    backoff_multiplier <float> not null,
    state              text    not null check (state in ('Waiting', 'Sent', 'Failed')),
    attempts           int     not null,
    next_attempt_at    <time>  not null,
    created_at         <time>  not null,
    finished_at        <time>
);
create unique index delivery_once on delivery_deliveries (webhook, message_id) where replay_of is null;
create index delivery_waiting on delivery_deliveries (lane, seq) where state = 'Waiting';
create index delivery_by_webhook on delivery_deliveries (org, webhook, seq);
create index delivery_finished on delivery_deliveries (finished_at) where finished_at is not null;

create table delivery_attempts (
    delivery        <id>   not null,
    org             <key>  not null,
    attempt         int    not null,
    at              <time> not null,
    response_status int,
    answer          text,
    error           text,
    duration_ms     int    not null,
    primary key (delivery, attempt)
);

-- What is sent in order, one after the other, by one process at a time: a webhook's events, or a single delivery.
-- `due` is when the first one waiting may be tried; null when nothing waits.
create table delivery_lanes (
    lane    <id>   primary key,
    org     <key>  not null,
    due     <time>,
    holder  text   not null,
    expires <time> not null,
    fence   bigint not null
);
create index delivery_lanes_due on delivery_lanes (due) where due is not null;

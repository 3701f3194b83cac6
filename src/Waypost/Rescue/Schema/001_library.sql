-- What there is to save, and what became of it. Ids are whole numbers of an organization, as the rescue database that
-- is brought over has them.
create table rescue_numbers (
    org  <key>  not null,
    kind text   not null,
    next bigint not null,
    primary key (org, kind)
);

-- Who publishes: the "organizations" of the catalogue that was read.
create table rescue_publishers (
    org        <key>  not null,
    id         bigint not null,
    dg_id      text   not null,
    name       text   not null,
    title      text   not null,
    founded_at <time>,
    words      text   not null,
    created_at <time> not null,
    updated_at <time> not null,
    primary key (org, id),
    unique (org, dg_id)
);

create table rescue_datasets (
    org               <key>  not null,
    id                bigint not null,
    dg_id             text   not null,
    name              text   not null,
    title             text   not null,
    notes             text   not null,
    metadata_created  <time>,
    metadata_modified <time>,
    direct_downloads  bigint not null,
    accesses          bigint not null,
    publisher_id      bigint,
    -- Which catalogue it was read from, by the name that the import was given.
    source            <key>  not null,
    words             text   not null,
    hash              text   not null,
    -- The import that saw it last, and when a whole import no longer did.
    seen_by           bigint not null,
    vanished_at       <time>,
    created_at        <time> not null,
    updated_at        <time> not null,
    primary key (org, id),
    unique (org, dg_id),
    foreign key (org, publisher_id) references rescue_publishers (org, id)
);
create index rescue_datasets_by_source on rescue_datasets (org, source, seen_by);
create index rescue_datasets_by_publisher on rescue_datasets (org, publisher_id);

-- The package as it came, apart from what is searched: it is large and seldom read.
create table rescue_packages (
    org        <key>  not null,
    dataset_id bigint not null,
    content    text   not null,
    primary key (org, dataset_id),
    foreign key (org, dataset_id) references rescue_datasets (org, id)
);

create table rescue_resources (
    org               <key>  not null,
    id                bigint not null,
    dg_id             text   not null,
    dataset_id        bigint not null,
    name              text   not null,
    description       text   not null,
    locator_function  text,
    locator_protocol  text,
    mimetype          text,
    state             text   not null,
    published_at      <time>,
    metadata_modified <time>,
    url               text   not null,
    resource_type     text   not null,
    words             text   not null,
    vanished_at       <time>,
    created_at        <time> not null,
    updated_at        <time> not null,
    primary key (org, id),
    unique (org, dg_id),
    foreign key (org, dataset_id) references rescue_datasets (org, id)
);
create index rescue_resources_by_dataset on rescue_resources (org, dataset_id);

create table rescue_kinds (
    org        <key>  not null,
    id         bigint not null,
    name       text   not null,
    created_at <time> not null,
    updated_at <time> not null,
    primary key (org, id),
    unique (org, name)
);

-- A file to save. Everything that decides who may fetch it now is in this row; Library/AssetStates.cs alone changes
-- state, copies, claims and in_flight.
create table rescue_assets (
    org             <key>   not null,
    id              bigint  not null,
    url             text    not null,
    url_sha256      <bytes> not null,
    source          <key>   not null,
    kind_id         bigint,
    title           text    not null,
    words           text    not null,
    size_bytes      bigint,
    source_modified <time>,
    etag            text,
    sum_sha256      <bytes>,
    rank            bigint,
    weight          <float> not null,
    hazard          <float> not null,
    popularity      <float>,
    threat          <float>,
    value           <float>,
    copies_min      int     not null,
    copies_max      int     not null,
    version         int     not null,
    -- Verified; then what rescuers say they hold, which nobody has compared; then what is being fetched.
    copies          int     not null,
    claims          int     not null,
    in_flight       int     not null,
    state           text    not null,
    blocked_because text,
    waiting_since   <time>  not null,
    created_at      <time>  not null,
    updated_at      <time>  not null,
    primary key (org, id),
    unique (org, url_sha256),
    foreign key (org, kind_id) references rescue_kinds (org, id),
    check (size_bytes >= 0),
    check (rank >= 1),
    check (weight >= 0 and hazard >= 0),
    check (copies_min >= 1 and copies_max >= copies_min),
    check (version >= 1 and copies >= 0 and claims >= 0 and in_flight >= 0),
    check (state in ('ready', 'probing', 'leased', 'verifying', 'satisfied', 'blocked', 'retired')),
    check ((state = 'blocked') = (blocked_because is not null))
);
-- Who asks for work is given the least copied first, then by rank, then the smallest.
create index rescue_assets_to_give on rescue_assets (
    org, (copies + claims + in_flight), (coalesce(rank, 9223372036854775807)), size_bytes, id)
    where state = 'ready' and size_bytes is not null;
create index rescue_assets_by_state on rescue_assets (org, state, id);
create index rescue_assets_by_source on rescue_assets (org, source, id);
create index rescue_assets_by_kind on rescue_assets (org, kind_id, id);

create table rescue_asset_resources (
    org         <key>  not null,
    id          bigint not null,
    asset_id    bigint not null,
    resource_id bigint not null,
    created_at  <time> not null,
    updated_at  <time> not null,
    primary key (org, id),
    unique (org, asset_id, resource_id),
    foreign key (org, asset_id) references rescue_assets (org, id),
    foreign key (org, resource_id) references rescue_resources (org, id)
);
create index rescue_asset_resources_by_resource on rescue_asset_resources (org, resource_id);

create table rescue_rankings (
    org        <key>  not null,
    id         bigint not null,
    name       text   not null,
    comment    text   not null,
    ranked_at  <time> not null,
    type       text   not null,
    created_at <time> not null,
    updated_at <time> not null,
    primary key (org, id),
    check (type in ('link', 'download', 'auto'))
);

create table rescue_ranks (
    org         <key>  not null,
    id          bigint not null,
    dataset_id  bigint not null,
    ranking_id  bigint not null,
    rank        bigint not null,
    event_count bigint not null,
    created_at  <time> not null,
    updated_at  <time> not null,
    primary key (org, id),
    unique (org, ranking_id, dataset_id),
    foreign key (org, dataset_id) references rescue_datasets (org, id),
    foreign key (org, ranking_id) references rescue_rankings (org, id)
);
create index rescue_ranks_in_order on rescue_ranks (org, ranking_id, rank);

create table rescue_harvest_types (
    org        <key>  not null,
    id         bigint not null,
    name       text   not null,
    created_at <time> not null,
    updated_at <time> not null,
    primary key (org, id),
    unique (org, name)
);

create table rescue_harvest_frequencies (
    org        <key>  not null,
    id         bigint not null,
    name       text   not null,
    created_at <time> not null,
    updated_at <time> not null,
    primary key (org, id),
    unique (org, name)
);

create table rescue_harvest_sources (
    org            <key>  not null,
    id             bigint not null,
    dg_id          text   not null,
    name           text   not null,
    title          text   not null,
    source         text   not null,
    founded_at     <time>,
    total_datasets bigint not null,
    type_id        bigint,
    frequency_id   bigint,
    publisher_id   bigint,
    created_at     <time> not null,
    updated_at     <time> not null,
    primary key (org, id),
    unique (org, dg_id),
    foreign key (org, type_id) references rescue_harvest_types (org, id),
    foreign key (org, frequency_id) references rescue_harvest_frequencies (org, id),
    foreign key (org, publisher_id) references rescue_publishers (org, id)
);

create table rescue_harvest_source_datasets (
    org               <key>  not null,
    id                bigint not null,
    harvest_source_id bigint not null,
    dataset_id        bigint not null,
    primary key (org, id),
    unique (org, harvest_source_id, dataset_id),
    foreign key (org, harvest_source_id) references rescue_harvest_sources (org, id),
    foreign key (org, dataset_id) references rescue_datasets (org, id)
);

create table rescue_rescuers (
    org         <key>  not null,
    id          bigint not null,
    name        text   not null,
    description text,
    words       text   not null,
    -- The key whose rescuer this is; null: whoever may report at all may report for it.
    key_id      <id>,
    created_at  <time> not null,
    updated_at  <time> not null,
    primary key (org, id),
    unique (org, name)
);

-- What rescuers say of assets.
create table rescue_rescues (
    org         <key>  not null,
    id          bigint not null,
    asset_id    bigint not null,
    rescuer_id  bigint not null,
    magnet_link text   not null,
    status      text   not null,
    -- The asset's version that it speaks of: an older one says nothing of today's.
    version     int    not null,
    created_at  <time> not null,
    updated_at  <time> not null,
    primary key (org, id),
    unique (org, asset_id, rescuer_id),
    foreign key (org, asset_id) references rescue_assets (org, id),
    foreign key (org, rescuer_id) references rescue_rescuers (org, id),
    check (status in ('success', 'fail'))
);
create index rescue_rescues_by_rescuer on rescue_rescues (org, rescuer_id, id);

-- What a node that asked through the compatible routes is fetching: one of in_flight each.
create table rescue_reservations (
    org           <key>  not null,
    asset_id      bigint not null,
    holder        <key>  not null,
    allocation_id <id>   not null,
    version       int    not null,
    size_bytes    bigint not null,
    made_at       <time> not null,
    expires_at    <time> not null,
    primary key (org, asset_id, holder),
    foreign key (org, asset_id) references rescue_assets (org, id)
);
create index rescue_reservations_of_holder on rescue_reservations (org, holder);
create index rescue_reservations_to_expire on rescue_reservations (expires_at);

create table rescue_imports (
    org         <key>   not null,
    id          bigint  not null,
    format      text    not null,
    source      <key>   not null,
    is_complete boolean not null,
    started_at  <time>  not null,
    ended_at    <time>,
    report      text,
    primary key (org, id)
);

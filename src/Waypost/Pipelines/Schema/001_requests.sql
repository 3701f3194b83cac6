-- One row for each identity that a client has submitted. The revision counts its runs: a resubmission or an overwrite
-- starts the next one. `payload` is what was asked for, `source` where the data is, both as this module writes them.
create table pipelines_requests (
    org              <key>  not null,
    request_id       <key>  not null,
    client_id        text   not null,
    dataset_id       text   not null,
    resource_id      text   not null,
    version_id       text,
    asset_id         text   not null,
    release_id       text   not null,
    request_type     text   not null check (request_type in ('vector', 'raster')),
    collection       text   not null,
    item_id          text   not null,
    payload          <json> not null,
    payload_hash     text   not null,
    source           <json> not null,
    revision         int    not null check (revision >= 1),
    status           text   not null check (status in ('pending', 'processing', 'completed', 'failed')),
    message          text   not null,
    current_job      text,
    step             int    not null,
    jobs             int    not null check (jobs >= 0),
    outcome          <json>,
    stac_item        <json>,
    error            <json>,
    error_code       text,
    warnings         <json> not null,
    size_class       text   not null,
    -- How the client reached this server: what links in its callback begin with.
    links            <json> not null,
    callback_url     text,
    callback_status  text   check (callback_status in ('pending', 'sent', 'failed')),
    callback_id      <id>,
    created_at       <time> not null,
    submitted_at     <time> not null,
    started_at       <time>,
    completed_at     <time>,
    primary key (org, request_id),
    unique (org, collection, item_id),
    check ((status = 'failed') = (error is not null))
);
create index pipelines_requests_newest on pipelines_requests (org, created_at, request_id);
create index pipelines_requests_by_dataset on pipelines_requests (org, dataset_id, created_at, request_id);
create index pipelines_requests_by_asset on pipelines_requests (org, asset_id, created_at, request_id);
create index pipelines_requests_by_release on pipelines_requests (org, release_id);
create index pipelines_requests_open on pipelines_requests (org, status) where status in ('pending', 'processing');

-- Which jobs a request went through. Many to many: requests for the same content share the job that works on it.
create table pipelines_request_jobs (
    org        <key>  not null,
    request_id <key>  not null,
    seq        int    not null,
    revision   int    not null,
    step       int    not null,
    kind       text   not null,
    job_id     <key>  not null,
    primary key (org, request_id, seq),
    foreign key (org, request_id) references pipelines_requests (org, request_id)
);
create index pipelines_request_jobs_by_job on pipelines_request_jobs (org, job_id);

-- Files sent ahead of a request. `received` grows while it is being sent; `sha256` is there when it is whole.
create table pipelines_uploads (
    org        <key>  not null,
    name       <key>  not null,
    total      bigint,
    received   bigint not null,
    sha256     text,
    bytes      bigint,
    created_at <time> not null,
    changed_at <time> not null,
    primary key (org, name)
);
create index pipelines_uploads_unfinished on pipelines_uploads (org, changed_at) where total is not null;

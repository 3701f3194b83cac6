-- One row that is written to see whether the database can be written.
create table hosting_probe (
    id        int    primary key,
    probed_at <time> not null
);

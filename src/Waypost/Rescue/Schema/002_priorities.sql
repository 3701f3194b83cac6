-- How much each side of an asset weighs when assets are put in order; no row: the usual weights.
create table rescue_weights (
    org        <key>   not null,
    popularity <float> not null,
    threat     <float> not null,
    scarcity   <float> not null,
    value      <float> not null,
    size       <float> not null,
    changed_at <time>  not null,
    primary key (org),
    check (popularity >= 0 and threat >= 0 and scarcity >= 0 and value >= 0 and size >= 0)
);

-- When an external priorizer was asked, and what came of it; the ranks it gave last stay with the assets.
create table rescue_external_answers (
    org         <key>  not null,
    asked_at    <time> not null,
    answered_at <time>,
    ranked      int    not null,
    problem     text,
    primary key (org)
);
